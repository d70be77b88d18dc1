"""PyTorch and ONNX Runtime side by side: a long chain of steps, each carrying its own state."""

import argparse
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Protocol

import numpy as np
import onnx
import torch
from numpy.typing import NDArray

import train.model
from export.errors import InputError, ParityError
from export.graph import build_graph
from export.integer import Integer, check_integer_graph
from export.quantize import Quantization, check_rounding
from lambda_fn.errors import BundleError
from lambda_fn.fields import Fields
from lambda_fn.language.bundle import DESCRIPTION, Bundle, load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.state import State, StateDeclaration
from train.checkpoint import load_weights
from train.long_work import track

TOLERANCE = 1e-4
"""How far an fp32 graph's numbers may be from PyTorch's."""

BITS_TOLERANCE = 0.5
"""What a quantized graph may lose, in bits a token; a good one loses a hundredth, a broken one several."""


class OneStep(Protocol):
    """Anything that reads a token as `lambda_fn.language.language_model.LanguageModel` does."""

    def step(self, token: int, style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]: ...


class TrainedModel:
    """The model as trained, in PyTorch and fp32, one token a call."""

    def __init__(self, model: train.model.LanguageModel) -> None:
        self._model = model.float().eval()

    @torch.no_grad()
    def step(self, token: int, style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        """As `lambda_fn.language.language_model.LanguageModel.step`."""
        before = train.model.State(**{name: torch.from_numpy(array.copy()) for name, array in state.items()})
        logits, after = self._model(torch.tensor([[token]]), torch.from_numpy(style)[None], before)
        return logits[0, 0].numpy(), State({name: tensor.numpy() for name, tensor in after._asdict().items()})


@dataclass(frozen=True)
class Comparison:
    """The largest absolute differences over a chain of steps, and what the candidate loses against the reference.

    `bits_per_token` is the mean Kullback–Leibler divergence of its predictions.
    """

    steps: int
    logits: float
    worst_step: int
    state: dict[str, float]  # by name of an array
    bits_per_token: float

    @property
    def largest(self) -> float:
        """The largest difference of all: logits at any step, or final state."""
        return max(self.logits, *self.state.values())

    def as_dict(self) -> dict[str, float]:
        """For JSON."""
        found = asdict(self)
        return {**found.pop("state"), **found}


def compare(
    reference: OneStep,
    candidate: OneStep,
    bundle: Bundle,
    steps: Iterable[int],
    *,
    seed: int = 0,
    tell: bool = False,
) -> Comparison:
    """Run both on the same tokens and styles from the same random state; each keeps a state of its own.

    Every token is random, and every style a random blend. With `tell` the style stays the same, and each token is
    sampled from the reference's prediction, as in a story.
    """
    generator = np.random.default_rng(seed)
    states = [_random_state(generator, bundle.state)] * 2
    token, style = _random_token(generator, bundle), _random_style(generator, bundle)
    worst, worst_step, bits, count = 0.0, 0, 0.0, 0
    for number in steps:
        expected, states[0] = reference.step(token, style, states[0])
        found, states[1] = candidate.step(token, style, states[1])
        difference = _largest(found, expected)
        if difference > worst:
            worst, worst_step = difference, number
        bits += _divergence(expected, found)
        count += 1
        if tell:
            token = int(generator.choice(bundle.vocabulary, p=np.exp(_log_softmax(expected))))
        else:
            token, style = _random_token(generator, bundle), _random_style(generator, bundle)
    final = {name: _largest(states[1][name], array) for name, array in states[0].items()}
    return Comparison(count, worst, worst_step, final, bits / count)


def check_parity(found: Comparison, tolerance: float) -> None:
    """Raise `ParityError` if any logit of any step, or the final state, is further off than `tolerance`."""
    if not found.largest <= tolerance:
        raise ParityError(
            f"PyTorch and ONNX Runtime part by more than {tolerance:g}: logits by {found.logits:.3g} "
            f"(step {found.worst_step}), the final state by {_shown(found.state)} after {found.steps} steps"
        )


def check_loss(found: Comparison, tolerance: float) -> None:
    """Raise `ParityError` if a quantized graph loses more than `tolerance` bits a token."""
    if not found.bits_per_token <= tolerance:
        raise ParityError(
            f"the quantized graph loses {found.bits_per_token:.3g} bits a token, more than {tolerance:g}: "
            "rounding goes too far for this model (try --precision 8bit)"
        )


def _random_state(generator: np.random.Generator, declared: StateDeclaration) -> State:
    arrays = {}
    for name, shape in declared.shapes.items():
        bound = declared.bound(name)
        arrays[name] = (bound * np.tanh(generator.normal(size=shape) / bound)).astype(np.float32)
    return State(arrays)


def _random_token(generator: np.random.Generator, bundle: Bundle) -> int:
    return int(generator.integers(bundle.vocabulary))


def _random_style(generator: np.random.Generator, bundle: Bundle) -> NDArray[np.float32]:
    style: NDArray[np.float32] = generator.dirichlet(np.ones(len(bundle.authors))).astype(np.float32)
    return style


def _largest(found: NDArray[np.float32], expected: NDArray[np.float32]) -> float:
    difference = float(np.abs(found - expected).max())
    return math.inf if math.isnan(difference) else difference


def _shown(differences: Mapping[str, float]) -> str:
    """{"h": 0.1, "c": 0.2} → "0.1 (h) and 0.2 (c)"."""
    return " and ".join(f"{difference:.3g} ({name})" for name, difference in differences.items())


def _divergence(expected: NDArray[np.float32], found: NDArray[np.float32]) -> float:
    """Kullback–Leibler divergence of two softmaxes, in bits."""
    log_expected, log_found = _log_softmax(expected), _log_softmax(found)
    return float(np.sum(np.exp(log_expected) * (log_expected - log_found)) / math.log(2))


def _log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max()
    result: NDArray[np.float64] = shifted - np.log(np.exp(shifted).sum())
    return result


def command(options: argparse.Namespace) -> None:
    """`python -m export verify`."""
    if options.steps < 1:
        raise InputError(f"--steps must be 1 or more, not {options.steps}")
    if options.seed < 0:
        raise InputError(f"--seed must be 0 or more, not {options.seed}")
    if options.tolerance is not None and not 0 <= options.tolerance < math.inf:
        raise InputError(f"--tolerance must be 0 or more, not {options.tolerance}")
    model, description = load_weights(options.checkpoint)
    bundle = load_bundle(options.bundle)
    _check_same_model(model, description["authors"], bundle)
    quantized = _check_quantized(model, bundle)
    steps = track(range(options.steps), "verify")
    found = compare(TrainedModel(model), LanguageModel(bundle), bundle, steps, seed=options.seed, tell=quantized)
    usual = BITS_TOLERANCE if quantized else TOLERANCE
    tolerance = usual if options.tolerance is None else options.tolerance
    agree = (found.bits_per_token if quantized else found.largest) <= tolerance
    if options.json:
        print(json.dumps({"agree": agree, "quantized": quantized, "tolerance": tolerance, **found.as_dict()}))
    else:
        print(
            f"{found.steps} steps: logits differ by {found.logits:.3g} at most, the final state by "
            f"{_shown(found.state)}; {found.bits_per_token:.3g} bits a token are lost"
        )
    check = check_loss if quantized else check_parity
    check(found, tolerance)


def _check_quantized(model: train.model.LanguageModel, bundle: Bundle) -> bool:
    """Whether a bundle is quantized. If so, raise `QuantizationError` unless its weights are the checkpoint's."""
    path = bundle.folder / DESCRIPTION
    description = Fields.parse(path.read_bytes(), str(path), BundleError)
    if description.is_null("quantization"):
        return False
    recorded = description.fields("quantization")
    if "form" in recorded.names():
        for name, value in asdict(Integer()).items():
            recorded.require(name, value)
        check_integer_graph(model, onnx.load(bundle.graph))
        return True
    options = Quantization(*(recorded.integer(field.name) for field in fields(Quantization)))
    check_rounding(build_graph(model), onnx.load(bundle.graph), options)
    return True


def _check_same_model(model: train.model.LanguageModel, authors: Sequence[str], bundle: Bundle) -> None:
    """Raise `InputError` if a bundle cannot have been made from a checkpoint."""
    size = model.size
    for name, ours, its in (
        ("authors", tuple(authors), bundle.authors),
        ("vocabulary", size.vocabulary, bundle.vocabulary),
        ("embedding", size.embedding, bundle.embedding),
        ("hidden", size.hidden, bundle.hidden),
        ("layers", size.layers, bundle.layers),
    ):
        if ours != its:
            raise InputError(f"{bundle.folder} was not made from this checkpoint: its {name} is {its}, not {ours}")
