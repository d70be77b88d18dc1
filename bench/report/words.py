"""Texts as the measures of this package see them: words and sentences."""

import re
from collections.abc import Iterable
from functools import cache
from hashlib import blake2b

import numpy as np

from lambda_fn.prose.sentences import CAPITAL, LETTER
from train.corpus.repeats import Hashes

WORD = re.compile(f"[{LETTER}]+(?:[’'-][{LETTER}]+)*")
"""A word with its apostrophes and hyphens: "don’t", "sister-in-law"."""

_ABBREVIATION = re.compile(
    r"(?:^|\W)(?:mr|mrs|ms|dr|st|sr|jr|esq|rev|capt|col|gen|lieut|hon|messrs|mme|mlle|prof|sergt|viz|etc|&c|[a-z]|[ivxl]+)"
    r"\.\Z",
    re.IGNORECASE,
)
_GAP = re.compile(rf"(?<=[.!?])([”’)]*) (?=[“‘(]*[{CAPITAL}])")


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
