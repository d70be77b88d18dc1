"""Posts the next tweet of a story exactly once, whatever dies wherever: claim → post → record.

The only place that knows the order of side effects. A tweet is claimed by putting it into the record as its
draft, under compare-and-swap; it is posted; then it goes into the archive and the record. Whoever finds a draft
that is not theirs finds out first whether it was posted: from its outcome, or on the account's timeline. A function
that may run for less than `RECONCILE_AFTER` is no longer posting when somebody looks.
"""

import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum, auto

from lambda_fn.errors import Conflict, LimitError, NotSentError, RejectedError, StorageError, TimelineError
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
from lambda_fn.posting.recording import LostRace, draft_of, make_room, record_posted, write_record
from lambda_fn.posting.slots import already_told
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import WRONG_CLOCK, Draft, DraftOutcome, Page, Story, Tweet
from lambda_fn.writing.storyteller import Storyteller, Voice

REFUSALS = 3  # answers in words that nobody knows, after which the text is held to be what X does not want
KEPT = " (the tweet is kept, and the next invocation posts it)"
REJECTIONS = 3  # texts refused in a row that make the invocation fail
TIME_TO_RECORD = 10.0  # seconds that have to be left when a call to X has taken as long as it may
TIMELINE_DELAY = timedelta(hours=1)  # a post that the timeline does not show after that was never made
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


@dataclass(frozen=True)
class Answer:
    """What came of an invocation."""

    status: Status
    story: str
    sequence: int  # of the tweet that it is about
    text: str | None = None
    tweet_id: str | None = None
    reason: str | None = None

    def to_object(self) -> dict[str, object]:
        """The answer as a JSON object."""
        return asdict(self)


@dataclass(frozen=True)
class Invocation:
    """What publishing works with, passed in by whoever calls it."""

    stories: Stories
    storyteller: Storyteller
    publisher: Publisher
    clock: Callable[[], datetime]  # UTC
    time_left: Callable[[], float]  # seconds until this process may be stopped
    log: Log


def publish_next(settings: Settings, invocation: Invocation) -> Answer:
    """Post the next tweet of a story, or settle the one in flight: at most one post an invocation.

    Raises, before any side effect, `SettingError` and `RecordError`; `NotSentError`, `TimelineError` and
    `RejectedError` when somebody has to act; `StorageError`; `StuckError`. After each the record says what is
    true, and a later invocation goes on from there.
    """
    story, etag, voice = invocation.storyteller.load(invocation.stories, settings)
    if story.recent and already_told(settings.slot, story.slot, invocation.clock()):
        told = story.recent[-1]
        return Answer(Status.ALREADY_TOLD, story.story, told.sequence, told.text, told.tweet_id)
    try:
        if story.draft and story.draft.in_flight:
            return _take_over(story, etag, voice, settings, invocation)
        story, etag = _claim_next(story, etag, voice, settings, invocation)
        return _post(story, etag, voice, settings, invocation)
    except LostRace:
        invocation.log(Status.LOST_RACE, sequence=story.sequence + 1)
        return Answer(
            Status.LOST_RACE, story.story, story.sequence + 1, reason="another invocation is telling this story"
        )


def _claim_next(
    story: Story, etag: str | None, voice: Voice, settings: Settings, invocation: Invocation
) -> tuple[Story, str]:
    """Steps 1 and 2: tell the next tweet and put it into the record as this invocation's draft."""
    before = story.bundle
    page = invocation.stories.page(story.story, story.sequence + 1)
    if page:
        story = invocation.storyteller.catch_up(story, page, voice)
        etag = write_record(invocation.stories, story, etag)
        invocation.log("caught_up", sequence=story.sequence)
    with invocation.log.timed("told", sequence=story.sequence + 1) as details:
        rejected = story.draft
        telling, story = invocation.storyteller.next_telling(story, voice)
        details["steps"] = telling.steps
    if story.bundle != before:
        invocation.log("another_bundle", sequence=story.sequence + 1, before=before, now=story.bundle)
    now = invocation.clock()
    draft = Draft(
        claim=uuid.uuid4().hex,
        slot=settings.slot,
        text=telling.text,
        paragraph=telling.paragraph,
        token=telling.position.token,
        state=telling.position.state,
        style=voice.style,
        sampling=voice.sampling,
        attempt=rejected.attempt if rejected else 0,
        posts=1,
        doubtful=False,
        first_claimed_at=now,
        claimed_at=now,
        outcome=None,
        not_before=None,
    )
    story = replace(story, draft=draft)
    etag = write_record(invocation.stories, story, etag)
    invocation.log("claimed", sequence=story.sequence + 1, posts=draft.posts)
    return story, etag


