"""A token: every way to make one against ours, at the bundle's size and at a larger one."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from matplotlib.ticker import FuncFormatter
from threadpoolctl import threadpool_limits

from bench.costs.models import random_model, shipped_form, write_bundle
from bench.costs.peers import numpy_step, pytorch_step
from bench.costs.subject import Subject
from bench.forms import INTEGER, STOCK, STOCK_EXACT, Reader, in_blocks, make_forms
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table
from bench.timing import race, spread, usual
from export.unpack import read_model
from lambda_fn.language.bundle import Bundle
from lambda_fn.language.language_model import LanguageModel
from train.model import LanguageModel as TrainedModel

STEP, SESSION, FLOOR = "ours: `LanguageModel.step`", "ours: the session alone", "the weights read once"
PYTORCH, NUMPY = "PyTorch, `nn.LSTM`", "numpy, fp32"
EXPORT, QUANTIZED = "`torch.onnx.export`, fp32", "`torch.onnx.export`, `quantize_dynamic`"
OTHER_FORMS = {
    INTEGER: "our graph in whole numbers",
    in_blocks(8, 128): "our graph in blocks of 8 bits",
    in_blocks(4, 32): "our graph in blocks of 4 bits",
}
PICTURE = "token.png"


def measure(subject: Subject) -> Result:
    """Milliseconds a token, and how many times ours that is, by how it is made, for both models."""
    embedding, hidden = subject.counts.large
    return {
        "shipped": _ways(subject, read_model(subject.bundle), subject.bundle),
        "large": _ways(subject, random_model(subject, embedding, hidden), None),
    }


def _ways(subject: Subject, model: TrainedModel, bundle: Bundle | None) -> Result:
    """`bundle`: the one that holds the model; None: one is made, in the form of the one that is measured."""
    form = shipped_form(subject)
    with tempfile.TemporaryDirectory() as folder:
        files = make_forms(model, Path(folder), {form, STOCK_EXACT, STOCK, *OTHER_FORMS})
        bundle = bundle or write_bundle(subject, model, files[form], Path(folder) / "bundle")
        ours = our_step(bundle)
        readers = {
            EXPORT: Reader(files[STOCK_EXACT], model),
            QUANTIZED: Reader(files[STOCK], model),
            SESSION: Reader(bundle.graph, model),
            **{label: Reader(files[name], model) for name, label in OTHER_FORMS.items() if name != form},
        }
        with one_thread():
            seconds = race(
                {
                    STEP: ours,
                    PYTORCH: pytorch_step(model),
                    NUMPY: numpy_step(model),
                    FLOOR: floor(model),
                    **{label: _reading(reader) for label, reader in readers.items()},
                },
                subject.counts.rounds,
            )
    return {
        "parameters": model.parameter_count(),
        "form": form,
        "ways": {
            label: {"milliseconds": round(usual(each) * 1000, 4), "times_ours": spread(each / seconds[STEP])}
            for label, each in sorted(seconds.items(), key=lambda item: -float(np.median(item[1])))
        },
    }


def our_step(bundle: Bundle) -> Callable[[int], object]:
    """What the bot does for a token, as `peers.Step`."""
    model = LanguageModel(bundle)
    style, state = np.eye(len(bundle.authors), dtype=np.float32)[0], model.zero_state()

    def step(token: int) -> object:
        nonlocal state
        logits, state = model.step(token, style, state)
        return logits

    return step


def floor(model: TrainedModel) -> Callable[[int], object]:
    """Read as many bytes once as the model multiplies weights for a token."""
    weights = np.ones(model.multiplied_weights() // 4, np.int32)
    return lambda _: weights.max()


@contextmanager
def one_thread() -> Iterator[None]:
    """Whatever multiplies here does so on this thread, whose processor time is what is taken."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_num_threads(before)


def _reading(reader: Reader) -> Callable[[int], object]:
    return lambda token: reader.read([token])


def section(found: Result, out: Path) -> str:
    """A table and a picture of both models."""
    shipped, large = found["shipped"], found["large"]
    rows = []
    for label, way in shipped["ways"].items():
        other = large["ways"][label]
        cells = [(each["milliseconds"], times(each["times_ours"])) for each in (way, other)]
        rows.append([label, *(f"{cell:.3f}" if isinstance(cell, float) else cell for pair in cells for cell in pair)])
    with picture(out / PICTURE, 8, 4) as axes:
        labels = [label.replace("`", "") for label in shipped["ways"]]
        places = np.arange(len(labels))
        for shift, each, colour in ((-0.2, large, OTHERS), (0.2, shipped, OURS)):
            low, middle, high = np.array([each["ways"][label]["times_ours"] for label in shipped["ways"]]).T
            name = f"{each['parameters'] / 1e6:.1f} million parameters"
            axes.barh(places + shift, middle, 0.38, xerr=(middle - low, high - middle), color=colour, label=name)
        axes.set(xscale="log", xlabel="processor time a token, times ours", yticks=places, yticklabels=labels)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axes.invert_yaxis()
        axes.legend()
    sizes = [f"{each['parameters'] / 1e6:.1f} M" for each in (shipped, large)]
    header = ["", *(f"{size}: {column}" for size in sizes for column in ("ms", "times ours"))]
    return f"""## A token

Every way to make a token from the same weights, on one thread, in turns; processor time. Of the milliseconds, the tenth
percentile; of the ratios, the median of all rounds and the quartiles. “Ours” is what the bot runs:
`LanguageModel.step`, with a graph of the form “{shipped["form"]}”; what has less than one time ours is faster. The
larger model has random weights: its speed is that of any weights. The last row reads as many bytes as there are weights
to multiply, once: no way with weights of 8 bits can be faster.

{table(header, rows)}
![processor time a token, by how it is made]({PICTURE})
"""


def times(ratios: list[float]) -> str:
    """Median and quartiles: "3.21 (3.10 to 3.40)"."""
    low, middle, high = ratios
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def criteria(found: Result) -> list[Criterion]:
    """Against the peer to beat, what is usual, and what is possible."""
    ways = found["shipped"]["ways"]
    wanted = (
        ("a token, of what `quantize_dynamic` of the stock export takes", QUANTIZED, 0.9),
        ("a token, of what the stock export in fp32 takes", EXPORT, 1 / 6),
        ("a token, of what numpy takes", NUMPY, 1 / 6),
        ("a token, of what reading the weights once takes", FLOOR, 2.0),
    )
    lines = []
    for what, label, most in wanted:
        ratio = 1 / ways[label]["times_ours"][1]
        lines.append(Criterion(what, f"at most {most:.2f}", f"{ratio:.2f}", ratio <= most))
    return lines
