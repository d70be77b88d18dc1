"""Stories in a folder of this machine."""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lambda_fn.errors import Conflict, StorageError, WriteError
from lambda_fn.storage.store import check_key
from lambda_fn.story.record import STORY_NAME


class FolderStore:
    """A `Store` in a folder, safe between processes on one machine; an ETag is the SHA-256 of the content.

    Every write holds the lock of the folder, writes a temporary file and renames it: a reader finds the old content or
    the new, whenever a writer dies. Nothing is created for a story that was set aside after its record was read, or
    for another story that has its name now.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folders: dict[str, int | None] = {}  # of stories whose record was read: the number of its inode

    @property
    def uri(self) -> str:
        """See `Store`."""
        return str(self.root)

    def read(self, key: str) -> tuple[bytes, str] | None:
        """See `Store`. Takes no lock and creates nothing."""
        path = self._path(key)
        story, _, name = key.partition("/")
        if "/" not in name:
            self._folders[story] = self._folder(story)
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        except OSError as problem:
            raise StorageError(f"{path} cannot be read: {problem.strerror}") from problem
        return data, _etag(data)

    def stories(self) -> list[str]:
        """See `Store`. Takes no lock and creates nothing."""
        try:
            return sorted(
                path.name for path in self.root.iterdir() if STORY_NAME.fullmatch(path.name) and path.is_dir()
            )
        except FileNotFoundError:
            return []
        except OSError as problem:
            raise StorageError(f"{self.root} cannot be read: {problem.strerror}") from problem

    def create(self, key: str, data: bytes) -> str:
        """See `Store`."""
        with self._locked():
            path, story = self._path(key), key.partition("/")[0]
            self._check_in_place(key)
            if self.read(key) is not None:
                raise Conflict(f"{path} exists already")
            etag = self._write(key, data)
            self._folders[story] = self._folder(story)  # this write may have created it
            return etag

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """See `Store`."""
        with self._locked():
            found = self.read(key)
            if found is None or found[1] != etag:
                raise Conflict(f"{self._path(key)} was changed by somebody else")
            return self._write(key, data)

    def put(self, key: str, data: bytes) -> None:
        """See `Store`. Raises `Conflict` for a story that was set aside."""
        with self._locked():
            self._check_in_place(key)
            self._write(key, data)

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
        """Rename a story with its archive; raises `Conflict` if the new name is taken."""
        with self._locked():
            if self.exists(aside):
                raise Conflict(f"{self._story(aside)} exists already")
            try:
                self._story(story).rename(self._story(aside))
                _sync_folder(self.root)
            except OSError as problem:
                raise StorageError(f"{self._story(story)} cannot be renamed: {problem.strerror}") from problem

    def _folder(self, story: str) -> int | None:
        """What distinguishes the folder of a story from a later one of the same name."""
        try:
            return (self.root / story).stat().st_ino
        except OSError:
            return None

    def _check_in_place(self, key: str) -> None:
        """Raise `Conflict` if the story that a key belongs to was set aside after its record was read."""
        story, below, _ = key.partition("/")
        known = self._folders.get(story)
        if below and known is not None and known != self._folder(story):
            raise Conflict(f"{self.root / story} was set aside, so {self._path(key)} was not created")

    def _path(self, key: str) -> Path:
        check_key(key)
        return self.root / key

    def _story(self, name: str) -> Path:
        if not STORY_NAME.fullmatch(name):
            raise StorageError(f"{name!r} is not a story's name: it must be 1 to 40 of a-z, 0-9 and -")
        return self.root / name

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Hold the folder's only lock; the system releases it when a process dies."""
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
