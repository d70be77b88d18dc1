"""Round a graph's weight matrices to 4 or 8 bits in blocks: a quarter of the time, an eighth of the bytes.

The weights of a block, neighbours in a column, share one float scale (symmetric, round to nearest). The embedding stays
one tensor: a token is looked up in the very bytes that the output layer multiplies by.
"""

import logging
from dataclasses import asdict, dataclass

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper, numpy_helper
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

from export.errors import InputError, QuantizationError
from export.graph import EMBEDDING, LOOKUP, STYLE_PRODUCTS
from lambda_fn.fields import listed

BITS = (4, 8)
BLOCKS = (16, 32, 64, 128, 256)  # 512 gave zeros silently in one version: microsoft/onnxruntime issue 28551
OPERATORS = "com.microsoft"  # the domain of ONNX Runtime's own operators

# The quantizer's module turns on logging for the whole program and says a line about every node.
logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)


@dataclass(frozen=True)
class Quantization:
    """How weights are rounded: `bits` a weight, `block` weights that share a scale. Raises `InputError`.

    `accuracy_level` 4 lets ONNX Runtime round the activations to int8 as well, which is what makes it fast.
    """

    bits: int = 4
    block: int = 32
    accuracy_level: int = 4

    def __post_init__(self) -> None:
        for name, allowed in (("bits", BITS), ("block", BLOCKS), ("accuracy_level", tuple(range(5)))):
            if getattr(self, name) not in allowed:
                raise InputError(f"{name} must be one of {listed(allowed)}, not {getattr(self, name)}")


@dataclass(frozen=True)
class Rounding:
    """What rounding did to one matrix: its largest weight, and the largest and the root mean square change to one."""

    tensor: str
    largest_weight: float
    worst: float
    root_mean_square: float

    def as_dict(self) -> dict[str, str | float]:
        """For `bundle.json`, to four digits."""
        return {
            name: value if isinstance(value, str) else float(f"{value:.4g}") for name, value in asdict(self).items()
        }


def quantize(graph: ModelProto, options: Quantization) -> tuple[ModelProto, tuple[Rounding, ...]]:
    """Replace the `MatMul`s of a graph from `export.graph` by `MatMulNBits`; returns how far each matrix was rounded.

    The style's matrices stay as they are. Raises `QuantizationError` if a rounded matrix is not what it should be.
    """
    quantizer = MatMulNBitsQuantizer(
        ModelProto.FromString(graph.SerializeToString()),  # it changes what it is given
        bits=options.bits,
        block_size=options.block,
        is_symmetric=True,
        accuracy_level=options.accuracy_level,
        nodes_to_exclude=list(STYLE_PRODUCTS),
    )
    quantizer.process()
    quantized: ModelProto = quantizer.model.model
    _share_embedding(quantized, options, _constant(graph, EMBEDDING).dims[0])
    onnx.checker.check_model(quantized)
    return quantized, check_rounding(graph, quantized, options)


def check_rounding(graph: ModelProto, quantized: ModelProto, options: Quantization) -> tuple[Rounding, ...]:
    """Compare every matrix of a quantized graph with the fp32 graph's; returns how far each was rounded.

    Raises `QuantizationError` if one is not what rounding makes of the other, or anything else differs.
    """
    exact, rounded = (
        {tensor.name: numpy_helper.to_array(tensor) for tensor in each.graph.initializer} for each in (graph, quantized)
    )
    found = []
    for name, weights in exact.items():
        packed, scales = rounded.get(f"{name}_Q{options.bits}"), rounded.get(f"{name}_scales")
        if packed is not None and scales is not None:
            found.append(_rounding(name, weights, packed, scales, options))
        elif name not in rounded or not np.array_equal(weights, rounded[name]):
            raise QuantizationError(f"{name} of the quantized graph is not that of the fp32 graph")
    return tuple(found)


def unpack(packed: NDArray[np.uint8], scales: NDArray[np.float32], bits: int) -> NDArray[np.float32]:
    """What `MatMulNBits` multiplies by: packed `(outputs, blocks, bytes)` → weights `(blocks × block, outputs)`."""
    if bits == 4:
        packed = np.stack((packed & 15, packed >> 4), axis=-1).reshape(*packed.shape[:2], -1)
    centred = packed.astype(np.float32) - 2 ** (bits - 1)
    weights: NDArray[np.float32] = (centred * scales[..., None]).reshape(len(packed), -1).T
    return weights


def _share_embedding(quantized: ModelProto, options: Quantization, width: int) -> None:
    """Look tokens up in the output layer's rounded matrix, so that the embedding is in the file once."""
    packed = _constant(quantized, f"{EMBEDDING}_Q{options.bits}")
    vocabulary, blocks, bytes_a_block = packed.dims
    constants = {"shape": [vocabulary, blocks * bytes_a_block], "start": [0], "end": [width], "axis": [1]}
    rows, padded_row, row = "embedding/rows", "embedding/padded_row", LOOKUP[1]
    nodes = [
        helper.make_node("Reshape", [packed.name, "embedding.shape"], [rows], name=rows),
        helper.make_node(
            "GatherBlockQuantized",
            [rows, "token", f"{EMBEDDING}_scales"],
            [padded_row],
            name=padded_row,
            domain=OPERATORS,
            bits=options.bits,
            block_size=options.block,
            gather_axis=0,
            quantize_axis=1,
        ),
        # The last block of a row may be padded.
        helper.make_node(
            "Slice",
            [padded_row, *(f"embedding.{name}" for name in ("start", "end", "axis"))],
            [row],
            name=row,
        ),
        *(node for node in quantized.graph.node if node.name not in LOOKUP),
    ]
    del quantized.graph.node[:]
    quantized.graph.node.extend(nodes)
    quantized.graph.initializer.remove(_constant(quantized, EMBEDDING))
    quantized.graph.initializer.extend(
        numpy_helper.from_array(np.array(value, np.int64), f"embedding.{name}") for name, value in constants.items()
    )


def _rounding(
    name: str,
    weights: NDArray[np.float32],
    packed: NDArray[np.uint8],
    scales: NDArray[np.float32],
    options: Quantization,
) -> Rounding:
    errors = np.abs(unpack(packed, scales, options.bits)[: len(weights)] - weights)
    steps = np.abs(scales).repeat(options.block, axis=1)[:, : len(weights)].T
    # Half a step is rounding; up to a whole one where the range, -8 to 7 steps, ends short of a weight.
    if not (errors <= steps * 1.001 + 1e-12).all():
        raise QuantizationError(
            f"{name} is not rounded to {options.bits} bits in blocks of {options.block}: "
            "a weight is off by more than a step"
        )
    mean = float(np.sqrt(np.mean(np.square(errors))))
    return Rounding(name, float(np.abs(weights).max()), float(errors.max()), mean)


def _constant(graph: ModelProto, name: str) -> TensorProto:
    tensors: dict[str, TensorProto] = {tensor.name: tensor for tensor in graph.graph.initializer}
    return tensors[name]
