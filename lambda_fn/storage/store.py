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
from typing import Any, Protocol

from lambda_fn.errors import BusyError, Conflict, StorageError, UnclearWrite, WriteError
from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.s3 import Address, code_and_status, folders, make_client, reading, reason

LARGEST_OBJECT = 2**24  # bytes: a record has tens of thousands
TRIAL = "conditional-writes.json"  # the object that a service is asked about; no story has that name
STORY_NAME = re.compile(r"[a-z0-9-]{1,40}")
_TRIAL_CONTENT = b'{"about": "Whoever writes here asks whether this service refuses to write this again."}\n'
_NOBODYS_ETAG = '"00000000000000000000000000000000"'
_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")


class Store(Protocol):
    """Objects by key, each with an ETag that changes whenever its content does. All raise `StorageError`."""

    @property
    def uri(self) -> str:
        """The store's address, for messages."""

    def read(self, key: str) -> tuple[bytes, str] | None:
        """An object and its ETag, or None if there is none."""

    def stories(self) -> list[str]:
        """The names that begin keys, as far as they could be a story's, in order."""

    def create(self, key: str, data: bytes) -> str:
        """Put a new object and return its ETag; raises `Conflict` if there is one already, `UnclearWrite`."""

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """Put an object in place of the one with this ETag, and return the new one; else raise `Conflict`.

        Raises `UnclearWrite` when nobody can say whether it happened, as `create` does: `BusyError` if it is worth
        reading and writing again at once.
        """


