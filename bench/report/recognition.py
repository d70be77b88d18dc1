"""Whose text is this? A naive Bayes classifier over words and pairs of words, learnt from the real books.

Names would give an author away without any style, so a capitalised word that the books never have in lower case is
read as "Name".
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.report.cache import Result, digest
from bench.report.figures import Criterion, Share, percent, table
from bench.report.samples import AUTHOR_SEED, OPENING, stories
from bench.report.subject import Subject, say
from lambda_fn.prose.sentences import LETTER

CLASSIFIER_CHARACTERS = 1_500_000
"""Of each author's training books, at most; of all authors as much as of the one with the least."""

NAME = "Name"
_TOKEN = re.compile(f"[{LETTER}]+(?:’[{LETTER}]+)*|[^ {LETTER}0-9]|[0-9]+")


def measure(subject: Subject) -> Result:
    """How often the classifier names the author: of held-out passages first, then of told ones."""
    counts = subject.counts
    told = {author: tweets for author, tweets in stories(subject).items() if author in subject.seeds}
    about = {
        "told": digest(repr(sorted(told.items()))), "corpus": subject.corpus_identity, "authors": subject.seeds,
        "counts": [counts.training_characters, counts.passage, counts.passages, CLASSIFIER_CHARACTERS],
    }  # fmt: skip

    def make() -> Result:
        say("recognition: learning the classifier")
        classifier = Classifier(_even_parts(subject))
        texts = {
            "validation": {author: _held_out(subject, author, "validation") for author in subject.seeds},
            "test": {author: _held_out(subject, author, "test") for author in subject.seeds},
            "told": {author: passages(tweets, counts.passage) for author, tweets in told.items()},
        }
        tables = {name: confusion(classifier, cut) for name, cut in texts.items()}
        return {name: {"table": named, "right": accuracy(named)} for name, named in tables.items()}

    sizes = {"characters": counts.passage, "passages": counts.passages, "tweets": counts.tweets_an_author}
    return {"named": subject.cache.get("recognition", about, make), **sizes}


def section(found: Result, _out: Path) -> str:
    """Whose text the classifier takes it for."""
    told = found["named"]["told"]["table"]
    names = {"validation": "validation chapters", "test": "held-out books", "told": "told text"}
    rows = [[names[name], one["right"][1], Share(*one["right"])] for name, one in found["named"].items()]
    confused = [[author, *(told[author].get(other, 0) for other in told)] for author in told]
    return f"""## Whose text is it?

Naive Bayes over words and pairs of words, names masked, learnt from as much of each author’s training books; passages
of {found["characters"]:,} characters, at most {found["passages"]} an author; told are {found["tweets"]} tweets an
author under the author’s style, seeds from {AUTHOR_SEED}, begun with “{OPENING}”. Guessing would be right one time in
{len(told)}: {percent(1 / len(told))}. With 95 % confidence intervals.

{table(["", "passages", "named rightly"], rows)}
Told under the style of (rows), said to be by (columns):

{table(["", *told], confused)}"""


def criteria(found: Result) -> list[Criterion]:
    """A style can be recognised."""
    told = found["named"]["told"]
    right, count = told["right"]
    times = len(told["table"]) * right / count if count else 0.0
    return [
        Criterion("told text named rightly", "4 times as often as chance", f"{times:.1f} times",
                  times >= 4 if count else None)
    ]  # fmt: skip


class Classifier:
    """Names the author of a text: multinomial naive Bayes, every author as likely as another before it is read."""

    def __init__(self, books: Mapping[str, str], fewest: int = 3, smoothing: float = 0.1) -> None:
        """Learn from the text of each author, about as much of one as of another.

        Features that come less than `fewest` times in all are left out; `smoothing` is added to every count.
        """
        self.authors = list(books)
        self._lower = {word for text in books.values() for word in re.findall(rf"\b[{LETTER}’]+", text)}
        self._lower = {word for word in self._lower if word[0].islower()}
        counts = {author: Counter(self._features(text)) for author, text in books.items()}
        together: Counter[str] = sum(counts.values(), Counter())
        kept = sorted(feature for feature, times in together.items() if times >= fewest)
        self._columns = {feature: column for column, feature in enumerate(kept)}
        table = np.array([[counts[author][feature] for feature in kept] for author in self.authors], dtype=np.float64)
        table += smoothing
        self._weights: npt.NDArray[np.float64] = np.log(table / table.sum(axis=1, keepdims=True))

    def scores(self, text: str) -> npt.NDArray[np.float64]:
        """The logarithm of how likely the text is under each author, `(authors,)`; what no book has is skipped."""
        columns = [self._columns[feature] for feature in self._features(text) if feature in self._columns]
        scores: npt.NDArray[np.float64] = self._weights[:, columns].sum(axis=1)
        return scores

    def name(self, text: str) -> str:
        """The author that the text is likeliest to be by."""
        return self.authors[int(self.scores(text).argmax())]

    def _features(self, text: str) -> list[str]:
        tokens = [self._plain(token) for token in _TOKEN.findall(text)]
        return tokens + [f"{one} {other}" for one, other in pairwise(tokens)]

    def _plain(self, token: str) -> str:
        if not token[0].isupper() or token in ("I", "O", "A"):
            return token
        return token.lower() if token.lower() in self._lower else NAME


def confusion(classifier: Classifier, texts: Mapping[str, Sequence[str]]) -> dict[str, dict[str, int]]:
    """How often texts of each author (outer) are said to be by each (inner)."""
    return {
        author: dict(Counter(classifier.name(passage) for passage in passages)) for author, passages in texts.items()
    }


def accuracy(table: Mapping[str, Mapping[str, int]]) -> tuple[int, int]:
    """How many of a confusion table's texts were named rightly, and of how many."""
    right = sum(named.get(author, 0) for author, named in table.items())
    return right, sum(sum(named.values()) for named in table.values())


def passages(texts: Sequence[str], characters: int) -> list[str]:
    """Neighbouring texts joined to passages of at least `characters`; what is left at the end is left out."""
    made, current = [], ""
    for text in texts:
        current = f"{current}\n{text}" if current else text
        if len(current) >= characters:
            made.append(current)
            current = ""
    return made


def _even_parts(subject: Subject) -> dict[str, str]:
    """As much of one author's training books as of another's, from every book its share."""
    books = {author: subject.training_books(author) for author in subject.seeds}
    sizes = {author: sum(len(book.text) for book in own) for author, own in books.items()}
    least = min(CLASSIFIER_CHARACTERS, *sizes.values())
    return {
        author: "".join(book.beginning(len(book.text) * least // sizes[author]).text for book in own)
        for author, own in books.items()
    }


def _held_out(subject: Subject, author: str, split: str) -> list[str]:
    """Passages of an author's held-out text, spread evenly."""
    size, most = subject.counts.passage, subject.counts.passages
    found = [passage for book in subject.books(split, author) for passage in passages(book.paragraphs, size)]
    return found if len(found) <= most else [found[place * len(found) // most] for place in range(most)]
