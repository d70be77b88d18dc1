"""The page and its data: what is wanted and what was found, then every measure, with the machine it was made on."""

import argparse
import json
import shlex
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from bench.costs import ancestor, cold, month, package, size, story, token, tweet
from bench.costs.subject import FULL, QUICK, Subject
from bench.costs.summary import write_into
from bench.errors import BenchError
from bench.machine import about
from bench.report.cache import Result
from bench.report.figures import Criterion, table
from lambda_fn.language.bundle import load_bundle
from train.files import write_atomically
from train.long_work import under_way

PAGE, DATA = "README.md", "figures.json"


class Measure(Protocol):
    """What a module must have to be a part of the page."""

    def measure(self, subject: Subject, /) -> Result:
        """What was found, as plain data; `missing`, a sentence, is all of it where it cannot be measured here."""

    def section(self, found: Result, out: Path, /) -> str:
        """The page's section in Markdown; its pictures are written into the folder `out`."""

    def criteria(self, found: Result, /) -> list[Criterion]:
        """What is to be reached, and whether it is."""


MEASURES: dict[str, Measure] = {
    "token": token, "tweet": tweet, "story": story, "cold": cold, "package": package, "month": month, "size": size,
    "ancestor": ancestor,
}  # fmt: skip
"""By name, in the order in which they are made and stand on the page: one may use what those before have found."""


def run(options: argparse.Namespace) -> str:
    """Measure everything, or with `--draw` take what was measured, and write the page; returns its path."""
    data = options.out / DATA
    if options.draw:
        document = _read(data)
    else:
        document = measure_all(options)
        write_atomically(data, (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    page = write_page(document, options.out)
    if options.readme:
        write_into(options.readme, document)
    return str(page)


def measure_all(options: argparse.Namespace) -> Result:
    """What every measure finds, with the machine, the day and the bundle. Raises `BenchError`, `BundleError`."""
    load_bundle(options.bundle)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts = QUICK if options.quick else FULL
        subject = Subject(options.bundle.absolute(), options.package.absolute(), counts, Path(folder), options.ancestor)
        for name, measure in MEASURES.items():
            with under_way(name):
                subject.found[name] = measure.measure(subject)
    return {
        **about(),
        "minutes": round((time.monotonic() - began) / 60, 1),
        "quick": options.quick,
        "bundle": {"name": subject.bundle.name, "parameters": subject.bundle.parameters},
        "measures": subject.found,
    }


def write_page(document: Result, out: Path) -> Path:
    """Write the page and its pictures into `out`; returns its path."""
    measures: Mapping[str, Result] = document["measures"]
    criteria = [each for name, found in measures.items() for each in MEASURES[name].criteria(found)]
    parts = [_head(document, criteria), *(MEASURES[name].section(found, out) for name, found in measures.items())]
    page = "\n".join(f"{part.strip()}\n" for part in parts)
    write_atomically(out / PAGE, page.encode("utf-8"))
    return out / PAGE


def machine_of(document: Result) -> str:
    """The machine and the day, for a sentence."""
    return f"{document['processor']}, {document['cores']} cores, {document['date']}"


def _head(document: Result, criteria: list[Criterion]) -> str:
    met = {True: "yes", False: "**no**", None: "not measured"}
    rows = [[each.what, each.wanted, each.found, met[each.met]] for each in criteria]
    command = shlex.join(["python", "-m", "bench", "all", *(["--quick"] if document["quick"] else [])])
    quick = (
        "**Made with `--quick`: a little of everything. The figures mean nothing.**\n\n" if document["quick"] else ""
    )
    versions = ", ".join(f"{name} {version}" for name, version in document["versions"].items())
    bundle = document["bundle"]
    return f"""# What a token, a tweet, a cold start and a month cost

{quick}`{command}` measured all of this in one run of {document["minutes"]:.0f} minutes: on {machine_of(document)};
{versions}. The bundle is “{bundle["name"]}”, with {bundle["parameters"]:,} parameters.
The figures are in [{DATA}]({DATA}); `python -m bench all --draw` makes this page of them.

What is to be reached is the project's own wish. Milliseconds are those of this machine; a ratio holds on others like
it.

{table(["", "wanted", "found", "met"], rows)}"""


def _read(path: Path) -> Result:
    try:
        document: Result = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise BenchError(f"{path} is not there or damaged: `python -m bench all` measures, and writes it") from None
    return document
