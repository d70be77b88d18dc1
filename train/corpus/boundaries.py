"""Where a Project Gutenberg ebook's own text begins and ends: every published form of header, footer and licence."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from train.corpus.notices import leading_notices, trailing_notices, unlike_notices

_GUTENBERG = r"(?:pro[jy]e[ck]?te?o?|progetto)\s{1,9}gutenberg"
_OF = r"(?:[\w’']+\s{1,9}){0,5}?"  # of this, de ce livre électronique du

# Lines after which the ebook's text begins. A marker may run over several lines, up to its closing asterisks.
_STARTS = re.compile(
    rf"^(?P<lead>[^\w\n]{{0,12}})(?P<word>start|begin(?:ning)?|d[ée]but|anfang|beginn|in[ií]cio|inizio)\s{{1,9}}"
    rf"{_OF}{_GUTENBERG}",
    re.IGNORECASE | re.MULTILINE,
)
_SMALL_PRINT_ENDS = re.compile(
    r"^[^\w\n]{0,12}end[^\w\n]{0,5}(?:of )?(?:the )?small print.*$", re.IGNORECASE | re.MULTILINE
)

# Lines at which the ebook's text has ended.
_ENDS = re.compile(
    rf"""^(?:
        [^\w\n]{{0,12}}(?:this\ is\ the\ |the\ )?end\s{{1,9}}(?:of\s{{1,9}})?(?:(?:the|this)\s{{1,9}})?{_GUTENBERG}.*
      | \*[^\w\n]{{0,12}}(?:fin|ende|fim|fine|end)\s{{1,9}}{_OF}{_GUTENBERG}.*
      | [^\w\n]{{0,12}}(?:start:?\ )?(?:the\ )?full\ (?:project\ gutenberg(?:-tm|™)?\ )?licen[cs]e[^\w\n]{{0,12}}
      | [^\w\n]{{0,12}}section\ 1\.\s{{1,9}}general\ terms\ of\ use\ and\ redistributing.*
    )$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SMALL_PRINT = re.compile(
    r"^[^\w\n]{0,12}(?:start[^\w\n]{0,5})?(?:of )?(?:the )?(?:legal )?small print!.*$", re.IGNORECASE | re.MULTILINE
)

