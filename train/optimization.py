"""What one training step is made of: loss, learning rate, optimizer, running mean; and the learner that takes it."""

import math
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.batches import Rows
from train.checkpoint import put_weights, weights_of
from train.configuration import BF16, Configuration
from train.errors import CheckpointError
from train.model import LanguageModel, State
from train.processes import Processes

SLICE = 512
"""Positions scored at once on a CPU: their logits fit the cache, which makes a whole step a quarter faster."""

AVERAGE = "average."
"""What the names of the averaged weights begin with in a checkpoint."""

GRADIENT_SCALES = {"cuda": 1024.0}
"""What gradients are multiplied by on their way back. Under autocast PyTorch gives cuDNN's LSTM fp16, also where bf16
was asked for (aten/src/ATen/cudnn/AutocastRNN.cpp); the gradient of one token among many would fall below its range."""


def backpropagate(
    model: LanguageModel, tokens: Tensor, style: Tensor, state: State, precision: str
) -> tuple[Tensor, State]:
    """Read `tokens` int64 `(batch, time + 1)` and give every parameter its gradient; returns loss `()` and end state.

    `precision` is that of the matrix products: `bf16` (autocast) or `fp32`. `style` `(batch, authors)`.
    """
    with torch.autocast(tokens.device.type, torch.bfloat16, enabled=precision == BF16):
        output, state = model.output_vectors(tokens[:, :-1], style, state)
        return backpropagate_cross_entropy(model, output, tokens[:, 1:]), state


def backpropagate_cross_entropy(model: LanguageModel, output: Tensor, targets: Tensor) -> Tensor:
    """Give every parameter, which has none yet, the gradient of the mean cross-entropy; return it `()`, nats a token.

    `output` `(batch, time, embedding)` comes from `model.output_vectors`; `targets` `(batch, time)` are the tokens that
    followed. On a CPU the logits are computed and dropped slice by slice; on a GPU nothing here waits for it.
    """
    rows = output.detach().flatten(0, 1).requires_grad_()
    wanted = targets.flatten()
    size = SLICE if rows.device.type == "cpu" else len(rows)
    scale, sums = GRADIENT_SCALES.get(rows.device.type, 1.0), []
    for start in range(0, len(rows), size):
        part = slice(start, start + size)
        loss = functional.cross_entropy(model.logits(rows[part]).float(), wanted[part], reduction="sum") / len(rows)
        torch.autograd.backward(loss * scale)
        sums.append(loss.detach())
    torch.autograd.backward(output, rows.grad.view_as(output) if rows.grad is not None else None)
    if scale != 1.0:
        for gradient in (parameter.grad for parameter in model.parameters() if parameter.grad is not None):
            gradient.mul_(1 / scale)
    return torch.stack(sums).sum()


def learning_rate(step: int, steps: int, highest: float, lowest: float, warmup: int) -> float:
    """Warm up linearly, then follow half a cosine from `highest` down to `lowest` at the last of `steps` steps."""
    if step < warmup:
        return highest * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - 1 - warmup))
    return lowest + (highest - lowest) * 0.5 * (1.0 + math.cos(math.pi * progress))


