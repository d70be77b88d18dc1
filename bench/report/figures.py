"""What sections of the page are made of: criteria, shares, numbers and tables in Markdown, pictures as PNG."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from matplotlib import pyplot
from matplotlib.axes import Axes

from train.progress import save_figure

OURS, OTHERS, INK = "#1f4e79", "#b9b2a3", "#333333"


@dataclass(frozen=True)
class Criterion:
    """What a model is to reach: one line of the page's first table. `met` None: it could not be measured."""

    what: str
    wanted: str
    found: str
    met: bool | None


@dataclass(frozen=True)
class Share:
    """How often of `count` times; with a 95 % confidence interval (Wilson 1927)."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 for none of none."""
        return self.hits / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The share's lowest and highest plausible value."""
        if not self.count:
            return 0.0, 1.0
        z = 1.96
        share, n = self.value, self.count
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half

    def __str__(self) -> str:
        """The share with its interval: "86.0 % (84.1 to 87.7)"."""
        low, high = self.interval
        return f"{percent(self.value)} ({100 * low:.1f} to {100 * high:.1f})"


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


@contextmanager
def picture(path: Path, width: float, height: float) -> Iterator[Axes]:
    """Axes to draw on, `width` and `height` in inches; written as PNG once they are left."""
    matplotlib.use("Agg")
    figure, axes = pyplot.subplots(figsize=(width, height), layout="constrained")
    yield axes
    save_figure(figure, path, 110)
