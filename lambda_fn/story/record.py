"""Where a story stands: what was told last, the state of the model after it, and the tweet in flight.

`codec` reads and writes it as JSON.
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum, auto
from itertools import islice

from lambda_fn.errors import RecordError
from lambda_fn.language.bundle import Bundle
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State, shown_shapes

STORY_NAME = re.compile(r"[a-z0-9-]{1,40}")
RECENT = 20  # tweets that a story keeps whole
WRONG_CLOCK = timedelta(minutes=10)  # X accepts clocks that are five minutes off: two may differ by twice that
LONGEST_PAUSE = timedelta(days=33)  # more than any limit of X lasts
SEEN = 1000  # tweets that a story keeps a fingerprint of
OPENED = (
    50  # tweets whose opening words a story knows: of the recent ones by their text, of those before by fingerprint
)

_WORD = re.compile(r"[^\W\d_]+(?:[’-][^\W\d_]+)*")
_OPENING = 4  # words


@dataclass(frozen=True)
class Tweet:
    """A tweet that was told."""

    sequence: int  # 1 for the first of a story
    text: str
    paragraph: bool  # whether it begins a paragraph: what joins it to the one before is "\n", else " "
    tweet_id: str | None  # None: not posted, or posted under an unknown id
    time: datetime  # UTC


@dataclass(frozen=True)
class Page:
    """A told tweet, and how it was told: all that this program needs to tell it again."""

    tweet: Tweet
    bundle: str  # its identity, or what that was called before: see `Bundle.is_known_as`
    style: Mapping[str, float]  # weights by author, sum 1
    seed: int
    sampling: Sampling

    def check_seed(self, story: str, seed: int) -> None:
        """Raise `RecordError` if this page was not told with the seed of the story in whose archive it is."""
        if self.seed != seed:
            raise RecordError(
                f"{page_key(story, self.tweet.sequence)} is from another story, for its seed is not that of the "
                "record: move it away"
            )


def page_key(story: str, sequence: int) -> str:
    """Where the page of a tweet is kept: page_key("main", 7) → "main/tweets/000007.json"."""
    return f"{story}/tweets/{sequence:06d}.json"


class DraftOutcome(StrEnum):
    """What is known of the last post of a draft, once it has ended."""

    UNKNOWN = auto()  # perhaps it was made
    NOT_SENT = auto()
    REJECTED = auto()  # not made, and given up


@dataclass(frozen=True)
class Draft:
    """The tweet in flight: claimed, maybe posted, not settled; `token` and `state` are those after it.

    One that X refused is kept as `REJECTED` until another text takes its place, because `attempt` counts how many were
    refused in a row.
    """

    claim: str  # random: whose draft it is
    slot: str | None
    text: str
    paragraph: bool
    token: int
    state: State
    style: Mapping[str, float]  # how it was told, as is `sampling`
    sampling: Sampling
    attempt: int  # texts that X refused for this place in the story
    posts: int  # number of posts begun
    doubtful: bool  # whether one of those before the last may have reached X
    first_claimed_at: datetime  # UTC, as are the others
    claimed_at: datetime
    outcome: DraftOutcome | None  # None while a post may be under way
    not_before: datetime | None
    refusals: int = 0  # number of times that X refused this text for a reason that is not recognized

    def is_young(self, now: datetime, seconds: float) -> bool:
        """Whether it was claimed less than `seconds` ago; a claim far in the future was made by a wrong clock."""
        return not self.is_misdated(now) and (now - self.claimed_at).total_seconds() < seconds

    def is_misdated(self, now: datetime) -> bool:
        """Whether it was claimed by a clock further ahead than X accepts in a request."""
        return self.claimed_at - now > WRONG_CLOCK

    def has_to_wait(self, now: datetime) -> bool:
        """Whether X takes no requests yet; a moment that was noted by a wrong clock does not count."""
        if self.not_before is None or self.is_misdated(now):
            return False
        return timedelta(0) < self.not_before - now <= LONGEST_PAUSE


@dataclass(frozen=True)
class Story:
    """All that is needed to continue a story.

    `token` is the last of the text, which the model has not read yet; `state` is the one before it reads that.
    """

    story: str
    bundle: str  # identity of the bundle that told it, or what that was called before
    sequence: int  # tweets told so far
    slot: str | None  # the last one that a tweet was told for
    token: int
    state: State
    style: Mapping[str, float]  # weights by author, sum 1
    seed: int
    recent: tuple[Tweet, ...] = ()  # the last 20, oldest first
    seen: tuple[int, ...] = ()  # fingerprints of the last 1,000, oldest first
    draft: Draft | None = None
    openings: tuple[int, ...] = ()  # fingerprints of the openings of the 30 tweets before `recent`, oldest first

    @property
    def opened(self) -> frozenset[int]:
        """Fingerprints of the openings of the last 50 tweets."""
        return frozenset([*self.openings, *(opening_of(tweet.text) for tweet in self.recent)])

    @property
    def in_flight(self) -> Draft | None:
        """The draft, if it has to be settled before another tweet is told: one that X refused has not."""
        return self.draft if self.draft and self.draft.outcome != DraftOutcome.REJECTED else None

    def page(self, draft: Draft, tweet_id: str | None, time: datetime) -> Page:
        """The next page of the archive, as a draft becomes it."""
        tweet = Tweet(self.sequence + 1, draft.text, draft.paragraph, tweet_id, time)
        return Page(tweet, self.bundle, draft.style, self.seed, draft.sampling)

    def settled(self, tweet: Tweet, token: int, state: State, slot: str | None = None) -> "Story":
        """The story with one more tweet, and no draft; a tweet without a slot leaves the last one."""
        if tweet.sequence != self.sequence + 1:
            raise ValueError(f"tweet {tweet.sequence} does not follow tweet {self.sequence}")
        told = (*self.recent, tweet)
        left = (opening_of(each.text) for each in told[:-RECENT])
        return replace(
            self,
            sequence=tweet.sequence,
            slot=slot or self.slot,
            token=token,
            state=state,
            recent=told[-RECENT:],
            openings=(*self.openings, *left)[-(OPENED - RECENT) :],
            seen=(*self.seen, fingerprint(tweet.text))[-SEEN:],
            draft=None,
        )

    def check_fits(self, bundle: Bundle) -> None:
        """Raise `RecordError` if the record names this bundle but its state cannot be from it.

        Under another bundle the state is not used: it is computed anew from the recent tweets.
        """
        if not bundle.is_known_as(self.bundle):
            return
        positions = [(self.token, self.state)]
        if self.draft:
            positions.append((self.draft.token, self.draft.state))
        for token, state in positions:
            if state.shapes != bundle.state.shapes or token >= bundle.vocabulary:
                raise RecordError(
                    f"the record of story {self.story!r} has token {token} and a state {shown_shapes(state.shapes)}, "
                    f"but its bundle has {bundle.vocabulary} tokens and states {shown_shapes(bundle.state.shapes)}: "
                    "it was altered"
                )
            if name := bundle.state.beyond_bound(state):
                raise RecordError(
                    f"the record of story {self.story!r} has a state that no model leaves, with {name} further from 0 "
                    f"than {bundle.state.bound(name):,.7g}: it was altered"
                )


@dataclass(frozen=True)
class InFlight:
    """A story with its draft, as they are recorded under this ETag."""

    story: Story
    draft: Draft
    etag: str

    @property
    def sequence(self) -> int:
        """The draft's place in the story."""
        return self.story.sequence + 1


def fingerprint(text: str) -> int:
    """64 bits of a text (BLAKE2b), independent of case, white space and Unicode composition."""
    folded = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return int.from_bytes(hashlib.blake2b(folded.encode("utf-8"), digest_size=8).digest())


def opening_of(text: str) -> int:
    """The fingerprint of the first four words of a text, case and punctuation aside; of a shorter one, of all."""
    words = islice(_WORD.finditer(text), _OPENING)
    return fingerprint(" ".join(word.group() for word in words))


def has_opening(text: str) -> bool:
    """Whether a text has the four words of which a repetition would be noticed."""
    return len(list(islice(_WORD.finditer(text), _OPENING))) == _OPENING
