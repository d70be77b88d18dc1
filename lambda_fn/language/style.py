"""The style to write in: an author, or a weighted blend of several.

"Jane Austen" → {"Jane Austen": 1.0}
"Jane Austen=3,Charles Dickens=1" → {"Jane Austen": 0.75, "Charles Dickens": 0.25}
"""

import difflib
import math
import unicodedata
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.fields import is_text, listed, shown

ALLOWED = "an author's name or a blend such as 'Jane Austen=0.6,Charles Dickens=0.4'"
NEAR = 0.8  # of 1, the likeness from which on a name counts as another one misspelt
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i"})  # no accents to Unicode


def parse_style(value: object, name: str = "style") -> dict[str, float]:
    """A style as somebody wrote it, as weights by author that sum to 1; an author may have a weight of 0.

    `value` is a text, or an object of weights by author. Raises `SettingError` under the name that the user
    gave the setting. Whether a bundle knows the authors is for `known_style`.
    """
    if isinstance(value, str):
        pairs = _split(value, name)
    elif isinstance(value, Mapping):
        pairs = [(author, weight) for author, weight in value.items() if isinstance(author, str)]
        if len(pairs) != len(value):
            raise SettingError(f"{name} must be {ALLOWED}, not {shown(value)}")
    else:
        raise SettingError(f"{name} must be {ALLOWED}, not {shown(value)}")
    weights: dict[str, float] = {}
    names: set[str] = set()
    for author, weight in pairs:
        author = author.strip()
        if not author or not is_text(author):
            raise SettingError(f"{name} must be {ALLOWED}, not {shown(value)}")
        if folded(author) in names:
            raise SettingError(f"{name} has {_named(author)} twice")
        # The upper bound keeps sums finite, and refuses not-a-number.
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1e9:
            raise SettingError(
                f"{name}: the weight of {_named(author)} must be a number from 0 up, not {shown(weight)}"
            )
        weights[author] = float(weight)
        names.add(folded(author))
    total = math.fsum(weights.values()) if weights else 0.0
    if total <= 0:
        raise SettingError(f"{name} needs at least one author whose weight is above 0, not {shown(value)}")
    return {author: weight / total for author, weight in weights.items()}


def total_weight(value: object) -> float:
    """The sum of the weights of a valid style as somebody wrote it; 1 if it has none."""
    if isinstance(value, str) and "=" not in value:
        return 1.0
    pairs = _split(value, "style") if isinstance(value, str) else value.items() if isinstance(value, Mapping) else ()
    return math.fsum(weight for _, weight in pairs if isinstance(weight, int | float))


def written(weights: Mapping[str, float]) -> str:
    """Weights as `parse_style` reads them, rounded: {"Jane Austen": 2 / 3, …} → "Jane Austen=0.667,…"."""
    named = {author: weight for author, weight in weights.items() if weight > 0}
    return next(iter(named)) if len(named) == 1 else ",".join(f"{name}={part:.3g}" for name, part in named.items())


def known_style(weights: Mapping[str, float], authors: Sequence[str], name: str = "style") -> dict[str, float]:
    """The weights above 0 under the authors' names as the bundle spells them, whatever their case and accents.

    Raises `SettingError` for an author that the bundle does not know, with the nearest that it knows, or all.
    """
    spelling = {author: _spelt(author, authors) for author in weights}
    for author, spelt in spelling.items():
        if spelt is None:
            near = nearest_authors(author, authors)
            known = f"did you mean {listed(near, 'or')}?" if near else f"the model knows {', '.join(authors)}"
            raise SettingError(f"{name}: unknown author {_named(author)}; {known}")
    summed: dict[str, float] = {}
    for author, weight in weights.items():
        if weight > 0:  # an edited page may have one author in two spellings
            spelt = spelling[author] or author
            summed[spelt] = summed.get(spelt, 0.0) + weight
    return summed


def nearest_authors(name: str, authors: Sequence[str]) -> list[str]:
    """The authors that somebody may have meant: "Jane Austin" → ["Jane Austen"]; "Bronte" → all who are called so.

    Each word of the name is held against each of the author's, an initial against what it may stand for; a name
    that has an author's last word will do ("Mrs. Gaskell"). None counts that is clearly less like than another.
    """
    words = folded(name[:100]).split()
    likeness = {author: _likeness(words, folded(author).split()) for author in authors}
    least = max(NEAR, max(likeness.values(), default=0.0) - 0.05)
    return [author for author in authors if likeness[author] >= least]


def folded(name: str) -> str:
    """A name without what people leave out of it: folded("F. Scott  FITZGERALD") → "f scott fitzgerald"."""
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    kept = "".join(character for character in plain if not unicodedata.combining(character))
    return " ".join("".join(character if character.isalnum() else " " for character in kept).split()) or kept


def style_vector(weights: Mapping[str, float], authors: Sequence[str]) -> NDArray[np.float32]:
    """Weights by author as the model takes them: float32 `(authors,)`, sums to 1. Raises as `known_style`."""
    known = known_style(weights, authors)
    return np.array([known.get(author, 0.0) for author in authors], dtype=np.float32)


def _spelt(name: str, authors: Sequence[str]) -> str | None:
    """The one author whom a name means: the one called exactly so, or else the only one that folds to the same."""
    if name in authors:
        return name
    same = [author for author in authors if folded(author) == folded(name)]
    return same[0] if len(same) == 1 else None


def _likeness(words: Sequence[str], others: Sequence[str]) -> float:
    """From 0 to 1: how well the words of a name are found among another's."""
    if len("".join(words)) < 2 or not others:
        return 0.0
    found = [max(_word_likeness(word, other) for other in others) for word in words]
    surname = max(_word_likeness(word, others[-1]) for word in words)
    whole = difflib.SequenceMatcher(None, " ".join(words), " ".join(others)).ratio()
    return max(sum(found) / len(found), whole, 0.9 * surname)


def _word_likeness(word: str, other: str) -> float:
    if len(word) == 1 or len(other) == 1:
        return 0.9 if word[0] == other[0] else 0.0
    return difflib.SequenceMatcher(None, word, other).ratio()


def _named(author: str) -> str:
    """A name as a message shows it, shortened."""
    return repr(author if len(author) <= 60 else author[:57] + "...")


def _split(text: str, name: str) -> list[tuple[str, object]]:
    parts = [part.strip() for part in text.split(",")]
    if not any("=" in part for part in parts):
        return [(part, 1.0) for part in parts]
    pairs: list[tuple[str, object]] = []
    for part in parts:
        author, equals, weight = part.rpartition("=")
        if not equals:
            raise SettingError(f"{name} must be {ALLOWED}: {_named(part)} has no weight")
        try:
            pairs.append((author, float(weight)))
        except ValueError:
            pairs.append((author, weight))
    return pairs
