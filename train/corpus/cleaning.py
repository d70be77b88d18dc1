"""A Project Gutenberg ebook, or any plain text, to clean chapters of prose."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from train.corpus.apparatus import strip_brackets, strip_marks
from train.corpus.blocks import Block, ends_sentence, line_width, split_blocks
from train.corpus.boundaries import find_body
from train.corpus.characters import normalise_characters
from train.corpus.headings import split_run_in
from train.corpus.interruptions import goes_on, mend
from train.corpus.labels import label_blocks
from train.corpus.markup import strip_markup
from train.corpus.paragraphs import Joiner
from train.corpus.quotes import set_quotes
from train.corpus.typography import close_spaces, set_dashes

_INTERRUPTING = ("footnotes", "transcriber_notes", "ornaments")  # what may stand amid a paragraph
_LONG_LINE = 160  # characters: where lines are broken by hand, none is so long


@dataclass(frozen=True)
class Chapter:
    """Clean paragraphs, one line each. The heading is for reports: it is no part of the text."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class CleanedBook:
    """A book's chapters, and how many characters of each kind of other matter were left out."""

    chapters: tuple[Chapter, ...]
    dropped: Mapping[str, int]
    doubtful: int = 0
    """Characters of the header and the footer that read like prose: they may be the author's."""

    @property
    def text(self) -> str:
        """All paragraphs, each ended by a newline."""
        return "".join(f"{paragraph}\n" for chapter in self.chapters for paragraph in chapter.paragraphs)

    @property
    def paragraphs(self) -> int:
        return sum(len(chapter.paragraphs) for chapter in self.chapters)

    @property
    def characters(self) -> int:
        """Length of the text, a paragraph's end counting one."""
        return len(self.text)

    @property
    def prose_share(self) -> float:
        """Share of the file that is prose, from 0 to 1; Project Gutenberg's own notices aside."""
        other = sum(count for kind, count in self.dropped.items() if kind not in ("header", "footer"))
        return self.characters / max(1, self.characters + other + self.doubtful)


def clean(raw: str) -> CleanedBook:
    """The chapters of an ebook as downloaded, or of any plain text, which is then all body.

    A text that is clean already, one paragraph a line and an empty line between chapters, comes back as it is.
    """
    body = find_body(normalise_characters(raw))
    dropped = Counter({"header": body.header, "footer": body.footer})
    if _is_one_paragraph_a_line(body.text):
        chapters = [("", part.split("\n")) for part in re.split(r"\n{2,}", body.text.strip("\n"))]
        return CleanedBook(_finish(chapters), +dropped, body.doubtful)
    text, bracketed = strip_brackets(body.text)
    text = mend(text, Joiner(text), line_width(split_blocks(text)))
    blocks = [part for block in split_blocks(text) for part in split_run_in(block)]
    labels = label_blocks(blocks, is_ebook=body.header > 0)
    for block, label in zip(blocks, labels, strict=True):
        if label != "prose":
            dropped[label] += block.characters
    chapters = _chapters(blocks, labels, Joiner(text))
    return CleanedBook(_finish(chapters), +(dropped + bracketed), body.doubtful)


def _is_one_paragraph_a_line(text: str) -> bool:
    """Whether lines follow one another and are paragraphs: some are very long, or most end as sentences do."""
    lines = text.split("\n")
    words = sum(bool(line.strip()) for line in lines)
    followed = [line for line, after in pairwise(lines) if line.strip() and after.strip()]
    if len(followed) < 0.5 * words or not followed or any(line.startswith(" ") for line in lines):
        return False
    long = sum(len(line) > _LONG_LINE for line in followed)
    ended = sum(ends_sentence(line) for line in followed)
    return long > 0.02 * len(followed) or ended + long >= 0.45 * len(followed)


def _finish(chapters: Sequence[tuple[str, Sequence[str]]]) -> tuple[Chapter, ...]:
    """The chapters with their paragraphs' marks and quotes set; the convention of quotes is the whole book's."""
    set_paragraphs = [
        close_spaces(set_dashes(strip_markup(strip_marks(paragraph))))
        for _, paragraphs in chapters
        for paragraph in paragraphs
    ]
    quoted = iter(set_quotes(set_paragraphs))
    finished = []
    for heading, paragraphs in chapters:
        kept = tuple(paragraph for paragraph in (next(quoted) for _ in paragraphs) if re.search(r"\w", paragraph))
        if kept:
            finished.append(Chapter(heading, kept))
    return tuple(finished)


def _chapters(blocks: Sequence[Block], labels: Sequence[str], joiner: Joiner) -> list[tuple[str, list[str]]]:
    """Paragraphs under the headings that stand before them."""
    chapters: list[tuple[str, list[str]]] = []
    heading: list[str] = []
    width = line_width(blocks)
    is_interrupted = False
    lines: tuple[str, ...] = ()  # of the paragraph so far, which goes on if notes alone stand between its halves
    for block, label in zip(blocks, labels, strict=True):
        if label == "headings":
            heading.append(block.text)
        if label == "prose":
            if heading or not chapters:
                chapters.append((" ".join(heading), []))
                heading = []
            paragraphs = chapters[-1][1]
            if is_interrupted and lines and goes_on(lines[-1], block.lines[0], width, over_rule=True):
                paragraphs.pop()
                lines = (*lines[:-1], *joiner.whole(lines[-1], block.lines[0]), *block.lines[1:])
            else:
                lines = block.lines
            paragraphs.append(joiner.join(lines))
            is_interrupted = False
        elif label in _INTERRUPTING:
            is_interrupted = True
        else:
            lines = ()
    return chapters
