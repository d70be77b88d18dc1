"""Does a model keep "he" and "she" apart? Sentences with two or more pronouns of one gender, the last one flipped.

A sentence is taken if it has at least two of he, him, his, himself (or of she, her, hers, herself), none of the other
gender's, and if it is plain what its last one would be in the other gender. Everything before it in the book has been
read; what is compared is the probability of the whole sentence, as it stands and flipped.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from bench.report.ancestor import tokens_of
from bench.report.cache import Result, digest
from bench.report.figures import INK, OTHERS, OURS, Criterion, Share, picture, table
from bench.report.subject import Subject, say
from bench.report.words import split_sentences
from export.score import Piece, costs_of
from lambda_fn.prose.sentences import LETTER

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


def measure(subject: Subject) -> Result:
    """For each held-out book the nats of each sentence, as it stands and flipped, under both models."""
    rows = []
    for book in subject.test_books:
        pieces = pieces_of(book.paragraphs, subject.counts.sentences)
        sentences = sum(bool(piece.instead) for piece in pieces)
        if not sentences:
            continue
        say(f"pronouns: {book.title}")
        ours = _under_the_model(subject, pieces, book.author)
        old = _under_the_ancestor(subject, pieces)
        rows.append({
            "author": book.author, "title": book.title, "sentences": sentences, "model": ours, "ancestor": old,
        })  # fmt: skip
    return {"books": rows}


def section(found: Result, out: Path) -> str:
    """How often the right pronoun is the likelier one."""
    if not found["books"]:
        return "## Pronouns\n\nThe held-out books have no sentence to ask about.\n"
    rows, points = [], []
    for title, books in [*((book["title"], [book]) for book in found["books"]), ("together", found["books"])]:
        ours, old = (preferred([nats for book in books for nats in book[name]]) for name in ("model", "ancestor"))
        shares = [Share(sum(hits), len(hits)) for hits in (ours, old)]
        gain = " to ".join(f"{100 * value:+.1f}" for value in paired_difference(ours, old)[1:])
        gain = f"{100 * paired_difference(ours, old)[0]:+.1f} ({gain})"
        rows.append([title, len(ours), *shares, gain])
        points += [
            (f"{title}{who}", share.value, share.interval)
            for who, share in zip(("", ", ancestor"), shares, strict=True)
        ]
    _draw(points, out / "pronouns.png")
    return f"""## Pronouns

![share of sentences in which the right pronoun is likelier](pronouns.png)

Sentences with two or more pronouns of one gender and none of the other; the last one flipped where its other form is
plain (he ↔ she, him → her, his → her before a noun, her → him or his where the next word tells). All of the book
before the sentence has been read. How often is the whole sentence likelier as it stands? With 95 % confidence
intervals; the difference in points.

{table(["", "sentences", "the model", "the ancestor", "difference"], rows)}"""


def criteria(found: Result) -> list[Criterion]:
    """The model keeps them apart, and better than the ancestor."""
    books = found["books"]
    ours, old = (preferred([nats for book in books for nats in book[name]]) for name in ("model", "ancestor"))
    if not ours:
        return [Criterion("the right pronoun is likelier", "at least 85 %", "–", None)]
    share, (gain, _, _) = sum(ours) / len(ours), paired_difference(ours, old)
    return [
        Criterion("the right pronoun is likelier", "at least 85 %", f"{100 * share:.1f} %", share >= 0.85),
        Criterion("… than the ancestor finds it", "at least 10 points more", f"{100 * gain:+.1f} points", gain >= 0.1),
    ]


def _under_the_model(subject: Subject, pieces: Sequence[Piece], style: str) -> list[list[float]]:
    def make() -> Result:
        costs = costs_of(*subject.reader, pieces, subject.style(style))
        return {"nats": [nats for nats in costs if nats is not None]}

    about = {"pieces": _digest(pieces), "bundle": subject.identity, "style": style}
    nats: list[list[float]] = subject.cache.get("pronouns", about, make)["nats"]
    return nats


def _under_the_ancestor(subject: Subject, pieces: Sequence[Piece]) -> list[list[float]]:
    def make() -> Result:
        reading, nats = subject.ancestor.begin(), []
        for piece in pieces:
            if piece.instead:
                nats.append([reading.nats(tokens_of(text)) for text in (piece.text, *piece.instead)])
            reading.advance(tokens_of(piece.text))
        return {"nats": nats}

    about = {
        "pieces": _digest(pieces), "settings": asdict(subject.counts.ancestor), "corpus": subject.corpus_identity,
        "most": subject.counts.training_characters, "author": subject.seeds[0],
    }  # fmt: skip
    nats: list[list[float]] = subject.cache.get("pronouns-ancestor", about, make)["nats"]
    return nats


def _digest(pieces: Sequence[Piece]) -> str:
    return digest(json.dumps([[piece.text, piece.instead[0] if piece.instead else None] for piece in pieces]))


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

    The texts of the pieces, joined, are the book, a paragraph's end after each paragraph; what may stand `instead` of a
    sentence is the flipped one.
    """
    pieces: list[Piece] = []
    for paragraph in paragraphs:
        for sentence in split_sentences(paragraph):
            flipped = flip(sentence)
            pieces.append(Piece(sentence, (flipped,) if flipped else ()))
        pieces.append(Piece("\n"))
    wanted = [number for number, piece in enumerate(pieces) if piece.instead]
    kept = {wanted[place * len(wanted) // most] for place in range(most)} if len(wanted) > most else set(wanted)
    joined: list[Piece] = []
    for number, piece in enumerate(pieces):
        if number in kept:
            joined.append(piece)
        elif joined and not joined[-1].instead:
            joined[-1] = Piece(joined[-1].text + piece.text)
        else:
            joined.append(Piece(piece.text))
    while joined and not joined[-1].instead:  # nothing is asked after it
        joined.pop()
    return joined


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


def _draw(rows: Sequence[tuple[str, float, tuple[float, float]]], path: Path) -> None:
    """Shares from 0 to 1 with their confidence intervals, as points; half is marked, as guessing."""
    with picture(path, 8, 0.4 * len(rows) + 1.4) as axes:
        for place, (name, share, (low, high)) in enumerate(reversed(rows)):
            color = OTHERS if name.endswith("ancestor") else OURS
            axes.plot([low, high], [place, place], color=color, linewidth=3, solid_capstyle="butt")
            axes.plot([share], [place], "o", color=color)
        axes.set_yticks(range(len(rows)), [name for name, _, _ in reversed(rows)])
        lowest = min(0.5, *(low for _, _, (low, _) in rows))
        axes.axvline(0.5, color=INK, linestyle=":", linewidth=1)
        axes.set(
            xlabel="share of sentences whose original is likelier (dotted: guessing)",
            title="pronouns",
            xlim=(lowest - 0.03, 1.02),
        )
        axes.spines[["top", "right"]].set_visible(False)
