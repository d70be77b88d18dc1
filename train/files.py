"""Files that are written whole or not at all, and are there after a crash.

A temporary file has a name that nobody else has, and whoever fills it holds its lock, which the system takes back when
a process dies: so two that write the same file at once do not meet, and what a killed one left is known and removed.
"""

import fcntl
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO


def write_atomically(path: Path, content: bytes) -> None:
    """Replace `path` by `content`: whoever reads sees the old file or the new one, never a part, even after a crash.

    Makes the folders above it, and removes what killed processes left of theirs. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_left_behind(path)
    temporary, file = _temporary(path)
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


@contextmanager
def taking_turns(path: Path) -> Iterator[None]:
    """Hold the lock file `path`, waiting for whoever has it; afterwards it is gone. Raises OSError."""
    while True:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o666)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if _is_at(descriptor, path):  # or else whoever held it has removed it
                try:
                    yield
                finally:
                    path.unlink(missing_ok=True)
                return
        finally:
            os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder survive a crash. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _temporary(path: Path) -> tuple[Path, IO[bytes]]:
    """Open and lock a new file beside `path`."""
    while True:
        temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.partial")
        file = temporary.open("xb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if _is_at(file.fileno(), temporary):
            return temporary, file
        file.close()  # another process took it for left behind, in the instant before it was locked


def _remove_left_behind(path: Path) -> None:
    """Remove the temporary files of `path` that nobody holds the lock of; earlier versions named them otherwise."""
    name = re.compile(rf"\.{re.escape(path.name)}\.(?:[0-9a-f]+\.)?partial")
    for entry in path.parent.iterdir():
        if name.fullmatch(entry.name):
            with suppress(OSError), entry.open("rb+") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                entry.unlink()


def _is_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
