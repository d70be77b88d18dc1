"""The characters of a text before anything is read into them: line ends, spaces, encodings gone wrong."""

import re
import unicodedata

# Characters that stand for others. Every key is one character.
_REPLACED = {
    "\ufb00": "ff",
    "\ufb01": "fi",
    "\ufb02": "fl",
    "\ufb03": "ffi",
    "\ufb04": "ffl",
    "\ufb05": "st",
    "\ufb06": "st",
    "\u00a0": " ",
    "\u2000": " ",
    "\u2001": " ",
    "\u2002": " ",
    "\u2003": " ",
    "\u2004": " ",
    "\u2005": " ",
    "\u2006": " ",
    "\u2007": " ",
    "\u2008": " ",
    "\u2009": " ",
    "\u200a": " ",
    "\u202f": " ",
    "\u205f": " ",
    "\u3000": " ",  # spaces of every width
    "\u2010": "-",
    "\u2011": "-",  # hyphens that look like any other
    "\u2012": "–",
    "\u2015": "—",  # figure dash, horizontal bar
    "\u017f": "s",  # long s
    "\u201b": "‘",
    "\u201f": "“",
    "\u2032": "'",
    "\u2033": '"',
    "\u00b4": "'",
    "\u02bc": "’",
    "\u0091": "‘",
    "\u0092": "’",
    "\u0093": "“",
    "\u0094": "”",
    "\u0085": "…",
    "\u0096": "–",
    "\u0097": "—",
}  # the last line: Windows-1252 read as Latin-1

# Characters that say nothing: byte order mark, soft hyphen, zero width, direction marks.
_REMOVED = "\ufeff\u00ad\u200b\u200c\u200d\u2060\u200e\u200f\u202a\u202b\u202c\u202d\u202e\ufffc"

_TABLE = str.maketrans(_REPLACED | dict.fromkeys(_REMOVED, ""))

# UTF-8 read as Windows-1252 or Latin-1: an accented letter or punctuation mark became two or three characters.
_MOJIBAKE = re.compile("[\u00c2-\u00c5][\u0080-\u00bf]|â(?:€|\u0080)[\u0080-\u00bf‘’“”•–—˜™š›œžŸ¡¢£¤¥¦§¨©ª«¬®¯]")

_LINE_END_RUN = re.compile(r"[\r\n]+")
_PAGE_BREAK = re.compile("\n?\f\n?")
_WIDE_SPACE = re.compile(" {100,}")  # no page is wider, and what looks for columns would take long
_SEPARATORS = re.compile("[\u2028\u2029\v]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def normalise_characters(raw: str) -> str:
    """The same text in NFC, with ``\\n`` line ends, plain spaces, and without invisible characters.

    A form feed, the end of a printed page, has a line of its own.
    """
    text = _SEPARATORS.sub("\n", set_line_ends(_MOJIBAKE.sub(_repair, raw)))
    text = _PAGE_BREAK.sub("\n\f\n", text).translate(_TABLE).expandtabs(8)
    text = _WIDE_SPACE.sub(" " * 100, text)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def set_line_ends(text: str) -> str:
    r"""The same lines, each ended by ``\n``: LF, CR LF, CR, CR CR LF, LF CR and NEL end a line, and are one end each.

    A text of which every line is followed by an empty one, and paragraphs by more, is closed up.
    """
    if text.count("\x85") > text.count("\n") + text.count("\r"):  # elsewhere NEL is an ellipsis read as Latin-1
        text = text.replace("\x85", "\n")
    if "\r" in text:
        doubled = text.count("\r\r\n") > len(re.findall(r"(?<![\r\n])\r(?![\r\n])", text))
        text = _LINE_END_RUN.sub(lambda run: "\n" * _line_ends(run.group(), doubled), text)
    text = "\n".join(line.rstrip(" \t") for line in text.split("\n"))
    return text.replace("\n\n", "\n") if _is_double_spaced(text) else text


def _line_ends(run: str, doubled: bool) -> int:
    """How many lines end in a run of CR and LF; `doubled` where CR CR LF ends one and not two."""
    if run.startswith("\n\r") and run == "\n\r" * (len(run) // 2):
        return len(run) // 2
    if doubled:
        run = run.replace("\r\r\n", "\n")
    return len(run.replace("\r\n", "\n"))


def _is_double_spaced(text: str) -> bool:
    """Whether no line follows another without an empty line between, though sentences go on over their ends."""
    runs = [len(run) for run in re.findall(r"\n+", text.strip("\n"))]
    if len(runs) < 8 or max(runs) < 4 or sum(run % 2 for run in runs) > 0.02 * len(runs):
        return False
    return len(re.findall(r"\n\n *[a-z]", text)) >= 0.15 * len(runs)


def _repair(broken: re.Match[str]) -> str:
    """The character whose UTF-8 bytes were read as a one-byte encoding, or the match as it stands."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return broken.group().encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return broken.group()
