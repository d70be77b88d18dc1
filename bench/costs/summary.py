"""The README's table of what everything costs: the few figures of the page that a reader wants first."""

import re
from pathlib import Path

from bench.costs.cold import OWN, PIP
from bench.costs.month import cheapest, fastest
from bench.costs.package import bare
from bench.costs.token import EXPORT, FLOOR, NUMPY, PYTORCH, QUANTIZED, STEP
from bench.errors import BenchError
from bench.report.cache import Result
from bench.report.figures import percent, table
from train.files import write_atomically

BEGIN, END = "<!-- `python -m bench all --readme README.md` writes this table -->\n", "<!-- until here -->\n"
_PLACE = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)

PICTURES = """<p align="center"><img src="docs/bench/token.png" width="560" \
alt="Processor time a token: PyTorch, numpy and ONNX exports in units of ours, with the spread"> \
<img src="docs/bench/story.png" width="560" \
alt="Time, record and memory of a story of 1 to 100,000 tweets"></p>
"""


def summary(document: Result) -> str:
    """The table, in Markdown, of what a run found, with two pictures; what could not be measured is not in it."""
    measures = document["measures"]
    rows = [*_telling(measures), *_package(measures), *_month(measures), *_growth(measures["story"])]
    quick = ", with `--quick`: the figures mean nothing" if document["quick"] else ""
    head = f"[`make bench`](docs/bench) on {document['processor']}, {document['date']}{quick}"
    return f"{table([head, ''], rows)}\n{PICTURES}\n"


def write_into(readme: Path, document: Result) -> None:
    """Put the table in place of the one that stands between the two marks. Raises `BenchError` if there are none."""
    try:
        text = readme.read_text(encoding="utf-8")
    except OSError:
        raise BenchError(f"{readme} is not there: --readme names the file that the table goes into") from None
    if not _PLACE.search(text):
        raise BenchError(f"{readme} has no place for the table: it is between {BEGIN.strip()} and {END.strip()}")
    written = _PLACE.sub(lambda _: f"{BEGIN}{summary(document)}{END}", text)
    write_atomically(readme, written.encode("utf-8"))


def _telling(measures: Result) -> list[list[str]]:
    ways, tweet = measures["token"]["shipped"]["ways"], measures["tweet"]
    ratio = {label: way["times_ours"][1] for label, way in ways.items()}
    others = ", ".join(f"{ratio[label]:.1f}" for label in (PYTORCH, NUMPY, EXPORT, QUANTIZED))
    rows = [
        ["a token", f"{ways[STEP]['milliseconds']:.2f} ms"],
        ["of that, reading the weights once", percent(ratio[FLOOR], 0)],
        ["PyTorch, numpy, `torch.onnx.export`, the last with `quantize_dynamic`", f"{others} times as long"],
    ]
    for told in tweet["told"]:
        label = "a tweet" if told["candidates"] == 1 else f"a tweet, the best of {told['candidates']}"
        rows.append([label, f"{told['seconds'][1]:.2f} s (the slowest: {told['slowest']:.2f} s)"])
        rows.append(["editor and sampler, of the time of the model's steps", percent(told["beside_steps"], 0)])
    return [*rows, ["memory of the process that tells", f"{tweet['peak_megabytes']:.0f} MB"]]


def _package(measures: Result) -> list[list[str]]:
    rows = []
    if "missing" not in measures["package"]:
        size = bare(measures["package"])
        sizes = f"{size['unzipped']:.1f} MB, {size['zipped']:.1f} MB"
        rows.append(["the package without its model, unzipped and zipped", sizes])
    if "missing" not in measures["cold"]:
        whole = max(measures["cold"]["settings"], key=lambda each: each["share"])
        ours, pip = whole[OWN], whole[PIP]
        of_pip = f"{ours['init'][1]:.2f} s (with plain `pip`'s package {pip['init'][1]:.2f} s)"
        rows += [
            ["under AWS's emulator with one core: import of the handler (INIT)", of_pip],
            ["first invocation: loads the model, tells, posts, records", f"{ours['first'][1]:.2f} s"],
            ["a warm one", f"{ours['second'][1]:.2f} s"],
            ["the most memory that a cold one takes", f"{ours['megabytes']:.0f} MB"],
        ]
    return rows


def _month(measures: Result) -> list[list[str]]:
    if "missing" in measures["month"]:
        return []
    rows, low, quick = [], cheapest(measures["month"]), fastest(measures["month"])
    named = [("cheapest and fastest", low)] if low == quick else [("cheapest", low), ("fastest", quick)]
    for label, each in named:
        cost = f"{100 * each['dollars']:.2f} cents ({each['memory']:,} MB, {each['seconds']:.1f} s a tweet)"
        rows.append([f"Lambda for a month, the {label} setting", cost])
    return rows


def _growth(story: Result) -> list[list[str]]:
    last = story["lengths"][-1]
    label = f"time, record and memory after {last['tweets']:,} tweets, of those after {story['first']:,}"
    return [[label, f"{last['time'][1]:.2f}, {last['record_ratio']:.2f}, {last['megabytes_ratio']:.2f}"]]
