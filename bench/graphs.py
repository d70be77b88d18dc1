"""In which form a step of the model is best on this machine: `python -m bench graphs data/ebooks/pg105.txt`.

Every form is made from the weights of one bundle and told the same tokens of a held-out text. Their steps are timed in
turns, a few of each a round, in seconds of this thread's processor time: so whatever else the machine does is in all of
them alike, and a form's time is given as a ratio to that of the stock form, what `torch.onnx.export` and
`quantize_dynamic` make of `nn.LSTM`, with the quartiles over all rounds.
"""

import argparse
import json
import logging
import math
import platform
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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

from bench.errors import BenchError
from export.evaluate import cost, read_cleaned
from export.graph import build_graph
from export.integer import build_integer_graph
from export.quantize import Quantization, quantize
from export.unpack import read_model
from lambda_fn.language.bundle import load_bundle
from train.model import LanguageModel, State

STOCK, EXACT = "stock, quantize_dynamic u8", "gates, fp32"
STEPS = 8  # of a form, a round
BATCHES = (4, 16, 32)


@dataclass(frozen=True)
class Form:
    """What was measured of a form; times are of the processor, ratios to the stock form's."""

    form: str
    megabytes: float
    load_milliseconds: float
    step_milliseconds: float  # the tenth percentile: what it takes when nothing comes between
    ratio: float
    quartiles: tuple[float, float]
    bits_per_character: float
    loss_percent: float  # of bits per character, against fp32
    same_token_percent: float  # how often the likeliest token is that of fp32
    batches: dict[int, float]  # texts at once → milliseconds a text; empty for a graph that reads one


