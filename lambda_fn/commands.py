"""What each command does, with its parts put together from the settings.

Telling writes the archive first, the record second. If a process dies in between, the next one finds a page in
the archive that is not in the record yet, and takes it as told: the state after it follows from its text alone.

What only posting needs is imported where it is needed, so that telling starts fast.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from lambda_fn import notes
from lambda_fn.display import Explanation, Listed
from lambda_fn.errors import Conflict, PublishError, RecordError, SettingError
from lambda_fn.language.bundle import Bundle
from lambda_fn.log import Log
from lambda_fn.parts import open_account, open_bundle, open_store
from lambda_fn.posting import settling
from lambda_fn.progress import Note, NowAndThen, silent
from lambda_fn.prose.rules import HouseRules
from lambda_fn.settings import Settings
from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.store import Store
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Page, Story, Tweet
from lambda_fn.writing.best_of import More, always
from lambda_fn.writing.storyteller import Storyteller, Voice, rules_of

POSTING_TIME = 60.0  # seconds for one tweet, as the function has them
LONGEST_NAME = 40  # characters of a story's name

Clock = Callable[[], datetime]  # UTC
Explained = dict[int, Explanation]  # how tweets came about, by their numbers


def tell(settings: Settings, count: int, note: Note = silent, explained: Explained | None = None) -> Iterator[Page]:
    """Tell the next tweets of a story in a folder; raises `SettingError` for one on S3, which is for posting.

    With `DRY_RUN` this and `post` are a `preview`. `note` takes remarks on the settings, `explained` how
    each tweet came about, before it is yielded.
    """
    if settings.dry_run:
        note("DRY_RUN is on: nothing is written")
        return preview(settings, count, note, explained)
    store = _folder(settings, "is for posting: `tell --post` posts its next tweet, `preview` shows it")
    bundle, storyteller = _model(settings, note)
    _remark(settings, Stories(store), bundle, storyteller, count, note, post=False)
    return tell_next(settings, store, storyteller, count, _now, explained)


def post(settings: Settings, count: int, note: Note = silent) -> Iterator[Page]:
    """Post the next tweets of a story; raises `PublishError` when one of them is not posted."""
    if settings.dry_run:
        note("DRY_RUN is on: nothing is posted or written")
        yield from preview(settings, count, note)
        return
    from lambda_fn.posting.publishing import Invocation, Status, publish_next

    account = open_account(settings, os.environ, _now)
    stories, (bundle, storyteller) = Stories(open_store(settings.story_uri)), _model(settings, note)
    _remark(settings, stories, bundle, storyteller, count, note, post=True)
    for _ in range(count):
        invocation = Invocation(stories, storyteller, account, _now, _countdown(POSTING_TIME), Log(lambda _: None))
        answer = publish_next(settings, invocation)
        page = stories.page(settings.story, answer.sequence)
        if answer.status not in (Status.POSTED, Status.RECOVERED) or not page:
            raise PublishError(f"tweet {answer.sequence} is not posted ({answer.status}): {answer.reason}")
        yield page


def preview(settings: Settings, count: int, note: Note = silent, explained: Explained | None = None) -> Iterator[Page]:
    """The next tweets as they would be told; nothing is written. `explained`: see `tell`."""
    store, (bundle, storyteller) = open_store(settings.story_uri), _model(settings, note)
    _remark(settings, Stories(store), bundle, storyteller, count, note)
    return preview_next(settings, store, storyteller, count, _now, explained=explained)


def show(settings: Settings, last: int | None = None) -> Iterator[Page]:
    """The tweets told so far, or the `last` of them, from the archive.

    Raises `SettingError` if there is no such story; `RecordError`.
    """
    kept = Stories(open_store(settings.story_uri))
    found = kept.read(settings.story)
    if not found:
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}")
    told = found[0].sequence
    yield from kept.pages(settings.story, 1 if last is None else max(1, told - last + 1), told)


def page(settings: Settings, to: str | None, note: Note = silent, *, drafts: bool = False) -> str:
    """Make the pages of a story from its archive, beside it, or in the folder `to`; returns where their index is.

    `drafts`: see `pages.make`. Raises `SettingError` for a story of which nothing is told, for drafts in a place that
    others may read, and with `DRY_RUN`; `RecordError`.
    """
    from lambda_fn.book import pages
    from lambda_fn.book.html import INDEX

    _forbid_dry_run(settings)
    store = open_store(settings.story_uri)
    if drafts and not to and not isinstance(store, FolderStore):
        raise SettingError("--drafts is for its owner's eyes: name a folder of this machine with --to")
    shelf = (
        pages.Shelf(FolderStore(folder_at(to, "--to", "left out")), "") if to else pages.beside(store, settings.story)
    )
    pages.make(Stories(store), settings.story, shelf, note, drafts=drafts)
    return f"{to.rstrip('/') if to else f'{store.uri}/{settings.story}/page'}/{INDEX}"


def stories(settings: Settings, note: Note = silent) -> list[Listed]:
    """What is kept where the settings say, by name; a story that cannot be read is among them."""
    kept = Stories(open_store(settings.story_uri))
    names, say, found = kept.names(), NowAndThen(note), []
    for number, name in enumerate(names):
        say(f"{number} of {len(names)} stories are read")
        try:
            read = kept.read(name)
        except RecordError as problem:
            found.append(Listed(name, None, str(problem)))
        else:
            found += [Listed(name, read[0])] if read else []
    if not found:
        note(f"there are no stories in {settings.story_uri}: `tell` begins one")
    return found


def authors(settings: Settings, note: Note = silent) -> Bundle:
    """The bundle whose authors a style may name."""
    return open_bundle(settings.model_uri, note)


def rules(settings: Settings) -> HouseRules:
    """What the settings decide of the table of rules. Raises `SettingError`."""
    return rules_of(settings)


def reset(settings: Settings) -> str:
    """Rename a story in a folder, whatever state it is in, so that a new one can begin; returns its new name.

    One rename moves all of it: at any time it is whole under one of the two names. Raises `SettingError` if there
    is no such story, for one on S3, or with `DRY_RUN`.
    """
    _forbid_dry_run(settings)
    store = _folder(
        settings, "stays where it is, for S3 cannot rename: begin a new one with --story NAME, or under another prefix"
    )
    if not store.exists(settings.story):
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}: nothing to set aside")
    number = 2
    while store.exists(aside := settings.story[: LONGEST_NAME - len(f"-{number}")] + f"-{number}"):
        number += 1
    store.move(settings.story, aside)
    return aside


def settle(settings: Settings, tweet_id: str | None, *, drop: bool = False) -> str:
    """Settle the tweet in flight: posted under an id, or (None) not posted, and to be posted or to be dropped.

    Returns what is so now, a sentence.
    """
    _forbid_dry_run(settings)
    stories = Stories(open_store(settings.story_uri))
    if drop:
        return f"tweet {settling.drop(settings, stories, _now)} is given up: the next invocation tells another text"
    sequence = settling.settle(settings, stories, tweet_id, _now, lambda: _model(settings, silent)[1])
    if tweet_id:
        return f"tweet {sequence} is part of the story: the next invocation tells the one after it"
    return f"tweet {sequence} counts as not posted: the next invocation posts it"


def tell_next(
    settings: Settings,
    store: Store,
    storyteller: Storyteller,
    count: int,
    clock: Clock,
    explained: Explained | None = None,
) -> Iterator[Page]:
    """Tell `count` tweets of a story, beginning it if there is none; each is yielded once it is saved.

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
            page, story = _next_page(storyteller, story, voice, clock, explained=explained)
            with _alone(story.story):
                stories.expect(story.story, etag)
                stories.add_page(story.story, page)
        with _alone(story.story):
            etag = stories.write(story, etag)
        yield page