def _take_over(story: Story, etag: str | None, voice: Voice, settings: Settings, invocation: Invocation) -> Answer:
    """Step 3: a draft that another invocation left, or is still busy with."""
    draft, now = draft_of(story), invocation.clock()
    if draft.not_before and draft.has_to_wait(now):
        refused = "takes no posts" if _is_unposted(draft) else "lets nobody look whether it was posted"
        return _waiting(story, f"X {refused} before {draft.not_before:%Y-%m-%d %H:%M} UTC", invocation)
    if draft.outcome != DraftOutcome.NOT_SENT and draft.is_young(now, settings.reconcile_after):
        return _waiting(story, "another invocation may still be posting it", invocation)
    page = invocation.stories.page(story.story, story.sequence + 1)
    same = page is not None and page.tweet.text == draft.text
    # A draft gets into the archive when it is posted; a command that posts nothing may have told the same text.
    if page and same and (page.tweet.tweet_id or draft.doubtful):
        return _record(story, etag, page, Status.RECOVERED, voice, invocation)
    try:
        tweet_id = None if _is_unposted(draft) else _look(story, invocation)
    except LimitError as limit:
        _note(
            story,
            etag,
            replace(draft, outcome=draft.outcome or DraftOutcome.UNKNOWN, not_before=limit.until),
            invocation,
        )
        return _waiting(story, str(limit), invocation)
    except TimelineError as problem:
        advice = "if that lasts, look at the account and say with `python -m lambda_fn settle` what became of the tweet"
        raise TimelineError(f"{problem}; {advice}") from None
    if tweet_id:
        return _record(story, etag, _page(story, tweet_id, invocation), Status.RECOVERED, voice, invocation)
    doubtful, replaced = not _is_unposted(draft), page is not None and not same
    if page and replaced and doubtful:
        story = invocation.storyteller.behind(story, page, voice)
    if replaced and not doubtful:  # another text was told in its place meanwhile, by a command that posts nothing
        story, etag = _claim_next(replace(story, draft=None), etag, voice, settings, invocation)
    else:
        story, etag = _claim_again(story, etag, invocation, doubtful=doubtful)
    return _post(story, etag, voice, settings, invocation)


def _is_unposted(draft: Draft) -> bool:
    """Whether it is known that no post of a draft has reached X."""
    return draft.outcome == DraftOutcome.NOT_SENT and not draft.doubtful


def _look(story: Story, invocation: Invocation) -> str | None:
    """The id of the draft on the account's timeline, None if it is not there; raises `TimelineError`."""
    draft = draft_of(story)
    if invocation.time_left() < invocation.publisher.find_limit + TIME_TO_RECORD:
        raise TimelineError("there was too little time left to look whether the tweet in flight was posted")
    with invocation.log.timed("looked", sequence=story.sequence + 1) as details:
        tweet_id = invocation.publisher.find(draft.text, _first_moment(story, invocation.clock()))
        details["tweet_id"] = tweet_id
    return tweet_id


def _first_moment(story: Story, now: datetime) -> datetime:
    """The earliest moment, by X's clock, at which the draft can have been posted; never one that is yet to come."""
    claimed = draft_of(story).first_claimed_at
    if claimed - now > WRONG_CLOCK:  # that says nothing: it was after the tweet before
        claimed = story.recent[-1].time if story.recent else X_EPOCH
    return max(min(claimed, now), X_EPOCH) - LOOK_BACK


def _claim_again(story: Story, etag: str | None, invocation: Invocation, *, doubtful: bool) -> tuple[Story, str]:
    """Step 4: of all who found the same draft, one gets the record, and posts."""
    draft, now = draft_of(story), invocation.clock()
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
    story = replace(story, draft=claimed)
    etag = write_record(invocation.stories, story, etag)
    invocation.log("claimed", sequence=story.sequence + 1, posts=claimed.posts)
    return story, etag


