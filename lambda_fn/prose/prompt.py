"""The opening words of a new story, as their author typed them, made fit to begin it."""

import re
import unicodedata

from lambda_fn.errors import SettingError
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.sentences import open_marks
from lambda_fn.prose.typography import typographic

LONGEST_PROMPT = 200
"""The greatest weight of a prompt: a tweet must have room to end the sentence that it begins."""

# Whether a word follows without a space is the model's choice. A mark that closes a quotation joins nothing.
_UNFINISHED = re.compile(r"[@＠#＃$]\Z|[^\W\d_]-\Z|\A[^‘]*[^\W\d_]’\Z")
_JOINER = "\u200d"  # within emoji

_LINK = re.compile(r"[^\s.]\.[^\W\d_]{2,}|://|[@＠]\w|[#＃]\w|\$[A-Za-z]")


def prepare_prompt(prompt: str) -> str:
    """The prompt with typographic marks, exactly as the first tweet begins. Raises `SettingError`."""
    prepared = typographic(prompt)
    if not prepared:
        raise SettingError("the prompt is empty: give the opening words of the story")
    if any(unicodedata.category(character).startswith("C") for character in set(prepared) - {"\n", _JOINER}):
        raise SettingError("the prompt holds a character that cannot be printed")
    weight = weighted_length(prepared)
    if weight > LONGEST_PROMPT:
        raise SettingError(
            f"the prompt weighs {weight} characters as X counts them; at most {LONGEST_PROMPT} are allowed"
        )
    link = _LINK.search(prepared)
    if link:
        raise SettingError(f"X would read {link.group()!r} in the prompt as a link, a mention, a hashtag or a cashtag")
    if _UNFINISHED.search(prepared):
        raise SettingError(
            f"the prompt ends in {prepared[-1]!r}, to which the next word could join: end it with a whole word or "
            "a punctuation mark"
        )
    if open_marks(prepared) is None:
        raise SettingError(
            "a quotation mark or bracket in the prompt does not match: it closes none, or opens a second time"
        )
    return prepared
