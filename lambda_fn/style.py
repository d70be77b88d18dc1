"""Whose voice to speak in: an author, or a blend of several by weight.

"Jane Austen" → {"Jane Austen": 1.0}
"Jane Austen=3,Charles Dickens=1" → {"Jane Austen": 0.75, "Charles Dickens": 0.25}
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.fields import is_text, shown

ALLOWED = "an author's name or a blend such as 'Jane Austen=0.6,Charles Dickens=0.4'"


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
    folded: set[str] = set()
    for author, weight in pairs:
        author = author.strip()
        if not author or not is_text(author):
            raise SettingError(f"{name} must be {ALLOWED}, not {shown(value)}")
        if author.casefold() in folded:
            raise SettingError(f"{name} has {_named(author)} twice")
        # The upper bound keeps sums finite, and NaN fails it too.
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 <= weight <= 1e9:
            raise SettingError(
                f"{name}: the weight of {_named(author)} must be a number from 0 up, not {shown(weight)}"
            )
        weights[author] = float(weight)
        folded.add(author.casefold())
    total = math.fsum(weights.values()) if weights else 0.0
    if total <= 0:
        raise SettingError(f"{name} needs at least one author whose weight is above 0, not {shown(value)}")
    return {author: weight / total for author, weight in weights.items()}


def known_style(weights: Mapping[str, float], authors: Sequence[str], name: str = "style") -> dict[str, float]:
    """The weights above 0 under the authors' names as the bundle spells them, whatever their case.

    Raises `SettingError` for an author that the bundle does not know, with those it knows.
    """
    spelling = {author.casefold(): author for author in authors}
    for author in weights:
        if author.casefold() not in spelling:
            raise SettingError(f"{name}: unknown author {_named(author)}; the model knows {', '.join(authors)}")
    return {spelling[author.casefold()]: weight for author, weight in weights.items() if weight > 0}


def style_vector(weights: Mapping[str, float], authors: Sequence[str]) -> NDArray[np.float32]:
    """Weights by author as the model takes them: float32 `(authors,)`, sums to 1. Raises as `known_style`."""
    known = known_style(weights, authors)
    return np.array([known.get(author, 0.0) for author in authors], dtype=np.float32)


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
