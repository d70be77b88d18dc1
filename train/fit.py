"""The training loop: truncated back-propagation through time, with the state carried from chunk to chunk."""

import math
import time
from collections.abc import Sequence
from dataclasses import asdict

import torch
from torch import Tensor

from train import checkpoint
from train.batches import Passes, open_feed
from train.configuration import Configuration
from train.data import Text
from train.errors import DivergedError
from train.evaluate import score
from train.long_work import Work, say
from train.model import LanguageModel
from train.optimization import Learner, learning_rate
from train.precision import peak_operations, utilization
from train.processes import AGREE_EVERY, Processes, StopRequest
from train.progress import LogRow, Progress, draw_curves
from train.run_folder import RunFolder

SETTLE_SECONDS = 1.0
"""How long losses stay on the device before the host of a single process waits for them, at most."""


class Trainer:
    """One run: when it takes a step, validates, saves what it needs to go on, and ends."""

    def __init__(
        self, model: LanguageModel, configuration: Configuration, passes: Passes, validation: Sequence[Text],
        data: dict[str, str], folder: RunFolder, processes: Processes,
    ) -> None:  # fmt: skip
        """Start at the first step, or where the run in that folder stopped.

        `data`: what identifies the texts and the tokenizer; a run is resumed on no others. Raises `CheckpointError`.
        """
        self.configuration, self.passes, self.validation = configuration, passes, validation
        self.folder, self.processes = folder, processes
        self.learner, self.progress = Learner(model, configuration, processes), Progress()
        self.steps = max(1, round(passes.steps * configuration.passes))
        self.identity = {
            "configuration": asdict(configuration),
            "size": asdict(model.size),
            "authors": list(passes.authors),
            "steps": self.steps,
            "data": data,
        }
        """What must be the same for a run to be the same run."""
        torch.manual_seed(configuration.seed + processes.rank)
        if found := folder.load_last(self.identity):
            tensors, description = found
            self.learner.restore(tensors, folder.last)
            self.progress = Progress(**description["progress"])
        if processes.first:
            folder.forget_log_after(self.progress.step)  # what a run logged that died before it could save

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.progress.step >= self.steps or self.progress.stopped_early

    def run(self, seconds: float = float("inf"), until: int | None = None) -> bool:
        """Train until the end, a signal, step `until`, or `seconds` have gone by; returns whether a signal came.

        The signal may have come to another process. Raises `DivergedError`.
        """
        settings, progress = self.configuration, self.progress
        stop, last = StopRequest(seconds), self.steps if until is None else until
        feed, losses = open_feed(self.passes, self.learner.rows, self.processes.device), _Losses(progress)
        with stop.on_signals(), self._work() as work:
            while not self.finished and progress.step < last and not stop.agreed(progress.step, self.processes):
                losses.add(self.learner.step(feed[progress.step], progress.step, self._rate(progress.step)))
                progress.step += 1
                work.advance()
                due = progress.step % settings.validate_every == 0 or progress.step == self.steps
                if due or self._may_settle(losses):
                    losses.settle()
                    work.remark(f"{self._tokens_a_step * progress.steps_per_second:,.0f} tokens/s")
                if due:
                    self._validate()
                    self._save()
                    losses.restart_clock()
            losses.settle()
            self._save()
        asked_to_stop = self.processes.any(stop.asked)
        if self.processes.first and (rows := self.folder.read_log()):
            draw_curves(rows, self.folder.path / "curves.png")
        return asked_to_stop

    def _rate(self, step: int) -> float:
        settings = self.configuration
        highest, lowest = settings.learning_rate, settings.final_learning_rate
        return learning_rate(step, self.steps, highest, lowest, settings.warmup)

    def _work(self) -> Work:
        """Show progress in the first process; the others show nothing."""
        self._report(
            f"{self.steps} steps of {self._tokens_a_step} tokens on {self.processes.device.type}, "
            f"at {self.progress.step} now; validated every {self.configuration.validate_every}"
        )
        return Work("train", self.steps, "step", self.progress.step, hidden=not self.processes.first)

    @property
    def _tokens_a_step(self) -> int:
        return self.configuration.batch * self.configuration.chunk

    def _may_settle(self, losses: "_Losses") -> bool:
        """Return whether to settle now: several processes do so after the same step, so that all see it diverge."""
        if self.processes.count > 1:
            return self.progress.step % AGREE_EVERY == 0
        return losses.seconds > SETTLE_SECONDS

    def _validate(self) -> None:
        """Log a validation, and keep the weights if it is the best so far."""
        training_loss, steps_per_second = self.progress.take_mean_loss()
        with self.learner.averaged():
            loss = self._log(training_loss, steps_per_second) if self.processes.first else math.nan
            loss = self.processes.first_of(loss)
            if self.progress.judge(loss, self.configuration.patience) and self.processes.first:
                reached = {"step": self.progress.step, "validation_loss": loss}
                checkpoint.save(self.folder.best, checkpoint.weights_of(self.learner.model), self.identity | reached)

    def _log(self, training_loss: float, steps_per_second: float) -> float:
        """Validate, write a row of the log, and return the validation loss, nats a token."""
        progress, model, processes = self.progress, self.learner.model, self.processes
        found = score(model, self.validation, self.passes.authors, processes.device)
        speed = self._tokens_a_step * steps_per_second
        peak = peak_operations(processes.device, self.configuration.precision)
        row = LogRow(
            step=progress.step,
            tokens=progress.step * self._tokens_a_step,
            seconds=round(progress.seconds, 1),
            learning_rate=self._rate(progress.step - 1),
            training_loss=training_loss,
            validation_loss=found.loss,
            validation_bits_per_character=found.bits_per_character,
            tokens_per_second=round(speed, 1),
            utilization=round(utilization(model, speed, processes.count, peak), 4),
        )
        self.folder.log(row)
        self._report(f"step {row.step} of {self.steps}: {row}")
        return row.validation_loss

    def _save(self) -> None:
        """Save all that the next step depends on."""
        tensors = self.learner.tensors()
        if self.processes.first:
            checkpoint.save(self.folder.last, tensors, self.identity | {"progress": asdict(self.progress)})

    def _report(self, line: str) -> None:
        if self.processes.first:
            say(line)


class _Losses:
    """The losses of steps that may still be under way on the device, and the seconds since others were counted."""

    def __init__(self, progress: Progress) -> None:
        self._progress, self._losses = progress, list[Tensor]()
        self.restart_clock()

    def add(self, loss: Tensor) -> None:
        """Note the loss `()` of one more step."""
        self._losses.append(loss)

    @property
    def seconds(self) -> float:
        """Seconds since losses were last counted."""
        return time.monotonic() - self._since

    def settle(self) -> None:
        """Wait for the device, and count the losses. Raises `DivergedError` for one that is not a number."""
        values = torch.stack(self._losses).tolist() if self._losses else []
        self._progress.add(values, self.seconds)
        self._losses.clear()
        self.restart_clock()
        for step, loss in enumerate(values, start=self._progress.step - len(values)):
            if not math.isfinite(loss):
                raise DivergedError(
                    f"the loss is {loss} at step {step}: the run has diverged; the last checkpoint is whole, "
                    "and a lower learning_rate or clip may help"
                )

    def restart_clock(self) -> None:
        """Drop the time since then, which was not spent on steps."""
        self._since = time.monotonic()
