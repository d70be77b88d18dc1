"""The curves of a run as a picture."""

import io
from collections.abc import Sequence
from pathlib import Path

import matplotlib
from matplotlib import pyplot
from matplotlib.figure import Figure

from train.files import write_atomically
from train.progress import LogRow


def draw_curves(rows: Sequence[LogRow], path: Path) -> None:
    """Training and validation loss on the left axis, the learning rate on the right, over tokens read; as PNG."""
    matplotlib.use("Agg")
    figure, losses = pyplot.subplots(figsize=(8, 4.5), layout="constrained")
    tokens = [row.tokens / 1e6 for row in rows]
    losses.plot(tokens, [row.training_loss for row in rows], label="training (with dropout)", color="#8a6d3b")
    losses.plot(tokens, [row.validation_loss for row in rows], label="validation", color="#1f4e79")
    losses.set(xlabel="million tokens read", ylabel="cross-entropy, nats a token")
    rates = losses.twinx()
    rates.plot(tokens, [row.learning_rate for row in rows], label="learning rate", color="#bbbbbb", linestyle=":")
    rates.set(ylabel="learning rate", ylim=(0, None))
    best = min(rows, key=lambda row: row.validation_loss)
    losses.set_title(
        f"best validation: {best.validation_loss:.3f} nats a token, "
        f"{best.validation_bits_per_character:.3f} bits a character, at step {best.step}"
    )
    lines = losses.get_lines() + rates.get_lines()
    losses.legend(lines, [str(line.get_label()) for line in lines], loc="upper right")
    save_figure(figure, path, 120)


def save_figure(figure: Figure, path: Path, dots: int) -> None:
    """Write it as PNG of so many dots an inch, whole or not at all, and close it."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=dots)
    pyplot.close(figure)
    write_atomically(path, content.getvalue())
