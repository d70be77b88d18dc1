"""What a store of stories can do: read, create, and replace exactly what was read (compare-and-swap).

What can be made again, as a story's pages can, is put there without a question.

A key is a path of plain names, such as `main/story.json` or `main/tweets/000001.json`.
"""

import re
from typing import Protocol

from lambda_fn.errors import StorageError

LARGEST_OBJECT = 2**24  # bytes: a record has tens of thousands
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class Store(Protocol):
    """Objects by key, each with an ETag that changes whenever its content does. All raise `StorageError`."""

    @property
    def uri(self) -> str:
        """The store's address, for messages."""

    def read(self, key: str) -> tuple[bytes, str] | None:
        """An object and its ETag, or None if there is none."""

    def stories(self) -> list[str]:
        """The first parts of keys that could be a story's name, in order."""

    def create(self, key: str, data: bytes) -> str:
        """Put a new object and return its ETag; raises `Conflict` if there is one already, `UnclearWrite`."""

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """Put an object in place of the one with this ETag, and return the new one; else raise `Conflict`.

        Raises `UnclearWrite` when it may have happened or not, as `create` does: `BusyError` if it is worth reading and
        writing again at once.
        """

    def put(self, key: str, data: bytes) -> None:
        """Put an object there, whatever was there before: a reader finds that or this. Raises `UnclearWrite` too."""


def check_key(key: str) -> None:
    """Raise `StorageError` unless this is a key."""
    if not _KEY.fullmatch(key):
        raise StorageError(f"{key!r} is not a key: it must be plain names joined by /")
