"""One step of the language model as an ONNX graph: gates written out, the state an argument and a return value.

Every weight matrix is the constant right-hand side of one plain `MatMul`, so that it can be quantized in blocks. The
embedding is kept once, as the output layer's matrix: looking a token up reads one of its columns.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from train.model import LanguageModel

OPSET = 18  # the first whose Split is told how many parts to make
IR_VERSION = 8  # the file format that came with it

BATCH = "batch"  # the free axis: how many texts are read at once
EMBEDDING = "embedding.transposed"
LOOKUP = ("embedding/column", "embedding/row")  # the nodes that look a token up
STATE_BOUNDS = {"h": 1.001}  # a gate and a tanh keep a hidden state within 1, but for rounding
STYLE_PRODUCTS = ("style_input", "style_output")  # matrices of a few rows: not worth rounding


class _Builder:
    """Collects nodes and constants; a node is named after what it computes, and so is its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: np.ndarray | Tensor) -> str:
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def split(self, value: str, outputs: list[str]) -> list[str]:
        node = helper.make_node("Split", [value], outputs, name=f"{value}/split", axis=1, num_outputs=len(outputs))
        self.nodes.append(node)
        return outputs

    def linear(self, name: str, value: str, weight: Tensor, bias: Tensor | None = None) -> str:
        """`value @ weight + bias`, `weight` of shape `(inputs, outputs)`."""
        constant = self.constant(f"{name}.weight", weight)
        if bias is None:
            return self.node("MatMul", [value, constant], name)
        product = self.node("MatMul", [value, constant], f"{name}/product")
        return self.node("Add", [product, self.constant(f"{name}.bias", bias)], name)


def state_shapes(model: LanguageModel) -> dict[str, list[int]]:
    """The arrays of the state of one text, by name, as the graph takes them and gives them back."""
    return {name: list(tensor.shape) for name, tensor in model.zero_state(1)._asdict().items()}


def build_graph(model: LanguageModel) -> onnx.ModelProto:
    """Write out one step of `model` in fp32, for any number of texts at once.

    Inputs: `token` int64 `(batch,)`, `style` float32 `(batch, authors)`, and the arrays of `state_shapes`, float32,
    `(layers, batch, hidden)`. Outputs: `logits` float32 `(batch, vocabulary)`, and for each array the one after it:
    `h_out` for `h`.
    """
    size = model.size
    build = _Builder()
    embedding = build.constant(EMBEDDING, model.embedding.weight.T)
    column = build.node("Gather", [embedding, "token"], LOOKUP[0], axis=1)
    row = build.node("Transpose", [column], LOOKUP[1], perm=[1, 0])
    style = build.linear("style_input", "style", model.style_input.weight.T)
    value = build.node("Add", [row, style], "input")

    states: dict[str, list[str]] = {"h": [], "c": []}
    for layer in range(size.layers):
        value, cell = _lstm_layer(build, model, layer, value)
        states["h"].append(value)
        states["c"].append(cell)

    value = build.linear("projection", value, model.projection.weight.T, model.projection.bias)
    style = build.linear("style_output", "style", model.style_output.weight.T)
    value = build.node("Add", [value, style], "output")
    value = build.node("MatMul", [value, embedding], "logits/product")
    build.node("Add", [value, build.constant("output_bias", model.output_bias)], "logits")
    first_axis = build.constant("first_axis", np.array([0], np.int64))
    for name, layers in states.items():
        rows = [build.node("Unsqueeze", [state, first_axis], f"{state}/row") for state in layers]
        build.node("Concat", rows, f"{name}_out", axis=0)

    state: dict[str, Sequence[int | str]] = {name: [size.layers, BATCH, size.hidden] for name in state_shapes(model)}
    inputs: dict[str, Sequence[int | str]] = {"style": [BATCH, size.authors], **state}
    outputs: dict[str, Sequence[int | str]] = {
        "logits": [BATCH, size.vocabulary],
        **{f"{name}_out": shape for name, shape in state.items()},
    }
    graph = helper.make_graph(
        build.nodes,
        "one_step",
        [
            helper.make_tensor_value_info("token", TensorProto.INT64, [BATCH]),
            *(helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in inputs.items()),
        ],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in outputs.items()],
        initializer=build.constants,
    )
    written = helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="export"
    )
    onnx.checker.check_model(written, full_check=True)
    return written


def _lstm_layer(build: _Builder, model: LanguageModel, layer: int, value: str) -> tuple[str, str]:
    """One LSTM cell (Hochreiter and Schmidhuber 1997, with forget gates), as `torch.nn.LSTM` computes it."""
    name = f"lstm{layer}"
    index = build.constant(f"{name}.index", np.array(layer, np.int64))
    h = build.node("Gather", ["h", index], f"{name}/h_before", axis=0)
    c = build.node("Gather", ["c", index], f"{name}/c_before", axis=0)
    both = build.node("Concat", [value, h], f"{name}/input_and_h", axis=1)
    weights = (getattr(model.lstm, f"weight_{part}_l{layer}") for part in ("ih", "hh"))
    weight = torch.cat(tuple(weights), dim=1).T
    bias = getattr(model.lstm, f"bias_ih_l{layer}") + getattr(model.lstm, f"bias_hh_l{layer}")
    gates = build.linear(f"{name}/gates", both, weight, bias)
    # torch.nn.LSTM keeps its gates in this order.
    parts = build.split(gates, [f"{name}/{gate}" for gate in ("input", "forget", "candidate", "output")])
    activations = ("Sigmoid", "Sigmoid", "Tanh", "Sigmoid")
    i, f, g, o = (
        build.node(activation, [part], f"{part}/gate") for activation, part in zip(activations, parts, strict=True)
    )
    kept = build.node("Mul", [f, c], f"{name}/kept")
    added = build.node("Mul", [i, g], f"{name}/added")
    cell = build.node("Add", [kept, added], f"{name}/c_after")
    squashed = build.node("Tanh", [cell], f"{name}/c_squashed")
    hidden = build.node("Mul", [o, squashed], f"{name}/h_after")
    return hidden, cell
