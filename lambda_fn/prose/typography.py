"""Typewriter marks in a user's prompt made typographic as in the books: quotes, dashes, ellipses, spaces."""

import re
import unicodedata

_ELISION = r"(?:[Tt]is|[Tt]was|[Tt]were|[Tt]will|[Tt]would|[Ee]m|[Cc]ause)\b"
# Where a word begins, if a quotation ends further on: a mark after punctuation, or at a word's end.
_SINGLE_BEGINS = re.compile(rf"(^|[\s“(—])'(?=\w)(?!{_ELISION})(?=.*[\w.,;:!?…—]'(?!\w))", re.MULTILINE)


def typographic(text: str) -> str:
    """A text in NFC with ‘ ’ “ ” — …, no white space at its ends, one space between words, no empty line.

    typographic('"It\\'s he--he!"') → "“It’s he—he!”"
    """
    text = unicodedata.normalize("NFC", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    text = "\n".join(line for line in lines if line)
    text = re.sub(r" ?--+ ?| – ", "—", text)
    text = re.sub(r" ?\.(?: ?\.){2,}", "…", text)
    # A straight double quote opens after white space, a dash or an opening mark, and closes elsewhere.
    text = re.sub(r'(^|[\s(\[‘—])"(?=\S)', r"\1“", text, flags=re.MULTILINE)
    text = re.sub(r"""(^|[\s(—])'"(?=\w)""", r"\1‘“", text, flags=re.MULTILINE)
    text = text.replace('"', "”")
    text = _SINGLE_BEGINS.sub(r"\1‘", text)
    return text.replace("'", "’")
