"""Hard line breaks joined into paragraphs, and words that a line's end divides made whole."""

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

_DIVIDED = re.compile(r"(?<![^\W\d_])([^\W\d_]+)-$")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DASH = re.compile(r"(?:(?<!-)--|—)$")
_SPACES = re.compile(r" {2,}")
_HYPHENATES = 0.02  # share of lines that end in a divided word, above which a text hyphenates as print does


class Joiner:
    """Joins the lines of one text, having seen how that text treats words at its line ends."""

    def __init__(self, text: str) -> None:
        lines = [line for line in text.split("\n") if line]
        divided = sum(bool(_DIVIDED.search(line)) for line in lines)
        self._hyphenates = divided > _HYPHENATES * len(lines)
        self._text = text

    @cached_property
    def _words(self) -> Counter[str]:
        return Counter(_WORD.findall(self._text.lower()))

    def whole(self, before: str, after: str) -> tuple[str, str]:
        """Two lines that something parted, a word that the first one's hyphen divides set whole into the first."""
        before, after = before.rstrip(), after.lstrip()
        divided, tail = _DIVIDED.search(before), re.match(r"([^\W\d_]+)\S*\s*", after)
        if not divided or not tail or not after[0].islower():
            return before, after
        head, rest = divided[1].lower(), tail[1].lower()
        whole, compound = self._words[head + rest], self._words[f"{head}-{rest}"]
        are_words = self._words[head] > 0 and self._words[rest] > 1
        is_compound = compound > whole or (not whole and are_words)
        return (before if is_compound else before[:-1]) + tail[0].rstrip(), after[tail.end() :]

    def join(self, lines: Sequence[str]) -> str:
        """One line: a hyphen or a dash at a line's end takes no space after it."""
        parts = [lines[0].strip()]
        for line in lines[1:]:
            line = line.strip()
            before = parts[-1]
            if not before.endswith(("-", "—")):
                parts.append(f" {line}")
            elif (divided := _DIVIDED.search(before)) and not line.startswith(("and ", "or ", "to ")):
                if self._is_one_word(divided.group(1), line):
                    parts[-1] = before[:-1]
                parts.append(line)
            else:
                parts.append(line if _DASH.search(before) else f" {line}")
        return _SPACES.sub(" ", "".join(parts))

    def _is_one_word(self, head: str, line: str) -> bool:
        """Whether the hyphen is the printer's: the text has the word without it, and not with it."""
        tail = re.match(r"[^\W\d_]+", line)
        if not self._hyphenates or not tail or not tail.group()[0].islower():
            return False
        whole, compound = (head + tail.group()).lower(), f"{head}-{tail.group()}".lower()
        return self._words[compound] == 0 or self._words[whole] > self._words[compound]
