"""Is all of an ebook's prose in its cleaned text, and nothing of its packaging? Asked differently than cleaning asks.

    python -m train.corpus.audit FOLDER

reads every ``pg*.txt`` under a mirror's folder, cleans it, and lists what a person should look at.
"""

import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from train.cli import Parser
from train.corpus.characters import set_line_ends
from train.corpus.cleaning import CleanedBook, clean
from train.corpus.decoding import decode_ebook

# Words of those who made the ebook. A few stand in old novels too: every hit is for a person to look at.
TELL_TALES = re.compile(
    r"gutenberg|\bwww\.|https?:|\be-?texts?\b|\be-?books?\b|transcriber|proofread|legal small print|small print!"
    r"|public domain|\bpglaf\b"
    r"|\bpgdp\b|\bascii\b|\bhtml\b|\bISBN\b|release date|posting date|last updated|character set|produced by:?$"
    r"|^produced by|^prepared by|scanned (?:images?|from|and)\b|\[illustration|\[footnote|\[picture|\[sidenote|\.zip\b"
    r"|\*\*\*|\bdigiti[sz]ed\b|internet archive|all rights reserved|typographical error|[\"”] (?:changed|corrected) to",
    re.IGNORECASE,
)

_START = re.compile(r"\*\*\* ?START OF TH(?:E|IS) PROJECT GUTENBERG[^*]*\*\*\*", re.IGNORECASE)
_END = re.compile(r"^\s*(?:\*\*\* ?END OF TH(?:E|IS) PROJECT|End of (?:the |this )?Project Gutenberg)", re.I | re.M)
_HEADING = re.compile(r"\W*(?:chapter|chap\.)\W{1,3}([ivxlc]+|\d+)\b", re.IGNORECASE)
_BRACKETS = re.compile(r"\[[^\[\]\n]*\]|\{[^{}\n]*\}")
_NOTE = re.compile(r"\s*(?:\[\w{1,3}\]|\{\w{1,4}\}|\*+ ?\w|\[?footnote)", re.IGNORECASE)  # not looked for either
_TITLES = re.compile(r"[.!?]['\"]?\s?(?:--|—)\s?[A-Z]")  # between the titles of a chapter's synopsis
_PROSE = 200  # letters: a shorter paragraph is not looked for
_WINDOW = 40  # letters: a paragraph is looked for in pieces of this length


@dataclass(frozen=True)
class Audit:
    """What a person should look at in one cleaned book."""

    tell_tales: tuple[str, ...]  # paragraphs with words of those who made the ebook
    missing: tuple[str, ...]  # long paragraphs of prose that the cleaned text does not hold
    lost_chapters: tuple[str, ...]  # numbers of chapters of which neither heading nor opening paragraph was kept
    chapters: int  # numbered chapters of the ebook
    paragraphs: int  # long paragraphs of prose of the ebook
    share: float  # characters kept, of those between the ebook's markers

    @property
    def is_clean(self) -> bool:
        return not (self.tell_tales or self.missing or self.lost_chapters)


def audit(raw: str, book: CleanedBook) -> Audit:
    """Compare an ebook as downloaded with what cleaning made of it."""
    body = _between_markers(set_line_ends(raw))
    blocks = [block for block in re.split(r"\n\s*\n", body) if block.strip()]
    kept = _letters(book.text)
    prose = [block for block in blocks if _is_prose(block)]
    openings = list(_chapter_openings(blocks))
    in_book = Counter(number for chapter in book.chapters for number in _numbers(chapter.heading))
    unmarked = Counter(number for number, _ in openings) - in_book
    return Audit(
        tell_tales=tuple(line for line in book.text.split("\n") if TELL_TALES.search(line)),
        missing=tuple(block for block in prose if not _holds(kept, block)),
        lost_chapters=tuple(number for number, opening in openings if unmarked[number] and not _holds(kept, opening)),
        chapters=len(openings),
        paragraphs=len(prose),
        share=book.characters / max(1, len(re.sub(r"\s+", " ", body))),
    )


