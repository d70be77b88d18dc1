"""What later hands put around and between an author's words: credits, notes, illustrations, footnotes, page numbers."""

import re
from collections import Counter
from collections.abc import Sequence

from train.corpus.blocks import Block

# Square brackets that hold no words of the text, by what stands first in them. They may span paragraphs.
_BRACKETED = {
    "illustrations": r"illustrations?|illustré|picture|decoration|decorative|frontispiece|cover|map|plate|ornament"
    r"|image|facsimile|music|musical notation|logo|colophon",
    "transcriber_notes": r"transcriber['’]?s?['’]?|transcribers|note: this|note: project|note of transcriber|e-?text"
    r"|e-?book|project gutenberg|pg editor|editor['’]s note: project|this (?:e-?text|e-?book|file)|end of project",
    "footnotes": r"footnotes?|foot-note|sidenotes?|side-note|greek|hebrew|errata|sic\b|\*",
    "page_numbers": r"pg\.?|page|p\.|blank page",
}
_OPENING = {
    kind: re.compile(rf"[\[{{](?:[\[_*]|\s)*(?:{words})\b", re.IGNORECASE) for kind, words in _BRACKETED.items()
}
_BRACKET = re.compile(r"[\[\]{}]")
_PARAGRAPH_BRACKET = re.compile(r"\](?=\s*\n\s*\n)")
_LONGEST_BRACKET = 20_000  # characters; a bracket that does not close within these is no bracket of this kind

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
_BACK = 0.06  # share of a text, at its end, in which notes that begin go on to the end
_NOTES_AT_START = re.compile(r"^\W*(?:original )?transcriber['’]?s?['’]? notes?\b", re.IGNORECASE)


def strip_brackets(text: str) -> tuple[str, Counter[str]]:
    """The text without what stands in brackets and is none of the author's; characters left out by kind."""
    dropped: Counter[str] = Counter()
    for kind, opening in _OPENING.items():
        kept: list[str] = []
        position = 0
        while start := opening.search(text, position):
            end = _closing_bracket(text, start.start())
            if end is None:
                kept.append(text[position : start.end()])
                position = start.end()
                continue
            kept.append(text[position : start.start()])
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
        if in_notes or is_makers_note(block):
            labels[number] = "transcriber_notes"
        elif (in_footnote and not labels[number]) or _FOOTNOTES_HEADING.fullmatch(block.text):
            labels[number] = "footnotes"


def _label_section(blocks: Sequence[Block], labels: list[str], number: int) -> None:
    """Label an introduction that somebody has a copyright in, back to its heading."""
    for position in range(number, -1, -1):
        labels[position] = labels[position] or "modern_introduction"
        if blocks[position].text.strip("_ .").casefold() == "introduction":
            return


def _closing_bracket(text: str, start: int) -> int | None:
    """The position after the bracket that closes the one at `start`, or None."""
    depth = 0
    for bracket in _BRACKET.finditer(text, start, start + _LONGEST_BRACKET):
        depth += 1 if bracket.group() in "[{" else -1
        if not depth:
            return bracket.end()
    unpaired = _PARAGRAPH_BRACKET.search(text, start, start + _LONGEST_BRACKET // 10)
    return unpaired.end() if unpaired else None
