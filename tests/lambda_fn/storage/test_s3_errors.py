"""What S3 answers, and what of it is a conflict, an unclear write, or a failure that its owner has to mend."""

import io
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.parsers import ResponseParserError
from botocore.response import StreamingBody
from botocore.stub import Stubber

from lambda_fn.errors import BusyError, Conflict, SettingError, StorageError, UnclearWrite
from lambda_fn.parts import open_store
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.s3_client import Address, make_client
from lambda_fn.storage.store import LARGEST_OBJECT

KEY = "main/story.json"
ADDRESS = "s3://bucket/stories/main/story.json"
WRITES = ("create", "replace")


@pytest.fixture(scope="module")
def session() -> Any:
    """What clients have in common: it reads S3's long description once."""
    return boto3.session.Session()


@pytest.fixture
def client(session: Any) -> Any:
    """A client that never reaches a network: each test says what it is answered."""
    return session.client(
        "s3",
        region_name="eu-west-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture
def s3(client: Any) -> Iterator[Stubber]:
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def store(client: Any) -> S3Store:
    return S3Store(client, "bucket", "stories")


def write(store: S3Store, how: str) -> str:
    return store.create(KEY, b"{}") if how == "create" else store.replace(KEY, b"{}", '"etag"')


def failing(client: Any, problem: Exception) -> None:
    """Let every request of a client fail with this instead of being sent."""

    def fail(**_: object) -> None:
        raise problem

    client.meta.events.register("before-send.s3", fail)


def test_creating_says_that_there_must_be_nothing(s3: Stubber, store: S3Store) -> None:
    expected = {"IfNoneMatch": "*", "ContentType": "application/json", "Body": b"{}"}
    place = {"Bucket": "bucket", "Key": "stories/main/story.json"}
    s3.add_response("put_object", {"ETag": '"new"'}, place | expected)
    assert store.create(KEY, b"{}") == '"new"'


def test_replacing_says_what_must_be_there(s3: Stubber, store: S3Store) -> None:
    expected = {"IfMatch": '"old"', "ContentType": "application/json", "Body": b"{}"}
    place = {"Bucket": "bucket", "Key": "stories/main/story.json"}
    s3.add_response("put_object", {"ETag": '"new"'}, place | expected)
    assert store.replace(KEY, b"{}", '"old"') == '"new"'


def test_without_a_prefix_a_key_stands_alone(s3: Stubber, client: Any) -> None:
    s3.add_client_error("get_object", "NoSuchKey", expected_params={"Bucket": "bucket", "Key": KEY})
    assert S3Store(client, "bucket", "").read(KEY) is None


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.parametrize(("code", "status"), [("PreconditionFailed", 412), ("412", 412)])
def test_a_lost_compare_and_swap_is_a_conflict(s3: Stubber, store: S3Store, how: str, code: str, status: int) -> None:
    s3.add_client_error("put_object", code, http_status_code=status)
    with pytest.raises(Conflict, match=ADDRESS):
        write(store, how)


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.parametrize("code", ["ConditionalRequestConflict", "OperationAborted", "409"])
def test_a_write_that_met_another_is_neither_done_nor_lost(s3: Stubber, store: S3Store, how: str, code: str) -> None:
    s3.add_client_error("put_object", code, http_status_code=409)
    with pytest.raises(BusyError, match=f"^{ADDRESS} cannot be written just now: S3 answered 409 {code}$"):
        write(store, how)


def test_replacing_what_is_gone_is_a_conflict(s3: Stubber, store: S3Store) -> None:
    s3.add_client_error("put_object", "NoSuchKey", http_status_code=404)
    with pytest.raises(Conflict, match="changed by somebody else"):
        store.replace(KEY, b"{}", '"etag"')


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("502", 502), ("SlowDown", 503), ("504", 504)])
def test_a_write_that_the_server_failed_at_is_unclear(
    s3: Stubber, store: S3Store, how: str, code: str, status: int
) -> None:
    s3.add_client_error("put_object", code, http_status_code=status)
    with pytest.raises(
        UnclearWrite, match=f"^nobody knows whether {ADDRESS} was written: S3 answered {status} {code}$"
    ):
        write(store, how)


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.parametrize(
    "problem",
    [
        ReadTimeoutError(endpoint_url="https://s3"),
        ConnectionClosedError(endpoint_url="https://s3"),
        ConnectTimeoutError(endpoint_url="https://s3"),
        EndpointConnectionError(endpoint_url="https://s3"),
        SSLError(endpoint_url="https://s3", error="cut"),
        ResponseParserError("not XML"),
    ],
    ids=lambda problem: type(problem).__name__,
)
def test_a_write_without_an_answer_is_unclear(client: Any, store: S3Store, how: str, problem: Exception) -> None:
    failing(client, problem)
    with pytest.raises(UnclearWrite, match=f"^nobody knows whether {ADDRESS} was written: "):
        write(store, how)


def test_a_write_answered_without_an_etag_is_unclear(s3: Stubber, store: S3Store) -> None:
    s3.add_response("put_object", {})
    with pytest.raises(UnclearWrite, match="the answer has no ETag"):
        store.create(KEY, b"{}")


