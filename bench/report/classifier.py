"""Whose text is this? A naive Bayes classifier over words and pairs of words, learnt from the real books.

Names would give an author away without any style, so a capitalised word that the books never have in lower case is
read as "Name".
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from bench.report.words import LETTER

_TOKEN = re.compile(f"[{LETTER}]+(?:’[{LETTER}]+)*|[^ {LETTER}0-9]|[0-9]+")
NAME = "Name"


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
