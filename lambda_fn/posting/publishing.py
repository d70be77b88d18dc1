"""Posts the next tweet of a story exactly once, whichever process dies at any point: claim → post → record.

The only place that knows the order of side effects. A tweet is claimed by putting it into the record as its
draft, under compare-and-swap; it is posted; then it goes into the archive and the record. An invocation that finds
another's draft first finds out whether it was posted: from its outcome, or on the account's timeline. `RECONCILE_AFTER`
is longer than a function may run, so a draft that old is no longer being posted.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto

from lambda_fn.errors import LimitError, NotSentError, RejectedError, StorageError, TimelineError
from lambda_fn.log import Log
from lambda_fn.posting.account import (
    Duplicate,
    NotSent,
    Outcome,
    ParentGone,
    Posted,
    Publisher,
    Refused,
    Stop,
    Unexplained,
    Unknown,
    Wait,
)
from lambda_fn.posting.recording import LostRace, record_posted, write_draft, write_record
from lambda_fn.posting.slots import already_told
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import WRONG_CLOCK, Draft, DraftOutcome, InFlight, Page, Story
from lambda_fn.writing.best_of import within
from lambda_fn.writing.storyteller import Storyteller, Voice

REFUSALS = 3  # unrecognized refusals of a text, after which the text is taken for their cause
KEPT = " (the tweet is kept, and the next invocation posts it)"
REJECTIONS = 3  # texts refused in a row that make the invocation fail
TIME_TO_CLAIM = 5.0  # seconds that are kept for the last candidate and the claim
TIME_TO_RECORD = 10.0  # seconds that must be left after the longest call to X
TIMELINE_DELAY = timedelta(hours=1)  # a post that the timeline does not show by then was never made
LOOK_BACK = timedelta(minutes=10)  # how far before the first claim the timeline is read: clocks differ
X_EPOCH = datetime(2010, 11, 7, tzinfo=UTC)  # X's API has no timelines from before


class Status(StrEnum):
    """What came of an invocation, in a word."""

    POSTED = auto()
    RECOVERED = auto()  # posted before, as it turned out, and recorded now
    DRY_RUN = auto()  # told; nothing was posted or written
    ALREADY_TOLD = auto()  # the slot has its tweet
    LOST_RACE = auto()
    WAITING = auto()
    REJECTED = auto()  # X does not want the text
    UNKNOWN = auto()  # perhaps it was posted


TOLD = frozenset({Status.POSTED, Status.RECOVERED, Status.ALREADY_TOLD})
"""After these the story stands, recorded, with the tweet that the answer is about."""


@dataclass(frozen=True)
class Answer:
    """What came of an invocation."""

    status: Status
    story: str
    sequence: int  # of the tweet that it is about
    text: str | None = None
    tweet_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Invocation:
    """What publishing works with, passed in by its caller."""

    stories: Stories
    storyteller: Storyteller
    publisher: Publisher
    clock: Callable[[], datetime]  # UTC
    time_left: Callable[[], float]  # seconds until this process may be stopped
    log: Log


def publish_next(settings: Settings, invocation: Invocation) -> Answer:
    """Post the next tweet of a story, or settle the one in flight: at most one post an invocation.

    Raises, before any side effect, `SettingError` and `RecordError`; `NotSentError`, `TimelineError` and
    `RejectedError` when the owner has to act; `StorageError`; `StuckError`. After each of these the record says what
    is true, and a later invocation goes on from there.
    """
    story, etag, voice = invocation.storyteller.load(invocation.stories, settings)
    if story.recent and already_told(settings.slot, story.slot, invocation.clock()):
        told = story.recent[-1]
        return Answer(Status.ALREADY_TOLD, story.story, told.sequence, told.text, told.tweet_id)
    steps = _Steps(settings, voice, invocation)
    try:
        if story.in_flight and etag:
            return steps.take_over(InFlight(story, story.in_flight, etag))
        return steps.post(steps.claim_next(story, etag))
    except LostRace:
        invocation.log(Status.LOST_RACE, sequence=story.sequence + 1)
        reason = "another invocation is telling this story"
        return Answer(Status.LOST_RACE, story.story, story.sequence + 1, reason=reason)


class _Steps:
    """What an invocation does, step by step, with the parts it was given; `voice`: how it tells."""

    def __init__(self, settings: Settings, voice: Voice, invocation: Invocation) -> None:
        self._settings, self._voice, self._stories = settings, voice, invocation.stories
        self._storyteller, self._publisher = invocation.storyteller, invocation.publisher
        self._clock, self._time_left, self._log = invocation.clock, invocation.time_left, invocation.log

    def claim_next(self, story: Story, etag: str | None) -> InFlight:
        """Steps 1 and 2: tell the next tweet and put it into the record as this invocation's draft."""
        before = story.bundle
        page = self._stories.page(story.story, story.sequence + 1)
        if page:
            story = self._storyteller.catch_up(story, page, self._voice)
            etag = write_record(self._stories, story, etag)
            self._log("caught_up", sequence=story.sequence)
        with self._log.timed("told", sequence=story.sequence + 1) as details:
            needed = self._publisher.post_limit + TIME_TO_RECORD + TIME_TO_CLAIM
            more = within(self._settings.telling_time, self._time_left, needed)
            telling, story = self._storyteller.next_telling(story, self._voice, more)
            details |= {"steps": telling.steps, "candidates": telling.candidates}
        if story.bundle != before:
            self._log("another_bundle", sequence=story.sequence + 1, before=before, now=story.bundle)
        now = self._clock()
        draft = Draft(
            claim=uuid.uuid4().hex,
            slot=self._settings.slot,
            text=telling.text,
            paragraph=telling.paragraph,
            token=telling.position.token,
            state=telling.position.state,
            style=self._voice.style,
            sampling=replace(self._voice.sampling, candidates=telling.candidates),
            attempt=story.draft.attempt if story.draft else 0,
            posts=1,
            doubtful=False,
            first_claimed_at=now,
            claimed_at=now,
            outcome=None,
            not_before=None,
        )
        return self._claim(story, draft, etag)

    def take_over(self, flight: InFlight) -> Answer:
        """Step 3: a draft that another invocation left, or is still busy with."""
        story, draft, now = flight.story, flight.draft, self._clock()
        unposted = draft.outcome == DraftOutcome.NOT_SENT and not draft.doubtful  # no post of it has reached X
        if draft.not_before and draft.has_to_wait(now):
            refused = "takes no posts" if unposted else "lets nobody look whether it was posted"
            reason = f"X {refused} before {draft.not_before:%Y-%m-%d %H:%M} UTC"
            return self._not_posted(Status.WAITING, flight, reason)
        if draft.outcome != DraftOutcome.NOT_SENT and draft.is_young(now, self._settings.reconcile_after):
            return self._not_posted(Status.WAITING, flight, "another invocation may still be posting it")
        page = self._stories.page(story.story, flight.sequence)
        # A draft gets into the archive when it is posted; but a command that posts nothing may have told a text there.
        other = page if page and page.tweet.text != draft.text else None
        if page and not other and (page.tweet.tweet_id or draft.doubtful):
            return self._record(flight, page, Status.RECOVERED)
        try:
            tweet_id = None if unposted else self._look(flight)
        except LimitError as limit:
            self._note(flight, draft.outcome or DraftOutcome.UNKNOWN, limit.until)
            return self._not_posted(Status.WAITING, flight, str(limit))
        except TimelineError as problem:
            advice = "look at the account and say with `python -m lambda_fn settle` what became of the tweet"
            raise TimelineError(f"{problem}; if that lasts, {advice}") from None
        if tweet_id:
            return self._record(flight, self._page(flight, tweet_id), Status.RECOVERED)
        if other and unposted:
            return self.post(self.claim_next(replace(story, draft=None), flight.etag))
        if other:
            flight = self._behind(flight, other)
        return self.post(self._claim_again(flight, doubtful=not unposted))

    def post(self, flight: InFlight) -> Answer:
        """Step 5: post the draft that this invocation has claimed, and act on the answer."""
        # What X refuses may be the reply: before the text is given up, it is tried as a tweet of its own.
        in_thread = self._settings.thread and flight.draft.refusals + 1 < REFUSALS
        outcome = self._call(flight, _last_id(flight.story) if in_thread else None)
        if isinstance(outcome, ParentGone):
            flight = self._claim_again(flight, doubtful=flight.draft.doubtful)
            outcome = self._call(flight, None)
        if isinstance(outcome, Unexplained):
            flight = replace(flight, draft=replace(flight.draft, refusals=flight.draft.refusals + 1))
        draft = flight.draft
        may_show_yet = draft.doubtful and self._clock() - draft.first_claimed_at < TIMELINE_DELAY
        match outcome:
            case Posted(tweet_id):
                return self._record(flight, self._page(flight, tweet_id), Status.POSTED)
            case Duplicate() if draft.doubtful:
                return self._record(flight, self._page(flight, None), Status.RECOVERED)
            case Refused(reason) if may_show_yet:
                return self._keep_unknown(flight, reason)
            case Duplicate(reason) | Refused(reason):
                return self._reject(flight, reason)
            case Unknown(reason):
                return self._keep_unknown(flight, reason)
            case Wait(until, reason):
                self._note(flight, DraftOutcome.NOT_SENT, until)
                return self._not_posted(Status.WAITING, flight, reason)
            case Unexplained(reason) if draft.refusals >= REFUSALS and not may_show_yet:
                return self._reject(flight, f"{reason} ({draft.refusals} times)")
            case NotSent(reason) | Stop(reason) | ParentGone(reason):
                self._note(flight, DraftOutcome.NOT_SENT)
                raise NotSentError(f"{reason}{KEPT}")

    def _claim(self, story: Story, draft: Draft, etag: str | None) -> InFlight:
        flight = write_draft(self._stories, story, draft, etag)
        self._log("claimed", sequence=flight.sequence, posts=draft.posts)
        return flight

    def _claim_again(self, flight: InFlight, *, doubtful: bool) -> InFlight:
        """Step 4: of all invocations that found the same draft, one wins the record, and posts."""
        draft, now = flight.draft, self._clock()
        claimed = replace(
            draft,
            claim=uuid.uuid4().hex,
            first_claimed_at=min(draft.first_claimed_at, now),
            claimed_at=now,
            posts=draft.posts + 1,
            doubtful=doubtful,
            outcome=None,
            not_before=None,
        )
        return self._claim(flight.story, claimed, flight.etag)

    def _look(self, flight: InFlight) -> str | None:
        """The id of the draft on the account's timeline, None if it is not there; raises `TimelineError`."""
        if self._time_left() < self._publisher.find_limit + TIME_TO_RECORD:
            raise TimelineError("there was too little time left to look whether the tweet in flight was posted")
        with self._log.timed("looked", sequence=flight.sequence) as details:
            tweet_id = self._publisher.find(flight.draft.text, _first_moment(flight, self._clock()))
            details["tweet_id"] = tweet_id
        return tweet_id

    def _call(self, flight: InFlight, reply_to: str | None) -> Outcome:
        """The one call that posts; not made with less time left than it and the record may take."""
        if self._time_left() < self._publisher.post_limit + TIME_TO_RECORD:
            return NotSent("there was too little time left to post the tweet")
        with self._log.timed("called", sequence=flight.sequence) as details:
            outcome = self._publisher.post(flight.draft.text, reply_to)
            details["outcome"] = type(outcome).__name__
        return outcome

    def _record(self, flight: InFlight, page: Page, status: Status) -> Answer:
        """Step 6: the archive, then the record."""
        self._log(status, sequence=page.tweet.sequence, tweet_id=page.tweet.tweet_id)
        tweet = record_posted(self._stories, flight, page, self._log, self._behind).tweet
        return Answer(status, flight.story.story, tweet.sequence, tweet.text, tweet.tweet_id)

    def _reject(self, flight: InFlight, reason: str) -> Answer:
        """Give a text up: the next invocation tells another."""
        attempt = flight.draft.attempt + 1
        rejected = replace(flight.draft, attempt=attempt, outcome=DraftOutcome.REJECTED)
        write_draft(self._stories, flight.story, rejected, flight.etag)
        answer = self._not_posted(Status.REJECTED, flight, reason)
        if attempt >= REJECTIONS:
            raise RejectedError(f"X has refused {attempt} texts in a row, the last because: {reason}")
        return answer

    def _keep_unknown(self, flight: InFlight, reason: str) -> Answer:
        """Keep a draft that may have been posted: a later invocation looks."""
        self._note(flight, DraftOutcome.UNKNOWN)
        return self._not_posted(Status.UNKNOWN, flight, reason)

    def _not_posted(self, status: Status, flight: InFlight, reason: str) -> Answer:
        self._log(status, sequence=flight.sequence, reason=reason)
        return Answer(status, flight.story.story, flight.sequence, flight.draft.text, reason=reason)

    def _note(self, flight: InFlight, outcome: DraftOutcome, not_before: datetime | None = None) -> None:
        """Record what is known of a post that was not, or perhaps not, made; if that fails, it is unknown later."""
        draft = replace(flight.draft, outcome=outcome, not_before=not_before)
        try:
            write_draft(self._stories, flight.story, draft, flight.etag)
        except (StorageError, LostRace) as problem:
            self._log("not_noted", sequence=flight.sequence, reason=str(problem))

    def _page(self, flight: InFlight, tweet_id: str | None) -> Page:
        return flight.story.page(flight.draft, tweet_id, self._clock())

    def _behind(self, flight: InFlight, page: Page) -> InFlight:
        return self._storyteller.behind(flight, page, self._voice)


def _first_moment(flight: InFlight, now: datetime) -> datetime:
    """The earliest moment, by X's clock, at which the draft can have been posted; never in the future."""
    claimed, recent = flight.draft.first_claimed_at, flight.story.recent
    if claimed - now > WRONG_CLOCK:  # that clock was wrong; but the draft is later than the tweet before it
        claimed = recent[-1].time if recent else X_EPOCH
    return max(min(claimed, now), X_EPOCH) - LOOK_BACK


def _last_id(story: Story) -> str | None:
    """The last tweet whose id is known: what the next one replies to."""
    return next((tweet.tweet_id for tweet in reversed(story.recent) if tweet.tweet_id), None)