def test_a_refusal_after_an_attempt_that_was_not_answered_is_unclear(s3: Stubber, store: S3Store) -> None:
    s3.add_client_error("put_object", "ExpiredToken", http_status_code=400, response_meta={"RetryAttempts": 1})
    with pytest.raises(UnclearWrite):
        store.create(KEY, b"{}")


REFUSALS = [
    ("NoSuchBucket", 404, "there is no such bucket"),
    ("InvalidAccessKeyId", 403, "S3 does not accept the AWS credentials"),
    ("SignatureDoesNotMatch", 403, "S3 does not accept the AWS credentials"),
    ("ExpiredToken", 400, "S3 does not accept the AWS credentials"),
    ("RequestTimeTooSkewed", 403, "the clock of this machine is wrong"),
    ("PermanentRedirect", 301, "the bucket is in another region: set AWS_REGION"),
    ("AuthorizationHeaderMalformed", 400, "the bucket is in another region: set AWS_REGION"),
    ("InvalidRequest", 400, "S3 answered 400 InvalidRequest"),
    ("NotImplemented", 501, "the service has no conditional writes"),
]


@pytest.mark.parametrize("how", WRITES)
@pytest.mark.parametrize(
    ("code", "status", "why"), [*REFUSALS, ("AccessDenied", 403, "access is denied: s3:PutObject on it is needed$")]
)
def test_a_refused_write_says_why(s3: Stubber, store: S3Store, how: str, code: str, status: int, why: str) -> None:
    s3.add_client_error("put_object", code, http_status_code=status)
    with pytest.raises(StorageError, match=f"^{ADDRESS} cannot be written: {why}") as caught:
        write(store, how)
    assert type(caught.value) is StorageError


@pytest.mark.parametrize(
    ("code", "status", "why"),
    [
        *REFUSALS,
        ("AccessDenied", 403, "access is denied: s3:GetObject on it is needed, and s3:ListBucket on its bucket"),
        ("InternalError", 500, "S3 answered 500 InternalError$"),
    ],
)
def test_a_refused_read_says_why(s3: Stubber, store: S3Store, code: str, status: int, why: str) -> None:
    s3.add_client_error("get_object", code, http_status_code=status)
    with pytest.raises(StorageError, match=f"^{ADDRESS} cannot be read: {why}"):
        store.read(KEY)


@pytest.mark.parametrize("action", ["read", "create", "replace"])
def test_without_credentials_nothing_is_tried(client: Any, action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client._request_signer, "_credentials", None)
    store = S3Store(client, "bucket", "stories")
    with pytest.raises(StorageError, match="there are no AWS credentials: set AWS_PROFILE") as caught:
        store.read(KEY) if action == "read" else write(store, action)
    assert type(caught.value) is StorageError


@pytest.mark.parametrize("lacking", ["Body", "ETag"])
@pytest.mark.parametrize("value", [{}, {"ETag": ""}], ids=["absent", "empty"])
def test_an_answer_that_lacks_a_field_is_one_clear_error(
    s3: Stubber, store: S3Store, lacking: str, value: dict[str, str]
) -> None:
    whole = {"Body": StreamingBody(io.BytesIO(b"{}"), 2), "ETag": '"etag"'}
    answer = {name: field for name, field in whole.items() if name != lacking}
    s3.add_response("get_object", answer | (value if lacking == "ETag" else {}))
    with pytest.raises(StorageError, match=f"^{ADDRESS} cannot be read: S3's answer has no {lacking}$"):
        store.read(KEY)


@pytest.mark.parametrize("problem", [ResponseParserError("not XML"), ValueError("no date")], ids=["body", "header"])
def test_an_answer_that_makes_no_sense_is_one_clear_error(client: Any, store: S3Store, problem: Exception) -> None:
    failing(client, problem)
    with pytest.raises(StorageError, match=f"^{ADDRESS} cannot be read: S3's answer makes no sense: no"):
        store.read(KEY)
    with pytest.raises(UnclearWrite):
        store.create(KEY, b"{}")


@pytest.mark.parametrize("code", ["NoSuchKey", "404"])
def test_what_s3_does_not_have_is_none(s3: Stubber, store: S3Store, code: str) -> None:
    s3.add_client_error("get_object", code, http_status_code=404)
    assert store.read(KEY) is None


def test_an_object_that_breaks_off_is_not_read(s3: Stubber, store: S3Store) -> None:
    s3.add_response("get_object", {"Body": StreamingBody(io.BytesIO(b"half"), 8), "ETag": '"etag"'})
    with pytest.raises(StorageError, match=f"^{ADDRESS} cannot be read: 4 read, but total bytes expected is 8"):
        store.read(KEY)


def test_an_object_that_is_far_too_large_is_not_read(s3: Stubber, store: S3Store) -> None:
    body = io.BytesIO(bytes(LARGEST_OBJECT + 1))
    s3.add_response("get_object", {"Body": StreamingBody(body, LARGEST_OBJECT + 1), "ETag": '"etag"'})
    with pytest.raises(StorageError, match=f"it has more than {LARGEST_OBJECT} bytes"):
        store.read(KEY)
    assert body.closed


