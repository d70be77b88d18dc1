"""The stories of a store: the record of each, by name, and the pages of its archive."""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from lambda_fn.errors import BusyError, Conflict, RecordError, UnclearWrite
from lambda_fn.storage.store import Store
from lambda_fn.story.codec import RESTORE, from_json, page_from_json, page_to_json, to_json
from lambda_fn.story.record import Page, Story, page_key

PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds before a busy store is asked again: far less than `TIME_TO_RECORD` in all
ANEW_ON_S3 = "begin a new story under another name (`story`) or another prefix (STORY_URI), for on S3 this one stays"


class Stories:
    """Reads and writes stories. All methods raise `StorageError`; those that read raise `RecordError` too."""

    def __init__(self, store: Store, sleep: Callable[[float], None] = time.sleep) -> None:
        """`sleep` waits so many seconds."""
        self._store, self._sleep = store, sleep

    def names(self) -> list[str]:
        """The names of what may be stories: `read` finds out which are."""
        return self._store.stories()

    def anew(self, name: str) -> str:
        """How to begin a story of this name anew where these are kept, for the end of a sentence."""
        if self._store.uri.startswith("s3://"):
            return ANEW_ON_S3
        return f"`reset --story {name}`, which keeps the old one aside, or begin another with --story NAME"

    def read(self, name: str) -> tuple[Story, str] | None:
        """A story as recorded and the record's ETag, or None; `RecordError` if the archive is further on."""
        key = record_key(name)
        found = self._store.read(key)
        recorded = from_json(found[0], f"the record {key}", self.anew(name)) if found else None
        # A process that died leaves one page more than the record knows, never two.
        if self._store.read(page_key(name, (recorded.sequence if recorded else 0) + 2)):
            again = self._store.read(key)
            if (again and again[1]) != (found and found[1]):  # the story was told while it was read
                return self.read(name)
            page = self.page(name, (recorded.sequence if recorded else 0) + 2)
            if recorded and page:
                page.check_seed(name, recorded.seed)
            lost = f"story {name!r} has an archive but no record {key} that goes with it"
            raise RecordError(f"{lost}: put it back, or {self.anew(name)}")
        # A story that was set aside has a new name, which its record does not know.
        return (replace(recorded, story=name), found[1]) if recorded and found else None

    def write(self, story: Story, etag: str | None) -> str:
        """Put a record in place of the one with this ETag (None: where there is none) and return the new ETag.

        Raises `Conflict` if the record has changed, `UnclearWrite` if it may have been written or not.
        """
        return self._put(record_key(story.story), to_json(story), etag)

    def expect(self, name: str, etag: str | None) -> None:
        """Raise `Conflict` unless the record has this ETag (None: there is none)."""
        found = self._store.read(record_key(name))
        if (found and found[1]) != etag:
            raise Conflict(f"{record_key(name)} was changed by somebody else")

    def page(self, name: str, sequence: int) -> Page | None:
        """A page of the archive, or None."""
        key = page_key(name, sequence)
        found = self._store.read(key)
        try:
            return page_from_json(found[0], key, sequence) if found else None
        except RecordError as problem:
            raise RecordError(f"{problem}; {RESTORE}, or {self.anew(name)}") from problem

    def pages(self, name: str, first: int, last: int) -> Iterator[Page]:
        """The pages of the archive from one number to another, both included; raises `RecordError` if one is not there.

        There is none above the record's `sequence`, but for that of a process that died.
        """
        for sequence in range(first, last + 1):
            page = self.page(name, sequence)
            if not page:
                raise RecordError(f"{page_key(name, sequence)} is missing from {self._store.uri}")
            yield page

    def add_page(self, name: str, page: Page) -> None:
        """Put a page in the archive; one that is there with this text stays. Raises `Conflict` for another text."""
        try:
            self._put(page_key(name, page.tweet.sequence), page_to_json(page), None)
        except (Conflict, UnclearWrite):
            there = self.page(name, page.tweet.sequence)
            if not there or there.tweet.text != page.tweet.text:
                raise

    def _put(self, key: str, data: bytes, etag: str | None) -> str:
        """Create or replace; while the store is busy with the object, check that it is unchanged, and retry."""
        for pause in (*PAUSES, None):
            try:
                return self._store.create(key, data) if etag is None else self._store.replace(key, data, etag)
            except BusyError:
                found = self._store.read(key)
                if found and found[0] == data:
                    return found[1]
                if (found and found[1]) != etag:
                    raise Conflict(f"{key} was changed by somebody else") from None
                if pause is None:
                    raise
                self._sleep(pause * random.uniform(0.5, 1.5))  # so that two do not meet again
        raise AssertionError("the last try returns or raises")


def record_key(story: str) -> str:
    """Where a story's record is kept: record_key("main") → "main/story.json"."""
    return f"{story}/story.json"
