"""Where a training run stands, and what it writes down about itself."""

import math
from dataclasses import dataclass


@dataclass
class Progress:
    """Where a run stands."""

    step: int = 0
    seconds: float = 0.0
    best_loss: float = float("inf")
    since_best: int = 0
    stopped_early: bool = False
    loss_sum: float = 0.0
    loss_count: int = 0
    steps_per_second: float = 0.0

    def add(self, loss: float, seconds: float) -> None:
        """Count one step of training."""
        self.step += 1
        self.seconds += seconds
        self.loss_sum += loss
        self.loss_count += 1
        speed = 1.0 / seconds
        self.steps_per_second += (speed - self.steps_per_second) / min(self.step, 50)

    @property
    def best(self) -> str:
        """The best validation so far, in words."""
        if math.isinf(self.best_loss):
            return "not validated yet, so there is nothing to export"
        return f"best validation loss {self.best_loss:.4f} nats a token"

    def take_mean_loss(self) -> float:
        """The mean training loss since it was last taken, nats a token."""
        mean = self.loss_sum / max(1, self.loss_count)
        self.loss_sum, self.loss_count = 0.0, 0
        return mean


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

    def __str__(self) -> str:
        return (
            f"training {self.training_loss:.3f}, validation {self.validation_loss:.3f} nats a token, "
            f"{self.validation_bits_per_character:.3f} bits a character, {self.seconds:,.0f} s"
        )

    @classmethod
    def parse(cls, row: dict[str, str]) -> "LogRow":
        """A row as `csv.DictReader` gives it."""
        step, tokens, *numbers = row.values()
        return cls(int(step), int(tokens), *map(float, numbers))
