"""The commands on a story kept in a folder: tell its next tweets, show it, set it aside.

Telling writes the archive first, the record second. If a process dies in between, the next one finds a page in
the archive that the record does not know, and takes it as told: its text alone gives the state after it.
"""

import secrets
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import numpy as np

from lambda_fn.archive import Page, page_from_json, page_key, page_to_json
from lambda_fn.bundle import Bundle, load_bundle
from lambda_fn.errors import Conflict, RecordError, SettingError
from lambda_fn.language_model import LanguageModel, State
from lambda_fn.line import Position
from lambda_fn.prompt import prepare_prompt
from lambda_fn.record import from_json, to_json
from lambda_fn.settings import Settings
from lambda_fn.storage import FolderStore, open_store
from lambda_fn.story import Story, Tweet
from lambda_fn.storyteller import Storyteller
from lambda_fn.style import style_vector

LONGEST_NAME = 40


def tell(settings: Settings, count: int, clock: Callable[[], datetime]) -> Iterator[Page]:
    """Tell `count` tweets of a story, beginning it if there is none; each is given out once it is saved.

    Raises `SettingError`, `BundleError`, `RecordError` or `StorageError` before anything is written, if their
    cause was there before; `Conflict` if another process tells the same story; `StuckError`.
    """
    prompt = prepare_prompt(settings.prompt)
    store = open_store(settings.story_uri)
    bundle = load_bundle(settings.model_folder)
    found = _read_record(store, settings.story)
    story, etag = found or (_new_story(store, settings, bundle), None)
    _check(settings, prompt, story, store)
    story.check_fits(bundle)
    teller = _Teller(settings, prompt, settings.weights(story.style, bundle.authors), store, bundle, clock)
    story = teller.under_this_bundle(story)
    for _ in range(count):
        page, story, etag = teller.next_page(story, etag)
        yield page


def show(settings: Settings) -> Iterator[Page]:
    """The tweets told so far, from the archive. Raises `SettingError` if there is no such story; `RecordError`."""
    store = open_store(settings.story_uri)
    found = _read_record(store, settings.story)
    if not found:
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}")
    for sequence in range(1, found[0].sequence + 1):
        page = _read_page(store, settings.story, sequence)
        if not page:
            raise RecordError(f"{page_key(settings.story, sequence)} is missing from {settings.story_uri}")
        yield page


def reset(settings: Settings) -> str:
    """Rename a story, whatever state it is in, so that a new one can begin; returns its new name.

    One rename moves all of it: at any time it is whole under one of the two names. Raises `SettingError` if
    there is no such story.
    """
    store = open_store(settings.story_uri)
    if not store.exists(settings.story):
        raise SettingError(f"there is no story {settings.story!r} in {settings.story_uri}: nothing to set aside")
    number = 2
    while store.exists(aside := settings.story[: LONGEST_NAME - len(f"-{number}")] + f"-{number}"):
        number += 1
    store.move(settings.story, aside)
    return aside


class _Teller:
    """Tells one tweet after another, with what does not change within a call."""

    def __init__(
        self,
        settings: Settings,
        prompt: str,
        style: Mapping[str, float],
        store: FolderStore,
        bundle: Bundle,
        clock: Callable[[], datetime],
    ) -> None:
        self._prompt, self._style = prompt, style
        self._store, self._bundle, self._clock = store, bundle, clock
        self._sampling = settings.sampling(bundle.sampling)
        self._storyteller = Storyteller(LanguageModel(bundle), bundle.load_tokenizer(), bundle.words())

    def under_this_bundle(self, story: Story) -> Story:
        """The story with a state of this bundle: made anew from the recent tweets if another one told it."""
        if story.bundle == self._bundle.identity:
            return story
        text = "".join(joined(tweet) for tweet in story.recent)
        # The first of them begins as a text does, after a paragraph's end.
        position = self._storyteller.read(text[1:], self._storyteller.beginning(), self._vector(self._style))
        return replace(story, bundle=self._bundle.identity, token=position.token, state=position.state)

    def next_page(self, story: Story, etag: str | None) -> tuple[Page, Story, str]:
        """Tell a tweet and save it; returns its page, the story after it, and the record's new ETag."""
        key = page_key(story.story, story.sequence + 1)
        page = _read_page(self._store, story.story, story.sequence + 1)
        if page:
            position = self._read_untold(page, story)
        else:
            page, position = self._tell(story)
            with _alone(story.story):
                self._store.create(key, page_to_json(page))
        story = story.settled(page.tweet, position.token, position.state)
        with _alone(story.story):
            data, record = to_json(story), record_key(story.story)
            etag = self._store.create(record, data) if etag is None else self._store.replace(record, data, etag)
        return page, story, etag

    def _tell(self, story: Story) -> tuple[Page, Position]:
        sequence, attempt = story.sequence + 1, 0
        telling = self._storyteller.next_tweet(
            Position(story.token, story.state),
            self._vector(self._style),
            self._sampling,
            np.random.default_rng([story.seed, sequence, attempt]),
            recent=story.recent,
            seen=frozenset(story.seen),
            prompt="" if story.sequence else self._prompt,
        )
        tweet = Tweet(sequence, telling.text, telling.paragraph, tweet_id=None, time=self._clock())
        return Page(tweet, story.bundle, self._style, story.seed, self._sampling), telling.position

    def _read_untold(self, page: Page, story: Story) -> Position:
        """The position after a page that was archived by a process that died before it could record it."""
        if page.seed != story.seed:
            raise RecordError(
                f"{page_key(story.story, page.tweet.sequence)} is from another story, for its seed is not that of "
                "the record: move it away"
            )
        text = joined(page.tweet) if story.sequence else page.tweet.text
        return self._storyteller.read(text, Position(story.token, story.state), self._vector(page.style))

    def _vector(self, style: Mapping[str, float]) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        return style_vector(style, self._bundle.authors)


