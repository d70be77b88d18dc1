"""What one training step is made of: the loss, the learning rate, the optimizer, the running mean of the weights."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from train.configuration import BF16
from train.errors import CheckpointError
from train.model import LanguageModel, State

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
        output, state = model.read(tokens[:, :-1], style, state)
        return backpropagate_cross_entropy(model, output, tokens[:, 1:]), state


def backpropagate_cross_entropy(model: LanguageModel, output: Tensor, targets: Tensor) -> Tensor:
    """Give every parameter, which has none yet, the gradient of the mean cross-entropy; return that `()`, nats a token.

    `output` `(batch, time, embedding)` comes from `model.read`, `targets` `(batch, time)` are the tokens that followed.
    On a CPU the vocabulary's scores are made and forgotten slice by slice; on a GPU nothing here waits for it.
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
    """Linear warm-up, then half a cosine from `highest` down to `lowest` at the last of `steps` steps."""
    if step < warmup:
        return highest * (step + 1) / warmup
    progress = min(1.0, (step - warmup) / max(1, steps - 1 - warmup))
    return lowest + (highest - lowest) * 0.5 * (1.0 + math.cos(math.pi * progress))


def make_optimizer(model: nn.Module, weight_decay: float) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019) that leaves biases alone; the learning rate is set before every step."""
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
        """Take in the weights after that step, counted from 0."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(list(self._mean.values()), list(self._weights.values()), 1 - decay)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """The model has the mean for its weights while this lasts."""
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
        """For a checkpoint."""
        return {AVERAGE + name: mean for name, mean in self._mean.items()}

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """From a checkpoint. Raises `CheckpointError`."""
        for name, mean in self._mean.items():
            if AVERAGE + name not in tensors:
                raise CheckpointError(f"the checkpoint has no average of {name}: train in another folder")
            mean.copy_(tensors[AVERAGE + name])