def _post(story: Story, etag: str, voice: Voice, settings: Settings, invocation: Invocation) -> Answer:
    """Step 5: post the draft that this invocation has claimed, and do what the answer demands."""
    # What X refuses in words that nobody knows may be the reply: the last time it is a tweet of its own.
    in_thread = settings.thread and draft_of(story).refusals + 1 < REFUSALS
    outcome = _call(story, _last_id(story) if in_thread else None, invocation)
    if isinstance(outcome, ParentGone):
        story, etag = _claim_again(story, etag, invocation, doubtful=draft_of(story).doubtful)
        outcome = _call(story, None, invocation)
    draft = draft_of(story)
    may_show_yet = draft.doubtful and invocation.clock() - draft.first_claimed_at < TIMELINE_DELAY
    match outcome:
        case Posted(tweet_id):
            return _record(story, etag, _page(story, tweet_id, invocation), Status.POSTED, voice, invocation)
        case Duplicate() if draft.doubtful:
            return _record(story, etag, _page(story, None, invocation), Status.RECOVERED, voice, invocation)
        case Refused(reason) if may_show_yet:
            return _keep_unknown(story, etag, reason, invocation)
        case Duplicate(reason) | Refused(reason):
            return _reject(story, etag, reason, invocation)
        case Unknown(reason):
            return _keep_unknown(story, etag, reason, invocation)
        case Wait(until, reason):
            _note(story, etag, replace(draft, outcome=DraftOutcome.NOT_SENT, not_before=until), invocation)
            return _waiting(story, reason, invocation)
        case Unexplained(reason):
            draft = replace(draft, refusals=draft.refusals + 1)
            if draft.refusals >= REFUSALS and not may_show_yet:
                return _reject(replace(story, draft=draft), etag, f"{reason} ({draft.refusals} times)", invocation)
            _note(story, etag, replace(draft, outcome=DraftOutcome.NOT_SENT), invocation)
            raise NotSentError(f"{reason}{KEPT}")
        case NotSent(reason) | Stop(reason) | ParentGone(reason):
            _note(story, etag, replace(draft, outcome=DraftOutcome.NOT_SENT), invocation)
            raise NotSentError(f"{reason}{KEPT}")


def _call(story: Story, reply_to: str | None, invocation: Invocation) -> Outcome:
    """The one call that posts, never with less time left than it and the record may take."""
    draft = draft_of(story)
    if invocation.time_left() < invocation.publisher.post_limit + TIME_TO_RECORD:
        return NotSent("there was too little time left to post the tweet")
    with invocation.log.timed("called", sequence=story.sequence + 1) as details:
        outcome = invocation.publisher.post(draft.text, reply_to)
        details["outcome"] = type(outcome).__name__
    return outcome


def _record(story: Story, etag: str | None, page: Page, status: Status, voice: Voice, invocation: Invocation) -> Answer:
    """Step 6: the archive, then the record."""
    invocation.log(status, sequence=page.tweet.sequence, tweet_id=page.tweet.tweet_id)
    try:
        record_posted(invocation.stories, story, etag, page, invocation.log)
    except Conflict:
        story, etag, page = make_room(invocation.stories, story, etag, page, invocation.storyteller, voice)
        record_posted(invocation.stories, story, etag, page, invocation.log)
    tweet = page.tweet
    return Answer(status, story.story, tweet.sequence, tweet.text, tweet.tweet_id)


def _page(story: Story, tweet_id: str | None, invocation: Invocation) -> Page:
    """The draft as a page of the archive."""
    draft = draft_of(story)
    tweet = Tweet(story.sequence + 1, draft.text, draft.paragraph, tweet_id, invocation.clock())
    return Page(tweet, story.bundle, draft.style, story.seed, draft.sampling)


def _reject(story: Story, etag: str, reason: str, invocation: Invocation) -> Answer:
    """Give a text up: the next invocation tells another."""
    draft = draft_of(story)
    rejected = replace(draft, attempt=draft.attempt + 1, outcome=DraftOutcome.REJECTED)
    write_record(invocation.stories, replace(story, draft=rejected), etag)
    invocation.log(Status.REJECTED, sequence=story.sequence + 1, reason=reason)
    if rejected.attempt >= REJECTIONS:
        raise RejectedError(f"X has refused {rejected.attempt} texts in a row, the last because: {reason}")
    return Answer(Status.REJECTED, story.story, story.sequence + 1, draft.text, reason=reason)


def _keep_unknown(story: Story, etag: str, reason: str, invocation: Invocation) -> Answer:
    """Keep a draft of which nobody knows whether it was posted: a later invocation looks."""
    draft = draft_of(story)
    _note(story, etag, replace(draft, outcome=DraftOutcome.UNKNOWN), invocation)
    invocation.log(Status.UNKNOWN, sequence=story.sequence + 1, reason=reason)
    return Answer(Status.UNKNOWN, story.story, story.sequence + 1, draft.text, reason=reason)


def _note(story: Story, etag: str | None, draft: Draft, invocation: Invocation) -> None:
    """Record what is known of a post that was not made, or may not have been; if that fails, nothing is known."""
    try:
        write_record(invocation.stories, replace(story, draft=draft), etag)
    except (StorageError, LostRace) as problem:
        invocation.log("not_noted", sequence=story.sequence + 1, reason=str(problem))


def _waiting(story: Story, reason: str, invocation: Invocation) -> Answer:
    invocation.log(Status.WAITING, sequence=story.sequence + 1, reason=reason)
    return Answer(Status.WAITING, story.story, story.sequence + 1, draft_of(story).text, reason=reason)


def _last_id(story: Story) -> str | None:
    """The last tweet whose id is known: what the next one replies to."""
    return next((tweet.tweet_id for tweet in reversed(story.recent) if tweet.tweet_id), None)
