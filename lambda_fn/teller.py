"""The commands on a story that nobody posts: tell its next tweets in a folder, preview, show, set aside.

Telling writes the archive first, the record second. If a process dies in between, the next one finds a page in
the archive that the record does not know, and takes it as told: its text alone gives the state after it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from lambda_fn.errors import Conflict, RecordError, SettingError
from lambda_fn.settings import Settings
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.store import Store
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Page, Story, Tweet, page_key
from lambda_fn.writing.storyteller import Storyteller, Voice

LONGEST_NAME = 40

Clock = Callable[[], datetime]


def tell(settings: Settings, store: Store, storyteller: Storyteller, count: int, clock: Clock) -> Iterator[Page]:
    """Tell `count` tweets of a story, beginning it if there is none; each is given out once it is saved.

    Raises `SettingError`, `RecordError` or `StorageError` before anything is written, if their cause was there
    before; `Conflict` if another process tells the same story; `StuckError`.
    """
    stories = Stories(store)
    story, etag, voice = storyteller.load(stories, settings)
    if story.in_flight:
        raise RecordError(
            f"story {story.story!r} has a tweet in flight: it has to be settled before the next is told, "
            "by `tell --post` or `settle`"
        )
    for _ in range(count):
        page = stories.page(story.story, story.sequence + 1)
        if page:
            story = storyteller.catch_up(story, page, voice)
        else:
            page, story = _next_page(storyteller, story, voice, clock)
            with _alone(story.story):
                stories.expect(story.story, etag)
                stories.add_page(story.story, page)
        with _alone(story.story):
            etag = stories.write(story, etag)
        yield page


def preview(settings: Settings, store: Store, storyteller: Storyteller, count: int, clock: Clock) -> Iterator[Page]:
    """The next `count` tweets as they would be told, the one in flight first; nothing is written."""
    stories = Stories(store)
    story, _, voice = storyteller.load(stories, settings)
    for _ in range(count):
        page = stories.page(story.story, story.sequence + 1)
        if draft := story.in_flight:
            page = story.page(draft, None, draft.first_claimed_at)
            story = story.settled(page.tweet, draft.token, draft.state)
        elif page:
            story = storyteller.catch_up(story, page, voice)
        else:
            page, story = _next_page(storyteller, story, voice, clock)
        yield page


def show(settings: Settings, store: Store, last: int | None = None) -> Iterator[Page]:
    """The tweets told so far, or the `last` of them, from the archive.

    Raises `SettingError` if there is no such story; `RecordError`.
    """
    stories = Stories(store)
    found = stories.read(settings.story)
    if not found:
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}")
    told = found[0].sequence
    for sequence in range(1 if last is None else max(1, told - last + 1), told + 1):
        page = stories.page(settings.story, sequence)
        if not page:
            raise RecordError(f"{page_key(settings.story, sequence)} is missing from {settings.story_uri}")
        yield page


def reset(settings: Settings, store: FolderStore) -> str:
    """Rename a story, whatever state it is in, so that a new one can begin; returns its new name.

    One rename moves all of it: at any time it is whole under one of the two names. Raises `SettingError` if
    there is no such story.
    """
    if not store.exists(settings.story):
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}: nothing to set aside")
    number = 2
    while store.exists(aside := settings.story[: LONGEST_NAME - len(f"-{number}")] + f"-{number}"):
        number += 1
    store.move(settings.story, aside)
    return aside


def _next_page(storyteller: Storyteller, story: Story, voice: Voice, clock: Clock) -> tuple[Page, Story]:
    """Tell the next tweet; returns its page and the story after it."""
    telling, story = storyteller.next_telling(story, voice)
    tweet = Tweet(story.sequence + 1, telling.text, telling.paragraph, tweet_id=None, time=clock())
    page = Page(tweet, story.bundle, voice.style, story.seed, voice.sampling)
    return page, story.settled(tweet, telling.position.token, telling.position.state)


@contextmanager
def _alone(story: str) -> Iterator[None]:
    """Give a lost compare-and-swap its meaning."""
    try:
        yield
    except Conflict as problem:
        raise Conflict(
            f"another process is telling story {story!r}: it went on without this one, and nothing was lost"
        ) from problem
