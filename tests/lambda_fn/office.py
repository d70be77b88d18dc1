"""All that publishing works with, in memory: a store, an account, a clock.

Each can be made to fail, once or for ever, in the ways in which the real ones do. What has an effect goes through
`around`: there a test may put something in between, or have the process die.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from lambda_fn.errors import BusyError, Conflict, LimitError, StorageError, TimelineError, UnclearWrite
from lambda_fn.log import Log
from lambda_fn.posting.account import Duplicate, Outcome, Posted, Refused, Unknown
from lambda_fn.posting.publishing import Answer, Invocation, publish_next
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import from_json, page_from_json
from lambda_fn.story.record import Draft, Page, Story
from lambda_fn.writing.storyteller import Storyteller
from tests.lambda_fn.quick import QuickStoryteller

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIMEOUT = 60.0  # seconds that an invocation has, as in template.yaml
SEED = 7

RECORD = "main/story.json"

# Tests read the same again and again.
_story = lru_cache(1000)(from_json)
_page = lru_cache(1000)(page_from_json)

Around = Callable[[str, Callable[[], Any]], Any]
"""Takes the name of an effect and what does it; returns what that returns."""


def at_once(_effect: str, do: Callable[[], Any]) -> Any:
    """Nothing in between."""
    return do()


@dataclass
class Clock:
    """A clock that a test sets."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class MemoryStore:
    """A `Store`; an ETag is the hash of the content.

    `faults`: (operation, end of the key) → what goes wrong the next time, once:
    "error"   not done, and known not to be
    "lost"    not done, and nobody knows
    "unclear" done, and nobody knows
    "conflict" done, but answered as if somebody else had been faster: the client had tried again
    "busy"    not done: the store asks to try again
    "late"    not done now, nobody knows, and done later, by `arrive`, if it can be done then
    """

    objects: dict[str, bytes] = field(default_factory=dict)
    faults: dict[tuple[str, str], str] = field(default_factory=dict)
    late: list[Callable[[], str]] = field(default_factory=list)
    around: Around = at_once
    uri: str = "memory"

    def read(self, key: str) -> tuple[bytes, str] | None:
        return self.around(f"read {key}", lambda: self._read(key))

    def stories(self) -> list[str]:
        return sorted({key.partition("/")[0] for key in self.objects})

    def create(self, key: str, data: bytes) -> str:
        return self.around(f"create {key}", lambda: self._write("create", key, data, None))

    def replace(self, key: str, data: bytes, etag: str) -> str:
        return self.around(f"replace {key}", lambda: self._write("replace", key, data, etag))

    def put(self, key: str, data: bytes) -> None:
        self.around(f"put {key}", lambda: self._place(key, data))

    def arrive(self) -> None:
        """What was under way arrives."""
        while self.late:
            try:
                self.late.pop(0)()
            except Conflict:
                continue

    def _read(self, key: str) -> tuple[bytes, str] | None:
        if self._fault("read", key):
            raise StorageError(f"{key} cannot be read")
        data = self.objects.get(key)
        return None if data is None else (data, _etag(data))

    def _write(self, operation: str, key: str, data: bytes, etag: str | None) -> str:
        fault = self._fault(operation, key)
        if fault == "error":
            raise StorageError(f"{key} cannot be written")
        if fault == "busy":
            raise BusyError(f"{key} cannot be written just now")
        if fault == "late":
            self.late.append(lambda: self._put(key, data, etag))
        if fault not in ("lost", "late"):
            self._put(key, data, etag)
        if fault == "conflict":
            raise Conflict(f"{key} was changed by somebody else")
        if fault:
            raise UnclearWrite(f"nobody knows whether {key} was written")
        return _etag(data)

    def _put(self, key: str, data: bytes, etag: str | None) -> str:
        there = self.objects.get(key)
        if (None if there is None else _etag(there)) != etag:
            raise Conflict(f"{key} was changed by somebody else")
        self.objects[key] = data
        return _etag(data)

    def _place(self, key: str, data: bytes) -> None:
        if self._fault("put", key):
            raise StorageError(f"{key} cannot be written")
        self.objects[key] = data

    def _fault(self, operation: str, key: str) -> str | None:
        planned = next((plan for plan in self.faults if plan[0] == operation and key.endswith(plan[1])), None)
        return self.faults.pop(planned) if planned else None


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Shown:
    """A tweet on the account."""

    tweet_id: str
    text: str
    reply_to: str | None
    time: datetime


