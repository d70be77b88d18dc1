"""Where stories are kept: read, create, and replace what was read and nothing else (compare-and-swap).

A key is a path of plain names, such as `main/story.json` or `main/tweets/000001.json`.
"""

import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Protocol

from lambda_fn.errors import Conflict, SettingError, StorageError, WriteError

STORY_NAME = re.compile(r"[a-z0-9-]{1,40}")
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class Store(Protocol):
    """Objects by key, each with an ETag that changes whenever its content does. All raise `StorageError`."""

    def read(self, key: str) -> tuple[bytes, str] | None:
        """An object and its ETag, or None if there is none."""

    def create(self, key: str, data: bytes) -> str:
        """Put a new object and return its ETag; raises `Conflict` if there is one already."""

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """Put an object in place of the one with this ETag, and return the new one; else raise `Conflict`."""


class FolderStore:
    """A `Store` in a folder, safe between processes on one machine; an ETag is the SHA-256 of the content.

    Every write holds the lock of the folder, fills a temporary file and renames it: whoever reads,
    whenever a writer dies, finds the old content or the new.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, key: str) -> tuple[bytes, str] | None:
        """See `Store`. Takes no lock and creates nothing."""
        path = self._path(key)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise StorageError(f"{path} cannot be read: {problem.strerror}") from problem
        return data, _etag(data)

    def create(self, key: str, data: bytes) -> str:
        """See `Store`."""
        with self._locked():
            if self.read(key) is not None:
                raise Conflict(f"{self._path(key)} exists already")
            return self._write(key, data)

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """See `Store`."""
        with self._locked():
            found = self.read(key)
            if found is None or found[1] != etag:
                raise Conflict(f"{self._path(key)} was changed by somebody else")
            return self._write(key, data)

    def exists(self, story: str) -> bool:
        """Whether there is a folder for this story."""
        path = self._story(story)
        try:
            path.stat()
        except FileNotFoundError:
            return False
        except OSError as problem:
            raise StorageError(f"{path} cannot be read: {problem.strerror}") from problem
        return True

    def move(self, story: str, aside: str) -> None:
        """Rename a story with all that belongs to it; raises `Conflict` if the new name is taken."""
        with self._locked():
            if self.exists(aside):
                raise Conflict(f"{self._story(aside)} exists already")
            try:
                self._story(story).rename(self._story(aside))
                _sync_folder(self.root)
            except OSError as problem:
                raise StorageError(f"{self._story(story)} cannot be renamed: {problem.strerror}") from problem

    def _path(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise StorageError(f"{key!r} is not a key: it must be plain names joined by /")
        return self.root / key

    def _story(self, name: str) -> Path:
        if not STORY_NAME.fullmatch(name):
            raise StorageError(f"{name!r} is not a story's name: it must be 1 to 40 of a-z, 0-9 and -")
        return self.root / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's only lock; the system lets go of it when a process dies."""
        with ExitStack() as open_files:
            try:
                _make_folder(self.root)
                file = open_files.enter_context((self.root / ".lock").open("ab"))
                fcntl.flock(file, fcntl.LOCK_EX)
            except OSError as problem:
                raise StorageError(f"the folder {self.root} cannot be written: {problem.strerror}") from problem
            yield

    def _write(self, key: str, data: bytes) -> str:
        path = self._path(key)
        # Only the holder of the lock writes: one name will do, and what a killed writer left is overwritten.
        temporary = path.with_name(f".{path.name}.tmp")
        try:
            _make_folder(path.parent)
            try:
                with temporary.open("wb") as file:
                    file.write(data)
                    file.flush()
                    os.fsync(file.fileno())
                temporary.replace(path)
            except OSError:
                temporary.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)
        except OSError as problem:
            raise WriteError(f"{path} cannot be written: {problem.strerror}") from problem
        return _etag(data)


def open_store(uri: str) -> FolderStore:
    """The store behind `STORY_URI`, a folder; touches nothing. Raises `SettingError` for another address."""
    if uri.startswith("s3://"):
        raise SettingError(f"STORY_URI: {uri} is on S3, which this version does not reach; name a folder")
    if not uri.strip() or "\0" in uri or re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", uri):
        raise SettingError(f"STORY_URI must be the path of a folder, not {uri!r}")
    return FolderStore(Path(uri))


def _etag(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _make_folder(path: Path) -> None:
    """Create a folder and those above it, each durably."""
    if not path.is_dir():
        if path.parent != path:
            _make_folder(path.parent)
        path.mkdir(exist_ok=True)
        _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    """Make renames and new files in a folder survive a power cut."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
