"""A tweet of the bundle: how long it takes, with how many candidates, and in which of its parts."""

import tempfile
from pathlib import Path

import numpy as np

from bench.costs.memory import peak_megabytes
from bench.costs.subject import Subject
from bench.costs.token import one_thread
from bench.parts import EDITOR, REST, SAMPLER, STEPS, timed_parts
from bench.report.cache import Result
from bench.report.figures import OTHERS, OURS, Criterion, percent, picture, table
from bench.timing import spread
from lambda_fn.commands import Explained, tell
from lambda_fn.settings import Settings

PICTURE = "tweet.png"
COLOURS = {STEPS: OURS, SAMPLER: "#8a6d3b", EDITOR: "#c9a66b", REST: OTHERS}
MOST_BESIDE = 0.3
MOST_MEMORY, BUNDLES_IN_MEMORY = 160.0, 2  # megabytes, and so many times the bundle


def measure(subject: Subject) -> Result:
    """Processor time, in all and by part, with one candidate a tweet and with as many as the bundle asks for."""
    own = subject.bundle.sampling.candidates
    with tempfile.TemporaryDirectory() as folder:
        given = {"--count": subject.counts.tweets, "--seed": 1, "--model": subject.folder, "--folder": folder}
        memory = peak_megabytes("lambda_fn", "tell", *(each for pair in given.items() for each in pair))
    return {
        "candidates": own,
        "told": [_told(subject, count) for count in sorted({subject.counts.candidates, own})],
        "peak_megabytes": memory,
        "bundle_megabytes": round(subject.bundle_bytes / 1e6, 2),
    }


def _told(subject: Subject, candidates: int) -> Result:
    """Tell a story with so many candidates a tweet; its first tweet, which has the imports in it, does not count."""
    seconds, parts, steps, length = [], dict.fromkeys(COLOURS, 0.0), 0, 0
    with tempfile.TemporaryDirectory() as folder, one_thread():
        environment = {"STORY_URI": folder, "MODEL_URI": str(subject.folder)}
        settings = Settings.resolve({"seed": 1, "candidates": candidates}, environment)
        explained: Explained = {}
        telling = tell(settings, subject.counts.tweets + 1, explained=explained)
        next(telling)
        for _ in range(subject.counts.tweets):
            with timed_parts() as taken:
                tweet = next(telling).tweet
            seconds.append(sum(taken.values()))
            parts = {name: parts[name] + taken[name] for name in parts}
            steps, length = steps + explained[tweet.sequence].telling.steps, length + len(tweet.text)
    return {
        "candidates": candidates,
        "seconds": spread(np.array(seconds)),
        "slowest": round(max(seconds), 3),
        "parts": {name: round(each / sum(seconds), 4) for name, each in parts.items()},
        "steps": round(steps / len(seconds), 1),
        "characters": round(length / len(seconds), 1),
        "beside_steps": round((parts[SAMPLER] + parts[EDITOR]) / parts[STEPS], 3),
    }


def section(found: Result, out: Path) -> str:
    """A table and a picture of the parts."""
    header = ["candidates", "seconds", "slowest", "calls of the model", *COLOURS, "editor and sampler, of the steps"]
    rows = []
    with picture(out / PICTURE, 8, 0.6 + 0.6 * len(found["told"])) as axes:
        for place, told in enumerate(found["told"]):
            low, middle, high = told["seconds"]
            shares = [percent(share, 0) for share in told["parts"].values()]
            seconds = f"{middle:.3f} ({low:.3f} to {high:.3f})"
            rows.append([told["candidates"], seconds, f"{told['slowest']:.3f}", f"{told['steps']:,.0f}", *shares,
                         percent(told["beside_steps"], 0)])  # fmt: skip
            left = 0.0
            for name, share in told["parts"].items():
                axes.barh(place, 100 * share, left=left, color=COLOURS[name], label=None if place else name)
                left += 100 * share
        labels = [_counted(told["candidates"]) for told in found["told"]]
        axes.set(xlim=(0, 100), xlabel="% of a tweet's processor time", yticks=range(len(labels)), yticklabels=labels)
        axes.legend(ncols=len(COLOURS), loc="lower center", bbox_to_anchor=(0.5, 1), frameon=False)
    return f"""## A tweet

Told with the bundle that is measured, which asks for {_counted(found["candidates"])} a tweet; seconds of one thread's
processor time: the median, the quartiles, the slowest. The rest is the candidates' text and the choice among them, the
record and the archive. `python -m lambda_fn tell`, the whole process, held {found["peak_megabytes"]:.0f} MB at most,
with a bundle of {found["bundle_megabytes"]} MB.

{table(header, rows)}
![where the time of a tweet goes]({PICTURE})
"""


def criteria(found: Result) -> list[Criterion]:
    """Of the time beside the steps; of memory."""
    most = MOST_MEMORY + BUNDLES_IN_MEMORY * found["bundle_megabytes"]
    beside = [
        Criterion(
            f"editor and sampler, of the time of the model's steps, {_counted(told['candidates'])}",
            f"at most {percent(MOST_BESIDE, 0)}",
            percent(told["beside_steps"], 0),
            told["beside_steps"] <= MOST_BESIDE,
        )
        for told in found["told"]
    ]
    peak = found["peak_megabytes"]
    held = f"at most {MOST_MEMORY:.0f} MB and {BUNDLES_IN_MEMORY} bundles: {most:.0f} MB"
    return [*beside, Criterion("memory of a process that tells", held, f"{peak:.0f} MB", peak <= most)]


def _counted(candidates: int) -> str:
    return "one candidate" if candidates == 1 else f"{candidates} candidates"