def record_key(story: str) -> str:
    """Where a story's record is kept: record_key("main") → "main/story.json"."""
    return f"{story}/story.json"


def joined(tweet: Tweet) -> str:
    """A tweet's text with what joins it to the one before."""
    return ("\n" if tweet.paragraph else " ") + tweet.text


def _new_story(store: FolderStore, settings: Settings, bundle: Bundle) -> Story:
    """A story of which nothing is recorded; if its first page was archived already, with that page's seed."""
    page = _read_page(store, settings.story, 1)
    zeros = np.zeros((bundle.layers, 1, bundle.hidden), dtype=np.float32)
    # 32 bits: short enough to be typed again.
    seed = secrets.randbelow(2**32) if settings.seed is None else settings.seed
    return Story(
        story=settings.story,
        bundle=bundle.identity,
        sequence=0,
        slot=None,
        token=bundle.paragraph,
        state=State(zeros, zeros),
        style=page.style if page else settings.weights(None, bundle.authors),
        seed=page.seed if page else seed,
    )


def _check(settings: Settings, prompt: str, story: Story, store: FolderStore) -> None:
    """Raise `SettingError` for a prompt or seed that comes too late, `RecordError` for a tweet in flight."""
    if story.draft:
        raise RecordError(f"story {story.story!r} has a tweet in flight: it has to be settled before the next is told")
    first = _read_page(store, story.story, 1)
    too_late = f"story {story.story!r} has already begun: `reset` it, or begin another with --story NAME"
    if "prompt" in settings.given and first and not first.tweet.text.startswith(prompt):
        raise SettingError(f"the prompt begins a new story, but {too_late}")
    if "seed" in settings.given and settings.seed != story.seed:
        raise SettingError(f"the seed is fixed when a story begins, but {too_late}")


def _read_record(store: FolderStore, story: str) -> tuple[Story, str] | None:
    """A story as recorded, and the record's ETag; raises `RecordError` if the archive knows more of it."""
    key = record_key(story)
    found = store.read(key)
    recorded = from_json(found[0], f"the record {key}") if found else None
    # A process that died leaves one page more than the record knows, never two.
    if store.read(page_key(story, (recorded.sequence if recorded else 0) + 2)):
        raise RecordError(
            f"story {story!r} has an archive but no record {key} that goes with it: put it back, "
            "or set the story aside with `python -m lambda_fn reset`"
        )
    # A story that was set aside has a new name, which its record does not know.
    return (replace(recorded, story=story), found[1]) if recorded and found else None


def _read_page(store: FolderStore, story: str, sequence: int) -> Page | None:
    key = page_key(story, sequence)
    found = store.read(key)
    return page_from_json(found[0], key, sequence) if found else None


@contextmanager
def _alone(story: str) -> Iterator[None]:
    """Give a lost compare-and-swap its meaning."""
    try:
        yield
    except Conflict as problem:
        raise Conflict(
            f"another process is telling story {story!r}: it went on without this one, and nothing was lost"
        ) from problem
