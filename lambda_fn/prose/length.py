"""How long X counts a text: version 3 of twitter-text's published configuration, without its rule for URLs.

No text that could be read as a link is ever told (see `rules`), so that rule is never needed.
"""

import re
import unicodedata

LONGEST = 280
"""The greatest weight that a tweet may have."""

_HEAVY = re.compile("[^\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")  # weighs 2; the others weigh 1

_PICTURE = "[\u203c\u2049\u2122\u2139\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff]"
_EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag: two regional indicators
    "|[0-9#*]\ufe0f?\u20e3"  # a keycap
    # A picture, with its variation or skin tone and its tags, joined to others.
    f"|{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
    f"(?:\u200d{_PICTURE}[\ufe0f\U0001f3fb-\U0001f3ff]?)*"
)


def weighted_length(text: str) -> int:
    """The weight of a text: 1 or 2 a code point of its NFC form, 2 an emoji sequence.

    weighted_length("“No—never!”") → 11, weighted_length("…") → 2
    """
    text = unicodedata.normalize("NFC", text)
    if text.isascii():
        return len(text)
    text, emoji = _EMOJI.subn("", text)
    return 2 * emoji + len(text) + len(_HEAVY.findall(text))


def room_taken(text: str) -> int:
    """How much of `LONGEST` a text takes: its weight, or its number of characters if that is greater.

    An emoji of many characters weighs 2, but a record holds at most as many characters as a tweet may weigh.
    """
    return max(weighted_length(text), len(text))
