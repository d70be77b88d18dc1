"""What stands amid a paragraph: page numbers, notes and pictures, taken out so that the sentence goes on over them."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from train.corpus.blocks import ends_sentence, starts_lower
from train.corpus.paragraphs import Joiner

TAKEN_OUT = "\x1e"
"""Stands, alone on its line, for a bracket that stood there and was not the author's."""

_PAGE_WORD = r"(?:Page|PAGE|[Pp]g)[-. ] ?[\divxl]{1,6}"
_PAGE = re.compile(
    rf"[\[{{(<] ?(?:p(?:age|g)?\.? ?)?\d{{1,4}}[a-z]? ?[\]}})>]|[—-]+ ?\d{{1,4}} ?[—-]+|{_PAGE_WORD}|\d{{1,4}}",
)
_SAYS_NOTHING = re.compile(rf"{TAKEN_OUT}|(?:{_PAGE_WORD})?")
_BARE = re.compile(r"\d{1,4}")
_RULE = re.compile(r"(?:[*_=~#•·] *){1,40}|-{3,}")
_OVER_HYPHEN = re.compile(r"(?<=[a-z]-) ?\n? ?(?:\{\w{1,6}\}|\[p?\d{1,4}\]) ?\n? ?(?=[a-z])")
_HYPHEN = re.compile(r"[^\W\d_]-$")
_ABBREVIATION = re.compile(r"\b(?:Mr|Mrs|Messrs|Dr|St|Rev|Capt|Col|Gen|Lieut|Prof|Hon|Mme|Mlle)\.$")
_LONGEST_MARK = 80  # characters
_PAGES = 3  # page numbers that follow one another: fewer may be anything
_FULL = 0.6  # share of the width that a line fills which a word too long for its end did not cut short


def mend(text: str, joiner: Joiner, width: int) -> str:
    """The text with the lines before and after an interruption set together where one sentence goes on over it.

    `width` is that of the text's lines, in characters.
    """
    lines = _OVER_HYPHEN.sub(f"\n{TAKEN_OUT}\n", text).split("\n")
    runs = list(_interruptions(lines))
    numbers = [int(line) for start, end in runs for line in lines[start:end] if _BARE.fullmatch(line.strip())]
    is_paged = sum(0 < after - number <= 2 for number, after in pairwise(numbers)) >= _PAGES - 1
    kept: list[str] = []
    position = 0
    for start, end in runs:
        kept += lines[position:start]
        position = end
        between = [line.strip() for line in lines[start:end]]
        if kept and end < len(lines) and _is_amid(kept[-1], between, lines[end], width, is_paged):
            kept[-1], lines[end] = joiner.whole(kept[-1], lines[end])
            position += not lines[end]  # the word alone was left of it
        else:
            kept += ["" if _SAYS_NOTHING.fullmatch(line.strip()) else line for line in lines[start:end]]
    return "\n".join([*kept, *lines[position:]]).replace(TAKEN_OUT, "")


def goes_on(before: str, after: str, width: int, over_rule: bool = False) -> bool:
    """Whether a sentence that one line begins goes on in another that an interruption parts from it.

    After a rule, which parts scenes, it goes on only with a small letter.
    """
    before, after = before.rstrip(), after.rstrip()
    if _HYPHEN.search(before) and starts_lower(after):
        return True
    if len(before) < _FULL * width or _indent(after) > _indent(before) + 1 or before.isupper() or after.isupper():
        return False
    if not re.search(r"[\w,;.!?…—'\"’”)-]$", before) or re.match(r"\s*\(\w{1,3}\)", after):
        return False  # a row of a table, an item of a list
    if starts_lower(after):
        return not before.endswith(":")
    is_open = _is_open(before) or bool(_ABBREVIATION.search(before))
    return is_open and not over_rule and len(after) >= _FULL * width and bool(re.match(r"\s*[\"“‘'_]?\w", after))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_open(line: str) -> bool:
    """Whether a line of prose breaks off within a clause: with a small word or a comma."""
    return not ends_sentence(line) and bool(re.search(r"(?:(?<![\w’'])[a-z]+|[a-z],)$", line))


def _interruptions(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Start and end of each run of lines that are empty or marks, and not all empty."""
    start, marks = 0, False
    for number, line in enumerate([*lines, "end"]):
        is_mark = _is_mark(line)
        if is_mark or not line.strip(" "):
            marks = marks or is_mark
            continue
        if marks:
            yield start, number
        start, marks = number + 1, False


def _is_mark(line: str) -> bool:
    """Whether a line is an interruption by itself: of a bracket or a page's end, a page number, a rule."""
    mark = line.strip(" ")
    if not mark or len(mark) > _LONGEST_MARK:
        return False
    return mark in (TAKEN_OUT, "\f") or bool(_PAGE.fullmatch(mark) or _RULE.fullmatch(mark))


def _is_amid(before: str, between: Sequence[str], after: str, width: int, is_paged: bool) -> bool:
    """Whether the lines before and after marks are of one paragraph."""
    if goes_on(before, after, width, any(_RULE.fullmatch(mark) for mark in between if mark)):
        return True
    if "" in between or not all(line == TAKEN_OUT or (is_paged and _BARE.fullmatch(line)) for line in between):
        return False
    is_end = ends_sentence(before) and not starts_lower(after)  # in text without empty lines around its marks
    return not (is_end and len(before.rstrip()) < width - 12) and not after.startswith(" ")
