"""What each block of a book is: prose, which is kept, or something else, which is left out."""

import re
from collections.abc import Sequence

from train.corpus.apparatus import label_notes
from train.corpus.blocks import Block, line_width, starts_lower
from train.corpus.headings import (
    END_MARK,
    is_contents_heading,
    is_heading,
    is_named_heading,
    is_ornament,
    is_subtitle,
    is_synopsis,
)
from train.corpus.verse import verse_blocks

_SHORT_FRONT = 250  # characters of prose: a dedication on the title page is not longer
_BACK = 0.15  # share of a text, at its end, in which indexes, catalogues and advertisements stand
_AFTER_END = 2500  # characters of prose: more than this after "The End" is another tale

# The entries of a table of contents: a number first, or a page last.
_PAGE = re.compile(r"(?:\s|\. ?\. ?)(?:\d{1,3}|[ivxlc]{1,6})\.?$")
_ENTRY = re.compile(
    r"(?:\s{2,}|\. ?\. ?)(?:\d{1,3}|[ivxlc]{1,6})\.?$|^\W*(?:[IVXLC]+|\d+)\b[.:]?\s|^\W*chapter\b", re.IGNORECASE
)
_RUNNING_ENTRY = re.compile(r"\b\d{1,3}\. [A-Z]")  # entries run together as a paragraph
_ITEM = re.compile(r"\W{0,3}(?:\d{1,3}|[IVXLC]+)[.)] ?\S")  # of a numbered list, after words that announce it
_LEADS_TO_LIST = re.compile(r"[a-z][\"”’]?:(?:-|—)*$")
_CLAUSE = re.compile(r"""[.,;:!?—-]["'”’)_]*$""")
_SENTENCE = re.compile(r"""(?:\b[a-z]+\W+){3}.*[.!?]["'”’_]*$""")
_ROW = re.compile(r"\|.*\||\|$|^\||^\+--|\S {4,}\S.* {3,}\S|[-=]{8,}")

# Lines of printers and publishers.
_CITY = r"(?:london|new york|boston|philadelphia|edinburgh|letchworth|newcastle|england)"
_IMPRINT = re.compile(
    rf"^\w*\W*(?:re)?printed (?:by|in|at|and|from)\b|\bprinters?,|^printers?\b|^{_CITY}\W*$"
    rf"|press(?: ltd\.?| limited)?, {_CITY}|\bspottiswoode|^reprinted from|^entered,? according to act"
    r"|^copyright\b|^\[?all rights reserved|^rights to produce|^this play is fully protected",
    re.IGNORECASE,
)

_EDITION = re.compile(r"\b(?:published|edition|impression|(?:re)?printed|reprints)\b\W.{0,60}?\d{4}", re.IGNORECASE)

# What stands behind the text in old books.
_THE_END = re.compile(r"the end|finis|fin", re.IGNORECASE)
_BACK_HEADING = re.compile(
    r"(?:general )?index(?: .{3,50})?|selected bibliography|a note on the text|advertisements?|catalogue\b.*"
    r"|.{0,20}(?:works?|books?|novels?|stories|tales|publications) (?:by|of|from)\b.*|.*by the same author.*"
    r"|(?:new|popular) (?:novels|books|works|editions?|publications)\b.*|recent publications.*|.*'s publications"
    r"|(?:a )?(?:selection|list) (?:of|from)\b.*(?:books|works|novels|list).*"
    r"|(?:some )?opinions of the press|press notices",
    re.IGNORECASE,
)


def label_blocks(blocks: Sequence[Block], is_ebook: bool = True) -> list[str]:
    """For each block ``"prose"``, ``"headings"``, or the kind of matter that it is dropped as.

    Only an ebook has a title page: what stands first in another text is text.
    """
    labels = [""] * len(blocks)
    width = line_width(blocks)
    label_notes(blocks, labels)
    _label_lines(blocks, labels, width)
    _label_back(blocks, labels, width)
    _label_contents(blocks, labels, width)
    if is_ebook:
        _label_front(blocks, labels, width)
    _label_headings(blocks, labels, width)
    for number, is_stanza in enumerate(verse_blocks(blocks, width)):
        if not labels[number]:
            labels[number] = "verse" if is_stanza else "prose"
    return labels


def _label_lines(blocks: Sequence[Block], labels: list[str], width: int) -> None:
    """Rules of asterisks, tables, marks of an end, and imprints."""
    for number, block in enumerate(blocks):
        if labels[number]:
            continue
        if is_ornament(block):
            labels[number] = "ornaments"
        elif _is_table(block):
            labels[number] = "tables"
        elif END_MARK.fullmatch(block.text.strip("_*= ")):
            labels[number] = "end_marks"
        elif _is_imprint(block, width):
            labels[number] = "imprint"


def _is_imprint(block: Block, width: int) -> bool:
    """Whether a block names printer or publisher, or lists a book's editions."""
    text = block.text.replace("_", "").strip("*= ")
    goes_on = sum(starts_lower(line) for line in block.lines)
    if len(_EDITION.findall(text)) >= 2 and goes_on < 0.3 * len(block.lines):
        return True
    return len(text) < 250 and not _is_prose(block, width) and bool(_IMPRINT.search(text))


