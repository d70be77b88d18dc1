"""One step of the language model in whole numbers: weights of 7 bits, values of 8, and sums that are exact.

A column of weights shares one scale (symmetric, round to nearest), and so do all numbers of a value, whose bound is
known beforehand: a hidden state lies within 1. What a text gets therefore depends on no other text of a batch, and the
products are the same on every processor. Seven bits, because AVX2 without VNNI adds two products in 16 bits:
2 × 255 × 63 fits, and 2 × 255 × 127 would be cut off (https://onnxruntime.ai/docs/performance/model-optimizations/
quantization.html, “reduce_range”). `python -m bench graphs` holds this form against others.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray
from onnx import ModelProto, numpy_helper
from torch import Tensor

from export.errors import QuantizationError
from export.graph import EMBEDDING, GATES, LOOKUP, Builder, Term, build_graph
from export.quantize import OPERATORS, Rounding
from train.model import LanguageModel

LEVELS = 63  # a weight is from -63 to 63 steps
IN_ORDER = [0, 1, 3, 2]  # of `GATES`, how the columns of their matrix lie
COMMON = 0.7  # of what a value could reach; hardly any number lies beyond, and the steps of all others are finer
ZERO = 128  # what stands for 0 in a value of 8 bits; its steps are a 128th of its bound

ROUNDED = "/rounded"  # ends the name of a value in 8 bits; `.step` after it that of its scale

_SCALE_BITS, _BOUND_BITS = 12, 4  # so short that weights which were rounded once are rounded to themselves


@dataclass(frozen=True)
class Integer:
    """The form, as `bundle.json` records it."""

    form: str = field(default="integer", init=False)
    bits: int = field(default=8, init=False)


@torch.no_grad()
def build_integer_graph(model: LanguageModel) -> tuple[ModelProto, tuple[Rounding, ...]]:
    """Write out one step of `model` as `build_graph` does, rounded; returns how far each matrix was rounded."""
    build = _IntegerBuilder(_output_bound(model))
    graph = build_graph(model, build)
    return graph, tuple(build.roundings)


def check_integer_graph(model: LanguageModel, graph: ModelProto) -> None:
    """Raise `QuantizationError` unless the constants of a graph are the model's, rounded."""
    expected, found = (
        {tensor.name: numpy_helper.to_array(tensor) for tensor in each.graph.initializer}
        for each in (build_integer_graph(model)[0], graph)
    )
    for name, array in expected.items():
        if name not in found or not np.array_equal(array, found[name]):
            raise QuantizationError(f"{name} of the quantized graph is not the checkpoint's, rounded")


def restore(packed: NDArray[np.int8], scales: NDArray[np.float32]) -> NDArray[np.float32]:
    """What a graph multiplies by: rounded weights `(inputs, outputs)` and the scales of their columns."""
    weights: NDArray[np.float32] = packed.astype(np.float32) * scales
    return weights


