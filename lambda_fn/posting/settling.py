"""Settles a draft as its owner says, who has looked at the account: for when nothing else can tell."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lambda_fn.errors import Conflict, SettingError
from lambda_fn.log import Log
from lambda_fn.posting.recording import LostRace, draft_of, make_room, record_posted, write_record
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Draft, DraftOutcome, Page, Story, Tweet
from lambda_fn.writing.storyteller import Storyteller


def settle(
    settings: Settings,
    stories: Stories,
    tweet_id: str | None,
    clock: Callable[[], datetime],
    storyteller: Callable[[], Storyteller] | None = None,
) -> int:
    """Settle the draft: posted under an id, or (None) not posted, so that it is posted next.

    `storyteller` is needed where the archive has another text in the draft's place. Returns its place in the story.
    Raises `SettingError` if there is none, or somebody may be posting it right now; `Conflict` if somebody else has
    settled it meanwhile.
    """
    story, etag = _unsettled(settings, stories, clock)
    draft = draft_of(story)
    if tweet_id is None:
        return _put(
            stories, story, etag, replace(draft, outcome=DraftOutcome.NOT_SENT, doubtful=False, not_before=None)
        )
    tweet = Tweet(story.sequence + 1, draft.text, draft.paragraph, tweet_id, clock())
    page = Page(tweet, story.bundle, draft.style, story.seed, draft.sampling)
    quiet = Log(lambda _: None)
    try:
        record_posted(stories, story, etag, page, quiet)
    except Conflict:
        if storyteller is None:
            raise
        teller = storyteller()
        voice = teller.load(stories, settings)[2]
        story, etag, page = make_room(stories, story, etag, page, teller, voice)
        record_posted(stories, story, etag, page, quiet)
    return page.tweet.sequence


def drop(settings: Settings, stories: Stories, clock: Callable[[], datetime]) -> int:
    """Give the text of the draft up, as one that X has refused, so that another is told in its place.

    Returns that place. Raises what `settle` does; also `SettingError` for a text that the archive knows as posted.
    """
    story, etag = _unsettled(settings, stories, clock)
    draft = draft_of(story)
    page = stories.page(story.story, story.sequence + 1)
    if page and page.tweet.tweet_id and page.tweet.text == draft.text:
        raise SettingError(
            f"tweet {page.tweet.sequence} is in the archive as posted under {page.tweet.tweet_id}, so it is not "
            "dropped: the next invocation settles it"
        )
    return _put(
        stories, story, etag, replace(draft, attempt=draft.attempt + 1, outcome=DraftOutcome.REJECTED, not_before=None)
    )


def _unsettled(settings: Settings, stories: Stories, clock: Callable[[], datetime]) -> tuple[Story, str]:
    """The story with a draft that nobody is posting right now, and its record's ETag; raises `SettingError`."""
    found = stories.read(settings.story)
    draft = found[0].draft if found else None
    if not found or not draft or not draft.in_flight:
        raise SettingError(f"story {settings.story!r} has no tweet in flight: there is nothing to settle")
    now = clock()
    if draft.outcome is None and draft.is_young(now, settings.reconcile_after):
        age = (now - draft.claimed_at).total_seconds()
        raise SettingError(
            f"the tweet in flight was claimed {max(0, round(age))} seconds ago and may still be posted: look and "
            f"settle when {settings.reconcile_after:g} seconds have passed"
        )
    return found


def _put(stories: Stories, story: Story, etag: str, draft: Draft) -> int:
    try:
        write_record(stories, replace(story, draft=draft), etag)
    except LostRace:
        raise Conflict(f"another process is telling story {story.story!r}: look at it again") from None
    return story.sequence + 1
