"""What became of every book of a corpus: how much text it gave, and what was dropped."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from train.corpus.characters import set_line_ends
from train.corpus.manifest import SPLITS, Manifest, ManifestBook, Split

_DOUBTFUL = 0.5
"""A book with a smaller share of prose than this is one that a person should look at."""


@dataclass(frozen=True)
class Amount:
    """How much text there is; characters count a paragraph's end as one."""

    chapters: int = 0
    paragraphs: int = 0
    words: int = 0
    characters: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(
            self.chapters + other.chapters,
            self.paragraphs + other.paragraphs,
            self.words + other.words,
            self.characters + other.characters,
        )

    @classmethod
    def of_chapter(cls, paragraphs: Sequence[str]) -> "Amount":
        """Measure one chapter."""
        words = sum(len(paragraph.split()) for paragraph in paragraphs)
        return cls(1, len(paragraphs), words, sum(len(paragraph) + 1 for paragraph in paragraphs))


@dataclass(frozen=True)
class BookReport:
    """One book: what it gave to each split, and the characters dropped from it, by kind."""

    book: ManifestBook
    title: str
    amounts: dict[Split, Amount]
    dropped: dict[str, int]
    prose_share: float
    """Share of the file that was taken for prose, from 0 to 1; Project Gutenberg's own notices aside."""
    shared_with_test: int
    """Runs of 13 words in its train and validation text that stand in the test text too."""

    @property
    def total(self) -> Amount:
        """All that was kept of the book."""
        return sum(self.amounts.values(), Amount())

    def content(self) -> dict[str, Any]:
        """Return the report as plain data for JSON."""
        return {
            "id": self.book.ebook,
            "author": self.book.author,
            "title": self.title,
            **vars(self.total),
            "splits": {split: vars(amount) for split, amount in self.amounts.items()},
            "dropped": self.dropped,
            "prose_share": round(self.prose_share, 4),
            "runs_shared_with_test": self.shared_with_test,
        }


def doubt(prose_share: float, dropped: Mapping[str, int]) -> str:
    """What a person should look at in a book of which most was left out; empty where most of it is prose."""
    if prose_share >= _DOUBTFUL:
        return ""
    return f"only {prose_share:.0%} of it is prose; left out: {left_out(dropped)}"


def left_out(dropped: Mapping[str, int]) -> str:
    """The three kinds of matter that most characters were left out of a book as."""
    most = sorted(dropped.items(), key=lambda one: -one[1])[:3]
    return ", ".join(f"{kind} {count:,}" for kind, count in most)


def title_of(text: str) -> str:
    """Read an ebook's title from its header: `Title: …`, without the sub-title, which has lines of its own."""
    found = re.search(r"^Title:[ \t]*(\S.*?)\s*$", set_line_ends(text[:20_000]), re.MULTILINE)
    return found[1] if found else ""


def report_content(manifest: Manifest, reports: Sequence[BookReport]) -> dict[str, Any]:
    """Return the whole report as plain data for JSON."""
    return {
        "name": manifest.name,
        "splits": {split: vars(amount) for split, amount in _by_split(reports).items()},
        "authors": {
            author: {split: vars(amount) for split, amount in _by_split(_of(author, reports)).items()}
            for author in manifest.authors
        },
        "books": [report.content() for report in reports],
        "doubtful": _doubtful(reports),
    }


def report_markdown(manifest: Manifest, reports: Sequence[BookReport]) -> str:
    """Return the report as a Markdown page: a table of authors, then one of books."""
    totals = _by_split(reports)
    shared = sum(report.shared_with_test for report in reports)
    rows = [
        [author, len(_of(author, reports)), *(amounts[split].characters for split in SPLITS)]
        for author in manifest.authors
        for amounts in [_by_split(_of(author, reports))]
    ]
    rows.append(["all", len(reports), *(totals[split].characters for split in SPLITS)])
    lines = [
        f"# Corpus: {manifest.name}",
        "",
        *([manifest.description, ""] if manifest.description else []),
        *_table(["author", "books", *(f"{split}, characters" for split in SPLITS)], rows),
        "",
        f"Runs of 13 words in train or validation text that stand in test text too: {shared:,}.",
        "",
        *_doubtful_lines(reports),
        "## Books",
        "",
        *_table(
            ["ebook", "author", "title", "split", "chapters", "paragraphs", "words", "characters", "dropped"],
            [_book_row(report) for report in reports],
        ),
        "",
        "Dropped is in characters. `repeats` are chapters that stand in an earlier book of the corpus or in test text.",
    ]
    return "\n".join(lines) + "\n"


def _doubtful(reports: Sequence[BookReport]) -> dict[str, str]:
    """What is doubtful about books, by their numbers."""
    found = {str(report.book.ebook): doubt(report.prose_share, report.dropped) for report in reports}
    return {ebook: reason for ebook, reason in found.items() if reason}


def _doubtful_lines(reports: Sequence[BookReport]) -> list[str]:
    titles = {str(report.book.ebook): report.title for report in reports}
    rows = [[ebook, titles[ebook], reason] for ebook, reason in _doubtful(reports).items()]
    if not rows:
        return []
    return ["## Books to look at", "", *_table(["ebook", "title", "most of it was left out"], rows), ""]


def _book_row(report: BookReport) -> list[object]:
    total = report.total
    splits = ", ".join(
        f"{split} ({amount.chapters})" if len(report.amounts) > 1 else split for split, amount in report.amounts.items()
    )
    dropped = ", ".join(f"{kind} {count:,}" for kind, count in sorted(report.dropped.items(), key=lambda one: -one[1]))
    return [
        str(report.book.ebook),
        report.book.author,
        report.title,
        splits,
        total.chapters,
        total.paragraphs,
        total.words,
        total.characters,
        dropped,
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    def line(cells: Sequence[object]) -> str:
        texts = (f"{cell:,}" if isinstance(cell, int) else str(cell).replace("|", "\\|") for cell in cells)
        return f"| {' | '.join(texts)} |"

    numbers = [bool(rows) and isinstance(cell, int) for cell in rows[0]] if rows else [False] * len(head)
    return [line(head), line(["---:" if number else "---" for number in numbers]), *map(line, rows)]


def _of(author: str, reports: Sequence[BookReport]) -> list[BookReport]:
    return [report for report in reports if report.book.author == author]


def _by_split(reports: Sequence[BookReport]) -> dict[Split, Amount]:
    totals = {split: Amount() for split in SPLITS}
    for report in reports:
        for split, amount in report.amounts.items():
            totals[split] += amount
    return totals
