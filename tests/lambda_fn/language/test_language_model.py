import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import BundleError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.state import State

AUSTEN = np.array([1, 0], dtype=np.float32)
DICKENS = np.array([0, 1], dtype=np.float32)


@pytest.fixture(scope="module")
def model(tiny_bundle: Path) -> LanguageModel:
    return LanguageModel(load_bundle(tiny_bundle))


def far(model: LanguageModel) -> State:
    """A state that is not zero."""
    return model.after([5, 9, 300], AUSTEN, model.zero_state())


def test_a_step_gives_logits_for_the_whole_vocabulary(model: LanguageModel) -> None:
    logits, _ = model.step(0, AUSTEN, model.zero_state())
    assert (logits.shape, logits.dtype) == ((400,), np.float32)


def test_a_step_depends_on_its_arguments_alone(model: LanguageModel) -> None:
    state = far(model)
    first = model.step(7, AUSTEN, state)
    model.step(8, DICKENS, model.zero_state())
    again = model.step(7, AUSTEN, state)
    np.testing.assert_array_equal(first[0], again[0])
    assert first[1] == again[1]


def test_the_state_makes_a_difference(model: LanguageModel) -> None:
    fresh, _ = model.step(7, AUSTEN, model.zero_state())
    assert not np.array_equal(fresh, model.step(7, AUSTEN, far(model))[0])


def test_the_style_makes_a_difference(model: LanguageModel) -> None:
    state = far(model)
    assert not np.array_equal(model.step(7, AUSTEN, state)[0], model.step(7, DICKENS, state)[0])


def test_answers_are_not_overwritten_by_later_steps(model: LanguageModel) -> None:
    logits, state = model.step(7, AUSTEN, far(model))
    kept = logits.copy(), State(state)
    for token in range(50):
        model.step(token, DICKENS, state)
    np.testing.assert_array_equal(logits, kept[0])
    assert state == kept[1]


@given(tokens=st.lists(st.integers(0, 399), max_size=12), cut=st.integers(0, 12))
def test_reading_in_parts_is_reading_at_once(model: LanguageModel, tokens: list[int], cut: int) -> None:
    half = model.after(tokens[:cut], AUSTEN, model.zero_state())
    assert model.after(tokens[cut:], AUSTEN, half) == model.after(tokens, AUSTEN, model.zero_state())


def test_reading_is_stepping_without_the_logits(model: LanguageModel) -> None:
    state = model.zero_state()
    for token in (3, 1, 4, 1, 5):
        _, state = model.step(token, AUSTEN, state)
    assert model.after([3, 1, 4, 1, 5], AUSTEN, model.zero_state()) == state


@pytest.mark.parametrize("token", [-1, 400])
def test_a_token_that_does_not_exist_is_refused(model: LanguageModel, token: int) -> None:
    with pytest.raises(ValueError, match="token must be from 0 to 399"):
        model.step(token, AUSTEN, model.zero_state())


@pytest.mark.parametrize(
    "style",
    [
        np.array([1], dtype=np.float32),
        np.array([0.5, 0.5]),
        np.array([0.5, 0.6], dtype=np.float32),
        np.array([1.5, -0.5], dtype=np.float32),
        np.array([np.nan, 1], dtype=np.float32),
    ],
    ids=["too few", "float64", "sums to more", "negative", "not a number"],
)
def test_a_style_that_is_no_blend_is_refused(model: LanguageModel, style: np.ndarray) -> None:
    with pytest.raises(ValueError, match="style must be"):
        model.step(0, style, model.zero_state())


@pytest.mark.parametrize("state", [np.zeros((2, 1, 23), np.float32), np.zeros((2, 1, 24))], ids=["shape", "type"])
def test_a_state_of_another_model_is_refused(model: LanguageModel, state: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"h must be float32 \(2, 1, 24\)"):
        model.after([0], AUSTEN, State({"h": state, "c": state}))


@pytest.mark.parametrize(
    ("field", "value", "side"),
    [
        ("vocabulary", 401, "outputs"),
        ("hidden", 25, "inputs"),
        ("layers", 3, "inputs"),
        ("authors", ["One"], "inputs"),
    ],
)
def test_a_graph_unlike_its_description_is_refused(
    describe: Callable[..., Path], field: str, value: object, side: str
) -> None:
    with pytest.raises(BundleError, match=rf"model\.onnx has the {side}"):
        LanguageModel(load_bundle(describe(**{field: value})))


@pytest.mark.parametrize("content", [b"", b"not a graph", b"\x08\x07\x12"])
def test_a_file_that_is_no_graph_is_refused(bundle_copy: Path, describe: Callable[..., Path], content: bytes) -> None:
    (bundle_copy / "model.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=r"model\.onnx cannot be loaded by ONNX Runtime"):
        LanguageModel(load_bundle(describe()))


def test_a_graph_with_weights_that_are_not_numbers_is_found_out(
    bundle_copy: Path, describe: Callable[..., Path]
) -> None:
    graph = onnx.load(bundle_copy / "model.onnx")
    for weights in graph.graph.initializer:
        if weights.data_type == onnx.TensorProto.FLOAT:
            array = np.full_like(onnx.numpy_helper.to_array(weights), np.nan)
            weights.CopyFrom(onnx.numpy_helper.from_array(array, weights.name))
    onnx.save(graph, bundle_copy / "model.onnx")
    model = LanguageModel(load_bundle(describe()))
    with pytest.raises(BundleError, match="logits that are not finite"):
        model.step(0, AUSTEN, model.zero_state())


def test_the_runtime_is_imported_late_and_without_telemetry(tiny_bundle: Path) -> None:
    program = f"""
import os, sys
from pathlib import Path
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
assert "onnxruntime" not in sys.modules
LanguageModel(load_bundle(Path({str(tiny_bundle)!r})))
print("onnxruntime" in sys.modules, os.environ["ORT_DISABLE_TELEMETRY"])
"""
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    root = Path(__file__).parents[3]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert answer.stdout == "True 1\n"
