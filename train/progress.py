"""Where a training run stands, and what it writes down about itself; nothing here needs PyTorch."""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from train.files import write_atomically

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    """Of training, without the validations."""
    best_loss: float = float("inf")
    since_best: int = 0
    stopped_early: bool = False
    loss_sum: float = 0.0
    loss_count: int = 0
    loss_seconds: float = 0.0
    """Time, sum and number of the training losses that no validation has reported yet."""
    steps_per_second: float = 0.0

    def add(self, losses: Sequence[float], seconds: float) -> None:
        """Count the losses of some steps, which took so long together."""
        self.seconds += seconds
        self.loss_seconds += seconds
        for loss in losses:
            self.loss_sum += loss
        self.loss_count += len(losses)
        if losses:
            speed, weight = len(losses) / max(seconds, 1e-9), 1 - 0.98 ** len(losses)
            self.steps_per_second += (speed - self.steps_per_second) * (weight if self.steps_per_second else 1.0)

    @property
    def best(self) -> str:
        """Describe the best validation so far."""
        if math.isinf(self.best_loss):
            return "not validated yet, so there is nothing to export"
        return f"best validation loss {self.best_loss:.4f} nats a token"

    def take_mean_loss(self) -> tuple[float, float]:
        """Return the mean training loss since the last call, nats a token, and the steps a second."""
        count = self.loss_count
        mean, speed = self.loss_sum / max(1, count), count / max(self.loss_seconds, 1e-9)
        self.loss_sum, self.loss_count, self.loss_seconds = 0.0, 0, 0.0
        return mean, speed

    def judge(self, loss: float, patience: int) -> bool:
        """Count a validation; return whether it is the best so far. After `patience` others in a row the run stops."""
        if loss < self.best_loss:
            self.best_loss, self.since_best = loss, 0
            return True
        self.since_best += 1
        self.stopped_early = 0 < patience <= self.since_best
        return False


@dataclass(frozen=True)
class LogRow:
    """A line of log.csv: losses in nats a token, time in seconds of training."""

    step: int
    tokens: int
    seconds: float
    learning_rate: float
    training_loss: float
    validation_loss: float
    validation_bits_per_character: float
    tokens_per_second: float = math.nan
    utilization: float = math.nan
    """Share of the devices' peak FLOP/s, 0 to 1: see `train.precision`. Logs of older runs have none."""

    def __str__(self) -> str:
        return (
            f"training {self.training_loss:.3f}, validation {self.validation_loss:.3f} nats a token, "
            f"{self.validation_bits_per_character:.3f} bits a character, {self.seconds:,.0f} s, "
            f"{self.tokens_per_second:,.0f} tokens/s ({self.utilization:.0%} of the peak)"
        )

    @classmethod
    def parse(cls, row: dict[str, str]) -> "LogRow":
        """Parse a row of `csv.DictReader`; the last columns may be missing, as in logs of older runs."""
        step, tokens, *numbers = row.values()
        return cls(int(step), int(tokens), *map(float, numbers))


def draw_curves(rows: Sequence[LogRow], path: Path) -> None:
    """Draw training and validation loss on the left axis, the learning rate on the right, over tokens read; as PNG."""
    import matplotlib  # here, because it takes long
    from matplotlib import pyplot

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


def save_figure(figure: "Figure", path: Path, dots: int) -> None:
    """Write a figure as PNG of `dots` dots an inch, whole or not at all, and close it."""
    from matplotlib import pyplot

    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=dots)
    pyplot.close(figure)
    write_atomically(path, content.getvalue())
