"""Settles a draft as its owner says, who has looked at the account: for when nothing else can tell."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from lambda_fn.archive import Page
from lambda_fn.errors import Conflict, SettingError
from lambda_fn.log import Log
from lambda_fn.recording import LostRace, record_posted, write_record
from lambda_fn.settings import Settings
from lambda_fn.stories import Stories
from lambda_fn.story import Tweet


def settle(settings: Settings, stories: Stories, tweet_id: str | None, clock: Callable[[], datetime]) -> int:
    """Settle the draft: posted under an id, or (None) not posted, so that it is posted next.

    Returns its place in the story. Raises `SettingError` if there is none, or somebody may be posting it right
    now; `Conflict` if somebody else has settled it meanwhile.
    """
    found = stories.read(settings.story)
    draft = found[0].draft if found else None
    if not found or not draft or not draft.in_flight:
        raise SettingError(f"story {settings.story!r} has no tweet in flight: there is nothing to settle")
    story, etag = found
    now = clock()
    if draft.outcome is None and draft.is_young(now, settings.reconcile_after):
        age = (now - draft.claimed_at).total_seconds()
        raise SettingError(
            f"the tweet in flight was claimed {max(0, round(age))} seconds ago and may still be posted: look and "
            f"settle when {settings.reconcile_after:g} seconds have passed"
        )
    sequence = story.sequence + 1
    try:
        if tweet_id:
            tweet = Tweet(sequence, draft.text, draft.paragraph, tweet_id, clock())
            page = Page(tweet, story.bundle, draft.style, story.seed, draft.sampling)
            record_posted(stories, story, etag, page, Log(lambda _: None))
        else:
            released = replace(draft, outcome="not_sent", doubtful=False, not_before=None)
            write_record(stories, replace(story, draft=released), etag)
    except LostRace:
        raise Conflict(f"another process is telling story {story.story!r}: look at it again") from None
    return sequence
