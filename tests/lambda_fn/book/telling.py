"""A story in memory that grows a tweet at a time without a model: an archive, a record, and the pages beside it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from lambda_fn.book import pages
from lambda_fn.language.sampling import SAMPLING_SETTINGS, Sampling
from lambda_fn.language.state import State
from lambda_fn.storage.stories import Stories, record_key
from lambda_fn.story.codec import page_to_json, to_json
from lambda_fn.story.record import Draft, DraftOutcome, Page, Story, Tweet, page_key
from tests.lambda_fn.office import Around, MemoryStore, at_once

BEGUN = datetime(2026, 11, 2, 6, tzinfo=UTC)
BUNDLE = "a" * 64
STYLE = {"Jane Austen": 1.0}
SAMPLING = Sampling(**{name: setting.usual for name, setting in SAMPLING_SETTINGS.items()})


def a_tweet(number: int, text: str | None = None) -> Tweet:
    """One of a story with four tweets a day; each third begins a paragraph, each fifth has two, each seventh no id."""
    words = f"Tweet {number} was told, and nothing came of it." + "\nYet it was told." * (number % 5 == 0)
    tweet_id = None if number % 7 == 0 else str(10**18 + number)
    return Tweet(number, text or words, number % 3 == 1, tweet_id, BEGUN + timedelta(hours=6 * (number - 1)))


def a_story(**changed: object) -> Story:
    """A story of which nothing is told."""
    zeros = np.zeros((1, 1, 2), np.float32)
    story = Story("main", BUNDLE, 0, None, 0, State({"h": zeros, "c": zeros}), STYLE, seed=7)
    return replace(story, **changed)  # type: ignore[arg-type]


def a_draft(text: str, outcome: DraftOutcome | None) -> Draft:
    """A draft that was claimed when the story began."""
    story = a_story()
    return Draft(
        claim="claim",
        slot=None,
        text=text,
        paragraph=True,
        token=0,
        state=story.state,
        style=STYLE,
        sampling=SAMPLING,
        attempt=2,
        posts=1,
        doubtful=False,
        first_claimed_at=BEGUN,
        claimed_at=BEGUN,
        outcome=outcome,
        not_before=None,
    )


@dataclass
class Telling:
    """The story `main` in a store in memory."""

    store: MemoryStore = field(default_factory=MemoryStore)
    story: Story = field(default_factory=a_story)
    log: list[str] = field(default_factory=list)

    def tell(self, count: int = 1, texts: Sequence[str] = ()) -> "Telling":
        """Tell the next tweets, of these texts or invented ones: archive and record."""
        for number in range(count):
            tweet = a_tweet(self.story.sequence + 1, texts[number] if texts else None)
            page = Page(tweet, BUNDLE, STYLE, self.story.seed, SAMPLING)
            self.store.objects[page_key("main", tweet.sequence)] = page_to_json(page)
            self.story = self.story.settled(tweet, 0, self.story.state)
        self.record()
        return self

    def record(self, **changed: object) -> None:
        """Write the record, with changes."""
        self.story = replace(self.story, **changed)  # type: ignore[arg-type]
        self.store.objects[record_key("main")] = to_json(self.story)

    def stories(self, around: Around = at_once) -> Stories:
        return Stories(replace(self.store, around=around))

    def catch_up(self, around: Around = at_once, time_left: Callable[[], float] = lambda: 60.0) -> int:
        """What one invocation does when its tweet is told."""
        store = pages.InTime(replace(self.store, around=around), time_left)
        return pages.catch_up(Stories(store), "main", pages.beside(store, "main"))

    def make(self, *, drafts: bool = False) -> int:
        """What the command does."""
        return pages.make(self.stories(), "main", pages.beside(self.store, "main"), drafts=drafts)

    @property
    def pages(self) -> dict[str, str]:
        """The files of the pages, by name."""
        under = "main/page/"
        found = {key: data for key, data in self.store.objects.items() if key.startswith(under)}
        return {key.removeprefix(under): data.decode() for key, data in sorted(found.items())}

    def made_anew(self) -> dict[str, str]:
        """The files as they are when all are made from the archive."""
        other = Telling(MemoryStore({key: data for key, data in self.store.objects.items() if "/page/" not in key}))
        other.make()
        return other.pages


def written_to(folder: Path, telling: Telling) -> Path:
    """The pages in a folder, as a browser opens them; returns that of the index."""
    for name, content in telling.pages.items():
        (folder / name).write_text(content, encoding="utf-8", newline="")
    return folder / "index.html"