# The first line of a header, and of a text that has no other sign of being an ebook.
_OPENS = re.compile(
    rf"^[^\w\n]{{0,5}}(?:this is )?(?:the )?{_GUTENBERG}(?:['’]?s|-tm|™)? (?:e-?book|e-?text|edition)"
    r"(?:,? (?:of|for)\b|, | (?-i:[A-Z#-])).*$"
    rf"|^[^\w\n]{{0,5}}{_GUTENBERG}['’]s\ .{{1,80}},\ by\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_IS_EBOOK = re.compile(rf"{_GUTENBERG}|\be-?(?:text|book) #", re.IGNORECASE)
_CLOSED = re.compile(r"\*{2,}|\*[ \t]*$", re.MULTILINE)
_HEAD = 2_000  # characters: a header speaks of Project Gutenberg within these
_FRONT = 1_500  # characters of anything else that may stand among the notices of a header
_BETWEEN = 600  # characters of anything else that may stand between two notices where no marker bounds them
_LONGEST = 30_000  # characters: a marker with more prose than _FRONT before it bounds a header up to this long
_MARKER_LINES = 5  # a marker goes on over no more
_BACK = 40_000  # characters: a licence that no marker begins is not longer


@dataclass(frozen=True)
class Body:
    """The ebook's own text, and how many characters stood before and after it.

    `doubtful` of these read like prose: either the packaging is odd, or a marker stands where it should not.
    """

    text: str
    header: int
    footer: int
    doubtful: int = 0


def find_body(text: str) -> Body:
    """The text between header and licence; all of a text that has neither.

    Several ebooks in one file, each with its own header and licence, give their texts one after another.
    """
    signs = _Signs(text)
    parts: list[str] = []
    header = footer = doubtful = position = 0
    while position < len(text):
        begin = signs.header_end(position)
        end = signs.text_end(begin)
        again = signs.next_header(end)
        parts.append(text[begin:end])
        header += begin - position
        footer += again - end
        doubtful += unlike_notices(text[position:begin]) + unlike_notices(text[end:again])
        position = again
    return Body("\n\n\n".join(parts), header, footer, doubtful)


_Found = Sequence[re.Match[str]]


class _Signs:
    """All markers of a text, each list in the order of the text."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [found for found in _STARTS.finditer(text) if "*" in found["lead"] or found["word"].isupper()]
        self._headers_end = sorted([*self._starts, *_SMALL_PRINT_ENDS.finditer(text)], key=re.Match.start)
        self._ends = list(_ENDS.finditer(text))
        self._small_prints = list(_SMALL_PRINT.finditer(text))
        self._openings = list(_OPENS.finditer(text))

    def header_end(self, start: int) -> int:
        """Where the header that begins at `start` ends: there, if there is none."""
        text, end = self._text, start
        for marker in _from(self._headers_end, start):
            if _first(self._ends, end, marker.start()) or not self._is_header(end, marker):
                break
            end = _marker_end(text, marker)
        if end > start or not _IS_EBOOK.search(text, start, start + _HEAD):
            return end
        opening = _first(self._openings, start, start + _HEAD)
        small_print = _first(self._small_prints, start, start + _LONGEST)
        if small_print and unlike_notices(text[start : small_print.start()]) <= _FRONT:
            end = leading_notices(text, small_print.start(), _BETWEEN)
        return max(end, leading_notices(text, start, _BETWEEN), opening.end() if opening else start)

    def text_end(self, start: int) -> int:
        """Where the text that begins at `start` ends: at its licence, at another ebook's header, or with the file."""
        found = [_first(self._ends, start), self._next_opening(start), self._small_print_behind(start)]
        if any(found):
            return min(sign.start() for sign in found if sign)
        back = max(start, len(self._text) - _BACK)
        is_ebook = start > 0 or _IS_EBOOK.search(self._text, back)
        return trailing_notices(self._text, back, _BETWEEN) if is_ebook else len(self._text)

    def next_header(self, end: int) -> int:
        """Where another ebook's header begins after a licence: with the text's end, if there is none."""
        found = [_first(self._openings, end), _first(self._starts, end)]
        return min((sign.start() for sign in found if sign), default=len(self._text))

    def _is_header(self, start: int, marker: re.Match[str]) -> bool:
        """Whether what stands before a marker is a header, and not the text of an ebook that has none."""
        before = self._text[start : marker.start()]
        if unlike_notices(before) <= _FRONT:
            return True
        if len(before) > _LONGEST or not _IS_EBOOK.search(before, 0, _HEAD):
            return False
        return marker.re is _STARTS or len(self._text) - marker.end() > 4 * len(before)

    def _next_opening(self, start: int) -> re.Match[str] | None:
        """The first line of another ebook's header, after some text."""
        prose, position = 0, start
        for opening in _from(self._openings, start):
            prose += unlike_notices(self._text[position : opening.start()])
            if prose > _FRONT:
                return opening
            position = opening.end()
        return None

    def _small_print_behind(self, start: int) -> re.Match[str] | None:
        """The small print, if it stands behind the text and not between header and text."""
        small_print = _first(self._small_prints, start)
        if not small_print:
            return None
        before = self._text[start : small_print.start()]
        after = self._text[small_print.end() : small_print.end() + _LONGEST]
        return small_print if unlike_notices(before) >= unlike_notices(after) else None


def _from(signs: _Found, start: int) -> _Found:
    return signs[bisect_left(signs, start, key=re.Match.start) :]


def _first(signs: _Found, start: int, end: int | None = None) -> re.Match[str] | None:
    """The first sign that begins from `start` on, and before `end`."""
    place = bisect_left(signs, start, key=re.Match.start)
    return signs[place] if place < len(signs) and (end is None or signs[place].start() < end) else None


def _marker_end(text: str, marker: re.Match[str]) -> int:
    """Where a marker ends: with its asterisks, in its line or the next ones; without them, with its line."""
    end = _line_end(text, marker.end())
    if marker.re is not _STARTS:
        return end
    last = end
    for _ in range(_MARKER_LINES):
        following = _line_end(text, last + 1)
        if not text[last:following].strip():
            break
        last = following
    if closed := _CLOSED.search(text, marker.end(), last):
        return closed.end()
    while end < last and text[end : _line_end(text, end + 1)].isupper():
        end = _line_end(text, end + 1)
    return end


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end
