"""Is told text new, and is it English? Runs copied from the training books, repetition, quotation marks, made-up words.

Each figure stands beside the same figure of a held-out book: a good story copies, repeats and invents as much as that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bench.report.words import Hashes, is_among, run_hashes, word_hashes, words_of

RUNS = (8, 12)
"""Words in a row that, found in a training book, count as copied."""

_SEED = 8  # a longest run is looked for from runs of so many words


@dataclass(frozen=True)
class Copied:
    """What of some texts stands in the training books, word for word, case and punctuation aside."""

    runs: dict[int, int]
    """How many runs of so many words there are in the texts."""
    copied: dict[int, int]
    """How many of them stand in a training book."""
    longest: int
    """Words in the longest run that does; 0 if none of eight does."""
    longest_text: str
    words: int
    new_words: int
    """Words of the texts that stand in no training book."""
    new: tuple[str, ...]
    """Those words, each once, the most frequent first; at most 40."""


def find_copied(groups: dict[str, Sequence[str]], training: Iterable[str]) -> dict[str, Copied]:
    """Hold groups of texts against the training books, all in one reading; runs do not go from one text to the next."""
    searches = {name: _Search(texts) for name, texts in groups.items()}
    for book in training:
        words = words_of(book)
        hashes = word_hashes(words)
        kinds = set(words)
        for search in searches.values():
            search.look_in(hashes, kinds)
    return {name: search.found() for name, search in searches.items()}


class _Search:
    """Looks for the runs and words of some texts in one book after another."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [words_of(text) for text in texts]
        self._hashes = [word_hashes(words) for words in self._texts]
        self._runs = {length: [run_hashes(h, length) for h in self._hashes] for length in {*RUNS, _SEED}}
        self._sorted = {length: np.unique(np.concatenate([*runs, _none()])) for length, runs in self._runs.items()}
        self._seen: dict[int, set[int]] = {length: set() for length in self._runs}
        self._counts = Counter(word for words in self._texts for word in words)
        self._unseen = set(self._counts)
        self._places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for number, runs in enumerate(self._runs[_SEED]):
            for place, run in enumerate(runs.tolist()):
                self._places[run].append((number, place))
        self._longest, self._longest_words = 0, ""

    def look_in(self, book: Hashes, kinds: set[str]) -> None:
        self._unseen -= kinds
        for length, known in self._sorted.items():
            runs = run_hashes(book, length)
            found = np.flatnonzero(is_among(runs, known))
            self._seen[length].update(runs[found].tolist())
            if length == _SEED:
                for place in found.tolist():
                    self._extend(book, place, int(runs[place]))

    def _extend(self, book: Hashes, start: int, run: int) -> None:
        """How far a copied run goes on; runs that begin further left were met before."""
        for number, place in self._places[run]:
            text, length = self._hashes[number], _SEED
            most = min(len(text) - place, len(book) - start)
            while length < most and text[place + length] == book[start + length]:
                length += 1
            if length > self._longest:
                self._longest, self._longest_words = length, " ".join(self._texts[number][place : place + length])

    def found(self) -> Copied:
        new = sorted(self._unseen, key=lambda word: (-self._counts[word], word))
        return Copied(
            {length: sum(map(len, self._runs[length])) for length in RUNS},
            {
                length: sum(run in self._seen[length] for runs in self._runs[length] for run in runs.tolist())
                for length in RUNS
            },
            self._longest,
            self._longest_words,
            self._counts.total(),
            sum(self._counts[word] for word in new),
            tuple(new[:40]),
        )


def _none() -> Hashes:
    return np.empty(0, dtype=np.uint64)


@dataclass(frozen=True)
class Variety:
    """How much texts repeat themselves."""

    texts: int
    words: int
    same_text: int
    """Texts that stood before, word for word."""
    same_start: float
    """Share of texts whose first four words began an earlier one."""
    repeated_within: float
    """Share of runs of four words that stood before in the same text."""
    repeated_across: float
    """Share of runs of eight words that stood in an earlier text."""
    distinct: dict[int, float]
    """Different n-grams over all n-grams (Li et al. 2016), for n of 1, 2, 3; falls with the number of words."""


def variety(texts: Sequence[str]) -> Variety:
    """Measure some texts, each by itself and after those before it."""
    told = [words_of(text) for text in texts]
    grams = {n: Counter(gram for words in told for gram in _grams(words, n)) for n in (1, 2, 3)}
    within = [(len(runs), len(set(runs))) for runs in ([*_grams(words, 4)] for words in told)]
    starts = [tuple(words[:4]) for words in told]
    return Variety(
        len(texts),
        sum(map(len, told)),
        len(texts) - len({tuple(words) for words in told}),
        _share(len(starts) - len(set(starts)), len(starts)),
        _share(sum(all_ - kinds for all_, kinds in within), sum(all_ for all_, _ in within)),
        _repeated_across(told),
        {n: _share(len(counts), counts.total()) for n, counts in grams.items()},
    )


def quotes_closed(texts: Sequence[str]) -> tuple[int, int]:
    """How many opening double quotation marks close before the paragraph ends or another opens, and of how many.

    quotes_closed(["“Oh!” said he. “Well."]) → (1, 2)
    """
    marks = [mark for text in texts for mark in re.findall("[“”\n]", f"{text}\n")]
    opened = [place for place, mark in enumerate(marks) if mark == "“"]
    return sum(marks[place + 1] == "”" for place in opened), len(opened)


def _repeated_across(told: Sequence[Sequence[str]]) -> float:
    earlier: set[tuple[str, ...]] = set()
    runs = repeated = 0
    for words in told:
        here = [*_grams(words, 8)]
        runs += len(here)
        repeated += sum(run in earlier for run in here)
        earlier.update(here)
    return _share(repeated, runs)


def _grams(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[place : place + length]) for place in range(len(words) - length + 1))


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