def _is_table(block: Block) -> bool:
    """Whether most lines of a block are rows of columns, ruled or parted by wide gaps."""
    rows = sum(bool(_ROW.search(line.strip())) for line in block.lines)
    return rows >= 2 and rows >= 0.5 * len(block.lines)


def _label_back(blocks: Sequence[Block], labels: list[str], width: int) -> None:
    """What stands at the back of a text: indexes, catalogues of books, and what follows the last "The End"."""
    total = sum(block.characters for block in blocks)
    behind = after_end = 0  # characters behind this block; prose and chapters among them
    cut = len(blocks)
    for number in range(len(blocks) - 1, -1, -1):
        block = blocks[number]
        title = block.text.strip("_*=[]().: ")
        if behind > _BACK * total:
            break
        if labels[number] == "end_marks" and _THE_END.fullmatch(title) and after_end <= _AFTER_END:
            cut = number
        elif not labels[number] and len(block.lines) <= 3 and is_heading(block) and _BACK_HEADING.fullmatch(title):
            cut, after_end = number, 0
        elif not labels[number] and is_named_heading(block):
            after_end = total
        elif not labels[number] and _is_prose(block, width):
            after_end += block.characters
        behind += block.characters
    for number in range(cut, len(blocks)):
        if not labels[number]:
            labels[number] = "back_matter"


def _label_contents(blocks: Sequence[Block], labels: list[str], width: int) -> None:
    """Tables of contents and lists of illustrations: what follows such a heading, as long as it looks like a list."""
    in_contents = False
    for number, block in enumerate(blocks):
        if labels[number]:
            continue
        if is_contents_heading(block):
            in_contents = True
        elif in_contents and not _is_list(block, width):
            in_contents = False
            _unlabel_headings(blocks, labels, number)
        if in_contents:
            labels[number] = "contents"


def _is_list(block: Block, width: int) -> bool:
    """Whether a block can be part of a table: entries that end in page numbers, titles, headings, no sentences."""
    text = block.text.rstrip("_*=")
    if _PAGE.search(text) or is_heading(block) or is_subtitle(block) or is_synopsis(block):
        return True
    if len(_RUNNING_ENTRY.findall(text)) >= 5:
        return True
    if _is_prose(block, width):
        return False
    entries = sum(bool(_ENTRY.search(line)) or not _CLAUSE.search(line) for line in block.lines)
    return entries >= 0.6 * len(block.lines)


def _unlabel_headings(blocks: Sequence[Block], labels: list[str], end: int) -> None:
    """Give back the heading right before the text, which the table cannot be told from."""
    for number in range(end - 1, max(-1, end - 8), -1):
        block = blocks[number]
        if labels[number] != "contents" or is_contents_heading(block) or len(block.lines) > 3:
            return
        if not is_named_heading(block) and (_PAGE.search(block.text) or block.text.casefold().startswith("page")):
            return
        labels[number] = ""
        if is_named_heading(block):
            return


def _label_front(blocks: Sequence[Block], labels: list[str], width: int) -> None:
    """The title page: all before the first numbered or named heading, if that holds hardly any prose."""
    prose = [number for number, block in enumerate(blocks) if not labels[number] and _is_prose(block, width)]
    named = [
        number
        for number, block in enumerate(blocks)
        if labels[number] == "contents" or (not labels[number] and is_named_heading(block))
    ]
    first_prose = prose[0] if prose else 0
    first_named = named[0] if named else 0
    before = sum(
        block.characters
        for block, label in zip(blocks[:first_named], labels, strict=False)
        if not label and (_is_prose(block, width) or _SENTENCE.search(block.text))
    )
    has_title_page = bool(named) and before <= _SHORT_FRONT
    for number in range(first_named if has_title_page else first_prose):
        if not labels[number] and (has_title_page or not is_heading(blocks[number])):
            labels[number] = "front_matter"


def _label_headings(blocks: Sequence[Block], labels: list[str], width: int) -> None:
    after_heading = in_list = False
    for number, block in enumerate(blocks):
        if labels[number]:
            continue
        in_list = bool(_ITEM.match(block.text) and not _PAGE.search(block.text)) and (
            in_list or (number > 0 and bool(_LEADS_TO_LIST.search(blocks[number - 1].text)))
        )
        if in_list and block.gap < 2:
            labels[number] = "prose"
        elif is_heading(block):
            after_heading = True
            labels[number] = "headings"
        elif after_heading and is_subtitle(block) and (is_synopsis(block) or not _is_prose(block, width)):
            labels[number] = "headings"
        else:
            after_heading = False


def _is_prose(block: Block, width: int) -> bool:
    """Whether a block's lines are filled and go on in small letters, as those of a paragraph do."""
    if len(block.lines) < 2 or block.indent > 8:
        return False
    return len(block.lines[0]) > 0.7 * width and any(starts_lower(line) for line in block.lines[1:])
