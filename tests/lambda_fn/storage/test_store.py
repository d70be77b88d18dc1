import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lambda_fn.errors import Conflict, SettingError, StorageError, WriteError
from lambda_fn.parts import open_store
from lambda_fn.storage.folder import FolderStore
from tests.lambda_fn.store_contract import StoreContract

KEY = "main/story.json"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "stories")


@pytest.fixture
def forbidden(store: FolderStore) -> Iterator[FolderStore]:
    """A folder that nobody may read or write; as the superuser still may, tests run as somebody else."""
    store.root.mkdir(mode=0)
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield store
    finally:
        os.seteuid(user)
        store.root.chmod(0o700)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow beyond so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def start(program: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


class TestFolderStore(StoreContract):
    """What any store does, done by a folder."""


def test_reading_creates_nothing(store: FolderStore) -> None:
    store.read(KEY)
    store.stories()
    assert not store.root.exists()


def test_only_the_objects_and_the_lock_are_left_in_the_folder(store: FolderStore) -> None:
    store.replace(KEY, b"two", store.create(KEY, b"one"))
    store.create("main/tweets/000001.json", b"a tweet")
    assert files(store.root) == {".lock", "main/story.json", "main/tweets/000001.json"}


@settings(max_examples=25)  # each waits for the disk
@given(st.binary(), st.binary())
def test_etags_are_equal_exactly_when_the_contents_are(
    tmp_path_factory: pytest.TempPathFactory, one: bytes, other: bytes
) -> None:
    store = FolderStore(tmp_path_factory.mktemp("etags"))
    assert (store.create("one", one) == store.create("other", other)) == (one == other)


def test_a_story_is_moved_with_all_that_belongs_to_it(store: FolderStore) -> None:
    store.create(KEY, b"one")
    store.create("main/tweets/000001.json", b"a tweet")
    store.move("main", "main-1")
    assert files(store.root) == {".lock", "main-1/story.json", "main-1/tweets/000001.json"}


def test_a_moved_story_is_no_longer_there(store: FolderStore) -> None:
    store.create(KEY, b"one")
    store.move("main", "main-1")
    assert (store.exists("main"), store.exists("main-1")) == (False, True)


def test_a_story_is_not_moved_onto_another(store: FolderStore) -> None:
    store.create(KEY, b"one")
    store.create("main-1/story.json", b"other")
    with pytest.raises(Conflict, match="main-1 exists already"):
        store.move("main", "main-1")


def test_a_story_that_does_not_exist_is_not_moved(store: FolderStore) -> None:
    with pytest.raises(StorageError, match="cannot be renamed: No such file"):
        store.move("main", "main-1")


@pytest.mark.parametrize("name", ["", "..", "a/b", "Main", ".lock", "a" * 41])
def test_a_name_that_no_story_can_have_is_refused(store: FolderStore, name: str) -> None:
    with pytest.raises(StorageError, match="is not a story's name"):
        store.exists(name)


@pytest.mark.parametrize("action", ["read", "stories", "create", "exists", "move"])
def test_a_file_in_place_of_the_folder_is_one_clear_error(store: FolderStore, action: str) -> None:
    store.root.touch()
    actions = {
        "read": lambda: store.read(KEY),
        "stories": store.stories,
        "create": lambda: store.create(KEY, b""),
        "exists": lambda: store.exists("main"),
        "move": lambda: store.move("main", "main-1"),
    }
    with pytest.raises(StorageError, match=r"cannot be (read|written): (Not a directory|File exists)$"):
        actions[action]()


def test_a_folder_in_place_of_an_object_is_one_clear_error(store: FolderStore) -> None:
    (store.root / KEY).mkdir(parents=True)
    with pytest.raises(StorageError, match=r"story\.json cannot be read: Is a directory$"):
        store.read(KEY)


def test_an_unreadable_folder_is_one_clear_error(forbidden: FolderStore) -> None:
    with pytest.raises(StorageError, match=r"cannot be read: Permission denied$"):
        forbidden.read(KEY)


def test_a_folder_that_cannot_be_listed_is_one_clear_error(forbidden: FolderStore) -> None:
    with pytest.raises(StorageError, match=r"stories cannot be read: Permission denied$"):
        forbidden.stories()


def test_an_unwritable_folder_is_one_clear_error(forbidden: FolderStore) -> None:
    with pytest.raises(StorageError, match=r"stories cannot be written: Permission denied$"):
        forbidden.create(KEY, b"")


def test_a_write_that_fails_half_way_leaves_the_old_content_and_no_rubbish(store: FolderStore) -> None:
    etag = store.create(KEY, b"old")
    with (
        files_of_at_most(1000),
        pytest.raises(WriteError, match=r"story\.json cannot be written: File too large$"),
    ):
        store.replace(KEY, bytes(5000), etag)
    assert store.read(KEY) == (b"old", etag)
    assert files(store.root) == {".lock", KEY}


def test_what_a_killed_writer_left_is_cleared_away_by_the_next(store: FolderStore) -> None:
    etag = store.create(KEY, b"old")
    (store.root / "main" / ".story.json.tmp").write_bytes(b"half a rec" * 1000)
    etag = store.replace(KEY, b"new", etag)
    assert store.read(KEY) == (b"new", etag)
    assert files(store.root) == {".lock", KEY}


INCREMENT = """
import sys
from pathlib import Path
from lambda_fn.errors import Conflict
from lambda_fn.storage.folder import FolderStore

store = FolderStore(Path(sys.argv[1]))
done = 0
while done < 25:
    found = store.read("main/count")
    try:
        if found is None:
            store.create("main/count", b"1")
        else:
            store.replace("main/count", str(int(found[0]) + 1).encode(), found[1])
    except Conflict:
        continue
    done += 1
"""


def test_of_many_processes_that_write_at_once_none_loses_what_another_wrote(store: FolderStore) -> None:
    writers = [start(INCREMENT, str(store.root)) for _ in range(8)]
    for writer in writers:
        writer.communicate(timeout=600)
    assert [writer.returncode for writer in writers] == [0] * 8
    data, _ = store.read("main/count") or (b"", "")
    assert int(data) == 8 * 25


WRITE_FOR_EVER = """
import itertools, sys
from pathlib import Path
from lambda_fn.storage.folder import FolderStore

store = FolderStore(Path(sys.argv[1]))
for number in itertools.count():
    data = b"%06d" % number * 50_000
    found = store.read("main/story.json")
    store.replace("main/story.json", data, found[1]) if found else store.create("main/story.json", data)
    print(number, flush=True)
"""


def test_a_writer_killed_at_any_moment_leaves_the_old_content_or_the_new(store: FolderStore) -> None:
    moments = random.Random(1)
    for _ in range(12):
        writer = start(WRITE_FOR_EVER, str(store.root))
        with writer:
            assert writer.stdout
            writer.stdout.readline()
            time.sleep(moments.uniform(0, 0.02))
            writer.kill()
        data, etag = store.read(KEY) or (b"", "")
        assert data == data[:6] * 50_000
        store.replace(KEY, b"000000" * 50_000, etag)
        assert files(store.root) == {".lock", KEY}


def test_a_folder_becomes_a_store(tmp_path: Path) -> None:
    store = open_store(str(tmp_path / "new" / "stories"))
    assert isinstance(store, FolderStore)
    assert store.root == tmp_path / "new" / "stories"


def test_a_folder_is_called_by_its_path(tmp_path: Path) -> None:
    assert open_store(str(tmp_path)).uri == str(tmp_path)


@pytest.mark.parametrize("uri", ["", "  ", "http://localhost/", "file:///stories", "S3://bucket", "a\0b"])
def test_an_address_that_is_neither_folder_nor_bucket_is_refused(uri: str) -> None:
    with pytest.raises(SettingError, match="STORY_URI must be the path of a folder or s3://bucket/prefix, not"):
        open_store(uri)


def test_a_folder_is_opened_without_loading_boto3() -> None:
    program = (
        "import sys\n"
        "from lambda_fn.storage.bundles import local_bundle\n"
        "from lambda_fn.parts import open_store\n"
        "open_store('stories'); local_bundle(None); print('boto3' in sys.modules, 'botocore' in sys.modules)"
    )
    with start(program) as process:
        assert process.communicate(timeout=60)[0] == "False False\n"


def test_nothing_is_put_for_a_story_that_was_set_aside_after_its_record_was_read(store: FolderStore) -> None:
    store.create(KEY, b"one")
    other = FolderStore(store.root)
    other.read(KEY)
    store.move("main", "main-2")
    with pytest.raises(Conflict, match=r"main was set aside, so .*index\.html was not created$"):
        other.put("main/page/index.html", b"")
    assert files(store.root) == {".lock", "main-2/story.json"}
