"""Numbers and tables in Markdown."""

from collections.abc import Sequence

from bench.report.pronouns import Share


def table(header: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    """A table whose first column is text and whose others are numbers, to the right."""
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def percent(value: float, digits: int = 1) -> str:
    """percent(0.1234) → "12.3 %" """
    return f"{100 * value:.{digits}f} %"


def part(count: int, whole: int, digits: int = 2) -> str:
    """part(1, 8) → "1 of 8 (12.50 %)" """
    return f"{count:,} of {whole:,} ({percent(count / max(1, whole), digits)})"


def interval(share: Share) -> str:
    """A share with its confidence interval: "86.0 % (84.1 to 87.7)"."""
    low, high = share.interval
    return f"{percent(share.value)} ({100 * low:.1f} to {100 * high:.1f})"
