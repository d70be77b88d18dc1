"""Rounding weights: what changes, what may not, and that the kernels multiply by what was rounded."""

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from export import quantize as module
from export.errors import InputError, QuantizationError
from export.graph import EMBEDDING, build_graph
from export.quantize import BLOCKS, Quantization, quantize, unpack
from tests.export.helpers import make_model, run_steps
from train.model import ModelSize

SIZE = ModelSize(vocabulary=300, authors=2, embedding=32, hidden=48, layers=2)


def restored(graph: onnx.ModelProto, rounded: onnx.ModelProto, bits: int) -> onnx.ModelProto:
    """The fp32 graph with the rounded weights in the place of its own."""
    tensors = {tensor.name: tensor for tensor in rounded.graph.initializer}
    result = onnx.ModelProto.FromString(graph.SerializeToString())
    for tensor in result.graph.initializer:
        if f"{tensor.name}_Q{bits}" in tensors:
            packed, scales = (
                numpy_helper.to_array(tensors[f"{tensor.name}_{part}"]) for part in (f"Q{bits}", "scales")
            )
            weights = np.ascontiguousarray(unpack(packed, scales, bits)[: tensor.dims[0]])
            tensor.CopyFrom(numpy_helper.from_array(weights, tensor.name))
    return result


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("size", [SIZE, ModelSize(300, 3, 33, 21, 3), ModelSize(300, 1, 24, 40, 1)], ids=str)
def test_the_rounded_graph_is_the_graph_of_the_rounded_weights(size: ModelSize, bits: int, block: int) -> None:
    """Blocks that do not divide the matrix included: a kernel that does something else would be far off."""
    graph = build_graph(make_model(size))
    rounded, _ = quantize(graph, Quantization(bits, block, accuracy_level=0))
    np.testing.assert_allclose(run_steps(rounded, 20), run_steps(restored(graph, rounded, bits), 20), atol=1e-4)


@pytest.mark.parametrize("bits", [4, 8])
@pytest.mark.parametrize("block", BLOCKS)
def test_activations_in_int8_change_little(bits: int, block: int) -> None:
    """The accuracy level that ships, against the one that rounds weights only."""
    graph = build_graph(make_model(SIZE))
    shipped, exact = (run_steps(quantize(graph, Quantization(bits, block, level))[0], 20) for level in (4, 0))
    assert np.abs(shipped - exact).mean() < 0.02 * exact.std()


def test_eight_bits_are_closer_than_four() -> None:
    graph = build_graph(make_model(SIZE))
    exact = run_steps(graph, 20)
    far, near = (np.abs(run_steps(quantize(graph, Quantization(bits))[0], 20) - exact).mean() for bits in (4, 8))
    assert near < far / 4


def test_the_embedding_is_in_the_file_once() -> None:
    rounded, _ = quantize(build_graph(make_model(SIZE)), Quantization())
    assert {tensor.name for tensor in rounded.graph.initializer} & {EMBEDDING, f"{EMBEDDING}_Q4"} == {f"{EMBEDDING}_Q4"}


def test_style_matrices_are_not_rounded() -> None:
    rounded, _ = quantize(build_graph(make_model(SIZE)), Quantization())
    assert [node.name for node in rounded.graph.node if node.op_type == "MatMul"] == [
        "style_input",
        "style_output",
    ]


def test_the_graph_given_is_not_changed() -> None:
    graph = build_graph(make_model(SIZE))
    before = graph.SerializeToString()
    quantize(graph, Quantization())
    assert graph.SerializeToString() == before


def test_four_bits_make_the_file_a_sixth() -> None:
    graph = build_graph(make_model(ModelSize(1000, 2, 64, 128, 2)))
    rounded, _ = quantize(graph, Quantization())
    assert len(rounded.SerializeToString()) < len(graph.SerializeToString()) / 6


def test_every_rounded_matrix_is_reported_once() -> None:
    _, roundings = quantize(build_graph(make_model(SIZE)), Quantization())
    names = [rounding.tensor for rounding in roundings]
    assert sorted(names) == [EMBEDDING, "lstm0/gates.weight", "lstm1/gates.weight", "projection.weight"]


@pytest.mark.parametrize(("bits", "share"), [(4, 1 / 7.9), (8, 1 / 126)])
def test_the_worst_change_is_at_most_a_step_of_the_largest_weight(bits: int, share: float) -> None:
    _, roundings = quantize(build_graph(make_model(SIZE)), Quantization(bits))
    assert all(0 < rounding.worst <= rounding.largest_weight * share for rounding in roundings)


def test_a_quantizer_that_gives_zeros_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "unpack", lambda packed, scales, bits: 0 * unpack(packed, scales, bits))
    with pytest.raises(QuantizationError, match="more than a step"):
        quantize(build_graph(make_model(SIZE)), Quantization())


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"bits": 3}, "bits"),
        ({"block": 512}, "block"),
        ({"block": 48}, "block"),
        ({"accuracy_level": 5}, "accuracy_level"),
    ],
)
def test_an_option_out_of_range_is_named_with_what_is_allowed(options: dict[str, int], named: str) -> None:
    with pytest.raises(InputError, match=rf"{named} must be one of .*, not {options[named]}"):
        Quantization(**options)
