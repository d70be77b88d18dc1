"""A story on S3, over HTTP: what every store does, and what is known after each way in which a request can break."""

import itertools
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config

from lambda_fn.errors import BusyError, Conflict, StorageError, UnclearWrite
from lambda_fn.parts import open_store
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.s3_client import make_client
from peers.aws import MotoServer
from peers.s3_proxy import (
    ABORTED,
    CONFLICT,
    DROP_AFTER,
    DROP_BEFORE,
    ERROR_AFTER,
    ERROR_BEFORE,
    HALF,
    SLOW_DOWN,
    Fault,
    S3Proxy,
)
from tests.bucket import BUCKET
from tests.lambda_fn.store_contract import KEY, StoreContract

NUMBERS = itertools.count()


@pytest.fixture(scope="module")
def client(aws: MotoServer, road: S3Proxy) -> Iterator[Any]:
    """The bot's own client, which reaches S3 by a road that can break."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in (aws.environment() | {"AWS_ENDPOINT_URL": road.url}).items():
            patch.setenv(name, value)
        yield make_client()


@pytest.fixture
def proxy(road: S3Proxy) -> Iterator[S3Proxy]:
    road.clear()
    yield road
    road.clear()


@pytest.fixture
def prefix() -> str:
    return f"test-{next(NUMBERS)}/stories"


@pytest.fixture
def store(client: Any, prefix: str) -> S3Store:
    return S3Store(client, BUCKET, prefix)


def is_put(method: str, path: str) -> bool:  # noqa: ARG001
    return method == "PUT"


def is_get(method: str, path: str) -> bool:  # noqa: ARG001
    return method == "GET"


class TestS3Store(StoreContract):
    """What any store does, done by S3."""


def test_a_story_is_kept_under_the_prefix_as_json(aws: MotoServer, store: S3Store, prefix: str) -> None:
    store.create(KEY, b"{}")
    found = aws.client("s3").head_object(Bucket=BUCKET, Key=f"{prefix}/{KEY}")
    assert found["ContentType"] == "application/json"


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("000001.html", "text/html; charset=utf-8"),
        ("feed.xml", "application/atom+xml; charset=utf-8"),
        ("state.json", "application/json"),
    ],
)
def test_a_page_is_kept_as_what_a_browser_reads_and_not_for_long(
    aws: MotoServer, store: S3Store, prefix: str, name: str, kind: str
) -> None:
    store.put(f"main/page/{name}", b"")
    found = aws.client("s3").head_object(Bucket=BUCKET, Key=f"{prefix}/main/page/{name}")
    assert (found["ContentType"], found["CacheControl"]) == (kind, "max-age=300")


def test_what_can_be_made_again_is_put_without_a_condition(proxy: S3Proxy, store: S3Store) -> None:
    store.tried = False
    proxy.next(DROP_AFTER, is_put)
    store.put("main/page/feed.xml", b"ours")
    assert [method for method, _ in proxy.requests] == ["PUT", "PUT"]


@pytest.mark.parametrize("form", ["s3://{bucket}/{prefix}", "s3://{bucket}/{prefix}/"])
def test_an_address_with_or_without_its_last_slash_is_the_same_store(
    aws: MotoServer, store: S3Store, prefix: str, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.environment().items():
        monkeypatch.setenv(name, value)
    etag = store.create(KEY, b"{}")
    assert open_store(form.format(bucket=BUCKET, prefix=prefix)).read(KEY) == (b"{}", etag)


@pytest.mark.parametrize("fault", [DROP_AFTER, ERROR_AFTER], ids=["dropped", "500"])
def test_a_write_that_succeeded_and_was_tried_again_is_a_conflict_with_itself(
    proxy: S3Proxy, store: S3Store, fault: Any
) -> None:
    proxy.next(fault, is_put)
    with pytest.raises(Conflict):
        store.create(KEY, b"ours")
    data, etag = store.read(KEY) or (b"", "")
    assert data == b"ours"
    proxy.next(fault, is_put)
    with pytest.raises(Conflict):
        store.replace(KEY, b"ours too", etag)
    assert (store.read(KEY) or (b"", ""))[0] == b"ours too"
    assert [method for method, _ in proxy.requests] == ["PUT", "PUT", "GET"] * 2


@pytest.mark.parametrize("fault", [DROP_BEFORE, ERROR_BEFORE, SLOW_DOWN], ids=["dropped", "500", "503"])
def test_a_write_that_never_arrived_is_tried_again(proxy: S3Proxy, store: S3Store, fault: Any) -> None:
    proxy.next(fault, is_put, times=2)
    etag = store.create(KEY, b"ours")
    assert store.read(KEY) == (b"ours", etag)


@pytest.mark.parametrize("fault", [DROP_BEFORE, ERROR_BEFORE], ids=["dropped", "500"])
def test_a_write_that_failed_three_times_is_unclear_and_may_not_have_happened(
    proxy: S3Proxy, store: S3Store, fault: Any
) -> None:
    etag = store.create(KEY, b"old")
    proxy.clear()
    proxy.next(fault, is_put, times=3)
    with pytest.raises(UnclearWrite, match=r"^nobody knows whether s3://.*/main/story\.json was written: "):
        store.replace(KEY, b"new", etag)
    assert proxy.requests == [("PUT", proxy.requests[0][1])] * 3
    assert store.read(KEY) == (b"old", etag)


@pytest.mark.parametrize(("first", "others"), [(DROP_AFTER, DROP_BEFORE), (ERROR_AFTER, ERROR_BEFORE)])
def test_a_write_that_failed_three_times_is_unclear_and_may_have_happened(
    proxy: S3Proxy, store: S3Store, first: Any, others: Any
) -> None:
    etag = store.create(KEY, b"old")
    proxy.next(first, is_put)
    proxy.next(others, is_put, times=2)
    with pytest.raises(UnclearWrite):
        store.replace(KEY, b"new", etag)
    assert (store.read(KEY) or (b"", ""))[0] == b"new"


def test_a_write_answered_too_late_is_unclear(aws: MotoServer, proxy: S3Proxy, store: S3Store, prefix: str) -> None:
    impatient = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    client = aws.client("s3", endpoint_url=proxy.url, config=impatient)
    written = threading.Event()
    proxy.next(Fault(forward=True, answer="true", after=1, meanwhile=written.set), is_put)
    with pytest.raises(UnclearWrite, match="Read timeout"):
        S3Store(client, BUCKET, prefix).create(KEY, b"ours")
    assert written.wait(timeout=60)  # who gives up may be faster than S3
    assert (store.read(KEY) or (b"", ""))[0] == b"ours"


@pytest.mark.parametrize("fault", [CONFLICT, ABORTED], ids=["409 conflict", "409 aborted"])
def test_a_write_that_met_another_says_so_and_changes_nothing(proxy: S3Proxy, store: S3Store, fault: Any) -> None:
    etag = store.create(KEY, b"old")
    proxy.next(fault, is_put)
    with pytest.raises(BusyError):
        store.replace(KEY, b"new", etag)
    assert store.read(KEY) == (b"old", etag)
    assert store.replace(KEY, b"new", etag)


@pytest.mark.parametrize("fault", [DROP_BEFORE, DROP_AFTER, ERROR_BEFORE, ERROR_AFTER])
def test_a_read_that_failed_is_tried_again(proxy: S3Proxy, store: S3Store, fault: Any) -> None:
    etag = store.create(KEY, b"one")
    proxy.next(fault, is_get, times=2)
    assert store.read(KEY) == (b"one", etag)


def test_a_read_that_failed_three_times_is_one_clear_error(proxy: S3Proxy, store: S3Store) -> None:
    proxy.next(ERROR_BEFORE, is_get, times=3)
    with pytest.raises(StorageError, match=r"/main/story\.json cannot be read: S3 answered 500 InternalError$"):
        store.read(KEY)


@pytest.mark.parametrize("size", [10, 10_000_000])
def test_an_object_that_breaks_off_is_not_taken_for_the_whole(proxy: S3Proxy, store: S3Store, size: int) -> None:
    store.create(KEY, b"x" * size)
    proxy.next(HALF, is_get)
    with pytest.raises(StorageError, match=r"/main/story\.json cannot be read: "):
        store.read(KEY)


def test_a_bucket_that_does_not_exist_is_named(client: Any) -> None:
    store = S3Store(client, "no-such-bucket", "stories")
    with pytest.raises(StorageError, match=r"cannot be read: there is no such bucket$"):
        store.read(KEY)
    with pytest.raises(StorageError, match=r"cannot be written: there is no such bucket$"):
        store.create(KEY, b"{}")


def test_a_service_that_nobody_answers_for_is_one_clear_error(aws: MotoServer) -> None:
    client = aws.client("s3", endpoint_url="http://127.0.0.1:9", config=Config(retries={"total_max_attempts": 1}))
    store = S3Store(client, BUCKET, "stories")
    with pytest.raises(StorageError, match="cannot be read: Could not connect"):
        store.read(KEY)
    with pytest.raises(UnclearWrite, match="Could not connect"):
        store.create(KEY, b"{}")


def test_a_reader_whom_a_policy_forbids_learns_what_is_needed() -> None:
    with MotoServer(initial_no_auth_action_count=10_000) as strict:
        strict.bucket(BUCKET)
        iam = strict.client("iam")
        iam.create_user(UserName="bot")
        key = iam.create_access_key(UserName="bot")["AccessKey"]
        statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{BUCKET}/*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="bot", PolicyName="bot", PolicyDocument=policy)
        strict.enforce_policies()
        client = strict.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
        store = S3Store(client, BUCKET, "stories")
        store.create(KEY, b"{}")
        with pytest.raises(StorageError, match="access is denied: s3:GetObject on it is needed, and s3:ListBucket"):
            store.read(KEY)
