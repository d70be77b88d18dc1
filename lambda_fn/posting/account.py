"""An account to post to, on any network, and what can be true after a call that posts: each a type of its own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Posted:
    """The text is published under this id."""

    tweet_id: str


@dataclass(frozen=True)
class Unknown:
    """Posted or not: only the timeline can tell."""

    reason: str


@dataclass(frozen=True)
class NotSent:
    """Not posted: the network never had the whole request, so it is safe to try again."""

    reason: str


@dataclass(frozen=True)
class Wait:
    """Not posted, and not worth trying before this moment (UTC)."""

    until: datetime
    reason: str


@dataclass(frozen=True)
class Duplicate:
    """Not posted by this call, because the account has the text already, perhaps from an earlier one."""

    reason: str


@dataclass(frozen=True)
class Refused:
    """Not posted, and this text never will be."""

    reason: str


@dataclass(frozen=True)
class Stop:
    """Not posted, and no text will be until the owner acts; the reason says how."""

    reason: str


@dataclass(frozen=True)
class Unexplained(Stop):
    """A `Stop` for a reason that is not recognized: the text may be what X refuses after all."""


@dataclass(frozen=True)
class ParentGone:
    """Not posted, because the tweet to reply to takes no replies."""

    reason: str


Outcome = Posted | Unknown | NotSent | Wait | Duplicate | Refused | Stop | ParentGone


class Publisher(Protocol):
    """An account to post to: see `posting.x.account`."""

    post_limit: float  # seconds that `post` may take at most
    find_limit: float  # seconds that `find` may take at most

    def post(self, text: str, reply_to: str | None = None) -> Outcome:
        """Post a text; returns what is true of it then, and never raises."""

    def find(self, text: str, since: datetime) -> str | None:
        """The id under which a text stands on the account's timeline; raises `TimelineError`, `LimitError`."""
