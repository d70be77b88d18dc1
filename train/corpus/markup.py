"""The marks that plain text uses for italics, bold and small capitals, taken off the words they stand around."""

import re

# A pair of marks around words, each standing where a word begins or ends.
_PAIRED = re.compile(r"(?<![^\s(\[“‘\"'—-])([=~+#/|])(?=\S)([^\n=~+#/|]{1,400}?)(?<=\S)\1(?![^\s)\],.;:!?”’\"'—-])")
_BLANK = re.compile(r"_{2,}(?=[\s.,;:!?)’”'\"]|$)|(?<![^\s])_{2,}")
_OMISSION = re.compile(r"(?:\* ?){3,}")
_STRAY = re.compile(r"[*|{}]|(?<=\w)=(?=\s|$)")
_LETTERS = {"[oe]": "œ", "[OE]": "Œ", "[Oe]": "Œ", "[ae]": "æ", "[AE]": "Æ", "[Ae]": "Æ"}
_DIACRITIC = re.compile(r"\[[=)(:'`^~]([A-Za-z])\]|\[([A-Za-z])[=)(:'`^~]\]")
_SUPERSCRIPT = re.compile(r"(?<=\w)\^\{?(\w{1,4})\}?")
_TAG = re.compile(r"</?(?:i|b|em|sc|small|u)>", re.IGNORECASE)


def strip_markup(text: str) -> str:
    """A paragraph without typographic marks; blanks that stand for a name become a long dash."""
    for spelling, letter in _LETTERS.items():
        text = text.replace(spelling, letter)
    text = _DIACRITIC.sub(lambda match: match[1] or match[2], text)
    text = _SUPERSCRIPT.sub(r"\1", _TAG.sub("", text))
    text = _BLANK.sub("——", text).replace("_", "")
    return _STRAY.sub("", _OMISSION.sub("… ", _PAIRED.sub(r"\2", text)))
