"""What later hands put around and between an author's words: credits, notes, illustrations, footnotes, page numbers."""

import re
from collections import Counter
from collections.abc import Sequence

from train.corpus.blocks import Block
from train.corpus.interruptions import TAKEN_OUT
from train.corpus.notices import is_appeal

# Square brackets that hold no words of the text, by what stands first in them. They may span paragraphs.
_BRACKETED = {
    "illustrations": r"illustrations?|illustré|picture|decoration|decorative|frontispiece|cover|map|plate|ornament"
    r"|image|facsimile|music|musical notation|logo|colophon",
    "transcriber_notes": r"transcriber['’]?s?['’]?|transcribers|note: this|note: project|note of transcriber|e-?text"
    r"|e-?book|project gutenberg|pg editor|editor['’]s note: project|this (?:e-?text|e-?book|file)|end of project",
    "footnotes": r"footnotes?|foot-note|sidenotes?|side-note|greek|hebrew|errata|sic\b|\*",
    "page_numbers": r"(?:pg\.?|page|p\.) ?\d{0,4}|blank page",
}
_OPENING = {
    kind: re.compile(rf"[\[{{][\[_*\s]{{0,8}}(?:{words})\b", re.IGNORECASE) for kind, words in _BRACKETED.items()
}
_BRACKET = re.compile(r"[\[\]{}]")
_PARAGRAPH_BRACKET = re.compile(r"\](?=[ ]*\n[ ]*\n)")
_PARAGRAPH_ENDS = re.compile(r"\n[ ]*\n")
_CAPTION = re.compile(r"(?:[ ]+\S[^\n]{0,80}\n?){1,4}(?=\n|$)")
_PARAGRAPH_OPENS = re.compile(r"(?<=\n)[ ]*[\[{]")
_LONGEST_BRACKET = 20_000  # characters; a bracket that does not close within these was never closed
_OF_A_WORD = re.compile(r"(?:greek|hebrew|sic|\*)$", re.IGNORECASE)  # stands for one, or speaks of it
_SHORT = 50  # characters: lines of a caption are not longer
_LONGEST_CAPTION = 400  # characters of one paragraph
_LONGEST_LETTER = 1_500  # characters: a picture of a letter or a page may be written out below it
_LINE_BEGINS = re.compile(r"(?:^|\n)[ ]*$")
_LINE_ENDS = re.compile(r"[ ]*(?:\n|$)")
_DIVIDED = re.compile(r"[a-z]-[ ]?\n?[ ]?$")
_GOES_ON = re.compile(r"[ ]?\n?[ ]?(?=[a-z])")

# Numbers of the printed page, and marks that refer to a note.
_PAGE_NUMBER = re.compile(r"\{(?:p(?:age|g)?[-. ]{0,2})?[\divxlc]+[a-z]?\}|\[p?\d{1,4}[a-z]?\]", re.IGNORECASE)
_NOTE_MARK = re.compile(r"(?<=[^\s\[])[ ]?\[(?:[A-Z]{1,2}|\*+|[†‡§]|note \d+)\](?![a-z])|(?<=\S)[†‡]")
_ASTERISK = re.compile(r"(?<=[\w.,;:!?'\"’”])\*+(?=[\s.,;:!?'\"’”)\]—-]|$)", re.MULTILINE)

# A paragraph that begins so is a footnote, set below the text it belongs to.
_MARK = re.compile(r"\[(?:\d{1,4}[a-z]?|[A-Z]{1,2}|\*+|[†‡§])\]|\{\d{1,4}[a-z]?\}")
_FOOTNOTE = re.compile(
    rf"^(?:{_MARK.pattern}|[†‡](?=\s?\w)|\*{{1,3}} ?(?=[\w“‘\"'_])(?!.{{1,80}}\*)|footnote \w+:)", re.IGNORECASE
)

_COPYRIGHT = re.compile(r"copyright (?:\(c\)|©)? ?(?:19[6-9]|20)\d\d", re.IGNORECASE)
_WORDS = re.compile(r"[^\W_]")
_FOOTNOTES_HEADING = re.compile(r"\W*(?:foot-?)notes?\W*", re.IGNORECASE)

