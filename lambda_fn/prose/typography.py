"""Makes the marks of a typed prompt typographic, as in the books: quotes, dashes, ellipses, spaces."""

import re
import unicodedata

from lambda_fn.prose import elisions

# What some keyboards have for a mark of the books, and invisible characters of copied text.
_VARIANTS = str.maketrans(
    {"`": "'", "´": "'", "＇": "'", "ʼ": "’", "‛": "‘", "＂": '"', "‟": "“", "‐": "-", "‑": "-", "―": "—"}
    | dict.fromkeys("\ufeff\u00ad")
)
_DASH = re.compile(r" ?--+ ?| [-–](?: |$)|^[-–] ", re.MULTILINE)
_LOOSE_DOUBLE = re.compile(r"(?:^|(?<= ))“ (?=\S)|(?<=\S) ”(?= |$)")
_MAY_OPEN_AFTER = " “(—["
_SPEECH_ENDS = ".,;:!?…—)”"
_LAST_WORD = re.compile(r"[^\W\d_]+\Z")
_LOSES_ITS_END = re.compile(r".*(?:s|in|an|th)|[otdn]|wi|mo|ha|ole?|po|gi|fro|tho|thro", re.IGNORECASE)


def typographic(text: str) -> str:
    """A text in NFC with ‘ ’ “ ” — …, no white space at its ends, one space between words, no empty line.

    typographic('"It\\'s he--he!"') → "“It’s he—he!”", typographic("‘Twas 'home'") → "’Twas ‘home’"
    """
    text = re.sub("``|''", '"', unicodedata.normalize("NFC", text)).translate(_VARIANTS)
    text = unicodedata.normalize("NFC", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    text = "\n".join(line for line in lines if line)
    text = _DASH.sub("—", text)
    text = re.sub(r" ?\.(?: ?\.){2,}", "…", text)
    text = re.sub(r"„([^„“”\n]*)[“”]", r"“\1”", text).replace("„", "“")
    text = re.sub(r"‚([^‚‘’\n]*)[‘’](?!\w)", r"‘\1’", text)
    return "\n".join(_set_single(_set_double(line)) for line in text.split("\n"))


def _set_double(line: str) -> str:
    """A line with each straight double mark made to open or close; after a number it means inches."""
    characters, is_open = list(line), False
    for i, mark in enumerate(characters):
        if mark in "“”":
            is_open = mark == "“"
        elif mark == '"':
            opens = _opens_double(characters, i, is_open)
            inches = not opens and not is_open and characters[i - 1].isdigit()
            characters[i] = "“" if opens else "″" if inches else "”"
            is_open = opens
    return re.sub("(?<=[0-9])'(?= ?[0-9]{1,2}″)", "′", _LOOSE_DOUBLE.sub(_stripped, "".join(characters)))


def _stripped(found: re.Match[str]) -> str:
    return found.group().strip()


def _opens_double(characters: list[str], i: int, is_open: bool) -> bool:
    before = characters[i - 1] if i else " "
    after = characters[i + 1] if i + 1 < len(characters) else " "
    if before == after == " ":
        return not is_open
    if before in " ([‘":
        return True
    return not (is_open or after in " .,;:!?)]")


def _set_single(line: str) -> str:
    """A line with ‘ for each single mark that opens a quotation, and ’ for each that closes one or is an apostrophe."""
    line = re.sub(r"(?<!\w)['‘’]([nN])['‘’](?!\w)", r"’\1’", line)
    starts = [i for i, mark in enumerate(line) if mark in "'‘" and _stands_before_word(line, i)]
    bounds = [i for i in starts if not elisions.is_certain(line[i + 1 :])]
    opening = {i for i in starts if _opens_single(line, i, next((j for j in bounds if j > i), len(line)))}
    return "".join(("‘" if i in opening else "’") if mark in "'‘" else mark for i, mark in enumerate(line))


def _stands_before_word(line: str, i: int) -> bool:
    after = line[i + 1 : i + 2]
    # The last mark of a prompt opens a quotation.
    return (i == 0 or line[i - 1] in _MAY_OPEN_AFTER) and (not after or after.isalnum() or after in "“(…—’")


def _opens_single(line: str, start: int, stop: int) -> bool:
    """Whether a mark before a word opens a quotation; the next mark that may do so is at `stop`."""
    ends = [i for i in range(start + 2, stop) if line[i] in "'’" and _stands_after_word(line, i)]
    closes_speech = any(line[i - 1] in _SPEECH_ENDS for i in ends)
    rest, typed = line[start + 1 :], line[start] == "‘"
    if elisions.is_certain(rest):
        return closes_speech and not line[:start].rstrip()[-1:].isalnum()
    if elisions.is_possible(rest):
        return closes_speech or any(_ends_phrase(line, i) for i in ends)
    return typed or bool(ends) or not rest or not rest[0].islower()


def _stands_after_word(line: str, i: int) -> bool:
    return line[i - 1] != " " and not line[i + 1 : i + 2].isalnum()


def _ends_phrase(line: str, i: int) -> bool:
    """Whether a mark stands after a word that is neither a plural's possessive nor an elision: an’, o’, goin’."""
    word = _LAST_WORD.search(line, max(0, i - 20), i)
    return word is not None and not _LOSES_ITS_END.fullmatch(word.group())
