"""Does a model keep "he" and "she" apart? Sentences with two or more pronouns of one gender, the last one flipped.

A sentence is taken if it has at least two of he, him, his, himself (or of she, her, hers, herself), none of the other
gender's, and if it is plain what its last one would be in the other gender. Everything before it in the book has been
read; what is compared is the probability of the whole sentence, as it stands and flipped.
"""

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.report.words import LETTER, split_sentences

_HE, _SHE = ("he", "him", "his", "himself"), ("she", "her", "hers", "herself")
_PRONOUN = re.compile(rf"(?<![{LETTER}’-])(?:{'|'.join(_HE + _SHE)})(?![{LETTER}-])", re.IGNORECASE)

# No noun's beginning: after one of these "his" stands alone ("hers"), and "her" is an object ("him").
_NO_NOUN = frozenset(
    str.split(
        """a about across after again against along although am among an and any are around as at away be because
    been before behind being beside besides between but by could did do does during except for forth from had
    has have he he’d he’s how i if in into is it its it’s i’ll i’m may must my neither nor of on or our shall
    she she’d she’s should since some than that the their them these they this those though through till to
    together toward towards under unless until upon was we were what when where whether which while who whom
    whose why with within without would yes you your"""
    )
)
# These may stand before a noun or alone ("her only son", "it was hers only"): nothing is told by them.
_EITHER = frozenset(
    str.split(
        """above all alone also always back below beneath beyond down either else enough here just more near never
    no not now off once only out over past quite rather so still then there too up very well yet"""
    )
)
# After "her" these can hardly be a second object, so that it is a possessive ("his").
_NOUNS = frozenset(
    str.split(
        """arm arms aunt bosom breast breath brother brothers brow cheek cheeks children countenance cousin daughter eye
    eyes face family father feelings feet fingers forehead friend friends hair hand hands head heart home husband lap
    lips manner mind mother mouth name neck niece nephew own parents shoulder shoulders side sister sisters son spirits
    tears temper tone uncle voice"""
    )
)
_NEXT_WORD = re.compile(rf" ([{LETTER}]+(?:’[{LETTER}]+)*)")


@dataclass(frozen=True)
class Piece:
    """A part of a book, in order: `text` as it stands, and `flipped` with its last pronoun changed, if it is one."""

    text: str
    flipped: str | None = None


def flip(sentence: str) -> str | None:
    """A sentence with its last pronoun in the other gender, or None if it is not one of those wanted.

    flip("He took his hat.") → "He took her hat."; flip("She saw him.") → None; flip("She knew it was hers.") → None
    """
    found = list(_PRONOUN.finditer(sentence))
    genders = {pronoun.group().lower() in _HE for pronoun in found}
    if len(found) < 2 or len(genders) != 1:
        return None
    last = found[-1]
    other = _other(last.group().lower(), sentence[last.end() :])
    if other is None:
        return None
    return sentence[: last.start()] + _in_case(other, last.group()) + sentence[last.end() :]


def _other(pronoun: str, after: str) -> str | None:
    """The other gender's pronoun where `after` shows which it is: he ↔ she, him → her, his → her, her → him or his."""
    if pronoun in ("he", "she", "him"):
        return {"he": "she", "she": "he", "him": "her"}[pronoun]
    found = _NEXT_WORD.match(after)
    following = found.group(1).lower() if found else None
    if following in _EITHER:
        return None
    if pronoun == "his":
        return "her" if following and following not in _NO_NOUN else None
    if pronoun == "her":
        if following in _NOUNS:
            return "his"
        if following in _NO_NOUN or re.match(r"[.,;:!?—”)…]", after):
            return "him"
    return None


def _in_case(word: str, like: str) -> str:
    if like.isupper():
        return word.upper()
    return word.capitalize() if like[0].isupper() else word


def pieces_of(paragraphs: Sequence[str], most: int) -> list[Piece]:
    """A book cut where sentences are to be compared: at most `most` of them, spread evenly; the rest is context.

    The texts of the pieces, joined, are the book, a paragraph's end after each paragraph.
    """
    pieces: list[Piece] = []
    for paragraph in paragraphs:
        for sentence in split_sentences(paragraph):
            pieces.append(Piece(sentence, flip(sentence)))
        pieces.append(Piece("\n"))
    wanted = [number for number, piece in enumerate(pieces) if piece.flipped]
    kept = {wanted[place * len(wanted) // most] for place in range(most)} if len(wanted) > most else set(wanted)
    joined: list[Piece] = []
    for number, piece in enumerate(pieces):
        if number in kept:
            joined.append(piece)
        elif joined and joined[-1].flipped is None:
            joined[-1] = Piece(joined[-1].text + piece.text)
        else:
            joined.append(Piece(piece.text))
    while joined and joined[-1].flipped is None:  # nothing is asked after it
        joined.pop()
    return joined


Score = Callable[[Sequence[Piece]], Sequence[tuple[float, float]]]
"""Nats of each sentence to compare, as it stands and flipped; the pieces are read in order."""


@dataclass(frozen=True)
class Share:
    """How often of `count` times; with a 95 % confidence interval (Wilson 1927)."""

    hits: int
    count: int

    @property
    def value(self) -> float:
        """From 0 to 1; 0 for none of none."""
        return self.hits / self.count if self.count else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The share's lowest and highest plausible value."""
        if not self.count:
            return 0.0, 1.0
        z = 1.96
        share, n = self.value, self.count
        middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
        return middle - half, middle + half


def preferred(nats: Sequence[tuple[float, float]]) -> list[bool]:
    """Whether each original costs less than its flipped twin."""
    return [original < flipped for original, flipped in nats]


def paired_difference(one: Sequence[bool], other: Sequence[bool]) -> tuple[float, float, float]:
    """The difference of two shares on the same sentences, and its 95 % confidence interval (normal, paired)."""
    differences = [int(a) - int(b) for a, b in zip(one, other, strict=True)]
    if not differences:
        return 0.0, -1.0, 1.0
    mean = sum(differences) / len(differences)
    variance = sum((value - mean) ** 2 for value in differences) / max(1, len(differences) - 1)
    half = 1.96 * math.sqrt(variance / len(differences))
    return mean, mean - half, mean + half
