"""Growth with the model, from 1 to 100 million parameters, with random weights."""

import tempfile
import time
from pathlib import Path

from bench.costs.memory import peak_megabytes
from bench.costs.models import random_model, shipped_form, write_bundle
from bench.costs.subject import Subject
from bench.costs.token import floor, one_thread, our_step, times
from bench.forms import make_forms
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, picture, table
from bench.timing import race, spread, usual
from lambda_fn.language.language_model import LanguageModel

PICTURE = "size.png"
ROUNDS = 20  # at most: the largest takes a long time


def measure(subject: Subject) -> Result:
    """For each size, in the bundle's form: megabytes, seconds to load, milliseconds a step, memory, times the floor."""
    return {"form": shipped_form(subject), "models": [_model(subject, *sizes) for sizes in subject.counts.sizes]}


def _model(subject: Subject, embedding: int, hidden: int) -> Result:
    model, form = random_model(subject, embedding, hidden), shipped_form(subject)
    with tempfile.TemporaryDirectory() as folder, one_thread():
        (graph,) = make_forms(model, Path(folder), [form]).values()
        bundle = write_bundle(subject, model, graph, Path(folder) / "bundle")
        graph.unlink()
        began = time.thread_time()
        LanguageModel(bundle)
        loaded = time.thread_time() - began
        steps = {"ours": our_step(bundle), "floor": floor(model)}
        seconds = race(steps, min(ROUNDS, subject.counts.rounds))
        megabytes = peak_megabytes("bench.costs.reading", bundle.folder)
        graph_bytes = bundle.graph.stat().st_size
    return {
        "parameters": model.parameter_count(),
        "file_megabytes": round(graph_bytes / 1e6, 2),
        "load_seconds": round(loaded, 4),
        "milliseconds": round(usual(seconds["ours"]) * 1000, 4),
        "times_floor": spread(seconds["ours"] / seconds["floor"]),
        "megabytes": megabytes,
    }


def section(found: Result, out: Path) -> str:
    """A table and a picture."""
    rows = [
        [f"{each['parameters'] / 1e6:.1f} M", f"{each['file_megabytes']:.1f}", f"{1000 * each['load_seconds']:.0f}",
         f"{each['milliseconds']:.3f}", f"{1e6 * each['milliseconds'] / each['parameters']:.3f}",
         times(each["times_floor"]), f"{each['megabytes']:.0f}"]
        for each in found["models"]
    ]  # fmt: skip
    with picture(out / PICTURE, 8, 3.4) as axes:
        millions = [each["parameters"] / 1e6 for each in found["models"]]
        axes.plot(millions, [each["milliseconds"] for each in found["models"]], "o-", color=OURS, label="ms a step")
        axes.plot(millions, [each["megabytes"] for each in found["models"]], "s--", color=OTHERS, label="MB of memory")
        axes.set(xscale="log", yscale="log", xlabel="million parameters")
        axes.legend()
    header = ["parameters", "graph, MB", "load, ms", "a step, ms", "ms a million", "times the weights read once",
              "memory, MB"]  # fmt: skip
    return f"""## Growth with the model

Models of random weights, in the form “{found["form"]}”: loading, and a step of `LanguageModel.step`, in processor time;
the memory of a process that loads one and takes some steps.

{table(header, rows)}
![milliseconds a step and memory by the size of the model]({PICTURE})
"""


def criteria(_found: Result) -> list[Criterion]:
    """None: it is for whoever trains a larger one."""
    return []
