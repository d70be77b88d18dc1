"""How long X counts a text: version 3 of twitter-text's published configuration, without its rule for URLs.

No text that could be read as a link is ever told (see `rules`), so that rule is never needed.
"""

import re
import unicodedata

from lambda_fn.prose.emoji import EMOJI
from lambda_fn.prose.sentences import LETTER

LONGEST = 280
"""The greatest weight that a tweet may have."""

_HEAVY = re.compile("[^\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")  # weighs 2; the others weigh 1
# What novels are printed in: in NFC whatever stands beside it, no part of an emoji, and only the ellipsis is heavy.
_OF_NOVELS = re.compile(f"[\x00-\x7f{LETTER}£—‘’“”…]*")


def weighted_length(text: str) -> int:
    """The weight of a text: 1 or 2 a code point of its NFC form, 2 an emoji sequence.

    weighted_length("“No—never!”") → 11, weighted_length("…") → 2
    """
    if _OF_NOVELS.fullmatch(text):
        return len(text) + text.count("…")
    text, emoji = EMOJI.subn("", unicodedata.normalize("NFC", text))
    return 2 * emoji + len(text) + len(_HEAVY.findall(text))


def room_taken(text: str) -> int:
    """How much of `LONGEST` a text takes: its weight, or its number of characters if that is greater.

    An emoji of many characters weighs 2, but a record holds at most as many characters as a tweet may weigh.
    """
    return max(weighted_length(text), len(text))
