"""Texts as the measures of this package see them: words, sentences, runs of words."""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from lambda_fn.prose.sentences import CAPITAL, LETTER

WORD = re.compile(f"[{LETTER}]+(?:[’'-][{LETTER}]+)*")
"""A word with its apostrophes and hyphens: "don’t", "sister-in-law"."""

_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:mr|mrs|ms|dr|st|sr|jr|esq|rev|capt|col|gen|lieut|hon|messrs|mme|mlle|prof|sergt|viz|etc|&c|[a-z]|[ivxl]+)"
    r"\.\Z",
    re.IGNORECASE,
)
_GAP = re.compile(rf"(?<=[.!?])([”’)]*) (?=[“‘(]*[{CAPITAL}])")

Hashes = npt.NDArray[np.uint64]
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


def words_of(text: str) -> list[str]:
    """The words of a text in lower case.

    words_of("“Don’t,” said she.") → ["don’t", "said", "she"]
    """
    return [word.lower().replace("'", "’") for word in WORD.findall(text)]


def split_sentences(paragraph: str) -> list[str]:
    """A paragraph cut after its sentences; each but the first keeps the space before it, so that they join to it.

    split_sentences("“Oh!” cried he. Mr. Lee is in.") → ["“Oh!” cried he.", " Mr. Lee is in."]
    """
    sentences, start = [], 0
    for gap in _GAP.finditer(paragraph):
        end = gap.end(1)
        if not _ABBREVIATION.search(paragraph[max(0, end - 12) : end]):
            sentences.append(paragraph[start:end])
            start = end
    return [*sentences, paragraph[start:]]


@cache
def _word_hash(word: str) -> int:
    return int.from_bytes(blake2b(word.encode(), digest_size=8).digest(), "little")


def word_hashes(words: Iterable[str]) -> Hashes:
    """A 64-bit hash of each word; shape `(words,)`."""
    return np.fromiter(map(_word_hash, words), dtype=np.uint64)


def run_hashes(words: Hashes, length: int) -> Hashes:
    """A hash of every run of `length` words, in order; shape `(words - length + 1,)`, empty for a shorter text."""
    count = len(words) - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    hashes = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        hashes = (hashes ^ (hashes >> np.uint64(31))) * _FACTOR + words[place : place + count]
    return hashes


def is_among(hashes: Hashes, known: Hashes) -> npt.NDArray[np.bool_]:
    """Which of `hashes` stand in `known`, which is sorted; shape of `hashes`."""
    if not len(known):
        return np.zeros(len(hashes), dtype=np.bool_)
    places = np.minimum(np.searchsorted(known, hashes), len(known) - 1)
    found: npt.NDArray[np.bool_] = known[places] == hashes
    return found