@dataclass
class Account:
    """An account on X; `timeline` is what its readers see, oldest first.

    `plans` says what becomes of the next posts: an outcome (nothing is posted); "lost" (posted, but the answer
    gets lost); "late" (the answer is lost, and X acts on it a minute later). After that each is posted.
    """

    clock: Clock
    refuses_duplicates: bool = False
    delay: float = 0  # seconds until a tweet is found
    plans: list[Outcome | str] = field(default_factory=list)
    unreadable: bool = False
    unreadable_until: datetime | None = None  # X takes no requests before
    timeline: list[Shown] = field(default_factory=list)
    under_way: list[tuple[datetime, str, str | None]] = field(default_factory=list)
    calls: list[tuple[str, str | None]] = field(default_factory=list)
    looks: list[datetime] = field(default_factory=list)

    @property
    def texts(self) -> list[str]:
        return [tweet.text for tweet in self.timeline]

    def arrive(self) -> None:
        """What was under way and is due arrives."""
        due = [post for post in self.under_way if post[0] <= self.clock()]
        self.under_way = [post for post in self.under_way if post not in due]
        for _, text, reply_to in due:
            self._accept(text, reply_to)

    def post(self, text: str, reply_to: str | None) -> Outcome:
        self.calls.append((text, reply_to))
        plan = self.plans.pop(0) if self.plans else "accept"
        # X looks for duplicates before it judges a text.
        if isinstance(plan, Refused) and self.refuses_duplicates and text in self.texts:
            plan = "accept"
        if not isinstance(plan, str):
            return plan
        if plan == "late":
            self.under_way.append((self.clock() + timedelta(minutes=1), text, reply_to))
            return Unknown("no answer came")
        outcome = self._accept(text, reply_to)
        return Unknown("no answer came") if plan == "lost" else outcome

    def find(self, text: str, since: datetime) -> str | None:
        self.looks.append(since)
        if self.unreadable:
            raise TimelineError("the timeline could not be read")
        if self.unreadable_until and self.clock() < self.unreadable_until:
            raise LimitError("X takes no more requests for now (429)", self.unreadable_until)
        if since > self.clock():
            raise TimelineError("X answered 400: start_time is yet to come")
        shown = timedelta(seconds=self.delay)
        found = [tweet for tweet in self.timeline if since <= tweet.time <= self.clock() - shown]
        return next((tweet.tweet_id for tweet in found if tweet.text == text), None)

    def _accept(self, text: str, reply_to: str | None) -> Outcome:
        if self.refuses_duplicates and text in self.texts:
            return Duplicate("X has this text already")
        tweet_id = str(1000 + len(self.timeline))
        self.timeline.append(Shown(tweet_id, text, reply_to, self.clock()))
        return Posted(tweet_id)


@dataclass(frozen=True)
class Caller:
    """A `Publisher`: an account as one process reaches it."""

    account: Account
    around: Around = at_once
    post_limit: float = 20
    find_limit: float = 20

    def post(self, text: str, reply_to: str | None = None) -> Outcome:
        return self.around("post", lambda: self.account.post(text, reply_to))

    def find(self, text: str, since: datetime) -> str | None:
        return self.around("find", lambda: self.account.find(text, since))


@dataclass
class Office:
    """A story, where it is kept and where it is posted."""

    clock: Clock = field(default_factory=Clock)
    store: MemoryStore = field(default_factory=MemoryStore)
    storyteller: Storyteller = field(default_factory=QuickStoryteller)
    environment: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)  # of the log

    def __post_init__(self) -> None:
        self.account = Account(self.clock)
        self.environment |= {"STORY_URI": "memory", "STORY_PROMPT": "It was", "STORY_SEED": str(SEED)}

    def publish(
        self, event: dict[str, Any] | None = None, around: Around = at_once, time_left: Callable[[], float] = lambda: 60
    ) -> Answer:
        """What one invocation does; `around` is put around each of its effects."""
        settings = Settings.from_event(event or {}, self.environment)
        stories = Stories(replace(self.store, around=around), self.clock.advance)
        log = Log(lambda line: self.lines.append(json.loads(line)))
        invocation = Invocation(stories, self.storyteller, Caller(self.account, around), self.clock, time_left, log)
        return publish_next(settings, invocation)

    @property
    def recorded(self) -> Story | None:
        """The story as recorded, whatever the store does to those who read it."""
        data = self.store.objects.get(RECORD)
        return _story(data) if data else None

    @property
    def story(self) -> Story:
        """The story, of which something is recorded."""
        story = self.recorded
        assert story, "nothing is recorded"
        return story

    @property
    def draft(self) -> Draft:
        """The draft in the record."""
        draft = self.story.draft
        assert draft, "the record has no draft"
        return draft

    @property
    def pages(self) -> list[Page]:
        """The archive, in order."""
        keys = sorted(key for key in self.store.objects if "/tweets/" in key)
        return [_page(self.store.objects[key], key, number) for number, key in enumerate(keys, 1)]

    @property
    def told(self) -> list[str]:
        """The texts of the archive, in order."""
        return [page.tweet.text for page in self.pages]

    def events(self, *names: str) -> list[dict[str, Any]]:
        """The lines of the log about these events."""
        return [line for line in self.lines if line["event"] in names]
