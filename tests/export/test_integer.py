"""The step in whole numbers: exact sums, weights that are the model's rounded, and what it costs."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import numpy_helper

from export.errors import QuantizationError
from export.graph import EMBEDDING, build_graph
from export.integer import LEVELS, build_integer_graph, check_integer_graph
from tests.export.helpers import make_model, run_steps
from train.model import LanguageModel, ModelSize

SIZE = ModelSize(vocabulary=300, authors=2, embedding=32, hidden=48, layers=2)
SIZES = pytest.mark.parametrize("size", [SIZE, ModelSize(300, 3, 33, 21, 3), ModelSize(300, 1, 24, 40, 1)], ids=str)


def constants(graph: onnx.ModelProto) -> dict[str, np.ndarray]:
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.graph.initializer}


@SIZES
def test_it_says_nearly_what_the_model_says(size: ModelSize) -> None:
    """Over a chain of steps from a state that is not zero: logits, hidden and cell states."""
    model = make_model(size)
    exact, rounded = run_steps(build_graph(model), 20), run_steps(build_integer_graph(model)[0], 20)
    assert np.abs(rounded - exact).mean() < 0.02 * exact.std()


@SIZES
def test_no_sum_can_be_cut_off(size: ModelSize) -> None:
    """On AVX2 two products of a weight and a value of 8 bits are added in 16 bits."""
    found = constants(build_integer_graph(make_model(size))[0])
    weights = [array for name, array in found.items() if name.endswith("_I8")]
    assert len(weights) == size.layers + 2
    assert all(np.abs(array.astype(int)).max() == LEVELS for array in weights)
    assert 2 * 255 * LEVELS < 2**15


def test_sums_are_exact() -> None:
    """The product by the runtime against one in int64, with the largest weights and values that there are."""
    generator = np.random.default_rng(0)
    matrix = generator.choice(np.array([-LEVELS, LEVELS], np.int8), size=(512, 64))
    values = generator.choice(np.array([0, 255], np.uint8), size=(1, 512))
    values[0, :64], matrix[:64] = 255, LEVELS
    make = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("MatMulInteger", ["values", "matrix", "zero"], ["sums"])], "product",
        [make("values", onnx.TensorProto.UINT8, [1, 512])], [make("sums", onnx.TensorProto.INT32, [1, 64])],
        [numpy_helper.from_array(matrix, "matrix"), numpy_helper.from_array(np.array(128, np.uint8), "zero")],
    )  # fmt: skip
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 18)], ir_version=8)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"values": values})
    np.testing.assert_array_equal(found, (values.astype(np.int64) - 128) @ matrix.astype(np.int64))


def test_the_embedding_is_in_the_file_once() -> None:
    size = ModelSize(vocabulary=4000, authors=2, embedding=64, hidden=16, layers=1)
    model = make_model(size)
    graph, _ = build_integer_graph(model)
    assert len(graph.SerializeToString()) < 1.2 * model.parameter_count()


def test_the_same_weights_give_the_same_bytes() -> None:
    first, second = (build_integer_graph(make_model(SIZE))[0].SerializeToString() for _ in range(2))
    assert first == second


def test_it_says_how_far_it_rounded() -> None:
    """Half a step at most, give or take the few bits of a scale; a step of a column is a 63rd of its largest weight."""
    model = make_model(SIZE)
    rounding = build_integer_graph(model)[1][0]
    weights = model.embedding.weight.detach().numpy()
    assert (rounding.tensor, rounding.largest_weight) == (EMBEDDING, pytest.approx(np.abs(weights).max()))
    assert 0.4 < rounding.worst / (np.abs(weights).max() / LEVELS) < 0.51


def test_weights_of_zero_stay_zero() -> None:
    model = make_model(SIZE)
    for weight in (model.embedding.weight, model.projection.weight):
        weight.data[3] = 0
    exact, rounded = run_steps(build_graph(model), 5), run_steps(build_integer_graph(model)[0], 5)
    assert np.isfinite(rounded).all()
    np.testing.assert_allclose(rounded[:, 3], exact[:, 3], atol=0.01)  # the logit is the bias alone


def test_a_value_beyond_its_bound_becomes_the_bound() -> None:
    """Nothing wraps around where a hidden state would be more than a state can be."""
    model = make_model(SIZE)
    graph, _ = build_integer_graph(model)
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    answers = []
    for size in (0.999, 1000.0):
        h = np.full((2, 1, 48), size, np.float32)
        inputs = {"token": np.array([1]), "style": np.array([[1, 0]], np.float32), "h": h, "c": np.zeros_like(h)}
        answers.append(session.run(["logits"], inputs)[0])
    np.testing.assert_array_equal(*answers)


def test_the_graph_of_another_model_is_found_out() -> None:
    graph, _ = build_integer_graph(make_model(SIZE))
    check_integer_graph(make_model(SIZE), graph)
    with pytest.raises(QuantizationError, match=r"embedding\.transposed_I8 of the quantized graph is not"):
        check_integer_graph(make_model(SIZE, seed=1), graph)


def test_a_weight_that_was_changed_is_found_out() -> None:
    model = make_model(SIZE)
    graph, _ = build_integer_graph(model)
    (tensor,) = [each for each in graph.graph.initializer if each.name == "lstm1/gates.weight_I8"]
    array = numpy_helper.to_array(tensor).copy()
    array[3, 5] += 1
    tensor.CopyFrom(numpy_helper.from_array(array, tensor.name))
    with pytest.raises(QuantizationError, match=r"lstm1/gates\.weight_I8"):
        check_integer_graph(model, graph)


@pytest.mark.parametrize("gate", range(4), ids=["input", "forget", "candidate", "output"])
def test_each_gate_is_where_torch_keeps_it(gate: int) -> None:
    model = make_model(SIZE)
    for layer in range(SIZE.layers):
        getattr(model.lstm, f"bias_hh_l{layer}").data[gate * 48 : (gate + 1) * 48] += 3.0
    exact, rounded = run_steps(build_graph(model), 5), run_steps(build_integer_graph(model)[0], 5)
    assert np.abs(rounded - exact).mean() < 0.02 * exact.std()


def test_tokens_are_looked_up_in_the_matrix_of_the_logits() -> None:
    model: LanguageModel = make_model(SIZE)
    with torch.no_grad():
        model.embedding.weight.mul_(torch.linspace(0.1, 2.0, 300)[:, None])
    exact, rounded = run_steps(build_graph(model), 20), run_steps(build_integer_graph(model)[0], 20)
    assert np.abs(rounded - exact).mean() < 0.02 * exact.std()
