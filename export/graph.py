"""One step of the language model as an ONNX graph: gates written out, the state an argument and a return value.

In fp32 every weight matrix is the constant right-hand side of one plain `MatMul`, so that it can be quantized in
blocks, and the embedding is kept once, as the output layer's matrix: looking a token up reads one of its columns.
`export.integer` builds the same step in whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
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
GATES = ("input", "forget", "candidate", "output")
STATE_BOUNDS = {"h": 1.001}  # a gate and a tanh keep a hidden state within 1, but for rounding
STYLE_PRODUCTS = ("style_input", "style_output")  # matrices of a few rows: not worth rounding


@dataclass(frozen=True)
class Term:
    """One product of a sum: a value, how far from 0 its numbers are at most, and a weight `(outputs, inputs)`."""

    value: str
    bound: float
    weight: Tensor


class Builder:
    """Collects nodes and constants; a node is named after what it computes, and so is its output.

    It multiplies in fp32; a builder that rounds weights computes the three kinds of products in another way.
    """

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[TensorProto] = []

    def constant(self, name: str, value: np.ndarray | Tensor) -> str:
        """A constant of this value; returns its name."""
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        self.constants.append(numpy_helper.from_array(np.asarray(array, order="C"), name))
        return name

    def node(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """A node with one output; returns its name."""
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, **attributes))
        return output

    def split(self, value: str, outputs: list[str], axis: int, lengths: Sequence[int] = ()) -> list[str]:
        """Parts of a value along an axis, of equal lengths unless they are given."""
        name = f"{value}/split"
        if lengths:
            given = [value, self.constant(f"{name}.lengths", np.array(lengths, np.int64))]
            self.nodes.append(helper.make_node("Split", given, outputs, name=name, axis=axis))
        else:
            parts = len(outputs)
            self.nodes.append(helper.make_node("Split", [value], outputs, name=name, axis=axis, num_outputs=parts))
        return outputs

    def styled(self, name: str, value: str, weight: Tensor) -> str:
        """`value` and what the style adds to it; `weight` `(outputs, authors)`."""
        product = self.node("MatMul", ["style", self.constant(f"{name}.weight", weight.T)], name)
        return self.node("Add", [value, product], f"{name}/sum")

    def look_up(self, weight: Tensor) -> str:
        """The embedding `(batch, embedding)` of `token`; `weight` `(vocabulary, embedding)`."""
        embedding = self.constant(EMBEDDING, weight.T)
        column = self.node("Gather", [embedding, "token"], LOOKUP[0], axis=1)
        return self.node("Transpose", [column], LOOKUP[1], perm=[1, 0])

    def linear(self, name: str, terms: Sequence[Term], bias: Tensor) -> str:
        """The sum of the terms' products, and the bias."""
        value = terms[0].value
        if len(terms) > 1:
            value = self.node("Concat", [term.value for term in terms], f"{name}/input", axis=-1)
        weight = self.constant(f"{name}.weight", torch.cat([term.weight for term in terms], dim=1).T)
        product = self.node("MatMul", [value, weight], f"{name}/product")
        return self.node("Add", [product, self.constant(f"{name}.bias", bias)], name)

    def gates(self, name: str, terms: Sequence[Term], bias: Tensor) -> list[str]:
        """The gates of an LSTM cell, in the order in which `torch.nn.LSTM` keeps them: `GATES`."""
        parts = self.split(self.linear(f"{name}/gates", terms, bias), [f"{name}/{gate}" for gate in GATES], axis=2)
        activations = ("Sigmoid", "Sigmoid", "Tanh", "Sigmoid")
        return [self.node(operator, [part], f"{part}/gate") for operator, part in zip(activations, parts, strict=True)]

    def classify(self, value: str, bias: Tensor) -> str:
        """The logits of an output vector, by the same matrix as `look_up` reads."""
        product = self.node("MatMul", [value, EMBEDDING], "logits/product")
        return self.node("Add", [product, self.constant("output_bias", bias)], "logits")


def state_shapes(model: LanguageModel) -> dict[str, list[int]]:
    """The arrays of the state of one text, by name, as the graph takes them and gives them back."""
    return {name: list(tensor.shape) for name, tensor in model.zero_state(1)._asdict().items()}


@torch.no_grad()
def build_graph(model: LanguageModel, build: Builder | None = None) -> onnx.ModelProto:
    """Write out one step of `model`, for any number of texts at once; in fp32, unless `build` rounds.

    Inputs: `token` int64 `(batch,)`, `style` float32 `(batch, authors)`, and the arrays of `state_shapes`, float32,
    `(layers, batch, hidden)`. Outputs: `logits` float32 `(batch, vocabulary)`, and for each array the one after it:
    `h_out` for `h`.
    """
    size = model.size
    build = build or Builder()
    axis = build.constant("layer_axis", np.array([0], np.int64))
    value = build.styled("style_input", build.look_up(model.embedding.weight), model.style_input.weight)
    value = build.node("Unsqueeze", [value, axis], "input")  # what goes through the layers is `(1, batch, features)`
    before = {
        name: build.split(name, [f"lstm{layer}/{name}_before" for layer in range(size.layers)], axis=0)
        for name in state_shapes(model)
    }
    # A style is a mean of authors: it moves an embedding by no more than one of them does.
    bound = float(model.embedding.weight.abs().max() + model.style_input.weight.abs().max())
    states: dict[str, list[str]] = {"h": [], "c": []}
    for layer in range(size.layers):
        terms = (
            Term(value, bound, getattr(model.lstm, f"weight_ih_l{layer}")),
            Term(before["h"][layer], 1.0, getattr(model.lstm, f"weight_hh_l{layer}")),
        )
        bias = getattr(model.lstm, f"bias_ih_l{layer}") + getattr(model.lstm, f"bias_hh_l{layer}")
        gates = build.gates(f"lstm{layer}", terms, bias)
        value, cell = _lstm_cell(build, f"lstm{layer}", gates, before["c"][layer])
        bound = 1.0
        states["h"].append(value)
        states["c"].append(cell)

    value = build.node("Squeeze", [value, axis], "hidden")
    value = build.linear("projection", [Term(value, 1.0, model.projection.weight)], model.projection.bias)
    value = build.styled("style_output", value, model.style_output.weight)
    build.classify(value, model.output_bias)
    for name, layers in states.items():
        build.node("Concat", layers, f"{name}_out", axis=0)

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
    domains = sorted({node.domain for node in build.nodes} | {""})
    written = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid(domain, 1 if domain else OPSET) for domain in domains],
        ir_version=IR_VERSION,
        producer_name="export",
    )
    onnx.checker.check_model(written, full_check=True)
    return written


def _lstm_cell(build: Builder, name: str, gates: Sequence[str], c: str) -> tuple[str, str]:
    """One LSTM cell (Hochreiter and Schmidhuber 1997, with forget gates), as `torch.nn.LSTM` computes it."""
    i, f, g, o = gates
    kept = build.node("Mul", [f, c], f"{name}/kept")
    added = build.node("Mul", [i, g], f"{name}/added")
    cell = build.node("Add", [kept, added], f"{name}/c_after")
    squashed = build.node("Tanh", [cell], f"{name}/c_squashed")
    hidden = build.node("Mul", [o, squashed], f"{name}/h_after")
    return hidden, cell