class _Stock(nn.Module):
    """The model as anybody would export it."""

    def __init__(self, model: LanguageModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, token: Tensor, style: Tensor, h: Tensor, c: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """One step, with the names and shapes of our graphs."""
        logits, after = self.model(token[:, None], style, State(h, c))
        return logits[:, 0], after.h, after.c


def make_forms(model: LanguageModel, folder: Path) -> dict[str, Path]:
    """Write every form of a model; returns the files by name of the form."""
    exact, size = build_graph(model), model.size
    graphs = {EXACT: exact, "gates, whole numbers": build_integer_graph(model)[0]}
    for bits, block, level in ((8, 32, 4), (8, 128, 4), (4, 32, 4), (4, 128, 4)):
        name = f"gates, MatMulNBits {bits} bits, block {block}, level {level}"
        graphs[name] = quantize(exact, Quantization(bits, block, level))[0]
    files: dict[str, Path] = {}
    for name, graph in graphs.items():
        files[name] = folder / f"{len(files)}.onnx"
        onnx.save(graph, files[name])
    stock = files["stock, fp32"] = folder / "stock.onnx"
    state, style = model.zero_state(1), torch.eye(size.authors)[:1]
    names = ["token", "style", "h", "c"], ["logits", "h_out", "c_out"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is the older one
        torch.onnx.export(
            _Stock(model), (torch.tensor([0]), style, *state), str(stock), input_names=names[0], output_names=names[1],
            opset_version=17, dynamo=False,
        )  # fmt: skip
    for name, source, options in (
        (STOCK, stock, {"weight_type": QuantType.QUInt8}),
        ("stock, quantize_dynamic s8", stock, {"weight_type": QuantType.QInt8}),
        ("stock, quantize_dynamic s8 per channel", stock, {"weight_type": QuantType.QInt8, "per_channel": True}),
        ("gates, quantize_dynamic s8 per channel, 7 bits", files[EXACT],
         {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True}),
    ):  # fmt: skip
        files[name] = folder / f"{len(files)}.onnx"
        logging.disable(logging.WARNING)  # it says a line about every node
        try:
            quantize_dynamic(source, files[name], **options)
        finally:
            logging.disable(logging.NOTSET)
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


def race(steps: dict[str, Callable[[int], object]], rounds: int) -> dict[str, NDArray[np.float64]]:
    """Let each take a few steps in turn, in every round; returns seconds a step, a row of rounds by name."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            step(0)  # what another form left in the caches is not its fault
            started = time.thread_time()
            for number in range(1, STEPS + 1):
                step(number)
            taken[name].append((time.thread_time() - started) / STEPS)
    return {name: np.array(seconds) for name, seconds in taken.items()}


def study(model: LanguageModel, tokens: Sequence[int], characters: int, rounds: int) -> tuple[list[Form], float]:
    """Measure every form on `tokens`, of so many characters; returns them and the floor's ratio to the stock form."""
    with tempfile.TemporaryDirectory() as folder:
        files = make_forms(model, Path(folder))
        readers = {name: Reader(path, model) for name, path in files.items()}
        sizes = {name: path.stat().st_size / 1e6 for name, path in files.items()}
    told = {name: read_text(reader, tokens) for name, reader in readers.items()}
    weights = np.ones(model.multiplied_weights() // 4, np.int32)
    batches: dict[str, dict[int, float]] = {name: {} for name in readers}
    steps: dict[str, Callable[[int], object]] = {name: _steps(reader, tokens, 1) for name, reader in readers.items()}
    seconds = race({**steps, "floor": lambda _: weights.max()}, rounds)
    for texts in BATCHES:
        able = {name: reader for name, reader in readers.items() if reader.reads_batches}
        for reader in able.values():
            reader.begin(texts)
        found = race({name: _steps(reader, tokens, texts) for name, reader in able.items()}, max(2, rounds // 10))
        for name, each in found.items():
            batches[name][texts] = round(_usual(each) * 1000 / texts, 4)
    exact, likeliest = told[EXACT]
    forms = []
    for name, reader in readers.items():
        ratios, (nats, found_likeliest) = seconds[name] / seconds[STOCK], told[name]
        forms.append(
            Form(
                form=name,
                megabytes=round(sizes[name], 2),
                load_milliseconds=round(reader.load_seconds * 1000, 1),
                step_milliseconds=round(_usual(seconds[name]) * 1000, 4),
                ratio=round(float(np.median(ratios)), 3),
                quartiles=(_quartile(ratios, 25), _quartile(ratios, 75)),
                bits_per_character=round(nats / math.log(2) / characters, 5),
                loss_percent=round(100 * (nats / exact - 1), 3),
                same_token_percent=round(100 * float(np.mean(found_likeliest == likeliest)), 2),
                batches=batches[name],
            )
        )
    return sorted(forms, key=lambda form: form.ratio), round(float(np.median(seconds["floor"] / seconds[STOCK])), 3)


def _steps(reader: Reader, tokens: Sequence[int], texts: int) -> Callable[[int], object]:
    return lambda number: reader.read([tokens[number % len(tokens)]] * texts)


def _usual(seconds: NDArray[np.float64]) -> float:
    return float(np.percentile(seconds, 10))


def _quartile(ratios: NDArray[np.float64], percent: int) -> float:
    return round(float(np.percentile(ratios, percent)), 3)


def processor() -> str:
    """The processor's name and which of the instructions that matter here it has."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    except OSError:
        return platform.machine()
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    flags = fields.get("flags", "").split()
    known = [flag for flag in ("avx2", "avx_vnni", "avx512f", "avx512_vnni") if flag in flags]
    return f"{fields.get('model name', platform.machine())} ({', '.join(known)})"


def as_markdown(forms: Sequence[Form], floor: float) -> str:
    """One row a form, the fastest first."""
    lines = [
        f"{processor()}; reading the weights once takes {floor} of the stock form's time.", "",
        "| form | MB | load, ms | a step, ms | of the stock form | bits a character | loss | same likeliest token "
        "| a text of 16, ms |",
        "|---|---|---|---|---|---|---|---|---|",
    ]  # fmt: skip
    for form in forms:
        low, high = form.quartiles
        cells = (
            form.form, form.megabytes, form.load_milliseconds, f"{form.step_milliseconds:.3f}",
            f"{form.ratio:.2f} ({low:.2f} to {high:.2f})", f"{form.bits_per_character:.4f}",
            f"{form.loss_percent:+.2f} %", f"{form.same_token_percent} %", form.batches.get(16, "–"),
        )  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def run(options: argparse.Namespace) -> str:
    """Measure all forms; returns a Markdown table or JSON. Raises `BenchError` for a text that is too short."""
    bundle = load_bundle(options.bundle)
    tokenizer = bundle.load_tokenizer()
    tokens = tokenizer.encode(read_cleaned(options.text).text)[: options.tokens]
    if len(tokens) < 2 or options.rounds < 2:
        raise BenchError("a study needs a text of two tokens or more, and two rounds or more")
    forms, floor = study(
        read_model(bundle), [tokenizer.paragraph, *tokens], len(tokenizer.decode(tokens)), options.rounds
    )
    if options.json:
        found: dict[str, Any] = {"processor": processor(), "floor": floor, "forms": [asdict(form) for form in forms]}
        return json.dumps(found)
    return as_markdown(forms, floor)
