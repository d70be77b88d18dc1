"""Is the style vector a space of authors? Whose style fits whose text, and where a blend lies."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from bench.report.cache import Result, digest
from bench.report.figures import INK, Criterion, picture, table
from bench.report.subject import BookText, Subject, say


def measure(subject: Subject) -> Result:
    """Bits per character of the beginning of each held-out book under every author's style, and under blends of two.

    `matrix[reader][style]`; each of `blends` is two neighbours' texts under either's style and under half of each.
    """
    books = [book.beginning(subject.counts.matrix_characters) for book in subject.held_out]

    def cost(book: BookText, style: str) -> float:
        about = {"bundle": subject.identity, "text": digest(book.text), "style": style}
        found = subject.cache.get(
            "style", about, lambda: {"bits_per_character": subject.bits_per_character(book, style)}
        )
        return float(found["bits_per_character"])

    matrix = {}
    for book in books:
        say(f"styles: {book.title}")
        matrix[book.author] = {style: cost(book, style) for style in subject.authors}
    pairs = []
    for one, other in _neighbours(books):
        blend = f"{one.author}=0.5,{other.author}=0.5"
        say(f"styles: {blend}")
        for book, stranger in ((one, other), (other, one)):
            pairs.append({
                "text": book.author, "other": stranger.author, "own": matrix[book.author][book.author],
                "blend": cost(book, blend), "strange": matrix[book.author][stranger.author],
                "everyone": cost(book, _half_everyones(book.author, subject.authors)),
            })  # fmt: skip
    characters = {book.author: len(book.text) for book in books}
    return {"matrix": matrix, "blends": pairs, "characters": characters}


def section(found: Result, out: Path) -> str:
    """Every text under every style, and under blends."""
    matrix: Mapping[str, Mapping[str, float]] = found["matrix"]
    _draw(matrix, out / "styles.png")
    rows = []
    for author, costs in matrix.items():
        stranger = min((style for style in costs if style != author), key=costs.__getitem__, default=author)
        best = "yes" if costs[author] <= costs[stranger] else "**no**"
        count = f"{found['characters'][author]:,}"
        rows.append([author, count, f"{costs[author]:.4f}", f"{costs[stranger]:.4f}", stranger, best])
    pairs = []
    for pair in found["blends"]:
        between = "yes" if _lies_between(pair) else "no"
        bits = (f"{pair[name]:.4f}" for name in ("own", "blend", "strange", "everyone"))
        pairs.append([pair["text"], pair["other"], *bits, between])
    return f"""## Styles and blends

![each text under each style](styles.png)

The beginning of each held-out book under every style of the bundle, in bits per character:

{table(["text of", "characters", "own style", "best other", "which", "own is best"], rows)}
And under half of each of two styles; beside it, under half of the own style with half of all others’, in even parts:

{table(["text of", "other author", "own style", "half and half", "other’s", "half everyone’s", "between"], pairs)}
{_why(found["blends"])}"""


def criteria(found: Result) -> list[Criterion]:
    """Each author is told from the others, and a blend is a blend."""
    matrix, between = found["matrix"], [_lies_between(pair) for pair in found["blends"]]
    best = sum(costs[author] == min(costs.values()) for author, costs in matrix.items())
    return [
        Criterion("authors whose text is likeliest under their own style", f"all {len(matrix)}", str(best),
                  best == len(matrix)),
        Criterion("blends of two that lie between", "all", f"{sum(between)} of {len(between)}", all(between)),
    ]  # fmt: skip


def _half_everyones(author: str, authors: Sequence[str]) -> str:
    others = [other for other in authors if other != author]
    return ",".join([f"{author}={len(others)}", *(f"{other}=1" for other in others)])


def _why(pairs: Sequence[Result]) -> str:
    """Whether what does not lie between is better for any other style's half, or for that one's."""
    better = [pair for pair in pairs if pair["blend"] <= pair["own"]]
    if not better:
        return ""
    any_other = sum(pair["everyone"] <= pair["own"] for pair in better)
    return (
        f"In {len(better)} of {len(pairs)} half of another’s style does better than the author’s own. In {any_other} "
        "of these half of everyone’s does so too: there the own style is too strong for a book that was not learnt "
        "from, and what helps is less of it, not the other author.\n"
    )


def _lies_between(pair: Result) -> bool:
    """Whether a blend costs more than the text's own style and less than the other's."""
    return bool(pair["own"] < pair["blend"] < pair["strange"])


def _neighbours(books: Sequence[BookText]) -> list[tuple[BookText, BookText]]:
    """Each author with the next, the last with the first."""
    if len(books) < 2:
        return []
    pairs = list(zip(books, (*books[1:], books[0]), strict=True))
    return pairs if len(books) > 2 else pairs[:1]


def _draw(matrix: Mapping[str, Mapping[str, float]], path: Path) -> None:
    """What each author's text (rows) costs under each style (columns) above what it costs under its author's own."""
    texts, styles = list(matrix), list(next(iter(matrix.values())))
    lost = np.array([[matrix[text][style] - matrix[text][text] for style in styles] for text in texts])
    with picture(path, 0.55 * len(styles) + 3, 0.45 * len(texts) + 4) as axes:
        widest = max(float(np.abs(lost).max()), 1e-3)
        image = axes.imshow(lost, cmap="RdBu_r", vmin=-widest, vmax=widest)
        axes.set_xticks(range(len(styles)), styles, rotation=60, ha="right")
        axes.set_yticks(range(len(texts)), texts)
        for row, text in enumerate(texts):
            axes.text(styles.index(text), row, "•", ha="center", va="center", color=INK)
        axes.set_title("bits per character more than under the author’s own style (•)")
        axes.figure.colorbar(image, ax=axes, shrink=0.7)
