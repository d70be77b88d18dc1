"""What each command does, with its parts put together from the settings.

What only posting needs is imported where it is needed: a story is told without it, and at once.
"""

import os
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from lambda_fn import settling, teller
from lambda_fn.archive import Page
from lambda_fn.bundle import load_bundle
from lambda_fn.errors import PublishError, SettingError
from lambda_fn.fetching import local_bundle
from lambda_fn.log import Log
from lambda_fn.narrator import Narrator
from lambda_fn.settings import Settings
from lambda_fn.storage import FolderStore, open_store
from lambda_fn.stories import Stories

POSTING_TIME = 60.0  # seconds for one tweet, as the function has them


def tell(settings: Settings, count: int) -> Iterator[Page]:
    """Tell the next tweets of a story in a folder; raises `SettingError` for one on S3, which is for posting.

    With `DRY_RUN` this and `post` are a `preview`.
    """
    if settings.dry_run:
        return preview(settings, count)
    store = _folder(settings, "is for posting: `tell --post` posts its next tweet, `preview` shows it")
    return teller.tell(settings, store, _narrator(settings), count, _now)


def post(settings: Settings, count: int) -> Iterator[Page]:
    """Post the next tweets of a story; raises `PublishError` when one of them is not posted."""
    if settings.dry_run:
        yield from preview(settings, count)
        return
    from lambda_fn.publishing import Desk, publish_next
    from lambda_fn.twitter import Twitter
    from lambda_fn.x_api.credentials import load_credentials

    twitter = Twitter(load_credentials(os.environ), settings.x_api_url, _now)
    stories, narrator = Stories(open_store(settings.story_uri)), _narrator(settings)
    for _ in range(count):
        desk = Desk(stories, narrator, twitter, _now, _countdown(POSTING_TIME), Log(lambda _: None))
        answer = publish_next(settings, desk)
        page = stories.page(settings.story, answer.sequence)
        if answer.status not in ("posted", "recovered") or not page:
            raise PublishError(f"tweet {answer.sequence} is not posted ({answer.status}): {answer.reason}")
        yield page


def preview(settings: Settings, count: int) -> Iterator[Page]:
    """The next tweets as they would be told."""
    return teller.preview(settings, open_store(settings.story_uri), _narrator(settings), count, _now)


def show(settings: Settings) -> Iterator[Page]:
    """The tweets told so far."""
    return teller.show(settings, open_store(settings.story_uri))


def reset(settings: Settings) -> str:
    """Set a story in a folder aside; returns its new name. Raises `SettingError` for one on S3."""
    store = _folder(
        settings, "stays where it is, for S3 cannot rename: begin a new one with --story NAME, or under another prefix"
    )
    return teller.reset(settings, store)


def settle(settings: Settings, tweet_id: str | None) -> str:
    """Settle the tweet in flight: posted under an id, or (None) not posted; returns what is so now, a sentence."""
    sequence = settling.settle(settings, Stories(open_store(settings.story_uri)), tweet_id, _now)
    if tweet_id:
        return f"tweet {sequence} is part of the story: the next invocation tells the one after it"
    return f"tweet {sequence} counts as not posted: the next invocation posts it"


def _folder(settings: Settings, otherwise: str) -> FolderStore:
    """The folder that the stories are in; raises `SettingError`, which says what is so `otherwise`."""
    store = None if settings.story_uri.startswith("s3://") else open_store(settings.story_uri)
    if not isinstance(store, FolderStore):
        raise SettingError(f"the story in {settings.story_uri} {otherwise}")
    return store


def _countdown(seconds: float) -> Callable[[], float]:
    """How much is left of so many seconds, by the clock on the wall: a machine that slept has nothing left."""
    end = time.time() + seconds
    return lambda: end - time.time()


def _narrator(settings: Settings) -> Narrator:
    return Narrator(load_bundle(local_bundle(settings.model_uri)))


def _now() -> datetime:
    return datetime.now(UTC)