class FolderStore:
    """A `Store` in a folder, safe between processes on one machine; an ETag is the SHA-256 of the content.

    Every write holds the lock of the folder, fills a temporary file and renames it: whoever reads,
    whenever a writer dies, finds the old content or the new. Nothing is created for a story that was set aside since
    its record was read, nor for one that has its name now.
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
            known = self._folders.get(story)
            if known is not None and known != self._folder(story):
                raise Conflict(f"{self.root / story} was set aside, so {path} was not created")
            if self.read(key) is not None:
                raise Conflict(f"{path} exists already")
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

    def _folder(self, story: str) -> int | None:
        """What tells the folder of a story from another of that name."""
        try:
            return (self.root / story).stat().st_ino
        except OSError:
            return None

    def _path(self, key: str) -> Path:
        _check_key(key)
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


class S3Store:
    """A `Store` in a bucket of S3, by its conditional writes; an ETag is S3's own.

    A service that does not answer is given up after half a minute (`make_client`). A client that tries a write
    again because its first answer was lost finds its own object there, and S3 says 412: whoever gets a `Conflict`
    from here reads again, and may find that the object is the very one that it meant to write.
    """

    def __init__(self, client: Any, bucket: str, prefix: str, *, tried: bool = True) -> None:
        """`tried`: it is known that the service heeds conditions; else the first write finds out."""
        self._client = client
        self._address = Address(bucket, prefix.strip("/"))
        self.tried = tried

    @property
    def uri(self) -> str:
        """See `Store`."""
        return str(self._address)

    def read(self, key: str) -> tuple[bytes, str] | None:
        """See `Store`."""
        _check_key(key)
        with reading(self._client, self._address.bucket, self._address.key(key), LARGEST_OBJECT) as found:
            return (b"".join(found[0]), found[1]) if found else None

    def stories(self) -> list[str]:
        """See `Store`."""
        return [name for name in folders(self._client, self._address) if STORY_NAME.fullmatch(name)]

    def create(self, key: str, data: bytes) -> str:
        """See `Store`."""
        self.try_conditions()
        return self._put(key, data, "exists already", IfNoneMatch="*")

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """See `Store`."""
        self.try_conditions()
        return self._put(key, data, "was changed by somebody else", IfMatch=etag)

    def try_conditions(self) -> None:
        """Ask once whether the service refuses what it has to; raises `StorageError` if it does not.

        Some that speak S3 ignore conditions, or one of the two: there, two invocations would both claim a tweet
        and post it. The service is asked to write an object again that is there, and one that nobody has read, two
        requests a process (three where it is first asked); the object is of its own, so nothing can be spoilt.
        """
        if self.tried:
            return
        for header, times, condition in (
            ("If-None-Match", 2, {"IfNoneMatch": "*"}),  # the first may be what creates it
            ("If-Match", 1, {"IfMatch": _NOBODYS_ETAG}),
        ):
            if all(self._is_written(TRIAL, _TRIAL_CONTENT, **condition) for _ in range(times)):
                raise StorageError(
                    f"nothing is written to {self.uri}, for its service ignores {header}, so that two invocations "
                    "could post the same tweet: keep the story on Amazon S3, or where conditional writes are heeded"
                )
        self.tried = True

    def _is_written(self, key: str, data: bytes, **condition: str) -> bool:
        try:
            self._put(key, data, "refuses", **condition)
        except (Conflict, BusyError):  # busy with the trial of another process, which it heeds
            return False
        return True

    def _put(self, key: str, data: bytes, conflict: str, **condition: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
        from botocore.parsers import ResponseParserError

        _check_key(key)
        where = f"{self.uri}/{key}"
        if len(data) > LARGEST_OBJECT:
            raise StorageError(f"{where} is not written: {len(data)} bytes are more than the {LARGEST_OBJECT} allowed")
        place = {"Bucket": self._address.bucket, "Key": self._address.key(key)}
        try:
            answer = self._client.put_object(**place, Body=data, ContentType="application/json", **condition)
        except ClientError as problem:
            if _is_conflict(problem):
                raise Conflict(f"{where} {conflict}") from problem
            if code_and_status(problem)[1] == 409:
                raise BusyError(f"{where} cannot be written just now: {reason(problem, 's3:PutObject')}") from problem
            # 5xx says nothing. Nor does a refusal, if an earlier attempt of the same request had no clear answer.
            code, status = code_and_status(problem)
            retried = problem.response.get("ResponseMetadata", {}).get("RetryAttempts")
            if code != "NotImplemented" and (status >= 500 or retried):
                raise _unclear(where, reason(problem, "s3:PutObject")) from problem
            raise StorageError(f"{where} cannot be written: {reason(problem, 's3:PutObject')}") from problem
        except (NoCredentialsError, PartialCredentialsError) as problem:
            raise StorageError(f"{where} cannot be written: {reason(problem, 's3:PutObject')}") from problem
        except (BotoCoreError, ResponseParserError, ValueError) as problem:  # ValueError: a header makes no sense
            # Also a connection that could not be made: it was perhaps the last attempt of several.
            raise _unclear(where, reason(problem, "s3:PutObject")) from problem
        if not answer.get("ETag"):
            raise _unclear(where, "the answer has no ETag")
        return str(answer["ETag"])


def open_store(uri: str) -> FolderStore | S3Store:
    """The store behind `STORY_URI`: a folder, or s3://bucket/prefix. Neither reads nor writes it.

    Raises `SettingError` for another address, or if AWS's own settings are wrong.
    """
    if uri.startswith("s3://"):
        address = Address.parse(uri, "STORY_URI")
        return S3Store(make_client(), address.bucket, address.prefix, tried=False)
    return FolderStore(folder_at(uri, "STORY_URI"))


def _check_key(key: str) -> None:
    if not _KEY.fullmatch(key):
        raise StorageError(f"{key!r} is not a key: it must be plain names joined by /")


def _unclear(where: str, cause: str) -> UnclearWrite:
    return UnclearWrite(f"nobody knows whether {where} was written: {cause}")


def _is_conflict(problem: Any) -> bool:
    """Whether S3 refused a write for its condition: not created, as it is there; not replaced, as it is gone."""
    code, status = code_and_status(problem)
    return status == 412 or code in ("PreconditionFailed", "NoSuchKey")


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
