"""In which form a step of the model is best on this machine: `python -m bench graphs data/ebooks/pg105.txt`.

Every form is made from the weights of one bundle and told the same tokens of a held-out text. Their steps are timed in
turns, a few of each a round, in seconds of this thread's processor time: so whatever else the machine does is in all of
them alike, and a form's time is given as a ratio to that of the stock form, what `torch.onnx.export` and
`quantize_dynamic` make of `nn.LSTM`, with the quartiles over all rounds.
"""

import argparse
import json
import math
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.errors import BenchError
from bench.forms import EXACT, STOCK, Reader, make_forms, read_text
from bench.machine import processor
from bench.timing import race, spread, usual
from export.evaluate import read_cleaned
from export.unpack import read_model
from lambda_fn.language.bundle import load_bundle
from train.model import LanguageModel

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
            batches[name][texts] = round(usual(each) * 1000 / texts, 4)
    exact, likeliest = told[EXACT]
    forms = []
    for name, reader in readers.items():
        low, middle, high = spread(seconds[name] / seconds[STOCK])
        nats, found_likeliest = told[name]
        forms.append(
            Form(
                form=name,
                megabytes=round(sizes[name], 2),
                load_milliseconds=round(reader.load_seconds * 1000, 1),
                step_milliseconds=round(usual(seconds[name]) * 1000, 4),
                ratio=middle,
                quartiles=(low, high),
                bits_per_character=round(nats / math.log(2) / characters, 5),
                loss_percent=round(100 * (nats / exact - 1), 3),
                same_token_percent=round(100 * float(np.mean(found_likeliest == likeliest)), 2),
                batches=batches[name],
            )
        )
    return sorted(forms, key=lambda form: form.ratio), spread(seconds["floor"] / seconds[STOCK])[1]


def _steps(reader: Reader, tokens: Sequence[int], texts: int) -> Callable[[int], object]:
    return lambda number: reader.read([tokens[number % len(tokens)]] * texts)


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
