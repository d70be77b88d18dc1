"""How far the pages of a story are written, and all that it takes to go on with them without the archive.

It is kept beside the pages, and written after them: what it says is written is. Whatever of it cannot be read, or does
not go with the story, counts as not there, for the pages can always be made again.
"""

import json
from dataclasses import dataclass
from typing import Self

from lambda_fn.book.chapters import LENGTH, chapter_of
from lambda_fn.book.wording import identity
from lambda_fn.errors import RecordError
from lambda_fn.fields import Fields
from lambda_fn.formats import BOOK
from lambda_fn.story.codec import tweet_from_fields, tweet_to_object
from lambda_fn.story.record import Story, Tweet

KEPT = 120  # tweets: the chapter that is being written, and at its beginning the one before


@dataclass(frozen=True)
class Written:
    """What the pages hold: the first tweet of each chapter, and the last 120 tweets, oldest first."""

    story: str = ""  # its identity: whose pages they are
    firsts: tuple[Tweet, ...] = ()
    tweets: tuple[Tweet, ...] = ()

    @property
    def told(self) -> int:
        """How many tweets the pages have."""
        return self.tweets[-1].sequence if self.tweets else 0

    def and_then(self, tweets: tuple[Tweet, ...]) -> Self:
        """The same with the next tweets."""
        firsts = (*self.firsts, *(tweet for tweet in tweets if tweet.sequence % LENGTH == 1))
        return type(self)(identity(firsts[0]).urn, firsts, (*self.tweets, *tweets)[-KEPT:])

    def belongs_to(self, story: Story) -> bool:
        """Whether these can be pages of this story, as far as it is told: what both have of it is the same."""
        if not self.told or self.story != identity(self.firsts[0]).urn or self.told > story.sequence:
            return False
        told = {tweet.sequence: (tweet.text, tweet.time) for tweet in self.tweets}
        return all(
            told.get(tweet.sequence, (tweet.text, tweet.time)) == (tweet.text, tweet.time) for tweet in story.recent
        )


def to_json(written: Written) -> bytes:
    """As it is kept."""
    document = {
        "format": BOOK.number,
        "story": written.story,
        "firsts": [tweet_to_object(tweet) for tweet in written.firsts],
        "tweets": [tweet_to_object(tweet) for tweet in written.tweets],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode("utf-8") + b"\n"


def from_json(data: bytes) -> Written:
    """Read what is kept; raises `RecordError`."""
    where = "what is known of the pages"
    fields = BOOK.upgrade(Fields.parse(data, where, RecordError), "make the pages again")
    firsts, tweets = (tuple(tweet_from_fields(each) for each in fields.objects(name)) for name in ("firsts", "tweets"))
    told = tweets[-1].sequence if tweets else 0
    if len(firsts) != chapter_of(max(1, told)):  # before anything is made of a number that may be anything
        raise fields.problem("firsts", "the first tweet of each chapter")
    if not told or [tweet.sequence for tweet in tweets] != [*range(max(1, told - KEPT + 1), told + 1)]:
        raise fields.problem("tweets", f"the last {KEPT} tweets in order")
    if [tweet.sequence for tweet in firsts] != [*range(1, told + 1, LENGTH)]:
        raise fields.problem("firsts", f"the first tweet of each of {chapter_of(told)} chapters")
    return Written(fields.text("story"), firsts, tweets)
