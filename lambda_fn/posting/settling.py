"""Settles a draft as its owner says, who has looked at the account: for when the program cannot find out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lambda_fn.errors import Conflict, SettingError
from lambda_fn.log import Log
from lambda_fn.posting.recording import LostRace, record_posted, write_draft
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Draft, DraftOutcome, InFlight, Page
from lambda_fn.writing.storyteller import Storyteller


def settle(
    settings: Settings,
    stories: Stories,
    tweet_id: str | None,
    clock: Callable[[], datetime],
    storyteller: Callable[[], Storyteller],
) -> int:
    """Settle the draft: posted under an id, or (None) not posted, so that it is posted next.

    `storyteller` is needed where the archive has another text in the draft's place. Returns its place in the story.
    Raises `SettingError` if there is none, or it may be being posted right now; `Conflict` if another process has
    settled it meanwhile.
    """
    flight = _unsettled(settings, stories, clock)
    if tweet_id is None:
        return _put(
            stories, flight, replace(flight.draft, outcome=DraftOutcome.NOT_SENT, doubtful=False, not_before=None)
        )

    def behind(flight: InFlight, page: Page) -> InFlight:
        teller = storyteller()
        return teller.behind(flight, page, teller.load(stories, settings)[2])

    page = flight.story.page(flight.draft, tweet_id, clock())
    return record_posted(stories, flight, page, Log(lambda _: None), behind).tweet.sequence


def drop(settings: Settings, stories: Stories, clock: Callable[[], datetime]) -> int:
    """Give up the text of the draft, as if X had refused it, so that another is told in its place.

    Returns that place. Raises what `settle` does; also `SettingError` for a text that the archive knows as posted.
    """
    flight = _unsettled(settings, stories, clock)
    draft = flight.draft
    page = stories.page(flight.story.story, flight.sequence)
    if page and page.tweet.tweet_id and page.tweet.text == draft.text:
        raise SettingError(
            f"tweet {page.tweet.sequence} is in the archive as posted under {page.tweet.tweet_id}, so it is not "
            "dropped: the next invocation settles it"
        )
    rejected = replace(draft, attempt=draft.attempt + 1, outcome=DraftOutcome.REJECTED, not_before=None)
    return _put(stories, flight, rejected)


def _unsettled(settings: Settings, stories: Stories, clock: Callable[[], datetime]) -> InFlight:
    """The draft, if it cannot be being posted right now; raises `SettingError`."""
    story, etag = stories.read(settings.story) or (None, "")
    draft = story.in_flight if story else None
    if not story or not draft:
        raise SettingError(f"story {settings.story!r} has no tweet in flight: there is nothing to settle")
    now = clock()
    if draft.outcome is None and draft.is_young(now, settings.reconcile_after):
        age = (now - draft.claimed_at).total_seconds()
        raise SettingError(
            f"the tweet in flight was claimed {max(0, round(age))} seconds ago and may still be posted: look and "
            f"settle when {settings.reconcile_after:g} seconds have passed"
        )
    return InFlight(story, draft, etag)


def _put(stories: Stories, flight: InFlight, draft: Draft) -> int:
    try:
        return write_draft(stories, flight.story, draft, flight.etag).sequence
    except LostRace:
        raise Conflict(f"another process is telling story {flight.story.story!r}: look at it again") from None
