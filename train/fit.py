"""The training loop: truncated back-propagation through time, with the state carried from chunk to chunk."""

import math
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from train import checkpoint
from train.batches import Batches, Rows, open_feed
from train.configuration import Configuration
from train.data import Text
from train.errors import DivergedError
from train.evaluate import score
from train.long_work import Work, say
from train.model import LanguageModel, State
from train.optimization import AveragedWeights, backpropagate, learning_rate, make_optimizer
from train.precision import peak_operations, utilization
from train.processes import AGREE_EVERY, Processes, Stop
from train.progress import LogRow, Progress, draw_curves
from train.run_folder import RunFolder
from train.selection import plan_portions, sample_evenly, sample_in_shares, tokens_by_author

SETTLE_SECONDS = 1.0
"""How long losses stay on the device before the host of a single process waits for them, at most."""


class Trainer:
    """One run: a model, its optimizer and where it stands, over the texts of one corpus."""

    def __init__(
        self, model: LanguageModel, configuration: Configuration, authors: list[str], training: Sequence[Text],
        validation: Sequence[Text], folder: RunFolder, processes: Processes, data: dict[str, str],
    ) -> None:  # fmt: skip
        """`data`: what identifies the texts and the tokenizer; a run is resumed on no others."""
        self.data, self.processes, self.device = data, processes, processes.device
        self.model = model.to(self.device).train()
        self.configuration, self.authors, self.folder = configuration, authors, folder
        settings = configuration
        self.training = training
        self.portions = plan_portions(training, settings.chunk, settings.authors, settings.tokens_per_author)
        self.tokens_by_author = tokens_by_author(training, self.portions, settings.chunk)
        self.validation = self._sample(validation)
        self.optimizer = make_optimizer(self.model, settings.weight_decay)
        self.average = AveragedWeights(self.model, settings.average) if settings.average else None
        self.steps_a_pass = len(self._batches(0))
        self.steps = max(1, round(self.steps_a_pass * settings.passes))
        self.rows = processes.rows(settings.batch)
        self.state = self._zero_state()
        self.progress = Progress()
        self.asked_to_stop = False
        """Whether a signal came while it ran, in this process or another."""
        torch.manual_seed(settings.seed + processes.rank)
        if found := folder.load_last(self._identity()):
            self._restore(*found)
        elif processes.first:
            folder.forget_log_after(0)  # of a run that died before it could save where it was

    def _sample(self, validation: Sequence[Text]) -> list[Text]:
        """As much of each author as is read of them, where that was chosen; else of every book in proportion."""
        settings = self.configuration
        if settings.authors or settings.tokens_per_author:
            return sample_in_shares(validation, settings.validation_tokens, self.tokens_by_author)
        return sample_evenly(validation, settings.validation_tokens)

    def _batches(self, number: int) -> Batches:
        settings = self.configuration
        return Batches(
            self.training, self.authors, settings.batch, settings.chunk, settings.seed, number, self.portions
        )

    def _zero_state(self) -> State:
        return self.model.zero_state(self.rows.stop - self.rows.start)

    def _identity(self) -> dict[str, Any]:
        """What must be the same for a run to be the same run."""
        return {
            "configuration": asdict(self.configuration),
            "size": asdict(self.model.size),
            "authors": self.authors,
            "steps": self.steps,
            "data": self.data,
        }

    def _save_last(self) -> None:
        """The state of all rows and every process's random numbers; the rest is the same in all processes."""
        tensors = checkpoint.weights_of(self.model)
        for index, parameter in enumerate(self._parameters()):
            values = self.optimizer.state[parameter]
            tensors |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        if self.average:
            tensors |= self.average.tensors()
        for name, part in self.state._asdict().items():
            tensors[f"state.{name}"] = torch.cat(self.processes.gather(part), dim=1)
        generators = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            generators["cuda"] = torch.cuda.get_rng_state(self.device)
        for name, numbers in generators.items():
            for rank, found in enumerate(self.processes.gather(numbers)):
                tensors[_random(name, rank)] = found
        if self.processes.first:
            self.folder.save_last(tensors, self._identity() | {"progress": asdict(self.progress)})

    def _save_best(self) -> None:
        progress = {"step": self.progress.step, "validation_loss": self.progress.best_loss}
        self.folder.save_best(checkpoint.weights_of(self.model), self._identity() | progress)

    def _restore(self, tensors: dict[str, Tensor], description: dict[str, Any]) -> None:
        checkpoint.put_weights(self.model, tensors, self.folder.last)
        for index, parameter in enumerate(self._parameters()):
            prefix = f"optimizer.{index}."
            values = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
            self.optimizer.state[parameter] = {name: value.to(self.device) for name, value in values.items()}
        if self.average:
            self.average.restore(tensors)
        self.state = State(*(tensors[name][:, self.rows].to(self.device) for name in ("state.h", "state.c")))
        self.progress = Progress(**description["progress"])
        cpu, cuda = (_random(name, self.processes.rank) for name in ("cpu", "cuda"))
        if cpu in tensors:
            torch.set_rng_state(tensors[cpu])
        if cuda in tensors and self.device.type == "cuda":
            torch.cuda.set_rng_state(tensors[cuda], self.device)
        if self.processes.first:
            self.folder.forget_log_after(self.progress.step)

    def _parameters(self) -> list[nn.Parameter]:
        """In the optimizer's order, which is that of its state in a checkpoint."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def _train_on(self, rows: Rows) -> Tensor:
        """One step of the optimizer; returns the loss `()` of the whole batch, nats a token, without waiting for it."""
        settings, step = self.configuration, self.progress.step
        rate = learning_rate(step, self.steps, settings.learning_rate, settings.final_learning_rate, settings.warmup)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        style = functional.one_hot(rows.authors, len(self.authors)).float()
        state = self.state.keep_rows(rows.goes_on)
        self.optimizer.zero_grad(set_to_none=True)
        loss, state = backpropagate(self.model, rows.tokens, style, state, settings.precision)
        self.processes.average([loss, *(p.grad for p in self._parameters() if p.grad is not None)])
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        self.optimizer.step()
        if self.average:
            self.average.update(step)
        self.state = State(state.h.detach().float(), state.c.detach().float())
        self.progress.step += 1
        return loss

    def run(self, seconds: float = float("inf"), until: int | None = None) -> bool:
        """Train until the end, a signal, step `until`, or `seconds` have gone by; returns whether it is the end."""
        settings, progress = self.configuration, self.progress
        stop, last = Stop(seconds), self.steps if until is None else until
        feed = open_feed(self.training, settings.chunk, self.rows, self.device)
        number_begun, losses, settled = -1, [], time.monotonic()
        with stop.on_signals(), self._work() as work:
            while not self.finished and progress.step < last and not stop.agreed(progress.step, self.processes):
                number, step = divmod(progress.step, self.steps_a_pass)
                if number != number_begun:
                    number_begun = number
                    feed.begin(self._batches(number))
                if step == 0:
                    self.state = self._zero_state()
                losses.append(self._train_on(feed[step]))
                work.advance()
                due = progress.step % settings.validate_every == 0 or progress.step == self.steps
                if due or self._may_settle(settled):
                    self._settle(losses, settled)
                    losses = []
                    speed = self._tokens_a_step * progress.steps_per_second
                    work.remark(f"{speed:,.0f} tokens/s")
                    if due:
                        self._validate()
                        self._save_last()
                    settled = time.monotonic()
            self._settle(losses, settled)
            self._save_last()
        self.asked_to_stop = self.processes.any(stop.asked)
        if self.processes.first and (rows := self.folder.read_log()):
            draw_curves(rows, self.folder.path / "curves.png")
        return self.finished

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""
        return self.progress.step >= self.steps or self.progress.stopped_early

    def _work(self) -> Work:
        """What the first process shows of it; the others show nothing."""
        self._report(
            f"{self.steps} steps of {self._tokens_a_step} tokens on {self.device.type}, at {self.progress.step} now; "
            f"validated every {self.configuration.validate_every}"
        )
        return Work("train", self.steps, "step", self.progress.step, hidden=not self.processes.first)

    @property
    def _tokens_a_step(self) -> int:
        return self.configuration.batch * self.configuration.chunk

    def _may_settle(self, since: float) -> bool:
        """Several processes do it after the same step, so that all of them meet a loss that is none."""
        if self.processes.count > 1:
            return self.progress.step % AGREE_EVERY == 0
        return time.monotonic() - since > SETTLE_SECONDS

    def _settle(self, losses: Sequence[Tensor], since: float) -> None:
        """Wait for the device, and count the losses of the steps since that time."""
        values = torch.stack(list(losses)).tolist() if losses else []
        self.progress.add(values, time.monotonic() - since)
        for step, loss in enumerate(values, start=self.progress.step - len(values)):
            if not math.isfinite(loss):
                raise DivergedError(
                    f"the loss is {loss} at step {step}: the run has diverged; the last checkpoint is whole, "
                    "and a lower learning_rate or clip may help"
                )

    def _validate(self) -> None:
        progress, settings, processes = self.progress, self.configuration, self.processes
        training_loss, steps_per_second = progress.take_mean_loss()
        averaged: AbstractContextManager[None] = self.average.in_place() if self.average else nullcontext()
        with averaged:
            if processes.first:
                result = score(self.model, self.validation, self.authors, self.device)
                speed = self._tokens_a_step * steps_per_second
                peak = peak_operations(self.device, settings.precision)
                row = LogRow(
                    step=progress.step,
                    tokens=progress.step * self._tokens_a_step,
                    seconds=round(progress.seconds, 1),
                    learning_rate=self.optimizer.param_groups[0]["lr"],
                    training_loss=training_loss,
                    validation_loss=result.loss,
                    validation_bits_per_character=result.bits_per_character,
                    tokens_per_second=round(speed, 1),
                    utilization=round(utilization(self.model, speed, processes.count, peak), 4),
                )
                self.folder.log(row)
                self._report(f"step {row.step} of {self.steps}: {row}")
            loss = processes.first_of(result.loss if processes.first else math.nan)
            if loss < progress.best_loss:
                progress.best_loss, progress.since_best = loss, 0
                if processes.first:
                    self._save_best()
            else:
                progress.since_best += 1
                progress.stopped_early = 0 < settings.patience <= progress.since_best

    def _report(self, line: str) -> None:
        if self.processes.first:
            say(line)


def _random(generator: str, rank: int) -> str:
    """The name in a checkpoint of a process's random numbers; the first process's is that of a run without others."""
    return f"random.{generator}" + (f".{rank}" if rank else "")