def preview_next(
    settings: Settings,
    store: Store,
    teller: Storyteller,
    count: int,
    clock: Clock,
    more: More = always,
    explained: Explained | None = None,
) -> Iterator[Page]:
    """The next `count` tweets as they would be told, the one in flight first; nothing is written.

    `more`: see `Storyteller.next_telling`.
    """
    stories = Stories(store)
    story, _, voice = teller.load(stories, settings)
    for _ in range(count):
        page = stories.page(story.story, story.sequence + 1)
        if draft := story.in_flight:
            page = story.page(draft, None, draft.first_claimed_at)
            story = story.settled(page.tweet, draft.token, draft.state)
        elif page:
            story = teller.catch_up(story, page, voice)
        else:
            page, story = _next_page(teller, story, voice, clock, more, explained)
        yield page


def _next_page(
    storyteller: Storyteller,
    story: Story,
    voice: Voice,
    clock: Clock,
    more: More = always,
    explained: Explained | None = None,
) -> tuple[Page, Story]:
    """Tell the next tweet; returns its page and the story after it."""
    began = time.perf_counter()
    telling, story = storyteller.next_telling(story, voice, more)
    if explained is not None:
        explained[story.sequence + 1] = Explanation(telling, time.perf_counter() - began)
    tweet = Tweet(story.sequence + 1, telling.text, telling.paragraph, tweet_id=None, time=clock())
    page = Page(tweet, story.bundle, voice.style, story.seed, replace(voice.sampling, candidates=telling.candidates))
    return page, story.settled(tweet, telling.position.token, telling.position.state)


@contextmanager
def _alone(story: str) -> Iterator[None]:
    """Explain a lost compare-and-swap."""
    try:
        yield
    except Conflict as problem:
        raise Conflict(
            f"another process is telling story {story!r}: it went on without this one, and nothing was lost"
        ) from problem


def _forbid_dry_run(settings: Settings) -> None:
    """Raise `SettingError` where nothing may be written, for a command that does nothing else."""
    if settings.dry_run:
        raise SettingError("DRY_RUN is on, and this command only writes: unset it first")


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


def _model(settings: Settings, note: Note) -> tuple[Bundle, Storyteller]:
    bundle = open_bundle(settings.model_uri, note)
    return bundle, Storyteller(bundle)


def _remark(
    settings: Settings,
    stories: Stories,
    bundle: Bundle,
    storyteller: Storyteller,
    count: int,
    note: Note,
    *,
    post: bool | None = None,
) -> None:
    """Note which settings have another effect than it seems, once all are known to be valid; raises as `load`.

    `post`: whether the tweets are posted; None for a preview.
    """
    story, _, voice = storyteller.load(stories, settings)
    first = stories.page(story.story, 1)
    remarks = [
        *(notes.about_posting(settings, os.environ, post=post) if post is not None else ()),
        *(notes.about_preview(story, first) if post is None else ()),
        *notes.about_style(settings, story, first, voice),
        *notes.about_story(settings, os.environ, story, first, bundle, count),
    ]
    for sentence in remarks:
        note(sentence)


def _now() -> datetime:
    return datetime.now(UTC)
