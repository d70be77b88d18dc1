"""Finds text that stands twice: the same tale in two collections, or a piece of a test book in a train book.

Texts are compared by their runs of 13 words, case and punctuation aside (the way Brown et al. 2020 looked for test
text in training text). A whole book in memory is a few megabytes of 64-bit hashes.
"""

import re
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

RUN = 13
"""Words in a run: long enough that only copied text shares many."""

REPEATED = 0.25
"""A chapter is a repeat when more than this share of its runs stood earlier in the corpus."""

_WORD = re.compile(r"[^\W\d_]+(?:[’'][^\W\d_]+)*")
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SAMPLE = np.uint64(8)

Hashes = npt.NDArray[np.uint64]


@cache
def _word_hash(word: str) -> int:
    data = word.encode()
    return zlib.crc32(data) << 32 | zlib.crc32(data, 0x5EED)


def run_hashes(text: str) -> Hashes:
    """Return the hashes of a text's runs of 13 words, sorted, each once; shape `(runs,)`, empty for a shorter text."""
    words = np.array([_word_hash(word) for word in _WORD.findall(text.lower().replace("’", "'"))], dtype=np.uint64)
    return distinct(hashes_of_runs(words, RUN))


def hashes_of_runs(words: Hashes, length: int) -> Hashes:
    """Return a hash of every run of `length` words, in order, from the words' own; shape `(words - length + 1,)`.

    Empty for a shorter text.
    """
    count = len(words) - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        hashes = hashes * _FACTOR + words[place : place + count]
    hashes ^= hashes >> np.uint64(29)  # the low bits of a product are weak, and the sample looks at them
    return hashes


class Earlier:
    """The books read so far: one in eight of their runs, chosen by hash, so the choice is the same everywhere."""

    def __init__(self) -> None:
        self._known: Hashes = np.empty(0, dtype=np.uint64)

    def share(self, hashes: Hashes) -> float:
        """Return how much of a text stood in an earlier book, from 0 to 1."""
        sample = _sample(hashes)
        return count_shared(sample, self._known) / len(sample) if len(sample) else 0.0

    def add(self, texts: Sequence[Hashes]) -> None:
        """Remember the texts of a book."""
        self._known = distinct(np.concatenate([self._known, *map(_sample, texts)]))


def count_shared(hashes: Hashes, others: Hashes) -> int:
    """Return how many of `hashes` are in `others`; both sorted."""
    return int(np.count_nonzero(is_among(hashes, others)))


def is_among(hashes: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Return which of `hashes` stand in `known`, which is sorted; shape of `hashes`."""
    if not len(known):
        return np.zeros(len(hashes), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: npt.NDArray[np.bool_] = known[places] == hashes
    return found


def distinct(hashes: Hashes) -> Hashes:
    """Return hashes sorted, each once.

    `numpy.unique` of numpy 2.4 hashes integers, and takes minutes over these, which agree in their low bits.
    """
    ordered: Hashes = np.sort(hashes, kind="stable")  # quick where parts are sorted already
    first = np.ones(len(ordered), dtype=np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    each_once: Hashes = ordered[first]
    return each_once


def _sample(hashes: Hashes) -> Hashes:
    sample: Hashes = hashes[hashes % _SAMPLE == 0]
    return sample
