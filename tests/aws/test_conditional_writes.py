"""Services that speak S3 and ignore the conditions of a write: nothing is written or posted there."""

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.config import Config

from lambda_fn.errors import StorageError, UnclearWrite
from lambda_fn.log import Log
from lambda_fn.parts import open_store
from lambda_fn.posting.publishing import Answer, Invocation, publish_next
from lambda_fn.settings import Settings
from lambda_fn.storage.s3 import TRIAL, S3Store
from lambda_fn.storage.stories import Stories
from peers.aws import MotoServer
from peers.s3_proxy import CONFLICT, ERROR_BEFORE, S3Proxy
from tests.bucket import BUCKET
from tests.lambda_fn.office import SEED, Account, Caller, Clock
from tests.lambda_fn.quick import QuickStoryteller
from tests.lambda_fn.store_contract import KEY, RACERS, StoreContract

NUMBERS = itertools.count()
MATCH, NONE_MATCH = "if-match", "if-none-match"
IGNORED = [{MATCH}, {NONE_MATCH}, {MATCH, NONE_MATCH}]

Open = Callable[[], S3Store]


@pytest.fixture(scope="module")
def client(aws: MotoServer, road: S3Proxy) -> Any:
    """One that tries once, and reaches S3 by a road that can break."""
    return aws.client("s3", endpoint_url=road.url, config=Config(retries={"total_max_attempts": 1}))


@pytest.fixture
def proxy(road: S3Proxy) -> Iterator[S3Proxy]:
    road.clear()
    yield road
    road.clear()


@pytest.fixture
def fresh(client: Any) -> Open:
    """Opens the same store again and again, as each new process does."""
    prefix = f"trial-{next(NUMBERS)}"
    return lambda: S3Store(client, BUCKET, prefix, tried=False)


@pytest.fixture
def store(fresh: Open) -> S3Store:
    return fresh()


class TestS3StoreThatWasNotTried(StoreContract):
    """What any store does."""


def writes(proxy: S3Proxy) -> int:
    return [method for method, _ in proxy.requests].count("PUT")


@pytest.mark.parametrize("ignored", IGNORED, ids=lambda names: "+".join(sorted(names)))
def test_where_conditions_are_ignored_nothing_is_written(proxy: S3Proxy, fresh: Open, ignored: set[str]) -> None:
    etag = fresh().create(KEY, b"one")
    proxy.ignored = frozenset(ignored)
    header = "If-None-Match" if NONE_MATCH in ignored else "If-Match"
    refusal = f"^nothing is written to s3://[^ ]+, for its service ignores {header}, so that two invocations could post"
    for _ in range(2):
        with pytest.raises(StorageError, match=refusal):
            fresh().create("main/tweets/000001.json", b"two")
        with pytest.raises(StorageError, match=refusal):
            fresh().replace(KEY, b"two", etag)
    assert fresh().read(KEY) == (b"one", etag)
    assert fresh().read("main/tweets/000001.json") is None


@pytest.mark.parametrize("begun", [False, True], ids=["first tweet", "later tweet"])
@pytest.mark.parametrize("ignored", IGNORED, ids=lambda names: "+".join(sorted(names)))
def test_where_conditions_are_ignored_nothing_is_posted(
    proxy: S3Proxy, fresh: Open, ignored: set[str], begun: bool
) -> None:
    account = Account(Clock())
    if begun:
        assert publish(fresh(), account).status == "posted"
    proxy.ignored = frozenset(ignored)
    with pytest.raises(StorageError, match="so that two invocations could post the same tweet"):
        publish(fresh(), account)
    assert len(account.calls) == begun


def test_where_conditions_are_heeded_a_story_is_posted(fresh: Open) -> None:
    account = Account(Clock())
    assert [publish(fresh(), account).status for _ in range(3)] == ["posted"] * 3
    assert len(account.texts) == 3


def publish(store: S3Store, account: Account) -> Answer:
    settings = Settings.from_event({}, {"STORY_URI": store.uri, "STORY_PROMPT": "It was", "STORY_SEED": str(SEED)})
    quiet = Log(lambda _: None)
    invocation = Invocation(Stories(store), QuickStoryteller(), Caller(account), account.clock, lambda: 60, quiet)
    return publish_next(settings, invocation)


def test_a_store_that_is_opened_by_its_address_is_tried(
    aws: MotoServer, proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (aws.environment() | {"AWS_ENDPOINT_URL": proxy.url}).items():
        monkeypatch.setenv(name, value)
    proxy.ignored = frozenset({MATCH})
    with pytest.raises(StorageError, match="its service ignores If-Match"):
        open_store(f"s3://{BUCKET}/trial-{next(NUMBERS)}").create(KEY, b"one")


def test_a_process_asks_once_with_two_requests(proxy: S3Proxy, fresh: Open) -> None:
    fresh().create("main/first", b"")
    assert writes(proxy) == 3 + 1
    proxy.clear()
    store = fresh()
    store.create("main/second", b"")
    assert writes(proxy) == 2 + 1
    store.create("main/third", b"")
    assert writes(proxy) == 2 + 2


def test_who_only_reads_asks_nothing(proxy: S3Proxy, fresh: Open) -> None:
    assert fresh().read(KEY) is None
    assert writes(proxy) == 0


def test_asking_changes_nothing_once_it_was_asked(fresh: Open) -> None:
    fresh().create(KEY, b"one")
    before = fresh().read(TRIAL)
    fresh().create("main/other", b"")
    assert before
    assert fresh().read(TRIAL) == before


@pytest.mark.parametrize("number", range(3))
def test_a_trial_that_is_not_answered_is_made_again(proxy: S3Proxy, fresh: Open, number: int) -> None:
    store = fresh()
    left = iter(range(number))
    proxy.next(ERROR_BEFORE, lambda method, path: method == "PUT" and TRIAL in path and next(left, None) is None)
    with pytest.raises(UnclearWrite):
        store.create(KEY, b"one")
    assert store.read(KEY) is None
    proxy.clear()
    etag = store.create(KEY, b"one")
    assert store.read(KEY) == (b"one", etag)


def test_who_asks_at_the_same_moment_as_others_hears_that_conditions_are_heeded(proxy: S3Proxy, fresh: Open) -> None:
    proxy.next(CONFLICT, lambda method, path: method == "PUT" and TRIAL in path)
    assert fresh().create(KEY, b"one")


def test_of_many_that_ask_at_once_none_is_told_otherwise(fresh: Open) -> None:
    problems: list[StorageError] = []

    def run(number: int, store: S3Store) -> None:
        try:
            store.create(f"main/{number}", b"")
        except StorageError as problem:
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(number, fresh())) for number in range(RACERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
