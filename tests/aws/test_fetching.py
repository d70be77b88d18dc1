"""A bundle on S3 becomes a folder: whole or not at all, and once."""

import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lambda_fn.errors import BundleError, SettingError, StorageError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.settings import SHIPPED_MODEL
from lambda_fn.storage import bundles as fetching
from lambda_fn.storage.bundles import fetch, local_bundle
from lambda_fn.storage.s3_client import Address
from peers.aws import MotoServer
from peers.s3_proxy import HALF, Fault, S3Proxy
from tests.bucket import BUCKET

ROOT = Path(__file__).parents[2]
NUMBERS = itertools.count()


@pytest.fixture
def proxy(road: S3Proxy) -> Iterator[S3Proxy]:
    road.clear()
    yield road
    road.clear()


class Shelf:
    """A bundle on S3 that a test may spoil, and a cache to fetch it into."""

    def __init__(self, aws: MotoServer, proxy: S3Proxy, bundle: Path, cache: Path) -> None:
        self.aws, self.proxy, self.cache = aws, proxy, cache
        self.address = Address(BUCKET, f"models/{next(NUMBERS)}")
        self.client = aws.client("s3", endpoint_url=proxy.url)
        self._direct = aws.client("s3")
        for path in bundle.iterdir():
            self.put(path.name, path.read_bytes())

    @property
    def home(self) -> Path:
        return self.cache / f"endless-novel-{os.geteuid()}"

    def put(self, name: str, data: bytes) -> None:
        self._direct.put_object(Bucket=BUCKET, Key=self.address.key(name), Body=data)

    def delete(self, name: str) -> None:
        self._direct.delete_object(Bucket=BUCKET, Key=self.address.key(name))

    def describe(self, **changes: object) -> str:
        """Change fields of bundle.json; returns its new SHA-256."""
        name = self.address.key("bundle.json")
        document = json.loads(self._direct.get_object(Bucket=BUCKET, Key=name)["Body"].read()) | changes
        data = json.dumps(document).encode()
        self.put("bundle.json", data)
        return hashlib.sha256(data).hexdigest()

    def fetch(self) -> Path:
        return fetch(self.client, self.address, self.cache)

    def fetched(self) -> list[str]:
        """The names of the files asked for so far, one for each request."""
        return [path.partition("?")[0].rpartition("/")[2] for _, path in self.proxy.requests]

    def left(self) -> set[str]:
        """What is in the cache."""
        return {path.name for path in self.home.iterdir()}


@pytest.fixture
def shelf(aws: MotoServer, proxy: S3Proxy, tiny_bundle: Path, tmp_path: Path) -> Shelf:
    return Shelf(aws, proxy, tiny_bundle, tmp_path)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_without_an_address_the_shipped_bundle_is_used() -> None:
    assert local_bundle(None) == SHIPPED_MODEL


def test_a_folder_is_used_where_it_lies(tmp_path: Path) -> None:
    assert local_bundle(str(tmp_path)) == tmp_path


@pytest.mark.parametrize("address", ["http://localhost/model", "S3://bucket/model", "file:///model", " ", "a\0b"])
def test_an_address_that_is_neither_folder_nor_bucket_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match=r"^MODEL_URI must be the path of a folder or s3://bucket/prefix/, not "):
        local_bundle(address)


