"""Whether a text copies from the training books: a Bloom filter (Bloom 1970) over their runs of nine words.

Of the books every fifth run is in the filter. Of thirteen words in a row that stand in a book, five runs of nine do,
and one of them is in it: so no copy of more than twelve words ever passes. A phrase of eight words passes always, and
one of nine four times in five: that is what people say. (Runs of eight, every sixth, cost as much and see as far; but
of 600 told tweets they refused 12, for phrases such as “I am sorry to hear you say so”, where these refuse 2.)
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import BundleError
from lambda_fn.prose.words import WORD, fold

RUN, STEP = 9, 5  # words in a run; words from one run of the books that is in the filter to the next
LONGEST_COPY = RUN + STEP - 1 - 1  # words in a row that may be passed: thirteen hold a whole run that is in the filter
MOST_BYTES = 8_000_000
BITS_PER_RUN = 24  # fewer where they would be more than `MOST_BYTES`

_HEADER = struct.Struct("<8sII")  # kind, hash functions, bytes
_KIND = b"runs-9/5"
_FACTOR = np.uint64(0x9E3779B97F4A7C15)

Hashes = NDArray[np.uint64]


class CopyFilter:
    """A set of runs of words that may take a run for one of its own, and never misses one."""

    def __init__(self, data: bytes) -> None:
        """`data` as `build` gives it. Raises `BundleError`."""
        size = len(data) - _HEADER.size
        kind, self._hashes, size_said = _HEADER.unpack_from(data) if size > 0 else (b"", 0, 0)
        if kind != _KIND or size_said != size or not 1 <= self._hashes <= 64:
            raise BundleError(
                f"the bundle's filter of copies has {len(data)} bytes that are none of it: "
                "make it again, with `python -m export add-copies`"
            )
        self._bits = np.frombuffer(data, dtype=np.uint8, offset=_HEADER.size)

    def copied(self, text: str, since: int = 0) -> str | None:
        """A run of words of a text, ending after `since`, that stands in a training book; None if none is known to."""
        found = list(WORD.finditer(text))
        hashes = run_hashes([fold(word.group()) for word in found])
        for start in np.flatnonzero(self._holds(hashes)).tolist():
            if found[start + RUN - 1].end() > since:
                return text[found[start].start() : found[start + RUN - 1].end()]
        return None

    def _holds(self, hashes: Hashes) -> NDArray[np.bool_]:
        places = _places(hashes, self._hashes, 8 * len(self._bits))
        bits: NDArray[np.uint8] = self._bits[places >> 3] >> (places & 7).astype(np.uint8) & 1
        held: NDArray[np.bool_] = np.all(bits, axis=0)
        return held


def build(books: Iterable[Sequence[str]]) -> bytes:
    """The filter of some books, each the words of it in order, folded."""
    hashes = np.unique(np.concatenate([np.empty(0, np.uint64), *(run_hashes(words)[::STEP] for words in books)]))
    size = max(1, min(MOST_BYTES - _HEADER.size, len(hashes) * BITS_PER_RUN // 8))
    functions = max(1, min(16, round(8 * size / max(1, len(hashes)) * float(np.log(2)))))
    bits = np.zeros(8 * size, dtype=np.uint8)
    for part in np.array_split(hashes, len(hashes) // 100_000 + 1):
        bits[_places(part, functions, 8 * size)] = 1
    return _HEADER.pack(_KIND, functions, size) + np.packbits(bits, bitorder="little").tobytes()


def run_hashes(words: Sequence[str]) -> Hashes:
    """A hash of each run of nine words, in order; shape `(max(0, words - 8),)`."""
    each = np.array([_hash(word) for word in words], dtype=np.uint64)
    count = max(0, len(words) - RUN + 1)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(RUN):
        hashes = hashes * _FACTOR + each[place : place + count]
    return _mixed(hashes)


@lru_cache(100_000)  # the words of books, which `build` hashes, are fewer
def _hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode("utf-8"), digest_size=8).digest(), "little")


def _mixed(hashes: Hashes) -> Hashes:
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014): the low bits of a product are weak."""
    hashes = (hashes ^ hashes >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    hashes = (hashes ^ hashes >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return hashes ^ hashes >> np.uint64(31)


def _places(hashes: Hashes, functions: int, bits: int) -> NDArray[np.int64]:
    """Where the bits of each hash lie, by two of its own (Kirsch and Mitzenmacher 2006); `(functions, hashes)`."""
    step = _mixed(hashes + _FACTOR) | np.uint64(1)
    number = np.arange(functions, dtype=np.uint64)[:, None]
    return ((hashes + number * step) % np.uint64(bits)).astype(np.int64)