def make_optimizer(model: nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """Return AdamW (Loshchilov and Hutter 2019) without decay of biases; the rate is set before every step."""
    matrices = [p for p in model.parameters() if p.dim() > 1]
    vectors = [p for p in model.parameters() if p.dim() <= 1]
    groups = [{"params": matrices, "weight_decay": weight_decay}, {"params": vectors, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.99), fused=True)


class AveragedWeights:
    """The mean of a model's parameters over the last 1 / (1 - decay) steps or so; at first over fewer.

    It is less noisy than any single step's, and often the better model: Polyak and Juditsky (1992); with exponential
    forgetting as in Tarvainen and Valpola (2017), instead of the trigger of Merity et al. (2018), because the learning
    rate falls here.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._decay = decay
        self._weights = dict(model.named_parameters())
        self._mean = {name: weight.detach().clone() for name, weight in self._weights.items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Include the weights after that step, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self._mean.values()), list(self._weights.values()), 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Give the model the mean for its weights within this context."""
        self._swap()
        try:
            yield
        finally:
            self._swap()

    @torch.no_grad()
    def _swap(self) -> None:
        for name, weight in self._weights.items():
            kept = weight.clone()
            weight.copy_(self._mean[name])
            self._mean[name].copy_(kept)

    def tensors(self) -> dict[str, Tensor]:
        """Return the mean, for a checkpoint."""
        return {AVERAGE + name: mean for name, mean in self._mean.items()}

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Restore the mean from a checkpoint. Raises `CheckpointError`."""
        for name, mean in self._mean.items():
            if AVERAGE + name not in tensors:
                raise CheckpointError(f"the checkpoint has no average of {name}: train in another folder")
            mean.copy_(tensors[AVERAGE + name])


class Learner:
    """A model in training: its weights, their optimizer and running mean, and the state of the rows that it reads.

    `tensors` and `restore` hold all of it that the next step depends on: a run that goes on comes to the same numbers.
    """

    def __init__(self, model: LanguageModel, configuration: Configuration, processes: Processes) -> None:
        """The model is moved to the device of `processes`, which share the rows of a batch."""
        self.model = model.to(processes.device).train()
        self.average = AveragedWeights(self.model, configuration.average) if configuration.average else None
        self.rows = processes.rows(configuration.batch)
        """Which rows of a batch this process reads."""
        self.state = self.model.zero_state(self.rows.stop - self.rows.start)
        self._configuration, self._processes = configuration, processes
        self._optimizer = make_optimizer(self.model, configuration.weight_decay)

    def step(self, rows: Rows, number: int, rate: float) -> Tensor:
        """Take step `number` of the run, counted from 0, at that learning rate.

        Returns the loss `()` of the whole batch, nats a token, without waiting for the device.
        """
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        style = functional.one_hot(rows.authors, self.model.size.authors).float()
        state = self.state.keep_rows(rows.goes_on)
        self._optimizer.zero_grad(set_to_none=True)
        loss, state = backpropagate(self.model, rows.tokens, style, state, self._configuration.precision)
        self._processes.average([loss, *(p.grad for p in self._parameters() if p.grad is not None)])
        nn.utils.clip_grad_norm_(self.model.parameters(), self._configuration.clip)
        self._optimizer.step()
        if self.average:
            self.average.update(number)
        self.state = State(*(part.detach().float() for part in state))
        return loss

    def averaged(self) -> AbstractContextManager[None]:
        """Give the model the mean of its weights within this context, where there is one."""
        return self.average.in_place() if self.average else nullcontext()

    def _parameters(self) -> list[nn.Parameter]:
        """Return parameters in the optimizer's order, which is that of its state in a checkpoint."""
        return [parameter for group in self._optimizer.param_groups for parameter in group["params"]]

    def tensors(self) -> dict[str, Tensor]:
        """Return a checkpoint's tensors, with the rows and random numbers of all processes: each must call this."""
        tensors = weights_of(self.model)
        for index, parameter in enumerate(self._parameters()):
            values = self._optimizer.state[parameter]
            tensors |= {f"optimizer.{index}.{name}": value for name, value in values.items()}
        if self.average:
            tensors |= self.average.tensors()
        for name, part in self.state._asdict().items():
            tensors[f"state.{name}"] = torch.cat(self._processes.gather(part), dim=1)
        generators = {"cpu": torch.get_rng_state()}
        if self._processes.device.type == "cuda":
            generators["cuda"] = torch.cuda.get_rng_state(self._processes.device)
        for name, numbers in generators.items():
            for rank, found in enumerate(self._processes.gather(numbers)):
                tensors[_random(name, rank)] = found
        return tensors

    def restore(self, tensors: dict[str, Tensor], path: Path) -> None:
        """Restore what `tensors` returned, from a checkpoint read from `path`. Raises `CheckpointError`."""
        device = self._processes.device
        put_weights(self.model, tensors, path)
        for index, parameter in enumerate(self._parameters()):
            prefix = f"optimizer.{index}."
            values = {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
            self._optimizer.state[parameter] = {name: value.to(device) for name, value in values.items()}
        if self.average:
            self.average.restore(tensors)
        self.state = State(*(tensors[f"state.{name}"][:, self.rows].to(device) for name in State._fields))
        cpu, cuda = (_random(name, self._processes.rank) for name in ("cpu", "cuda"))
        if cpu in tensors:
            torch.set_rng_state(tensors[cpu])
        if cuda in tensors and device.type == "cuda":
            torch.cuda.set_rng_state(tensors[cuda], device)


def _random(generator: str, rank: int) -> str:
    """Return the name of a process's random numbers in a checkpoint; the first's is that of a run of one process."""
    return f"random.{generator}" + (f".{rank}" if rank else "")
