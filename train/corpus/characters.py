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

_NEWLINES = re.compile("\r\n?|[\u2028\u2029\x0b\x0c]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def normalise_characters(raw: str) -> str:
    """The same text in NFC, with ``\\n`` line ends, plain spaces, and without invisible characters."""
    text = _MOJIBAKE.sub(_repair, raw)
    text = _NEWLINES.sub("\n", text).translate(_TABLE).expandtabs(8)
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))


def _repair(broken: re.Match[str]) -> str:
    """The character whose UTF-8 bytes were read as a one-byte encoding, or the match as it stands."""
    for encoding in ("cp1252", "latin-1"):
        try:
            return broken.group().encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return broken.group()
