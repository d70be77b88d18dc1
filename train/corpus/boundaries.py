"""Where a Project Gutenberg ebook's own text begins and ends: every published form of header, footer and licence."""

import re
from dataclasses import dataclass

_GUTENBERG = r"project\s+gutenberg"

# Lines after which the ebook's text begins. A marker may run over several lines, up to its closing asterisks.
_BEGINS = re.compile(
    rf"""^[ \t]*(?:
        \*\s?\*\s?\*+\s*START\ OF\ (?:(?:THE|THIS)\ )?{_GUTENBERG}[^*]*\*{{3}}.*   # since about 2003
      | \*+\ ?END\ ?\*?\ ?(?:OF\ )?THE\ SMALL\ PRINT.*                        # 1991 to 2003, at the top
      | \*END\*\ ?THE\ SMALL\ PRINT.*
    )$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)

# Lines at which the ebook's text has ended.
_ENDS = re.compile(
    rf"""^[ \t]*(?:
        \*\s?\*\s?\*+\s*END\ OF\ (?:(?:THE|THIS)\ )?{_GUTENBERG}.*
      | \*{{3}}\s*START:\ FULL\ LICENSE.*
      | \*+\ ?(?:This\ is\ the\ )?end\ of\ (?:the\ |this\ )?{_GUTENBERG}.*
      | \[?(?:this\ is\ the\ )?end\ of\ (?:the\ |this\ )?{_GUTENBERG}.*
      | \*+\ ?START\*?\*?\ ?(?:OF\ )?THE\ SMALL\ PRINT.*                      # the small print after the text
      | \*+\ ?START\*+\ ?SMALL\ PRINT.*
    )$""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)

# What a header without a marker of its end looks like: the legal notice, then a list of fields.
_HEADER_FIELD = re.compile(
    r"^(?:title|author|editor|translator|illustrator|release date|posting date|last updated|first posted|language"
    r"|character set encoding|edition|date last updated|\[?(?:e-?book|e-?text) #\d+\]?)\b.*[:#\]].*$",
    re.IGNORECASE,
)
_OPENING = re.compile(rf"^\W*(?:the )?{_GUTENBERG}(?:'s|’s)?\b.*(?:e-?book|e-?text)?", re.IGNORECASE)
_FRONT = 5_000  # characters: small print on top of a text begins within these
_HEADER_LINES = 80  # a header without a marker ends within these


@dataclass(frozen=True)
class Body:
    """The ebook's own text, and how many characters stood before and after it."""

    text: str
    header: int
    footer: int


def find_body(text: str) -> Body:
    """The text between header and licence; all of a text that has neither.

    Several ebooks in one file, each with its own header and licence, give their texts one after another.
    """
    parts: list[str] = []
    header = footer = 0
    position = _header_end(text)
    header += position
    while position < len(text):
        end = _ENDS.search(text, position)
        parts.append(text[position : end.start() if end else len(text)])
        if not end:
            break
        again = _BEGINS.search(text, end.end())
        position = again.end() if again else len(text)
        footer += position - end.start()
    return Body("\n\n\n".join(parts), header, footer)


def _header_end(text: str) -> int:
    """Where the header ends, 0 if there is none."""
    end = 0
    for begins in _BEGINS.finditer(text):
        ended = _ENDS.search(text, end, begins.start())
        if ended and not _is_small_print_on_top(text, ended.start()):
            break
        end = begins.end()
    if end or not _OPENING.match(text.lstrip()[:200]):
        return end
    lines = text.split("\n")[:_HEADER_LINES]
    fields = [number for number, line in enumerate(lines) if _HEADER_FIELD.match(line.strip())]
    last = fields[-1] if fields else 0
    return sum(len(line) + 1 for line in text.split("\n")[: last + 1])


def _is_small_print_on_top(text: str, start: int) -> bool:
    """Whether small print stands between a header and the text, as it did until 2003, rather than after the text."""
    is_small_print = "SMALL PRINT" in text[start : start + 60].upper()
    return is_small_print and start < _FRONT and bool(re.search(_GUTENBERG, text[:start], re.IGNORECASE))
