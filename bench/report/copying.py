"""Is told text new, and is it English? Runs copied from the training books, repetition, quotation marks, made-up words.

Each figure stands beside the same figure of a held-out book: a good story copies, repeats and invents as much as that.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bench.report.cache import Result, digest
from bench.report.figures import Criterion, part, percent, table
from bench.report.samples import LONG_STORY_SEED, tell
from bench.report.subject import Subject, say
from bench.report.words import split_sentences, word_hashes, words_of
from train.corpus.repeats import Hashes, distinct, hashes_of_runs, is_among

RUNS = (8, 12)
"""Words in a row that, found in a training book, count as copied."""

_SEED = 8  # a longest run is looked for from runs of so many words

TWEET = 280


def measure(subject: Subject) -> Result:
    """The long story against the training books, beside the first author's held-out book cut into tweets."""
    tweets = tell(subject, subject.authors[0], LONG_STORY_SEED, subject.counts.tweets, None)
    book = subject.held_out[0]
    cut = as_tweets(book.paragraphs)
    as_long = as_many_words(cut, sum(len(tweet.split()) for tweet in tweets))

    def make() -> Result:
        say("copying: reading the training books")
        copied = find_copied({"told": tweets, "book": cut}, (book.text for book in subject.books("train")))
        return {
            "copied": {name: asdict(found) for name, found in copied.items()},
            "variety": {"told": asdict(variety(tweets)), "book": asdict(variety(as_long))},
            "quotes": {"told": quotes_closed(tweets), "book": quotes_closed(book.paragraphs)},
        }

    about = {"tweets": digest("\n\n".join(tweets)), "book": digest(book.text), "corpus": subject.corpus_identity}
    return subject.cache.get("copying", about, make) | {"title": book.title}


def section(found: Result, _out: Path) -> str:
    """Copying, repetition, invention: told text beside a book."""
    title, sides = found["title"], ("told", "book")
    copied, varieties = ([found[name][side] for side in sides] for name in ("copied", "variety"))
    tweets = f"{varieties[0]['texts']:,} tweets"
    runs = [
        [f"runs of {length} words that stand in a training book"]
        + [part(side["copied"][length], side["runs"][length]) for side in copied]
        for length in copied[0]["runs"]
    ]
    rows = [
        *runs,
        ["longest such run, words", *(side["longest"] or "under 8" for side in copied)],
        ["words that stand in no training book", *(part(side["new_words"], side["words"]) for side in copied)],
        ["texts that stood before", *(side["same_text"] for side in varieties)],
        _shares("texts that begin with the four words of an earlier one", "same_start", varieties),
        _shares("runs of 4 words that stood before in the same text", "repeated_within", varieties),
        _shares("runs of 8 words that stood in an earlier text", "repeated_across", varieties),
        *([f"distinct-{n}", *(f"{side['distinct'][n]:.3f}" for side in varieties)] for n in varieties[0]["distinct"]),
        [
            "opening quotation marks that close",
            *(part(closed, of, 1) for closed, of in map(found["quotes"].get, sides)),
        ],
    ]
    return f"""## Copying, repetition, invention

{tweets}: one story under the first author’s style, seed {LONG_STORY_SEED}, with the teller’s own prompt
and the bundle’s settings. Beside it *{title}*, cut into texts of up to 280 characters: all of it for copying, new
words and quotation marks (in its own paragraphs), as many words as were told for the rest (distinct-n falls with
length). Case and punctuation aside.

{table(["", f"told ({tweets})", f"*{title}*"], rows)}
The longest run told: “{copied[0]["longest_text"] or "none of 8 words"}”.
New words told: {", ".join(copied[0]["new"][:20]) or "none"}.
New words of the book: {", ".join(copied[1]["new"][:20]) or "none"}.
"""


def _shares(label: str, name: str, varieties: list[Any]) -> list[str]:
    return [label, *(percent(side[name], 2) for side in varieties)]


def criteria(found: Result) -> list[Criterion]:
    """Nothing is copied or told twice, and no more words are made up than a book has that no other one has."""
    told, book = (found["copied"][name] for name in ("told", "book"))
    twelve, same = told["copied"]["12"], found["variety"]["told"]["same_text"]
    ours, theirs = (one["new_words"] / max(1, one["words"]) for one in (told, book))
    return [
        Criterion("told runs of 12 words from the training books", "none", str(twelve), twelve == 0),
        Criterion("tweets told twice", "none", str(same), same == 0),
        Criterion("told words that stand in no training book", f"at most {100 * theirs:.2f} % (*{found['title']}*)",
                  f"{100 * ours:.2f} %", ours <= theirs),
    ]  # fmt: skip


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
        self._runs = {length: [hashes_of_runs(h, length) for h in self._hashes] for length in {*RUNS, _SEED}}
        self._sorted = {length: distinct(np.concatenate([*runs, _none()])) for length, runs in self._runs.items()}
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
            runs = hashes_of_runs(book, length)
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


def as_tweets(paragraphs: Sequence[str]) -> list[str]:
    """A book cut into texts of up to 280 characters, whole sentences each; a longer sentence is one by itself."""
    texts: list[str] = []
    for paragraph in paragraphs:
        current = ""
        for sentence in split_sentences(paragraph):
            if current and len(current) + len(sentence) > TWEET:
                texts.append(current.strip())
                current = ""
            current += sentence
        texts.append(current.strip())
    joined: list[str] = []
    for text in texts:
        if joined and len(joined[-1]) + 1 + len(text) <= TWEET:
            joined[-1] += f"\n{text}"
        else:
            joined.append(text)
    return joined


def as_many_words(texts: Sequence[str], words: int) -> list[str]:
    """The first of some texts, the last the one with which they reach so many words."""
    kept, count = [], 0
    for text in texts:
        if count >= words:
            break
        kept.append(text)
        count += len(text.split())
    return kept