def test_an_impossible_bucket_is_refused() -> None:
    with pytest.raises(SettingError, match=r"^MODEL_URI must be s3://bucket/prefix, .*, not 's3://'$"):
        local_bundle("s3://")


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_bundle_on_s3_becomes_the_same_in_a_folder(
    shelf: Shelf, tiny_bundle: Path, slash: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in shelf.aws.environment().items():
        monkeypatch.setenv(name, value)
    folder = local_bundle(f"{shelf.address}{slash}", shelf.cache)
    assert contents(folder) == contents(tiny_bundle)


def test_the_folder_is_named_after_the_whole_description(shelf: Shelf) -> None:
    folder = shelf.fetch()
    assert folder.name == hashlib.sha256((folder / "bundle.json").read_bytes()).hexdigest()
    assert shelf.left() == {"lock", folder.name}


def test_a_bundle_is_said_to_be_fetched_when_it_is_and_not_again(shelf: Shelf) -> None:
    said: list[str] = []
    for _ in range(2):
        folder = fetch(shelf.client, shelf.address, shelf.cache, said.append)
    assert said == [f"fetching the bundle {shelf.address} once: later calls find it in {folder}"]


def test_a_long_fetch_says_now_and_then_how_far_it_is(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lambda_fn.progress.PAUSE", 0.0)
    said: list[str] = []
    fetch(shelf.client, shelf.address, shelf.cache, said.append)
    assert said[1:]
    assert set(said[1:]) == {"0 MB of the bundle are here"}


def test_a_bundle_that_is_there_is_not_fetched_again(shelf: Shelf) -> None:
    folder = shelf.fetch()
    shelf.proxy.clear()
    assert shelf.fetch() == folder
    assert shelf.fetched() == ["bundle.json"]


def test_a_bundle_replaced_on_s3_is_fetched_beside_the_old(shelf: Shelf) -> None:
    old = shelf.fetch()
    description = shelf.describe(name="another")
    assert shelf.fetch().name == description
    assert shelf.left() == {"lock", old.name, description}


def test_where_the_disk_is_small_the_old_bundle_goes(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf.fetch()
    description = shelf.describe(name="another")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=fetching.LARGEST_BUNDLE - 1))
    shelf.fetch()
    assert shelf.left() == {"lock", description}


FETCH = """
import sys
from pathlib import Path
from lambda_fn.storage.bundles import local_bundle

local_bundle(sys.argv[1], Path(sys.argv[2]))
"""


def test_a_fetch_that_was_killed_is_made_good_by_the_next(shelf: Shelf, tiny_bundle: Path) -> None:
    environment = os.environ | shelf.aws.environment() | {"AWS_ENDPOINT_URL": shelf.proxy.url}
    command = [sys.executable, "-c", FETCH, str(shelf.address), str(shelf.cache)]
    asked = threading.Event()
    shelf.proxy.next(
        Fault(forward=True, answer="half", meanwhile=lambda: (process.kill(), asked.set())[0]),
        match=lambda _, path: "tokenizer.json" in path,
    )
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        assert asked.wait(timeout=60)
    assert process.returncode == -9
    assert shelf.left() == {"lock", "partial"}
    folder = shelf.fetch()
    assert contents(folder) == contents(tiny_bundle)
    assert shelf.left() == {"lock", folder.name}


def test_a_fetch_that_breaks_off_is_an_error_and_the_next_is_whole(shelf: Shelf, tiny_bundle: Path) -> None:
    shelf.proxy.next(HALF, match=lambda _, path: "model.onnx" in path)
    with pytest.raises(StorageError, match=r"/model\.onnx cannot be read: "):
        shelf.fetch()
    assert contents(shelf.fetch()) == contents(tiny_bundle)


def test_a_file_with_another_hash_is_named_and_no_bundle_is_left(shelf: Shelf, tiny_bundle: Path) -> None:
    shelf.put("words.txt", b"another\n")
    with pytest.raises(BundleError, match=r"/words\.txt is not the file that bundle\.json names"):
        shelf.fetch()
    assert shelf.left() == {"lock", "partial"}
    shelf.put("words.txt", (tiny_bundle / "words.txt").read_bytes())
    assert contents(shelf.fetch()) == contents(tiny_bundle)


def test_a_file_that_is_not_there_is_named(shelf: Shelf) -> None:
    shelf.delete("words.txt")
    with pytest.raises(BundleError, match=r"^the bundle s3://.* is incomplete: words\.txt is missing$"):
        shelf.fetch()


def test_an_address_without_a_bundle_is_one_clear_error(shelf: Shelf) -> None:
    shelf.delete("bundle.json")
    with pytest.raises(BundleError, match=r"^s3://.* is not a model bundle: it has no bundle\.json$"):
        shelf.fetch()
    assert not shelf.home.exists()


def test_a_description_that_is_no_json_is_one_clear_error(shelf: Shelf) -> None:
    shelf.put("bundle.json", b'{"format": 1, "fi')
    with pytest.raises(BundleError, match=r"/bundle\.json is not JSON"):
        shelf.fetch()


@pytest.mark.parametrize("name", ["../model.onnx", "/etc/passwd", "a/b", "..", "", "bundle.json"])
def test_a_name_outside_the_bundle_is_refused_before_anything_is_fetched(shelf: Shelf, name: str) -> None:
    shelf.describe(files={name: "0" * 64, "model.onnx": "0" * 64, "tokenizer.json": "0" * 64})
    with pytest.raises(BundleError, match="not the plain name of another file"):
        shelf.fetch()
    assert shelf.fetched() == ["bundle.json"]


def test_a_bundle_too_large_for_the_disk_of_a_function_is_refused(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "LARGEST_BUNDLE", 80_000)  # the graph has 67,572 bytes, the tokenizer 14,188
    with pytest.raises(StorageError, match=r"/(model\.onnx|tokenizer\.json) is not read: it has more than \d+ bytes$"):
        shelf.fetch()


@pytest.mark.parametrize("name", ["bundle.json", "model.onnx", "words.txt"])
@pytest.mark.parametrize("harm", ["gone", "altered"])
def test_a_bundle_that_was_harmed_in_the_cache_is_fetched_again(
    shelf: Shelf, tiny_bundle: Path, name: str, harm: str
) -> None:
    path = shelf.fetch() / name
    path.unlink() if harm == "gone" else path.write_bytes(b"harm")
    assert contents(shelf.fetch()) == contents(tiny_bundle)


def test_of_many_that_fetch_at_once_one_does_and_all_have_it(shelf: Shelf, tiny_bundle: Path) -> None:
    start, folders = threading.Barrier(8), []

    def run() -> None:
        start.wait()
        folders.append(shelf.fetch())

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(folders) == 8
    assert len(set(folders)) == 1
    assert contents(folders[0]) == contents(tiny_bundle)
    assert sorted(set(shelf.fetched()) - {"bundle.json"}) == ["model.onnx", "tokenizer.json", "words.txt"]
    assert len(shelf.fetched()) == 8 + 3


def test_a_folder_that_somebody_else_prepared_is_not_used(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    shelf.home.symlink_to(tmp_path / "theirs")
    with pytest.raises(StorageError, match="is not a folder of this user: remove it"):
        shelf.fetch()


def test_a_cache_that_is_no_folder_is_one_clear_error(shelf: Shelf) -> None:
    shelf.home.touch()
    with pytest.raises(StorageError, match=r"^no bundle can be kept in .*: File exists$"):
        shelf.fetch()


def test_a_bucket_that_does_not_exist_is_named(shelf: Shelf) -> None:
    with pytest.raises(StorageError, match=r"there is no such bucket$"):
        fetch(shelf.client, Address("no-such-bucket", "models"), shelf.cache)


def test_the_order_of_files_does_not_matter(shelf: Shelf, tiny_bundle: Path) -> None:
    files: dict[str, Any] = json.loads((tiny_bundle / "bundle.json").read_text())["files"]
    shelf.describe(files=dict(reversed(files.items())))
    assert load_bundle(shelf.fetch()).files == files
