"""How the pages and the feed write things: texts of any characters, dates, the address of a post."""

import html
import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from lambda_fn.book.chapters import opening
from lambda_fn.language.style import written
from lambda_fn.story.record import Story, Tweet

# What XML has no place for, or HTML: www.w3.org/TR/xml/#charsets, with the control characters that it discourages.
_NO_CHARACTER = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STORIES = uuid.UUID("6a0f2f1e-51c4-4c4b-9d5e-6f1d6a2f7c11")  # drawn once: the namespace of all that have pages
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class Title:
    """What all pages of a story say of it."""

    words: str  # the opening words, by which it is known
    by: str  # whose manner it is told in

    @classmethod
    def of(cls, story: Story, first: Tweet) -> "Title":
        """The title of a story that begins with this tweet."""
        return cls(opening(first.text), written(story.style))


def identity(first: Tweet) -> uuid.UUID:
    """What tells a story from all others, from its first tweet; it stays when a story is renamed or moved.

    The seed, from which all that is yet to be told follows, is no part of it: it could be guessed from what is.
    """
    return uuid.uuid5(_STORIES, f"{first.time.isoformat()} {first.text}")


def characters(value: str) -> str:
    """A text with a mark (U+FFFD) in place of each character that HTML or XML cannot hold."""
    return _NO_CHARACTER.sub("\ufffd", value)


def escaped(value: str) -> str:
    """A text as HTML has it, in content and in attributes: escaped("<b>") → "&lt;b&gt;"."""
    return html.escape(characters(value), quote=True)


def address(tweet: Tweet) -> str | None:
    """Where a tweet stands on X; None if it was not posted, or nobody knows under which id."""
    return f"https://x.com/i/status/{quote(tweet.tweet_id, safe='')}" if tweet.tweet_id else None


def timestamp(time: datetime) -> str:
    """A moment as RFC 3339 writes it, to the second: "2026-11-25T18:00:00Z"."""
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def day(when: datetime, since: datetime | None = None) -> str:
    """ "5 November 2026"; without the year where that is the year of the day before, `since`."""
    year = "" if since and since.year == when.year else f" {when.year}"
    return f"{when.day} {_MONTHS[when.month - 1]}{year}"
