"""The exported graph: what it takes and gives, and that its gates are those of `torch.nn.LSTM`."""

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, numpy_helper

from export.graph import OPSET, build_graph
from tests.export.helpers import make_model
from train.model import ModelSize, State

SIZE = ModelSize(vocabulary=300, authors=3, embedding=8, hidden=12, layers=2)


def run(graph: onnx.ModelProto, **inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    logits, h, c = session.run(["logits", "h_out", "c_out"], inputs)
    return logits, h, c


def inputs(token: int, style: list[float]) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(5)
    state = generator.normal(size=(2, SIZE.layers, 1, SIZE.hidden)).astype(np.float32)
    return {
        "token": np.array([token], np.int64),
        "style": np.array([style], np.float32),
        "h": state[0],
        "c": state[1],
    }


def described(values: object) -> dict[str, tuple[int, list[int | str]]]:
    return {
        value.name: (
            value.type.tensor_type.elem_type,
            [axis.dim_param or axis.dim_value for axis in value.type.tensor_type.shape.dim],
        )
        for value in values
    }


def test_inputs_have_the_names_types_and_shapes_of_the_design() -> None:
    state = (TensorProto.FLOAT, [2, "batch", 12])
    assert described(build_graph(make_model(SIZE)).graph.input) == {
        "token": (TensorProto.INT64, ["batch"]),
        "style": (TensorProto.FLOAT, ["batch", 3]),
        "h": state,
        "c": state,
    }


def test_outputs_have_the_names_types_and_shapes_of_the_design() -> None:
    state = (TensorProto.FLOAT, [2, "batch", 12])
    assert described(build_graph(make_model(SIZE)).graph.output) == {
        "logits": (TensorProto.FLOAT, ["batch", 300]),
        "h_out": state,
        "c_out": state,
    }


def test_it_is_a_valid_graph_of_the_stated_opset() -> None:
    graph = build_graph(make_model(SIZE))
    onnx.checker.check_model(graph, full_check=True)
    assert [(opset.domain, opset.version) for opset in graph.opset_import] == [("", OPSET)]


def test_the_same_weights_give_the_same_bytes() -> None:
    first, second = (build_graph(make_model(SIZE)).SerializeToString() for _ in range(2))
    assert first == second


def test_every_weight_matrix_is_the_constant_right_side_of_one_product() -> None:
    graph = build_graph(make_model(SIZE)).graph
    matrices = {tensor.name for tensor in graph.initializer if len(tensor.dims) == 2}
    assert sorted(node.input[1] for node in graph.node if node.op_type == "MatMul") == sorted(matrices)


def test_constants_are_named_after_what_they_are() -> None:
    names = {tensor.name for tensor in build_graph(make_model(SIZE)).graph.initializer}
    assert {"embedding.transposed", "lstm0/gates.weight", "lstm1/gates.bias", "projection.weight"} <= names


def test_the_embedding_is_in_the_file_once() -> None:
    model = make_model(SIZE)
    graph = build_graph(model).graph
    assert sum(int(np.prod(tensor.dims)) for tensor in graph.initializer) < model.parameter_count()


@pytest.mark.parametrize("gate", range(4), ids=["input", "forget", "candidate", "output"])
def test_each_gate_is_where_torch_keeps_it(gate: int) -> None:
    """One gate's biases stand out; a swapped gate would show at once."""
    model = make_model(SIZE)
    for layer in range(SIZE.layers):
        bias = getattr(model.lstm, f"bias_hh_l{layer}")
        bias.data[gate * SIZE.hidden : (gate + 1) * SIZE.hidden] += 3.0
    given = inputs(7, [1.0, 0.0, 0.0])
    with torch.no_grad():
        _, state = model(
            torch.tensor([[7]]),
            torch.tensor(given["style"]),
            State(*map(torch.tensor, (given["h"], given["c"]))),
        )
    _, h, c = run(build_graph(model), **given)
    np.testing.assert_allclose(h, state.h.numpy(), atol=1e-6)
    np.testing.assert_allclose(c, state.c.numpy(), atol=1e-6)


def test_the_bias_is_the_sum_of_both_of_torch() -> None:
    model = make_model(SIZE)
    tensors = {tensor.name: tensor for tensor in build_graph(model).graph.initializer}
    expected = (model.lstm.bias_ih_l1 + model.lstm.bias_hh_l1).detach().numpy()
    np.testing.assert_array_equal(numpy_helper.to_array(tensors["lstm1/gates.bias"]), expected)


def test_each_author_foretells_something_else() -> None:
    graph = build_graph(make_model(SIZE))
    first, second = (run(graph, **inputs(7, style))[0] for style in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
    assert np.abs(first - second).max() > 0.1


def test_a_style_of_no_influence_on_the_state_still_moves_the_output() -> None:
    """The style enters twice; this is the second way, by itself."""
    model = make_model(SIZE)
    torch.nn.init.zeros_(model.style_input.weight)
    graph = build_graph(model)
    first, second = (run(graph, **inputs(7, style)) for style in ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0]))
    assert np.array_equal(first[1], second[1])
    assert np.abs(first[0] - second[0]).max() > 0.1


def test_the_logits_of_a_blend_lie_between_when_only_the_output_hears_the_style() -> None:
    """Then logits are linear in the style: half of each author is the mean of both."""
    model = make_model(SIZE)
    torch.nn.init.zeros_(model.style_input.weight)
    graph = build_graph(model)
    styles = ([1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0])
    first, second, blend = (run(graph, **inputs(7, style))[0] for style in styles)
    np.testing.assert_allclose(blend, (first + second) / 2, atol=1e-5)


def test_the_session_needs_no_more_than_plain_operators() -> None:
    """fp32 graphs run on any ONNX runtime."""
    assert {node.domain for node in build_graph(make_model(SIZE)).graph.node} == {""}
