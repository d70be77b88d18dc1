"""The page: what is wanted and what was found, then every measure, with what it takes to make it again."""

import argparse
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from bench.report import (
    ablations,
    bits,
    contamination,
    copying,
    manner,
    promises,
    pronouns,
    recognition,
    samples,
    stages,
    styles,
)  # fmt: skip
from bench.report.cache import Cache, Result
from bench.report.figures import Criterion, table
from bench.report.subject import FULL, QUICK, Subject
from train.files import write_atomically

PAGE = "README.md"


class Measure(Protocol):
    """What a module must have to be a part of the report."""

    def measure(self, subject: Subject, /) -> Result:
        """What was found, as plain data; what takes long is kept in the subject's cache."""

    def section(self, found: Result, out: Path, /) -> str:
        """The page's section in Markdown, empty for none; its pictures and files are written into the folder `out`."""

    def criteria(self, found: Result, /) -> list[Criterion]:
        """What a model is to reach, and whether it does."""


MEASURES: tuple[Measure, ...] = (
    bits, pronouns, copying, promises, manner, styles, recognition, samples, stages, ablations, contamination,
)  # fmt: skip
"""In the order in which they are measured and stand on the page."""


def run(options: argparse.Namespace) -> str:
    """Measure what has not been measured yet, then write the page; returns its path. Raises BenchError, TrainError."""
    work: Path = options.work or options.runs / ("report-quick" if options.quick else "report")
    counts = QUICK if options.quick else FULL
    subject = Subject(options.bundle, options.corpus, options.runs, Cache(work), counts, options.ablations)
    found = [measure.measure(subject) for measure in MEASURES]
    return str(write_page(subject, found, options.out))


def write_page(subject: Subject, found: Sequence[Result], out: Path) -> Path:
    """Write the page and all that belongs to it into `out`, from what each of `MEASURES` found; returns its path."""
    measured = list(zip(MEASURES, found, strict=True))
    criteria = [criterion for measure, result in measured for criterion in measure.criteria(result)]
    parts = [_head(subject, criteria), *(measure.section(result, out) for measure, result in measured)]
    page = "\n".join(f"{part.strip()}\n" for part in parts if part)
    write_atomically(out / PAGE, page.encode("utf-8"))
    return out / PAGE


def _head(subject: Subject, criteria: Sequence[Criterion]) -> str:
    whole = subject.counts == FULL
    command = shlex.join(["python", "-m", "bench", "report", *([] if whole else ["--quick"])])
    met = {True: "yes", False: "**no**", None: "not measured"}
    rows = [[one.what, one.wanted, one.found, met[one.met]] for one in criteria]
    quick = "" if whole else "**Made with `--quick`: a little of everything. The figures mean nothing.**\n\n"
    about = subject.description
    return f"""# How good is “{about.get("name", subject.bundle.name)}”?

{quick}`{command}` made this page, and makes it again. It is what reads the test books;
choices are to be made on validation text.

The bundle has {about.get("parameters", 0):,} parameters; the SHA-256 of its `bundle.json` is
`{subject.identity}`. It was made by
`{about.get("command", "an unknown command")}`.
The corpus is `{subject.corpus.name}`; the SHA-256 of its list of texts is `{subject.corpus_identity}`.

{table(["", "wanted", "found", "met"], rows)}"""
