"""Places where a story is kept, which a test can look into, and set back to what they held."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.store import Store

NUMBERS = itertools.count(1)


class Place(Protocol):
    """A store and what is in it."""

    store: Store

    def content(self) -> dict[str, bytes]:
        """Every object by its key."""

    def restore(self, objects: Mapping[str, bytes]) -> None:
        """Hold these objects and no others."""


class Folder:
    """A new place in a folder."""

    def __init__(self, parent: Path) -> None:
        self._root = Path(tempfile.mkdtemp(dir=parent))
        self.store: Store = FolderStore(self._root)

    def content(self) -> dict[str, bytes]:
        """See `Place`."""
        files = (path for path in self._root.rglob("*") if path.is_file() and not path.name.startswith("."))
        return {str(path.relative_to(self._root)): path.read_bytes() for path in files}

    def restore(self, objects: Mapping[str, bytes]) -> None:
        """See `Place`."""
        if self._root.exists():
            shutil.rmtree(self._root)
        for key, data in objects.items():
            path = self._root / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


class Prefix:
    """A new place in a bucket."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, f"place-{next(NUMBERS)}"
        self.store: Store = S3Store(client, bucket, self._prefix)

    def content(self) -> dict[str, bytes]:
        """See `Place`."""
        return {key: self._client.get_object(**self._address(key))["Body"].read() for key in self._keys()}

    def restore(self, objects: Mapping[str, bytes]) -> None:
        """See `Place`."""
        for key in self._keys():
            if key not in objects:
                self._client.delete_object(**self._address(key))
        for key, data in objects.items():
            self._client.put_object(**self._address(key), Body=data, ContentType="application/json")

    def _keys(self) -> list[str]:
        pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=f"{self._prefix}/")
        found = [item["Key"] for page in pages for item in page.get("Contents", [])]
        return [key.removeprefix(f"{self._prefix}/") for key in found]

    def _address(self, key: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": f"{self._prefix}/{key}"}


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder in memory where there can be one: every write of a record waits for the disk."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)
