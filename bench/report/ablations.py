"""What single settings of training do: the tables that `python -m bench ablations` kept."""

from pathlib import Path

from bench.report.cache import Result
from bench.report.figures import Criterion
from bench.report.subject import Subject


def measure(subject: Subject) -> Result:
    """The tables as they are: nothing is trained here."""
    return {"tables": [path.read_text(encoding="utf-8") for path in sorted(subject.ablations.glob("*.md"))]}


def section(found: Result, _out: Path) -> str:
    """The tables one after the other."""
    if not found["tables"]:
        return ""
    head = """## Ablations

Single settings, on validation chapters. These are of books whose other chapters were learnt from: what keeps a model
from learning its books by heart shows less here than it would on a new book. Every table has a validation sample of its
own: figures can be compared within a table only.
"""
    return "\n".join(f"{part.strip()}\n" for part in (head, *found["tables"]))


def criteria(_found: Result) -> list[Criterion]:
    """None: they say how to train."""
    return []
