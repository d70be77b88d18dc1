"""Writes the pages of a story: what the next tweets change of them, or all.

Where `state.json` says how far they are, one more tweet takes one read and three writes, of the chapter, the feed and
that itself; the first two of a chapter five, with the table of contents and the chapter before, which now leads on.
`state.json` is written last, so whatever dies before that is done again with the next tweet; of two that write at
once, the same. A link is written after what it leads to.
"""

from collections.abc import Callable, Sequence

from lambda_fn.book.chapters import chapter_of, in_chapter, place_in_chapter
from lambda_fn.book.drafts import drafts_section
from lambda_fn.book.feed import ENTRIES, feed
from lambda_fn.book.html import FEED, INDEX, chapter_page, file_of, index_page
from lambda_fn.book.wording import Title
from lambda_fn.book.written import Written, from_json, to_json
from lambda_fn.errors import PageError, RecordError, SettingError
from lambda_fn.log import Log
from lambda_fn.progress import Note, NowAndThen, silent
from lambda_fn.storage.store import Store
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Story, Tweet

STATE = "state.json"
MOST = 100  # tweets that are read from the archive to catch up, with one tweet told
TIME_TO_ASK = 12.0  # seconds that must be left before a store is asked: S3 may once not answer for eleven
_BEGINNING = 2  # tweets of a chapter with which the one before is written too: the second mends what two at once did


class InTime:
    """A store that is not asked any more once too little time is left: then it raises `PageError`."""

    def __init__(self, store: Store, time_left: Callable[[], float]) -> None:
        """`store`: one whose client tries once; `time_left`: seconds."""
        self._store, self._time_left = store, time_left

    @property
    def uri(self) -> str:
        """See `Store`."""
        return self._store.uri

    def read(self, key: str) -> tuple[bytes, str] | None:
        """See `Store`."""
        self._check()
        return self._store.read(key)

    def stories(self) -> list[str]:
        """See `Store`."""
        self._check()
        return self._store.stories()

    def create(self, key: str, data: bytes) -> str:
        """See `Store`."""
        self._check()
        return self._store.create(key, data)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """See `Store`."""
        self._check()
        return self._store.replace(key, data, etag)

    def put(self, key: str, data: bytes) -> None:
        """See `Store`."""
        self._check()
        self._store.put(key, data)

    def _check(self) -> None:
        if self._time_left() < TIME_TO_ASK:
            raise PageError("there was too little time left to write the pages: they follow with the next tweet")


class Shelf:
    """Where the pages of a story are put."""

    def __init__(self, store: Store, folder: str) -> None:
        """`folder`: of the store, with a slash at its end, or "" for all of it."""
        self._store, self._folder = store, folder

    def put(self, name: str, page: str | bytes) -> None:
        """Put a page there. Raises `StorageError`."""
        self._store.put(self._folder + name, page.encode("utf-8") if isinstance(page, str) else page)

    def written(self, story: Story) -> Written:
        """How far the pages of a story are: not at all, if what is said of that is damaged, or of another story."""
        found = self._store.read(self._folder + STATE)
        try:
            written = from_json(found[0]) if found else Written()
        except RecordError:
            return Written()
        return written if written.belongs_to(story) else Written()


def beside(store: Store, story: str) -> Shelf:
    """The place of a story's pages in the store that it is kept in."""
    return Shelf(store, f"{story}/page/")


def make(stories: Stories, name: str, shelf: Shelf, note: Note = silent, *, drafts: bool = False) -> int:
    """Make all pages of a story from its archive; returns of how many tweets.

    `drafts`: the last chapter shows what the record knows of texts that are not told. Raises `SettingError` if there
    is no such story, or nothing told of it; `RecordError`, `StorageError`.
    """
    story = _told(stories, name)
    say, tweets = NowAndThen(note), []
    for page in stories.pages(name, 1, story.sequence):
        tweets.append(page.tweet)
        say(f"{len(tweets)} of {story.sequence} tweets are read")
    # The archive may lack an id that the record has: of a tweet that its owner settled.
    newer = {tweet.sequence: tweet for tweet in story.recent}
    tweets = [newer.get(tweet.sequence, tweet) for tweet in tweets]
    write(shelf, story, Written(), tweets, drafts_section(story) if drafts else "")
    return len(tweets)


def keep_up(store: Store, name: str, time_left: Callable[[], float], log: Log) -> None:
    """Bring the pages up to the tweet just told. Never raises: a tweet that is told must not look as if it were not.

    `store`: of the story, one whose client tries once; it is not asked when too little of `time_left`, seconds, is
    left for an answer that does not come. What goes wrong is logged as "not_paged", by the name of the error, and
    mended with the next tweet.
    """
    try:
        with log.timed("paged") as details:
            hurried = InTime(store, time_left)
            details["sequence"] = catch_up(Stories(hurried), name, beside(hurried, name))
    except Exception as problem:
        log("not_paged", error=type(problem).__name__, reason=str(problem))


def catch_up(stories: Stories, name: str, shelf: Shelf) -> int:
    """Write what is told and not yet on the pages, at most `MOST` tweets from the archive; returns of how many.

    Raises `PageError`, `StorageError`, `RecordError`.
    """
    story = _told(stories, name)
    written = shelf.written(story)
    if written.told and written.told < story.recent[0].sequence:
        # They have no tweet in common with the record: are they another story's, from before?
        first = stories.page(name, 1)
        if not first or first.tweet.time != written.firsts[0].time:
            written = Written()
    next_one = written.told + 1
    recent = [tweet for tweet in story.recent if tweet.sequence >= next_one]
    before = recent[0].sequence - 1 if recent else written.told
    tweets = []
    for number in range(next_one, min(before, written.told + MOST) + 1):
        tweets += [page.tweet for page in stories.pages(name, number, number)]
    if written.told + len(tweets) == before:
        tweets += recent
    if tweets:
        write(shelf, story, written, tweets)
    return written.told + len(tweets)


def write(shelf: Shelf, story: Story, written: Written, tweets: Sequence[Tweet], drafts: str = "") -> None:
    """Write what the next tweets change, of pages that are written so far; `drafts`: see `chapter_page`."""
    after = written.and_then(tuple(tweets))
    known = (*written.tweets, *tweets)
    first, last = chapter_of(tweets[0].sequence), chapter_of(after.told)
    title = Title.of(story, after.firsts[0])
    begins = place_in_chapter(tweets[0].sequence) <= _BEGINNING
    for number in range(last, max(0, first - 1 - begins), -1):
        shown = drafts if number == last else ""
        shelf.put(file_of(number), chapter_page(title, number, in_chapter(known, number), last, shown))
    if begins or last > first:
        shelf.put(INDEX, index_page(title, after.firsts))
    shelf.put(FEED, feed(title, after.firsts[0], known[-ENTRIES:]))
    shelf.put(STATE, to_json(after))


def _told(stories: Stories, name: str) -> Story:
    found = stories.read(name)
    if not found or not found[0].sequence:
        raise SettingError(f"there is no story {name!r} of which a tweet is told: there are no pages to make")
    return found[0]