# Words that no text of the period has: whoever made the ebook wrote this paragraph.
MAKERS = re.compile(
    r"project gutenberg|gutenberg[-’' ]?tm|distributed proofread|proofreading team|pgdp|pglaf|\bwww\.|https?:|\.zip\b"
    r"|\be-?text\b|\be-?books?\b|transcriber|\bhtml\b|internet archive|(?:legal )?small print[!\"”]|\bascii\b|\bisbn\b"
    r"|^this file was|^produced by\b.{0,120}$|^scanned (?:by|and)|^(?:e-?text |text )?prepared by\b.{0,80}$"
    r"|^special thanks (?:are|go|to)|^transcribed (?:from|by)\b|^html version by"
    r"|^images? of the (?:original|text)|^this edition has not been prepared|^(?:re)?typed (?:by|in by)"
    r"|^\(this (?:file|book) was produced",
    re.IGNORECASE,
)

_NOTES_HEADING = re.compile(
    r"^\W*(?:original )?(?:transcriber|transcription|proofreader|e-?text editor|pg editor)s?['’]?s?['’]? ?"
    r"(?:endnote|end note|note|comment|remark|correction|amendment|change)?s?\b[^.:]{0,60}[.:]?\W*$",
    re.IGNORECASE,
)
_EDGE = 12_000  # characters, at each end of a text, among which appeals and notices of the law stand
_BACK = 0.06  # share of a text, at its end, in which notes that begin go on to the end
_NOTES_AT_START = re.compile(r"^\W*(?:original )?transcriber['’]?s?['’]? notes?\b", re.IGNORECASE)


def strip_brackets(text: str) -> tuple[str, Counter[str]]:
    """The text without what stands in brackets and is not the author's; characters left out by kind.

    Where a bracket had lines of its own, or stood within a divided word, a line of `TAKEN_OUT` stands now.
    """
    dropped: Counter[str] = Counter()
    for kind, opening in _OPENING.items():
        kept: list[str] = []
        position = 0
        closing = _closing_brackets(text)
        while start := opening.search(text, position):
            end = _end_of_bracket(text, start, closing, kind)
            before = text[position : start.start()]
            if _DIVIDED.search(before) and (rest := _GOES_ON.match(text, end)):
                kept.append(f"{before.rstrip()}\n{TAKEN_OUT}\n")
                dropped[kind] += end - start.start()
                position = rest.end()
                continue
            kept.append(before)
            if _LINE_BEGINS.search(before[-200:]) and _LINE_ENDS.match(text, end):
                kept.append(TAKEN_OUT)
            dropped[kind] += end - start.start()
            position = end
        text = "".join([*kept, text[position:]])
    return text, dropped


def strip_marks(text: str) -> str:
    """A paragraph without page numbers and without the marks that refer to notes."""
    return _ASTERISK.sub("", _NOTE_MARK.sub("", _PAGE_NUMBER.sub("", text)))


def note_marks(blocks: Sequence[Block]) -> Counter[str]:
    """How often each bracketed mark stands in the text: a note's mark at least twice, a page number once."""
    return Counter(mark for block in blocks for mark in _MARK.findall(block.text))


def is_footnote(block: Block, marks: Counter[str]) -> bool:
    """Whether a block is a note set apart from the text, under the mark that the text refers to it by."""
    match = _FOOTNOTE.match(block.text)
    if not match or not _WORDS.search(block.text, match.end()):
        return False
    mark = match.group()
    return marks[mark] >= 2 if mark[0] in "[{" else True


def is_makers_note(block: Block) -> bool:
    """Whether a block speaks of the making of the ebook."""
    return bool(MAKERS.search(block.text))


