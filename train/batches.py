"""The batches of a run: which chunks are read side by side, as tensors on the device that trains, without a wait."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from train.configuration import Configuration
from train.data import Text, chunks_in
from train.errors import CorpusError
from train.selection import plan_portions, tokens_by_author


@dataclass(frozen=True)
class Batch:
    """One truncation of back-propagation through time, for every row."""

    tokens: npt.NDArray[np.int64]
    """`(batch, chunk + 1)`: the inputs, and one further on the targets."""
    authors: npt.NDArray[np.int64]
    """`(batch,)`: the index of each row's author."""
    goes_on: npt.NDArray[np.bool_]
    """`(batch,)`: whether the row continues the text it held before; elsewhere its state starts at zeros."""


class Batches:
    """The batches of one pass over some texts, the same for the same seed and pass; every pass has as many.

    Texts are shuffled, each is cut into chunks (a remainder of less than one chunk is left out; where the cuts fall
    changes from pass to pass), and the chunks are dealt in order to `rows` rows that are read side by side.
    `portions` `(texts,)` is the number of chunks of each text in a pass, all if None; the next pass continues where
    this one left the text, round and round.
    """

    def __init__(
        self, texts: Sequence[Text], authors: Sequence[str], rows: int, chunk: int, seed: int, number: int,
        portions: Sequence[int] | npt.NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        generator = np.random.default_rng([seed, number])
        self._texts, self._chunk = texts, chunk
        author_of = np.array([authors.index(text.author) for text in texts], dtype=np.int64)
        dealt = [np.empty((0, 2), dtype=np.int64)]
        for index in generator.permutation(len(texts)).tolist():
            whole = chunks_in(texts[index], chunk)
            portion = whole if portions is None else min(whole, int(portions[index]))
            spare = max(0, len(texts[index].tokens) - 1 - whole * chunk)
            offset = int(generator.integers(spare + 1)) if number else 0
            begin = _begin(seed, index, whole) + number * portion if portion < whole else 0
            starts = offset + (begin + np.arange(portion)) % max(1, whole) * chunk
            dealt.append(np.stack([np.full_like(starts, index), starts], axis=1))
        chunks = np.concatenate(dealt)
        self._steps = len(chunks) // rows
        if not self._steps:
            raise CorpusError(
                f"{len(chunks) * chunk} tokens are too few for one batch of {rows} rows of {chunk}: "
                "give more text or smaller rows"
            )
        chunks = chunks[: self._steps * rows].reshape(rows, self._steps, 2).swapaxes(0, 1)
        self.text, self.start = chunks[:, :, 0], chunks[:, :, 1]
        """`(steps, batch)`: which text each row reads, and from which of its tokens."""
        self.author = author_of[self.text]
        """`(steps, batch)`: the author of that text."""
        self.goes_on = np.zeros(self.text.shape, dtype=np.bool_)
        """`(steps, batch)`: whether the row continues where it stopped a step ago."""
        self.goes_on[1:] = (self.text[1:] == self.text[:-1]) & (self.start[1:] == self.start[:-1] + chunk)

    def __len__(self) -> int:
        """Steps in the pass."""
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        if not 0 <= step < self._steps:
            raise IndexError(step)
        places = zip(self.text[step].tolist(), self.start[step].tolist(), strict=True)
        rows = [self._texts[text].tokens[start : start + self._chunk + 1].astype(np.int64) for text, start in places]
        return Batch(np.stack(rows), self.author[step], self.goes_on[step])

    def __iter__(self) -> Iterator[Batch]:
        return (self[step] for step in range(self._steps))


def _begin(seed: int, text: int, chunks: int) -> int:
    """Return the chunk at which the first pass over a part of a text begins."""
    return int(np.random.default_rng([seed, text, chunks]).integers(chunks))


class Passes:
    """A run's batches, pass after pass, as its settings say which texts it reads and how much of each."""

    def __init__(self, texts: Sequence[Text], authors: Sequence[str], configuration: Configuration) -> None:
        """`authors`: the order of the model's styles. Raises `CorpusError` where the texts make up no batch."""
        settings = configuration
        self.texts, self.authors, self.chunk = texts, authors, settings.chunk
        self._rows, self._seed = settings.batch, settings.seed
        self._portions = plan_portions(texts, settings.chunk, settings.authors, settings.tokens_per_author)
        self.tokens_by_author = tokens_by_author(texts, self._portions, settings.chunk)
        """Tokens that a pass reads of each author."""
        self._number, self._batches = 0, self._begin(0)
        self.steps = len(self._batches)
        """Steps in a pass."""

    def _begin(self, number: int) -> Batches:
        return Batches(self.texts, self.authors, self._rows, self.chunk, self._seed, number, self._portions)

    def at(self, step: int) -> tuple[Batches, int]:
        """Return the pass that a step of the run belongs to, and the step's number within that pass."""
        number, index = divmod(step, self.steps)
        if number != self._number:
            self._number, self._batches = number, self._begin(number)
        return self._batches, index


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

    def __init__(self, passes: Passes, rows: slice) -> None:
        self._passes, self._rows = passes, rows

    def __getitem__(self, step: int) -> Rows:
        """The rows of that step, counted from the beginning of the run."""
        batches, index = self._passes.at(step)
        batch = batches[index]
        return Rows(*(torch.from_numpy(part[self._rows]) for part in (batch.tokens, batch.authors, batch.goes_on)))


class ResidentFeed:
    """For an accelerator: all tokens and the plan of a pass lie in its memory, and a batch is looked up there.

    A copy from the host in every step would make the host wait for the device each time.
    """

    def __init__(self, passes: Passes, rows: slice, device: torch.device) -> None:
        self._passes, self._rows, self._device = passes, rows, device
        lengths = [len(text.tokens) for text in passes.texts]
        self._begins = np.cumsum([0, *lengths[:-1]])
        together = np.concatenate([np.asarray(text.tokens) for text in passes.texts])
        self._tokens = torch.from_numpy(together.astype(np.int32)).to(device)
        self._places = torch.arange(passes.chunk + 1, device=device)
        self._planned: Batches | None = None

    def __getitem__(self, step: int) -> Rows:
        """The rows of that step, counted from the beginning of the run."""
        batches, index = self._passes.at(step)
        if batches is not self._planned:
            self._copy_plan(batches)
        tokens = self._tokens[self._starts[index].unsqueeze(1) + self._places].long()
        return Rows(tokens, self._authors[index], self._goes_on[index])

    def _copy_plan(self, batches: Batches) -> None:
        self._planned = batches
        starts = self._begins[batches.text] + batches.start
        self._starts, self._authors, self._goes_on = (
            torch.from_numpy(np.ascontiguousarray(part[:, self._rows])).to(self._device)
            for part in (starts, batches.author, batches.goes_on)
        )


def open_feed(passes: Passes, rows: slice, device: torch.device) -> MappedFeed | ResidentFeed:
    """Return the feed that suits the device."""
    return MappedFeed(passes, rows) if device.type == "cpu" else ResidentFeed(passes, rows, device)