class _IntegerBuilder(Builder):
    """Rounds every product but the style's, whose matrices have a few rows: not worth rounding."""

    def __init__(self, output_bound: float) -> None:
        super().__init__()
        self.roundings: list[Rounding] = []
        self._output_bound = _rounded_up(output_bound * COMMON)
        self.constant("zero", np.array(ZERO, np.uint8))
        self.constant("centre", np.array(0, np.int8))
        self.constant("one", np.array(1, np.float32))

    def look_up(self, weight: Tensor) -> str:
        """A row for a token, so that one is read at a stretch; what `classify` needs is made of it at load."""
        packed, scales = self._rounded(EMBEDDING, weight.T.detach().cpu().numpy())
        rows, steps = self.constant(f"{EMBEDDING}_I8", packed.T), self.constant(f"{EMBEDDING}_scales", scales)
        self._scales = scales
        row = self.node("Gather", [rows, "token"], "embedding/rounded", axis=0)
        step = self.node("Gather", [steps, "token"], "embedding/step", axis=0)
        return self.node("DequantizeLinear", [row, step], LOOKUP[1], axis=0)

    def linear(self, name: str, terms: Sequence[Term], bias: Tensor) -> str:
        """The terms' values are brought to one scale: what they are divided by, their weights are multiplied by."""
        bounds = [_rounded_up(term.bound * COMMON) if term.bound > 1 else 1.0 for term in terms]
        values, common = [term.value for term in terms], max(bounds)
        if len(set(bounds)) == 1:
            value = values[0] if len(values) == 1 else self.node("Concat", values, f"{name}/input", axis=-1)
            value = self._value(value, f"{name}{ROUNDED}", common)
        else:
            rounded = [
                self._value(value, f"{value}{ROUNDED}", each) for value, each in zip(values, bounds, strict=True)
            ]
            value = self.node("Concat", rounded, f"{name}{ROUNDED}", axis=-1)
        weights = [(term.weight * each).T for term, each in zip(terms, bounds, strict=True)]
        packed, scales = self._rounded(f"{name}.weight", torch.cat(weights).detach().cpu().numpy())
        constants = self.constant(f"{name}.weight_I8", packed), self.constant(f"{name}.weight_scales", scales)
        return self._product(name, value, 1.0, *constants, scales, bias)

    def gates(self, name: str, terms: Sequence[Term], bias: Tensor) -> list[str]:
        """The three sigmoids lie together, as `IN_ORDER` has them, and are one."""
        order = torch.arange(len(bias)).view(len(GATES), -1)[IN_ORDER].flatten()
        terms = [replace(term, weight=term.weight[order]) for term in terms]
        hidden = len(bias) // len(GATES)
        total = self.linear(f"{name}/gates", terms, bias[order])
        sigmoids, candidate = (f"{name}/{part}" for part in ("sigmoids", "candidate"))
        self.split(total, [sigmoids, candidate], axis=2, lengths=[3 * hidden, hidden])
        value = self.node("Sigmoid", [sigmoids], f"{sigmoids}/gate")
        i, f, o = self.split(value, [f"{name}/{GATES[gate]}/gate" for gate in IN_ORDER[:3]], axis=2)
        return [i, f, self.node("Tanh", [candidate], f"{candidate}/gate"), o]

    def classify(self, value: str, bias: Tensor) -> str:
        value = self._value(value, f"output{ROUNDED}", self._output_bound)
        matrix = self.node("Transpose", [f"{EMBEDDING}_I8"], "embedding/columns", perm=[1, 0])
        bound = self._output_bound
        return self._product("logits", value, bound, matrix, f"{EMBEDDING}_scales", self._scales, bias, "output_bias")

    def _value(self, value: str, name: str, bound: float) -> str:
        """A value in 8 bits; a number beyond its bound becomes the bound."""
        step = self.constant(f"{name}.step", np.array(bound / ZERO, np.float32))
        return self.node("QuantizeLinear", [value, step, "zero"], name)

    def _product(
        self, name: str, value: str, bound: float, matrix: str, steps: str, scales: NDArray[np.float32],
        bias: Tensor, bias_name: str | None = None,
    ) -> str:  # fmt: skip
        """`bias` is added in whole steps of the sum."""
        step = bound / ZERO
        whole = np.round(bias.detach().cpu().numpy().astype(np.float64) / (step * scales)) * step
        added = self.constant(f"{bias_name or f'{name}.bias'}_I32", whole.astype(np.float32))
        inputs = [
            value,
            matrix,
            self.constant(f"{name}.step", np.array(step, np.float32)),
            "one",
            "zero",
            "centre",
            added,
        ]
        # The columns' scales by themselves: the operator is slower where it has more than one.
        total = self.node("MatMulIntegerToFloat", inputs, f"{name}/sum", domain=OPERATORS)
        return self.node("Mul", [total, steps], name)

    def _rounded(self, name: str, weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        largest = np.abs(weights).max(axis=0)
        scales = _short(np.where(largest > 0, largest, LEVELS) / LEVELS)
        packed = np.clip(np.round(weights / scales), -LEVELS, LEVELS).astype(np.int8)
        errors = np.abs(restore(packed, scales) - weights)
        mean = float(np.sqrt(np.mean(np.square(errors))))
        self.roundings.append(Rounding(name, float(largest.max()), float(errors.max()), mean))
        return packed, scales


def _output_bound(model: LanguageModel) -> float:
    """How far from 0 an output vector's numbers are taken to be at most: what a hidden state of length 1 can give."""
    reach = model.projection.weight.norm(dim=1) + model.projection.bias.abs()
    return float((reach + model.style_output.weight.abs().max(dim=1).values).max())


def _short(scales: NDArray[np.float64]) -> NDArray[np.float32]:
    """Scales rounded to a few bits, so that their products with whole numbers are exact."""
    mantissa, exponent = np.frexp(scales)
    short: NDArray[np.float32] = np.ldexp(np.round(mantissa * 2**_SCALE_BITS) / 2**_SCALE_BITS, exponent).astype(
        np.float32
    )
    return short


def _rounded_up(bound: float) -> float:
    """A bound of a few bits, so that weights which were rounded before have the same."""
    mantissa, exponent = math.frexp(bound)
    return math.ldexp(math.ceil(mantissa * 2**_BOUND_BITS) / 2**_BOUND_BITS, exponent)