def label_notes(blocks: Sequence[Block], labels: list[str]) -> None:
    """Label credits, transcriber's notes and footnotes."""
    marks = note_marks(blocks)
    total = sum(block.characters for block in blocks)
    seen = 0
    in_notes = in_footnote = False
    note_indent = 0  # of a note that began in this block or goes on in it, 0 if there is none
    for number, block in enumerate(blocks):
        at_back = seen > total * (1 - _BACK)
        seen += block.characters
        if _NOTES_HEADING.match(block.text) or (at_back and len(block.text) < 80 and is_makers_note(block)):
            in_notes = True
        elif _NOTES_AT_START.match(block.text):
            in_notes = in_notes or at_back
            note_indent = block.indent
            labels[number] = "transcriber_notes"
        elif note_indent and block.indent == note_indent and block.gap < 3:
            labels[number] = "transcriber_notes"
        elif in_notes and block.gap >= 3 and not at_back:
            in_notes = False
        else:
            note_indent = 0
        if _COPYRIGHT.search(block.text):
            _label_section(blocks, labels, number)
        goes_on = in_footnote and block.indent >= 2 and block.gap == 1 and bool(_WORDS.search(block.text))
        in_footnote = is_footnote(block, marks) or goes_on
        is_at_edge = seen <= _EDGE or seen > total - _EDGE
        if in_notes or is_makers_note(block) or (is_at_edge and is_appeal(block.text)):
            labels[number] = "transcriber_notes"
        elif (in_footnote and not labels[number]) or _FOOTNOTES_HEADING.fullmatch(block.text):
            labels[number] = "footnotes"


def _label_section(blocks: Sequence[Block], labels: list[str], number: int) -> None:
    """Label an introduction that somebody has a copyright in, back to its heading."""
    for position in range(number, -1, -1):
        labels[position] = labels[position] or "modern_introduction"
        if blocks[position].text.strip("_ .").casefold() == "introduction":
            return


def _closing_brackets(text: str) -> dict[int, int]:
    """For the position of each bracket that is closed, the position after the one that closes it."""
    closing: dict[int, int] = {}
    opened: list[int] = []
    for bracket in _BRACKET.finditer(text):
        if bracket.group() in "[{":
            opened.append(bracket.start())
        elif opened:
            closing[opened.pop()] = bracket.end()
    return closing


def _end_of_bracket(text: str, opening: re.Match[str], closing: dict[int, int], kind: str) -> int:
    """The position after a bracket; one that is never closed ends with its paragraph, or holds the mark alone."""
    start = opening.start()
    end = closing.get(start, len(text) + _LONGEST_BRACKET)
    if end - start <= _LONGEST_BRACKET and not (kind == "illustrations" and _holds_prose(text[start:end])):
        return end
    following = _PARAGRAPH_OPENS.search(text, start + 1, start + _LONGEST_BRACKET // 10)
    unpaired = _PARAGRAPH_BRACKET.search(
        text, start, following.start() if following else start + _LONGEST_BRACKET // 10
    )
    if unpaired and not _holds_prose(text[start : unpaired.end()]):
        return unpaired.end()
    paragraph = _PARAGRAPH_ENDS.search(text, start, start + _LONGEST_BRACKET)
    if paragraph and not text[opening.end() : paragraph.start()].strip(" :"):  # its caption is another paragraph
        caption = _CAPTION.match(text, paragraph.end())
        return caption.end() if caption and "]" not in caption.group() else paragraph.start()
    paragraph_end = paragraph.start() if paragraph else min(len(text), start + _LONGEST_BRACKET)
    is_amid_line = not _LINE_BEGINS.search(text[max(0, start - 200) : start])
    if is_amid_line or kind == "page_numbers" or _OF_A_WORD.search(opening.group()):
        return opening.end()
    first, *others = text[start:paragraph_end].split("\n")
    if (kind == "illustrations" or "side" in opening.group().lower()) and any(len(line) > _SHORT for line in others):
        return start + len(first)  # prose follows without an empty line
    return paragraph_end if kind != "illustrations" or paragraph_end - start <= _LONGEST_CAPTION else opening.end()


def _holds_prose(bracket: str) -> bool:
    """Whether a picture's bracket goes on over what no caption has: it was not closed where it should have been."""
    _, *paragraphs = _PARAGRAPH_ENDS.split(bracket)
    prose = sum(len(paragraph) for paragraph in paragraphs if not paragraph.startswith(" "))
    return prose > _LONGEST_LETTER or any(_OPENING["illustrations"].match(paragraph) for paragraph in paragraphs)
