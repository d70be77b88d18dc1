"""The forms that one step of a model can have, written as ONNX graphs, and what reads a text with one of them."""

import logging
import time
import warnings
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from export.evaluate import cost
from export.graph import build_graph
from export.integer import build_integer_graph
from export.quantize import Quantization, quantize
from train.model import LanguageModel, State

STOCK, STOCK_EXACT = "stock, quantize_dynamic u8", "stock, fp32"
EXACT, INTEGER = "gates, fp32", "gates, whole numbers"
LEVEL = 4  # of accuracy: values are rounded to 8 bits as well

Make = Callable[[LanguageModel, Path], None]
"""Writes a model into a file."""


class _Stock(nn.Module):
    """The model as anybody would export it."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, token: Tensor, style: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One step, with the names and shapes of our graphs."""
        logits, after = self.model(token[:, None], style, State(h, c))
        return logits[:, 0], after.h, after.c


def _stock(model: LanguageModel, path: Path) -> None:
    state, style = model.zero_state(1), torch.eye(model.size.authors)[:1]
    inputs, outputs = ["token", "style", "h", "c"], ["logits", "h_out", "c_out"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one
        torch.onnx.export(
            _Stock(model), (torch.tensor([0]), style, *state), str(path), input_names=inputs, output_names=outputs,
            opset_version=17, dynamo=False,
        )  # fmt: skip


def in_blocks(bits: int, block: int) -> str:
    """The name of the form whose weights share a scale in blocks."""
    return f"gates, MatMulNBits {bits} bits, block {block}, level {LEVEL}"


def _blocks(bits: int, block: int) -> Make:
    options = Quantization(bits, block, LEVEL)
    return lambda model, path: onnx.save(quantize(build_graph(model), options)[0], path)


def _dynamic(source: str, **options: Any) -> Make:
    """Another form, which is made once a folder, through `quantize_dynamic`."""

    def make(model: LanguageModel, path: Path) -> None:
        before = path.with_name(f"{source}.onnx")
        if not before.exists():
            FORMS[source](model, before)
        logging.disable(logging.WARNING)  # it says a line about every node
        try:
            quantize_dynamic(before, path, **options)
        finally:
            logging.disable(logging.NOTSET)

    return make


FORMS: dict[str, Make] = {
    EXACT: lambda model, path: onnx.save(build_graph(model), path),
    INTEGER: lambda model, path: onnx.save(build_integer_graph(model)[0], path),
    **{in_blocks(bits, block): _blocks(bits, block) for bits in (8, 4) for block in (32, 128)},
    STOCK_EXACT: _stock,
    STOCK: _dynamic(STOCK_EXACT, weight_type=QuantType.QUInt8),
    "stock, quantize_dynamic s8": _dynamic(STOCK_EXACT, weight_type=QuantType.QInt8),
    "stock, quantize_dynamic s8 per channel": _dynamic(STOCK_EXACT, weight_type=QuantType.QInt8, per_channel=True),
    "gates, quantize_dynamic s8 per channel, 7 bits": _dynamic(
        EXACT, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True
    ),
}
"""What writes a model in each form."""


def make_forms(model: LanguageModel, folder: Path, names: Iterable[str] = FORMS) -> dict[str, Path]:
    """Write forms of a model into a folder of its own; returns the files by name of the form."""
    files = {name: folder / f"{name}.onnx" for name in names}
    for name, path in files.items():
        FORMS[name](model, path)
    return files


class Reader:
    """A graph that reads texts, all in the style of the first author."""

    def __init__(self, path: Path, model: LanguageModel) -> None:
        started = time.thread_time()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        self.load_seconds = time.thread_time() - started
        self.reads_batches = isinstance(self._session.get_inputs()[0].shape[0], str)
        self._size = model.size
        self.begin(1)

    def begin(self, texts: int) -> None:
        """Begin so many texts anew."""
        self._style = np.eye(self._size.authors, dtype=np.float32)[:1].repeat(texts, axis=0)
        self._state = [np.zeros((self._size.layers, texts, self._size.hidden), np.float32)] * 2

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read a token of each text; returns logits `(texts, vocabulary)`."""
        inputs = {"token": np.array(tokens, np.int64), "style": self._style, "h": self._state[0], "c": self._state[1]}
        logits, *self._state = self._session.run(["logits", "h_out", "c_out"], inputs)
        answer: NDArray[np.float32] = logits
        return answer


def read_text(reader: Reader, tokens: Sequence[int]) -> tuple[float, NDArray[np.intp]]:
    """The nats that tokens cost after the first, and the likeliest token in each place."""
    reader.begin(1)
    nats, likeliest = 0.0, []
    for token, following in pairwise(tokens):
        (logits,) = reader.read([token])
        nats += cost(logits, following)
        likeliest.append(logits.argmax())
    return nats, np.array(likeliest)
