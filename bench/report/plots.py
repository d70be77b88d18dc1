"""The report's pictures, as PNG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib import pyplot

from train.curves import save_figure

OURS, OTHERS, INK = "#1f4e79", "#b9b2a3", "#333333"


def draw_bits(figures: Mapping[str, float], ours: Sequence[str], title: str, path: Path) -> None:
    """Bits per character as bars, the best on top; `ours` in another colour."""
    matplotlib.use("Agg")
    names = sorted(figures, key=lambda name: -figures[name])
    figure, axes = pyplot.subplots(figsize=(8, 0.45 * len(names) + 1.2), layout="constrained")
    bars = axes.barh(names, [figures[name] for name in names], color=[OURS if n in ours else OTHERS for n in names])
    axes.bar_label(bars, fmt="%.2f", padding=4, color=INK)
    axes.set(xlabel="bits per character (less is better)", title=title)
    axes.spines[["top", "right"]].set_visible(False)
    axes.margins(x=0.12)
    save_figure(figure, path, 110)


def draw_shares(rows: Sequence[tuple[str, float, tuple[float, float]]], title: str, path: Path) -> None:
    """Shares from 0 to 1 with their confidence intervals, as points; half is marked, as guessing."""
    matplotlib.use("Agg")
    figure, axes = pyplot.subplots(figsize=(8, 0.4 * len(rows) + 1.4), layout="constrained")
    for place, (name, share, (low, high)) in enumerate(reversed(rows)):
        color = OTHERS if name.endswith("ancestor") else OURS
        axes.plot([low, high], [place, place], color=color, linewidth=3, solid_capstyle="butt")
        axes.plot([share], [place], "o", color=color)
    axes.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
    lowest = min(0.5, *(low for _, _, (low, _) in rows))
    axes.axvline(0.5, color=INK, linestyle=":", linewidth=1)
    axes.set(
        xlabel="share of sentences whose original is likelier (dotted: guessing)",
        title=title,
        xlim=(lowest - 0.03, 1.02),
    )
    axes.spines[["top", "right"]].set_visible(False)
    save_figure(figure, path, 110)


def draw_matrix(matrix: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """What each author's text (rows) costs under each style (columns) above what it costs under its author's own."""
    matplotlib.use("Agg")
    texts, styles = list(matrix), list(next(iter(matrix.values())))
    lost = np.array([[matrix[text][style] - matrix[text][text] for style in styles] for text in texts])
    figure, axes = pyplot.subplots(figsize=(0.55 * len(styles) + 3, 0.45 * len(texts) + 4), layout="constrained")
    widest = max(float(np.abs(lost).max()), 1e-3)
    picture = axes.imshow(lost, cmap="RdBu_r", vmin=-widest, vmax=widest)
    axes.set_xticks(range(len(styles)), styles, rotation=60, ha="right")
    axes.set_yticks(range(len(texts)), texts)
    for row, text in enumerate(texts):
        axes.text(styles.index(text), row, "•", ha="center", va="center", color=INK)
    axes.set_title("bits per character more than under the author’s own style (•)")
    figure.colorbar(picture, ax=axes, shrink=0.7)
    save_figure(figure, path, 110)