def test_what_could_not_be_read_again_is_not_written(store: S3Store) -> None:
    with pytest.raises(StorageError, match="is not written"):
        store.create(KEY, bytes(LARGEST_OBJECT + 1))


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("s3://bucket", ("bucket", "")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket/stories", ("bucket", "stories")),
        ("s3://bucket/stories/", ("bucket", "stories")),
        ("s3://my.own-bucket.1/a/b_c/D.e-f", ("my.own-bucket.1", "a/b_c/D.e-f")),
        ("s3://" + "b" * 63 + "/..x", ("b" * 63, "..x")),
    ],
)
def test_an_address_is_a_bucket_and_a_prefix(uri: str, expected: tuple[str, str]) -> None:
    address = Address.parse(uri, "STORY_URI")
    assert (address.bucket, address.prefix) == expected
    assert str(address) == uri.rstrip("/")


@pytest.mark.parametrize(
    "bucket",
    ["", "ab", "b" * 64, "Bucket", "-bucket", "bucket-", "a..b", "10.0.0.1", "b_c", "bu cket", ":@host", "b?x"],
)
def test_a_name_that_no_bucket_can_have_is_refused(bucket: str) -> None:
    with pytest.raises(
        SettingError, match=r"^STORY_URI must be s3://bucket/prefix, where the bucket's name is 3 to 63"
    ):
        open_store(f"s3://{bucket}/stories")


@pytest.mark.parametrize(
    "prefix", ["/a", "a//", "a//b", "..", ".", "a/../b", "a b", "a\n", "a?b", "a*", "ä", "a" * 513]
)
def test_a_prefix_that_is_no_plain_path_is_refused(prefix: str) -> None:
    with pytest.raises(SettingError, match=r"^STORY_URI must be s3://bucket/prefix, where the prefix is names"):
        open_store(f"s3://bucket/{prefix}")


@pytest.fixture
def aws_settings(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which building a client looks at nothing outside this process."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    for name in ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    return monkeypatch


@pytest.mark.usefixtures("aws_settings")
def test_a_store_on_s3_is_opened_without_asking_anybody() -> None:
    store = open_store("s3://bucket/stories/")
    assert isinstance(store, S3Store)
    assert store.uri == "s3://bucket/stories"


@pytest.mark.usefixtures("aws_settings")
def test_the_client_gives_up_within_half_a_minute() -> None:
    config = make_client().meta.config
    assert config.retries == {"mode": "standard", "total_max_attempts": 3}
    assert 3 * max(config.connect_timeout, config.read_timeout) < 30


@pytest.mark.parametrize(
    ("name", "value"),
    [("AWS_ENDPOINT_URL", "no address"), ("AWS_PROFILE", "nobody"), ("AWS_SECRET_ACCESS_KEY", "")],
)
def test_wrong_settings_for_aws_are_one_clear_error(aws_settings: pytest.MonkeyPatch, name: str, value: str) -> None:
    aws_settings.setenv(name, value)
    with pytest.raises(SettingError, match=r"^the settings for AWS cannot be used: [^\n]*[^.\n]$"):
        open_store("s3://bucket/stories")


def test_a_listing_of_several_pages_is_read_to_its_end(s3: Stubber, store: S3Store) -> None:
    asked = {"Bucket": "bucket", "Prefix": "stories/", "Delimiter": "/"}
    first = {"IsTruncated": True, "NextContinuationToken": "next", "CommonPrefixes": [{"Prefix": "stories/night/"}]}
    s3.add_response("list_objects_v2", first, asked)
    s3.add_response(
        "list_objects_v2", {"CommonPrefixes": [{"Prefix": "stories/main/"}]}, asked | {"ContinuationToken": "next"}
    )
    assert store.stories() == ["main", "night"]


def test_a_bucket_without_a_prefix_is_listed_from_its_root(s3: Stubber, client: Any) -> None:
    asked = {"Bucket": "bucket", "Prefix": "", "Delimiter": "/"}
    s3.add_response("list_objects_v2", {"CommonPrefixes": [{"Prefix": "main/"}, {}]}, asked)
    assert S3Store(client, "bucket", "").stories() == ["main"]


@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("AccessDenied", 403, "access is denied: s3:ListBucket on it is needed"),
        ("NoSuchBucket", 404, "there is no such bucket"),
    ],
)
def test_a_listing_that_is_refused_says_why(s3: Stubber, store: S3Store, code: str, status: int, reason: str) -> None:
    s3.add_client_error("list_objects_v2", code, http_status_code=status)
    with pytest.raises(StorageError) as refused:
        store.stories()
    assert str(refused.value) == f"s3://bucket/stories cannot be listed: {reason}"


def test_a_listing_that_nobody_answers_is_one_clear_error(client: Any, store: S3Store) -> None:
    failing(client, ConnectTimeoutError(endpoint_url="http://nowhere"))
    with pytest.raises(StorageError, match=r"^s3://bucket/stories cannot be listed: "):
        store.stories()
