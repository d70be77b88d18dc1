"""Hard line breaks joined into paragraphs, and words that a line's end divides made whole."""

import re
from collections import Counter
from collections.abc import Sequence

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
        self._words = Counter(_WORD.findall(text.lower())) if self._hyphenates else Counter[str]()

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