def _between_markers(raw: str) -> str:
    start = _START.search(raw)
    end = _END.search(raw, start.end() if start else 0)
    return raw[start.end() if start else 0 : end.start() if end else len(raw)]


def _letters(text: str) -> str:
    """The text's letters alone, without accents and without what stands in brackets."""
    text = text.replace("[oe]", "oe").replace("[OE]", "oe").replace("[ae]", "ae").replace("[AE]", "ae")
    text = _BRACKETS.sub("", text).casefold().replace("œ", "oe").replace("æ", "ae")
    return re.sub("[^a-z]+", "", unicodedata.normalize("NFKD", text))


def _is_prose(block: str) -> bool:
    """Whether a block is a long paragraph: most of its lines go on with a small letter, which those of verse do not."""
    lines = block.strip().split("\n")
    if len(lines) < 3 or len(_letters(block)) < _PROSE or TELL_TALES.search(block) or _NOTE.match(block):
        return False
    if len(_TITLES.findall(block)) >= 3:
        return False
    small = sum(bool(re.match(r"""\s*["'“‘(\[_]*[a-z]""", line)) for line in lines[1:])
    return small >= 0.5 * (len(lines) - 1)


def _holds(kept: str, block: str) -> bool:
    """Whether nearly all pieces of a paragraph are among the letters that were kept."""
    letters = _letters(" ".join(block.split()))
    if letters in kept:
        return True
    pieces = [letters[i : i + _WINDOW] for i in range(0, len(letters) - _WINDOW + 1, _WINDOW)]
    return sum(piece in kept for piece in pieces) >= 0.8 * len(pieces)


def _chapter_openings(blocks: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Numbers of chapters, each with the prose that follows its heading; none follows an entry of a contents table."""
    pending: list[str] = []
    for block in blocks:
        if _HEADING.match(block.strip()) and len(block) < 600:
            numbers = _numbers(block)
            pending = numbers if len(numbers) == 1 else []
        elif pending and _is_prose(block):
            yield pending[0], block
            pending = []


def _numbers(heading: str) -> list[str]:
    return [match.casefold() for match in _HEADING.findall(heading)]


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit every ebook under a folder; 0 if no chapter is lost and nothing is left to look at."""
    parser = Parser(prog="python -m train.corpus.audit", description="Audit cleaned ebooks.")
    parser.add_argument("folder", type=Path, help="a mirror of Project Gutenberg, or any folder of pg*.txt files")
    parser.add_argument("--verbose", action="store_true", help="print the paragraphs, not only how many there are")
    options = parser.parse_args(arguments)
    if not options.folder.is_dir():
        print(f"error: no folder {options.folder}", file=sys.stderr)
        return 2
    totals: Counter[str] = Counter()
    for path in sorted(options.folder.rglob("pg*.txt")):
        raw = decode_ebook(path.read_bytes(), str(path))
        found = audit(raw, clean(raw))
        totals += Counter(
            books=1, chapters=found.chapters, lost=len(found.lost_chapters), paragraphs=found.paragraphs,
            missing=len(found.missing), tell_tales=len(found.tell_tales),
        )  # fmt: skip
        if found.is_clean:
            continue
        print(
            f"{path.name}: kept {found.share:.1%}, lost chapters {list(found.lost_chapters)}, "
            f"missing paragraphs {len(found.missing)} of {found.paragraphs}, tell-tales {len(found.tell_tales)}"
        )
        if options.verbose:
            for kind, texts in (("missing", found.missing), ("tell-tale", found.tell_tales)):
                for text in texts:
                    print(f"    {kind}: {' '.join(text.split())[:200]}")
    names = ("books", "chapters", "lost", "paragraphs", "missing", "tell_tales")
    print(", ".join(f"{name} {totals[name]}" for name in names))
    return 0 if not totals["lost"] else 1


if __name__ == "__main__":
    sys.exit(main())
