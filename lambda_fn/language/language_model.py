"""The language model: one ONNX Runtime session, one token of each text a call, their states passed in and out."""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import BundleError
from lambda_fn.language.bundle import Bundle
from lambda_fn.language.state import Shapes, State


class LanguageModel:
    """A bundle's graph, ready to run on one thread, for one caller at a time.

    Raises `BundleError` if it cannot be loaded or is not the graph that the bundle describes.
    """

    def __init__(self, bundle: Bundle) -> None:
        self.vocabulary = bundle.vocabulary
        self.authors = len(bundle.authors)
        self._declared = bundle.state
        self._outputs = ["logits", *(f"{name}_out" for name in bundle.state.shapes)]
        self._path, self._in_whole_numbers = bundle.graph, bundle.in_whole_numbers
        self._session, self._failures = _open(bundle.graph)
        self._batch_axes = self._check_graph()
        self._one = _OneText(self._session, self.authors, self.vocabulary, bundle.state.shapes)
        self._style: bytes | None = None  # the style that was checked last

    def zero_state(self) -> State:
        """The state at the start of a text."""
        return self._declared.zeros()

    def step(self, token: int, style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        """Read one token and predict the next.

        `style` float32 `(authors,)`, non-negative, sums to 1. Returns logits float32 `(vocabulary,)` and the
        state after the token, in arrays of their own. Raises `ValueError` for a token, style or state that
        does not fit.
        """
        self._check_style(style)
        self._read(token, style, state)
        logits = self._one.logits[0].copy()
        self._check_finite(logits)
        return logits, State(self._one.after)

    def step_batch(
        self, tokens: Sequence[int], style: NDArray[np.float32], states: Sequence[State]
    ) -> tuple[NDArray[np.float32], list[State]]:
        """Read one token of each of several texts, at least one, all in the same style, and predict their next ones.

        Returns logits float32 `(texts, vocabulary)` and each text's state after its token. A graph in whole numbers
        gives each what `step` gives it, whatever the others are; another may sum in another order, and then the last
        bits differ. One that has no free axis, as those before had none, is run once a text. Raises as `step` does.
        """
        self._check_style(style)
        if not tokens or len(tokens) != len(states):
            raise ValueError(f"each text needs a token and a state, not {len(tokens)} tokens and {len(states)} states")
        axes = self._batch_axes
        if not axes:
            answers = [self.step(token, style, state) for token, state in zip(tokens, states, strict=True)]
            return np.stack([logits for logits, _ in answers]), [state for _, state in answers]
        for token, state in zip(tokens, states, strict=True):
            self._check_step(token, state)
        joined = {name: np.concatenate([state[name] for state in states], axis) for name, axis in axes.items()}
        logits, *arrays = self._run(self._outputs, tokens, style, joined)
        self._check_finite(logits)
        parts = [np.split(array, len(tokens), axis) for array, axis in zip(arrays, axes.values(), strict=True)]
        return logits, [self._state(part) for part in zip(*parts, strict=True)]

    def reads_alike(self, style: NDArray[np.float32]) -> bool:
        """Whether `step_batch` gives each text the bits that `step` gives it, on every processor.

        A graph in whole numbers does, if the style is one author's: the sum that a blend takes is not of whole numbers.
        """
        return self._in_whole_numbers and bool(self._batch_axes) and np.count_nonzero(style) == 1

    def after(self, tokens: Iterable[int], style: NDArray[np.float32], state: State) -> State:
        """The state after reading tokens, without sampling. Raises as `step` does."""
        self._check_style(style)
        for token in tokens:
            self._read(token, style, state)
            state = State(self._one.after)
        return state

    def _read(self, token: int, style: NDArray[np.float32], state: State) -> None:
        """Read one token of one text; the answer lies in `self._one`."""
        self._check_step(token, state)
        try:
            self._one.run(token, style, state)
        except self._failures as problem:
            raise BundleError(f"{self._path} failed to run: {_first_line(problem)}") from problem

    def _run(
        self,
        outputs: list[str],
        tokens: Sequence[int],
        style: NDArray[np.float32],
        arrays: Mapping[str, NDArray[np.float32]],
    ) -> list[NDArray[np.float32]]:
        styles = style[None, :].repeat(len(tokens), axis=0)
        inputs = {"token": np.array(tokens, dtype=np.int64), "style": styles, **arrays}
        try:
            answer: list[NDArray[np.float32]] = self._session.run(outputs, inputs)
        except self._failures as problem:
            raise BundleError(f"{self._path} failed to run: {_first_line(problem)}") from problem
        return answer

    def _state(self, arrays: Iterable[NDArray[np.float32]]) -> State:
        return State(dict(zip(self._declared.shapes, arrays, strict=True)))

    def _check_style(self, style: NDArray[np.float32]) -> None:
        if style.dtype == np.float32 and style.tobytes() == self._style and style.ndim == 1:
            return
        if style.shape != (self.authors,) or style.dtype != np.float32:
            raise ValueError(f"style must be float32 ({self.authors},), not {style.dtype} {style.shape}")
        # Written so that not-a-number fails.
        if not (style.min() >= 0 and abs(float(style.sum()) - 1) < 1e-4):
            raise ValueError("style must be non-negative weights that sum to 1")
        self._style = style.tobytes()

    def _check_step(self, token: int, state: State) -> None:
        if not 0 <= token < self.vocabulary:
            raise ValueError(f"token must be from 0 to {self.vocabulary - 1}, not {token}")
        self._declared.check(state)

    def _check_finite(self, logits: NDArray[np.float32]) -> None:
        # A sum shows what is not finite, and may itself run over.
        if not math.isfinite(logits.sum()) and not np.isfinite(logits).all():
            raise BundleError(f"{self._path} answered with logits that are not finite numbers")

    def _check_graph(self) -> dict[str, int]:
        """The axis of each array of the state along which the graph reads several texts; empty if it reads one."""
        inputs = {"token": ("tensor(int64)", [1]), "style": ("tensor(float)", [1, self.authors])}
        outputs = {"logits": ("tensor(float)", [1, self.vocabulary])}
        for name, shape in self._declared.shapes.items():
            inputs[name] = outputs[f"{name}_out"] = ("tensor(float)", list(shape))
        found = {"inputs": self._session.get_inputs(), "outputs": self._session.get_outputs()}
        shapes: dict[str, list[int | str]] = {}
        for side, described in {"inputs": inputs, "outputs": outputs}.items():
            shapes |= {node.name: list(node.shape) for node in found[side]}
            # A free axis has a name in place of its size, and one text on it.
            actual = {
                node.name: (node.type, [1 if isinstance(size, str) else size for size in node.shape])
                for node in found[side]
            }
            if actual != described:
                raise BundleError(f"{self._path} has the {side} {actual}, but its bundle describes {described}")
        free = {
            name: [axis for axis, size in enumerate(shape) if isinstance(size, str)] for name, shape in shapes.items()
        }
        if all(len(axes) == 1 for axes in free.values()):
            return {name: free[name][0] for name in self._declared.shapes}
        return {}


class _OneText:
    """A session bound to arrays of its own: nothing is looked up or allocated for a step of one text."""

    def __init__(self, session: Any, authors: int, vocabulary: int, shapes: Shapes) -> None:
        """`shapes`: of the arrays of the state, by name."""
        self._session, self._binding = session, session.io_binding()
        self._token, self._style = np.zeros(1, dtype=np.int64), np.zeros((1, authors), dtype=np.float32)
        self._before = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        self.logits = np.zeros((1, vocabulary), dtype=np.float32)
        self.after = {name: np.zeros(shape, dtype=np.float32) for name, shape in shapes.items()}
        for name, array in {"token": self._token, "style": self._style, **self._before}.items():
            self._binding.bind_cpu_input(name, array)
        for name, array in {
            "logits": self.logits,
            **{f"{name}_out": each for name, each in self.after.items()},
        }.items():
            self._binding.bind_output(name, "cpu", 0, np.float32, array.shape, array.ctypes.data)

    def run(self, token: int, style: NDArray[np.float32], state: Mapping[str, NDArray[np.float32]]) -> None:
        """Put the answer to one token into `logits` and `after`, where the next one overwrites it."""
        self._token[0], self._style[0] = token, style
        for name, array in self._before.items():
            np.copyto(array, state[name])
        self._session.run_with_iobinding(self._binding)


def _open(path: Path) -> tuple[Any, tuple[type[BaseException], ...]]:
    """A session on one thread, and the exceptions that ONNX Runtime raises (they have no common root)."""
    # Wheels from 1.29 report usage unless this is set before the import (microsoft/onnxruntime issue 27379).
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    # Here and not at the top: commands that run no model start without its 100 ms.
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    failures = tuple(
        kind
        for kind in vars(state).values()
        if isinstance(kind, type) and issubclass(kind, Exception) and kind.__module__ == state.__name__
    )
    failures += (RuntimeError, ValueError)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3  # errors only; they are raised as well
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except failures as problem:
        raise BundleError(f"{path} cannot be loaded by ONNX Runtime: {_first_line(problem)}") from problem
    return session, failures


def _first_line(problem: BaseException) -> str:
    lines = str(problem).splitlines()
    return lines[0] if lines else type(problem).__name__
