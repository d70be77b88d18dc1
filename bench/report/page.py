"""The page: what is wanted and what was found, then every measure, with what it takes to make it again."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from bench.report import sections
from bench.report.cache import Result
from bench.report.counts import FULL, Counts
from bench.report.criteria import criteria
from bench.report.stages import stages
from bench.report.subject import Subject
from bench.report.tables import table
from bench.report.told import AUTHOR_SEED, BLEND_SEED, OPENING
from train.files import write_atomically

PAGE, SAMPLES = "README.md", "samples.md"

_ABLATIONS = """## Ablations

Single settings, on validation chapters. These are of books whose other chapters were learnt from: what keeps a model
from learning its books by heart shows less here than it would on a new book. Every table has a validation sample of its
own: figures can be compared within a table only.
"""


def write_report(subject: Subject, counts: Counts, results: Result, ablations: Sequence[str], out: Path) -> Path:
    """Write the page, its samples and its plots into `out`; returns the page's path."""
    out.mkdir(parents=True, exist_ok=True)
    parts = [
        _head(subject, counts, results),
        sections.bits(results["bits"], out),
        sections.pronouns(results["pronouns"], out),
        sections.copying(results["copying"], counts),
        sections.styles(results["styles"], out),
        sections.recognition(results["recognition"], counts),
        _samples(results["samples"], counts, out),
        stages(results["stages"], subject, out),
        *([_ABLATIONS, *ablations] if ablations else []),
        sections.contamination(results["contamination"]),
    ]
    page = "\n".join(f"{part.strip()}\n" for part in parts)
    write_atomically(out / PAGE, page.encode("utf-8"))
    return out / PAGE


def _head(subject: Subject, counts: Counts, results: Result) -> str:
    command = shlex.join(["python", "-m", "bench", "report", *([] if counts == FULL else ["--quick"])])
    met = {True: "yes", False: "**no**", None: "not measured"}
    rows = [[one.what, one.wanted, one.found, met[one.met]] for one in criteria(subject, results)]
    quick = "" if counts == FULL else "**Made with `--quick`: a little of everything. The figures mean nothing.**\n\n"
    about = subject.description
    return f"""# How good is “{about.get("name", subject.bundle.name)}”?

{quick}`{command}` made this page, and makes it again. It is what reads the test books;
choices are to be made on validation text.

The bundle has {about.get("parameters", 0):,} parameters; the SHA-256 of its `bundle.json` is
`{subject.identity}`. It was made by
`{about.get("command", "an unknown command")}`.
The corpus is `{subject.corpus.name}`; the SHA-256 of its list of texts is `{subject.corpus_identity}`.

{table(["", "wanted", "found", "met"], rows)}"""


def _samples(samples: Result, counts: Counts, out: Path) -> str:
    told: dict[str, list[str]] = samples["samples"]
    head = f"""# Samples, not chosen

The first tweets of each story, {counts.samples} of each: an author’s under seeds from {AUTHOR_SEED}, a blend’s from
{BLEND_SEED}, each begun with “{OPENING}” and told with the bundle’s own settings.
"""
    parts = [f"## {style}\n\n" + "\n".join(map(_quoted, tweets)) for style, tweets in told.items()]
    write_atomically(out / SAMPLES, "\n".join([head, *parts]).encode("utf-8"))
    return f"## Samples\n\n[{len(told)} stories, {counts.samples} tweets of each]({SAMPLES}), none of them chosen.\n"


def _quoted(tweet: str) -> str:
    """A tweet as a list's item, its paragraphs on lines of their own."""
    return "- " + "<br>".join(tweet.split("\n")) + "\n"
