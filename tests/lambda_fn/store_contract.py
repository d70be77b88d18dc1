"""What every store has to do. A test module makes a class of its own from this one, and a fixture `store`."""

import threading
from collections import Counter
from collections.abc import Callable

import pytest

from lambda_fn.errors import Conflict, StorageError
from lambda_fn.storage.store import Store

KEY = "main/story.json"
RACERS = 20


class StoreContract:
    def test_what_is_created_can_be_read(self, store: Store) -> None:
        etag = store.create(KEY, b"one")
        assert store.read(KEY) == (b"one", etag)

    def test_an_empty_object_is_an_object(self, store: Store) -> None:
        etag = store.create(KEY, b"")
        assert store.read(KEY) == (b"", etag)

    def test_a_large_object_is_read_whole(self, store: Store) -> None:
        data = bytes(range(256)) * 4096
        etag = store.create(KEY, data)
        assert store.read(KEY) == (data, etag)

    def test_what_was_never_written_is_none(self, store: Store) -> None:
        assert store.read(KEY) is None

    def test_objects_do_not_mix(self, store: Store) -> None:
        keys = [KEY, "main/tweets/000001.json", "other/story.json"]
        for key in keys:
            store.create(key, key.encode())
        assert [(store.read(key) or (b"", ""))[0] for key in keys] == [key.encode() for key in keys]

    def test_of_an_empty_store_there_are_no_stories(self, store: Store) -> None:
        assert store.stories() == []

    def test_the_stories_are_the_names_that_begin_keys(self, store: Store) -> None:
        for key in ("night/story.json", KEY, "main/tweets/000001.json", "main-2/tweets/000001.json"):
            store.create(key, b"")
        assert store.stories() == ["main", "main-2", "night"]

    def test_what_cannot_be_a_story_is_not_listed(self, store: Store) -> None:
        for key in ("notes.txt", "main", "Old/story.json", "a_b/story.json", "x" * 41 + "/story.json"):
            store.create(key, b"")
        assert store.stories() == []

    def test_creating_twice_is_a_conflict(self, store: Store) -> None:
        store.create(KEY, b"one")
        with pytest.raises(Conflict, match=r"story\.json exists already$"):
            store.create(KEY, b"two")

    def test_creating_the_same_twice_is_a_conflict(self, store: Store) -> None:
        store.create(KEY, b"one")
        with pytest.raises(Conflict):
            store.create(KEY, b"one")

    def test_a_conflict_changes_nothing(self, store: Store) -> None:
        etag = store.create(KEY, b"one")
        with pytest.raises(Conflict):
            store.create(KEY, b"two")
        with pytest.raises(Conflict):
            store.replace(KEY, b"three", "0" * 64)
        assert store.read(KEY) == (b"one", etag)

    def test_what_was_read_can_be_replaced(self, store: Store) -> None:
        store.create(KEY, b"one")
        _, etag = store.read(KEY) or (b"", "")
        etag = store.replace(KEY, b"two", etag)
        assert store.read(KEY) == (b"two", etag)

    def test_what_was_written_can_be_replaced_without_reading_it(self, store: Store) -> None:
        etag = store.create(KEY, b"one")
        for data in (b"two", b"three"):
            etag = store.replace(KEY, data, etag)
        assert store.read(KEY) == (b"three", etag)

    def test_what_changed_since_it_was_read_is_not_replaced(self, store: Store) -> None:
        old = store.create(KEY, b"one")
        store.replace(KEY, b"two", old)
        with pytest.raises(Conflict, match=r"story\.json was changed by somebody else$"):
            store.replace(KEY, b"three", old)

    def test_what_does_not_exist_is_not_replaced(self, store: Store) -> None:
        with pytest.raises(Conflict):
            store.replace(KEY, b"one", "0" * 64)

    def test_what_is_put_is_there_whatever_was_there_before(self, store: Store) -> None:
        store.put("main/page/index.html", b"one")
        store.put("main/page/index.html", b"two")
        data, etag = store.read("main/page/index.html") or (b"", "")
        assert data == b"two"
        assert store.replace("main/page/index.html", b"three", etag)

    def test_many_may_put_at_once(self, store: Store) -> None:
        assert race(lambda racer: store.put(KEY, racer)) == {"won": RACERS}
        assert (store.read(KEY) or (b"", ""))[0].startswith(b"racer ")

    def test_of_many_that_create_at_once_one_wins(self, store: Store) -> None:
        assert race(lambda racer: store.create(KEY, racer)) == {"won": 1, "lost": RACERS - 1}

    def test_of_many_that_replace_the_same_at_once_one_wins(self, store: Store) -> None:
        etag = store.create(KEY, b"old")
        assert race(lambda racer: store.replace(KEY, racer, etag)) == {"won": 1, "lost": RACERS - 1}

    @pytest.mark.parametrize(
        "key",
        [
            "",
            "/etc/passwd",
            "..",
            "../x",
            "main/../x",
            "main//x",
            "main/",
            "a\0b",
            ".lock",
            "main/.x",
            "a b",
            "a\n",
        ],
    )
    @pytest.mark.parametrize("action", ["read", "create", "replace", "put"])
    def test_a_key_that_is_no_plain_path_is_refused(self, store: Store, key: str, action: str) -> None:
        actions = {
            "read": lambda: store.read(key),
            "create": lambda: store.create(key, b""),
            "replace": lambda: store.replace(key, b"", "0" * 64),
            "put": lambda: store.put(key, b""),
        }
        with pytest.raises(StorageError, match="is not a key"):
            actions[action]()


def race(write: Callable[[bytes], object]) -> Counter[str]:
    """Let many write different contents at the same moment; returns how often that succeeded."""
    results: list[str] = []
    start = threading.Barrier(RACERS)

    def run(racer: int) -> None:
        start.wait()
        try:
            write(b"racer %d" % racer)
        except Conflict:
            results.append("lost")
        else:
            results.append("won")

    threads = [threading.Thread(target=run, args=(racer,)) for racer in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(results)
