"""Whom a run reads, and how much of each author in one pass.

The settings `authors` and `tokens_per_author` give every author a budget of tokens. One who wrote less is read whole;
of one who wrote more, every book gives a part in proportion to its length, and the next pass reads on from there.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from train.data import Text, chunks_in, sample_evenly
from train.errors import ConfigurationError


def parse_authors(setting: str) -> dict[str, int | None]:
    """Names, each with its tokens a pass (None: not said); empty for an empty setting.

    parse_authors("Jane Austen=600000, Oscar Wilde") → {"Jane Austen": 600000, "Oscar Wilde": None}
    """
    budgets: dict[str, int | None] = {}
    for part in filter(None, (part.strip() for part in setting.split(","))):
        name, equals, number = (piece.strip() for piece in part.partition("="))
        try:
            tokens = int(number.replace("_", "")) if equals else None
        except ValueError:
            tokens = 0
        if not name or (tokens is not None and tokens <= 0):
            raise ConfigurationError(f"authors: {part!r} must be NAME or NAME=TOKENS, a whole number of tokens a pass")
        if name in budgets:
            raise ConfigurationError(f"authors: {name} is named twice")
        budgets[name] = tokens
    return budgets


def check_known(setting: str, known: Sequence[str]) -> None:
    """Raise `ConfigurationError` where `authors` names somebody who wrote nothing here."""
    for name in parse_authors(setting):
        if name not in known:
            raise ConfigurationError(f"authors names {name}, but the corpus has {', '.join(known)}")


def choose_texts(texts: Sequence[Text], setting: str) -> list[Text]:
    """The texts of the authors whom the setting names; all, if it names none."""
    names = parse_authors(setting)
    return [text for text in texts if not names or text.author in names]


def plan_portions(texts: Sequence[Text], chunk: int, setting: str, tokens_per_author: int) -> npt.NDArray[np.int64]:
    """How many chunks of each text one pass reads, `(texts,)`; an author's make up the budget, or all there is."""
    budgets = parse_authors(setting)
    whole = np.array([chunks_in(text, chunk) for text in texts], dtype=np.int64)
    portions = whole.copy()
    for author in {text.author for text in texts}:
        budget = budgets.get(author) or tokens_per_author
        theirs = np.array([text.author == author for text in texts])
        have, wanted = int(whole[theirs].sum()), max(1, budget // chunk)
        if budget and wanted < have:
            ends = np.rint(np.cumsum(whole[theirs]) * (wanted / have)).astype(np.int64)
            portions[theirs] = np.diff(ends, prepend=0)
    return portions


def shares_by_author(texts: Sequence[Text], setting: str, tokens_per_author: int) -> dict[str, float]:
    """What part of each author's tokens one pass reads, 1 at most."""
    budgets, tokens = parse_authors(setting), dict[str, int]()
    for text in texts:
        tokens[text.author] = tokens.get(text.author, 0) + len(text.tokens) - 1
    return {
        author: min(1.0, (budgets.get(author) or tokens_per_author or have) / max(1, have))
        for author, have in tokens.items()
    }


def tokens_by_author(texts: Sequence[Text], portions: npt.NDArray[np.int64], chunk: int) -> dict[str, int]:
    """Tokens that a pass reads of each author, in the order of the texts."""
    tokens: dict[str, int] = {}
    for text, portion in zip(texts, portions.tolist(), strict=True):
        tokens[text.author] = tokens.get(text.author, 0) + portion * chunk
    return tokens


def sample_in_shares(texts: Sequence[Text], tokens: int, weights: Mapping[str, float]) -> list[Text]:
    """A slice to validate on, `tokens` in all at most, that has as much of each author as the weights say.

    Where none of the texts is by an author with a weight, there is as much of every text in proportion.
    """
    authors = [author for author in dict.fromkeys(text.author for text in texts) if weights.get(author)]
    if not authors:
        return sample_evenly(texts, tokens)
    whole = sum(weights[author] for author in authors)
    samples: list[Text] = []
    for author in authors:
        theirs = [text for text in texts if text.author == author]
        samples += sample_evenly(theirs, round(tokens * weights[author] / whole))
    return samples
