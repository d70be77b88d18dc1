"""A running mean of the weights: less noisy than any single step's, and often the better model.

Polyak and Juditsky (1992); with exponential forgetting as in Tarvainen and Valpola (2017), instead of the trigger of
Merity et al. (2018), because the learning rate falls here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from train.errors import CheckpointError

PREFIX = "average."


class AveragedWeights:
    """The mean of a model's parameters over the last 1 / (1 - decay) steps or so; at first over fewer."""

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
        return {PREFIX + name: mean for name, mean in self._mean.items()}

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """From a checkpoint. Raises `CheckpointError`."""
        for name, mean in self._mean.items():
            if PREFIX + name not in tensors:
                raise CheckpointError(f"the checkpoint has no average of {name}: train in another folder")
            mean.copy_(tensors[PREFIX + name])
