"""The bundle that `MODEL_URI` names, as a folder: the shipped one, any other, or one fetched from S3.

A fetched bundle is kept in `CACHE/endless-novel-UID/SHA-256 of its bundle.json`. It is fetched into a folder beside
that one, which is renamed when every file has arrived and has the right hash: the next fetch removes what a killed
one left, and a complete bundle is not fetched again.
"""

import fcntl
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from lambda_fn.errors import BundleError, StorageError
from lambda_fn.language.bundle import DESCRIPTION, read_description
from lambda_fn.progress import Note, NowAndThen, silent
from lambda_fn.settings import SHIPPED_MODEL
from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.s3_client import Address, make_client, reading

LARGEST_DESCRIPTION = 2**20  # bytes
LARGEST_BUNDLE = 400 * 2**20  # bytes: it has to fit in the 512 MB of a function's /tmp

_SHA256 = re.compile(r"[0-9a-f]{64}")
_PARTIAL = "partial"


def local_bundle(model_uri: str | None, cache: Path = Path("/tmp"), note: Note = silent) -> Path:
    """The folder of the bundle that `MODEL_URI` names; None stands for the shipped one.

    `note` takes a sentence when a bundle has to be fetched, which may take long. Only a bundle on S3 is checked here:
    `load_bundle` checks the others. Raises `SettingError` for an address
    that is neither a folder nor s3://bucket/prefix, `BundleError` if the bundle there is not complete,
    `StorageError` if it cannot be read, or `cache` not written.
    """
    if model_uri is None:
        return SHIPPED_MODEL
    if model_uri.startswith("s3://"):
        return fetch(make_client(), Address.parse(model_uri, "MODEL_URI"), cache, note)
    return folder_at(model_uri, "MODEL_URI", "s3://bucket/prefix/")


def fetch(client: Any, address: Address, cache: Path, note: Note = silent) -> Path:
    """Fetch a bundle, unless it is in the cache already. Raises as `local_bundle` does."""
    with reading(client, address.bucket, address.key(DESCRIPTION), LARGEST_DESCRIPTION) as found:
        if not found:
            raise BundleError(f"{address} is not a model bundle: it has no {DESCRIPTION}")
        description = b"".join(found[0])
    _, files = read_description(description, f"{address}/{DESCRIPTION}")
    with _own_folder(cache) as home:
        folder = home / hashlib.sha256(description).hexdigest()
        if not _is_whole(folder, description, files):
            note(f"fetching the bundle {address} once: later calls find it in {folder}")
            partial = _room_for(folder)
            _download(client, address, files, partial, NowAndThen(note))
            (partial / DESCRIPTION).write_bytes(description)
            partial.rename(folder)
    return folder


@contextmanager
def _own_folder(cache: Path) -> Iterator[Path]:
    """This user's folder in the cache, locked for one process; the system unlocks it when that dies."""
    # Any user may make a folder in /tmp: in one that is not ours, files could change after they were checked.
    home = cache / f"endless-novel-{os.geteuid()}"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = home.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid():
            raise StorageError(f"{home} is not a folder of this user: remove it")
        with (home / "lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield home
    except OSError as problem:
        raise StorageError(f"no bundle can be kept in {home}: {problem.strerror}") from problem


def _is_whole(folder: Path, description: bytes, files: Mapping[str, str]) -> bool:
    """Whether every file of a bundle is there as it was fetched: some systems remove old files from /tmp."""
    try:
        if (folder / DESCRIPTION).read_bytes() != description:
            return False
        for name, digest in files.items():
            with (folder / name).open("rb") as file:
                if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                    return False
    except FileNotFoundError:
        return False
    return True


def _room_for(folder: Path) -> Path:
    """An empty folder to fetch into, beside the one that it will become; what a killed fetch left is removed.

    Other bundles stay, because another process may be about to load one, unless the disk could be too small for one
    more. Where it is that small, in a function, there is no other process.
    """
    partial = folder.with_name(_PARTIAL)
    useless = [path for path in (partial, folder) if path.exists()]
    if shutil.disk_usage(folder.parent).free < LARGEST_BUNDLE:
        useless += [path for path in folder.parent.iterdir() if _SHA256.fullmatch(path.name) and path != folder]
    for path in useless:
        shutil.rmtree(path)
    partial.mkdir()
    return partial


def _download(client: Any, address: Address, files: Mapping[str, str], folder: Path, note: Note) -> None:
    left = LARGEST_BUNDLE
    for name, expected in files.items():
        digest = hashlib.sha256()
        with reading(client, address.bucket, address.key(name), left) as found, (folder / name).open("wb") as file:
            if not found:
                raise BundleError(f"the bundle {address} is incomplete: {name} is missing")
            for chunk in found[0]:
                digest.update(chunk)
                file.write(chunk)
                note(f"{(LARGEST_BUNDLE - left + file.tell()) // 2**20} MB of the bundle are here")
            left -= file.tell()
        if digest.hexdigest() != expected:
            raise BundleError(
                f"{address}/{name} is not the file that {DESCRIPTION} names (SHA-256 differs): upload it again"
            )
