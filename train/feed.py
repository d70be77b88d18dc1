"""Batches as tensors on the device that trains, without a wait."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from train.data import Batches, Text


class Rows(NamedTuple):
    """This process's rows of one batch: `Batch` as tensors."""

    tokens: Tensor
    """int64 `(rows, chunk + 1)`."""
    authors: Tensor
    """int64 `(rows,)`."""
    goes_on: Tensor
    """bool `(rows,)`."""


class MappedFeed:
    """For a CPU: the tokens stay in their memory-mapped files until they are read."""

    def __init__(self, rows: slice) -> None:
        self._rows = rows
        self._batches: Batches | None = None

    def begin(self, batches: Batches) -> None:
        """Take up a pass."""
        self._batches = batches

    def __getitem__(self, step: int) -> Rows:
        assert self._batches is not None, "a pass is begun first"
        batch = self._batches[step]
        return Rows(*(torch.from_numpy(part[self._rows]) for part in (batch.tokens, batch.authors, batch.goes_on)))


class ResidentFeed:
    """For an accelerator: all tokens and the plan of a pass lie in its memory, and a batch is looked up there.

    A copy from the host in every step would make the host wait for the device each time.
    """

    def __init__(self, texts: Sequence[Text], chunk: int, rows: slice, device: torch.device) -> None:
        self._rows, self._device = rows, device
        lengths = [len(text.tokens) for text in texts]
        self._begins = np.cumsum([0, *lengths[:-1]])
        together = np.concatenate([np.asarray(text.tokens) for text in texts])
        self._tokens = torch.from_numpy(together.astype(np.int32)).to(device)
        self._places = torch.arange(chunk + 1, device=device)

    def begin(self, batches: Batches) -> None:
        """Take up a pass: its plan is copied to the device."""
        starts = self._begins[batches.text] + batches.start
        self._starts, self._authors, self._goes_on = (
            torch.from_numpy(np.ascontiguousarray(part[:, self._rows])).to(self._device)
            for part in (starts, batches.author, batches.goes_on)
        )

    def __getitem__(self, step: int) -> Rows:
        tokens = self._tokens[self._starts[step].unsqueeze(1) + self._places].long()
        return Rows(tokens, self._authors[step], self._goes_on[step])


def open_feed(texts: Sequence[Text], chunk: int, rows: slice, device: torch.device) -> MappedFeed | ResidentFeed:
    """What suits the device."""
    return MappedFeed(rows) if device.type == "cpu" else ResidentFeed(texts, chunk, rows, device)
