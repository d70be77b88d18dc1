"""The training loop: truncated back-propagation through time, with the state carried from chunk to chunk."""

import math
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from train import checkpoint
from train.configuration import Configuration
from train.curves import draw_curves
from train.data import Batch, Batches, Text, sample_evenly
from train.errors import DivergedError
from train.evaluate import one_hot, score
from train.model import LanguageModel, State
from train.optimization import backpropagate_cross_entropy, learning_rate, make_optimizer
from train.progress import LogRow, Progress
from train.run_folder import RunFolder


@dataclass
class _Stop:
    """Set by a signal or by the clock; the loop then saves and ends."""

    deadline: float = float("inf")
    asked: bool = field(default=False)

    def __bool__(self) -> bool:
        return self.asked or time.monotonic() > self.deadline

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        def ask(_number: int, _frame: object) -> None:
            self.asked = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class Trainer:
    """One run: a model, its optimizer and where it stands, over the texts of one corpus."""

    def __init__(
        self, model: LanguageModel, configuration: Configuration, authors: list[str],
        training: list[Text], validation: list[Text], folder: RunFolder, device: torch.device, data: dict[str, str],
    ) -> None:  # fmt: skip
        """`data`: what identifies the texts and the tokenizer; a run is resumed on no others."""
        self.data = data
        self.model = model.to(device).train()
        self.configuration, self.authors, self.folder, self.device = configuration, authors, folder, device
        self.training = training
        self.validation = sample_evenly(validation, configuration.validation_tokens)
        self.optimizer = make_optimizer(self.model, configuration.weight_decay)
        self.steps_a_pass = len(self._batches(0))
        self.steps = max(1, round(self.steps_a_pass * configuration.passes))
        self.state = self.model.zero_state(configuration.batch)
        self.progress = Progress()
        torch.manual_seed(configuration.seed)
        if found := folder.load_last(self._identity()):
            self._restore(*found)

    def _batches(self, number: int) -> Batches:
        settings = self.configuration
        return Batches(self.training, self.authors, settings.batch, settings.chunk, settings.seed, number)

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
        tensors = checkpoint.weights_of(self.model)
        for index, parameter in enumerate(self._parameters()):
            values = self.optimizer.state[parameter]
            tensors |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        tensors |= {"state.h": self.state.h, "state.c": self.state.c, "random.cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            tensors["random.cuda"] = torch.cuda.get_rng_state(self.device)
        self.folder.save_last(tensors, self._identity() | {"progress": asdict(self.progress)})

    def _save_best(self) -> None:
        progress = {"step": self.progress.step, "validation_loss": self.progress.best_loss}
        self.folder.save_best(checkpoint.weights_of(self.model), self._identity() | progress)

    def _restore(self, tensors: dict[str, Tensor], description: dict[str, Any]) -> None:
        checkpoint.put_weights(self.model, tensors, self.folder.last)
        for index, parameter in enumerate(self._parameters()):
            prefix = f"optimizer.{index}."
            values = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
            self.optimizer.state[parameter] = {
                name: value if name == "step" else value.to(self.device) for name, value in values.items()
            }
        self.state = State(tensors["state.h"].to(self.device), tensors["state.c"].to(self.device))
        self.progress = Progress(**description["progress"])
        torch.set_rng_state(tensors["random.cpu"])
        if "random.cuda" in tensors and self.device.type == "cuda":
            torch.cuda.set_rng_state(tensors["random.cuda"], self.device)
        self.folder.forget_log_after(self.progress.step)

    def _parameters(self) -> list[nn.Parameter]:
        """In the optimizer's order, which is that of its state in a checkpoint."""
        return [parameter for group in self.optimizer.param_groups for parameter in group["params"]]

    def _train_on(self, batch: Batch) -> float:
        """One step of the optimizer; returns the batch's loss, nats a token."""
        settings = self.configuration
        rate = learning_rate(
            self.progress.step,
            self.steps,
            settings.learning_rate,
            settings.final_learning_rate,
            settings.warmup,
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        tokens = torch.as_tensor(batch.tokens, device=self.device)
        style = one_hot(batch.authors.tolist(), len(self.authors), self.device)
        state = self.state.keep_rows(torch.as_tensor(batch.goes_on, device=self.device))
        self.optimizer.zero_grad(set_to_none=True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=settings.precision == "bf16"):
            output, state = self.model.read(tokens[:, :-1], style, state)
            loss = backpropagate_cross_entropy(self.model, output, tokens[:, 1:])
        if not math.isfinite(loss):
            raise DivergedError(
                f"the loss is {loss} at step {self.progress.step}: the run has diverged; the last checkpoint is whole, "
                "and a lower learning_rate or clip may help"
            )
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), settings.clip)
        self.optimizer.step()
        self.state = State(state.h.detach().float(), state.c.detach().float())
        return loss

    def run(self, seconds: float = float("inf")) -> bool:
        """Train until the end, a signal, or `seconds` have gone by; returns whether the run is finished."""
        settings, progress = self.configuration, self.progress
        stop = _Stop(time.monotonic() + seconds)
        numbers, batches = -1, None
        bar = tqdm(total=self.steps, initial=progress.step, unit="step", disable=None, smoothing=0.02)
        tokens_a_step = settings.batch * settings.chunk
        tqdm.write(
            f"{self.steps} steps of {tokens_a_step} tokens on {self.device.type}, at {progress.step} now; "
            f"validated every {settings.validate_every}",
            file=sys.stderr,
        )
        with stop.on_signals(), bar:
            while progress.step < self.steps and not progress.stopped_early and not stop:
                started = time.monotonic()
                number, step = divmod(progress.step, self.steps_a_pass)
                if batches is None or number != numbers:
                    numbers, batches = number, self._batches(number)
                if step == 0:
                    self.state = self.model.zero_state(settings.batch)
                progress.add(self._train_on(batches[step]), time.monotonic() - started)
                bar.update()
                bar.set_postfix_str(f"{tokens_a_step * progress.steps_per_second:,.0f} tokens/s", refresh=False)
                if progress.step % settings.validate_every == 0 or progress.step == self.steps:
                    self._validate()
                    self._save_last()
        self._save_last()
        if rows := self.folder.read_log():
            draw_curves(rows, self.folder.path / "curves.png")
        return progress.step >= self.steps or progress.stopped_early

    def _validate(self) -> None:
        progress, settings = self.progress, self.configuration
        result = score(self.model, self.validation, self.authors, self.device)
        row = LogRow(
            step=progress.step,
            tokens=progress.step * settings.batch * settings.chunk,
            seconds=round(progress.seconds, 1),
            learning_rate=self.optimizer.param_groups[0]["lr"],
            training_loss=progress.take_mean_loss(),
            validation_loss=result.loss,
            validation_bits_per_character=result.bits_per_character,
        )
        self.folder.log(row)
        tqdm.write(f"step {row.step} of {self.steps}: {row}", file=sys.stderr)
        if result.loss < progress.best_loss:
            progress.best_loss, progress.since_best = result.loss, 0
            self._save_best()
        else:
            progress.since_best += 1
            progress.stopped_early = 0 < settings.patience <= progress.since_best


def adopt_authors(
    base: LanguageModel, known: list[str], wanted: list[str], dropout: float
) -> tuple[LanguageModel, list[str]]:
    """The base model with room for more authors: a new one starts as the mean of all whom it knows."""
    authors = known + [author for author in wanted if author not in known]
    model = LanguageModel(replace(base.size, authors=len(authors), dropout=dropout))
    weights = base.state_dict()
    for name in ("style_input.weight", "style_output.weight"):
        new = weights[name].mean(dim=1, keepdim=True).expand(-1, len(authors) - len(known))
        weights[name] = torch.cat([weights[name], new], dim=1)
    model.load_state_dict(weights)
    return model, authors


def choose_device(name: str) -> torch.device:
    """`auto` is CUDA where there is a device for it, else the CPU."""
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)


def default_run_folder(corpus: Path, preset: str) -> Path:
    """Where a run goes unless said otherwise."""
    return Path("runs") / f"{corpus.name}-{Path(preset).stem}"
