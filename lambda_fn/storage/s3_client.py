"""Amazon S3 as it is used here: addresses, the client, reading an object whole, and failures in one sentence.

boto3 is imported where it is needed: a story in a folder is told without it.
"""

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from lambda_fn.errors import SettingError, StorageError
from lambda_fn.storage.aws import session

CONNECT_TIMEOUT = 3  # seconds
READ_TIMEOUT = 8  # seconds without a byte
ATTEMPTS = 3  # with the first: a request that S3 never answers fails after half a minute, within a function's time
CHUNK = 2**18  # bytes

# The rules for names of general purpose buckets: docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
_BUCKET = re.compile(r"(?!\d+\.\d+\.\d+\.\d+$)(?=.{3,63}$)[a-z0-9]([a-z0-9-]|\.(?!\.))*[a-z0-9]")
# Plain names, so that a prefix means the same in a key, in an address and in the resource of a policy.
_PREFIX = re.compile(r"(?=.{0,512}$)((?!\.{1,2}(/|$))[A-Za-z0-9_.-]+(/(?!\.{1,2}(/|$))[A-Za-z0-9_.-]+)*)?")

_NO_CREDENTIALS = "there are no AWS credentials: set AWS_PROFILE, or run `aws configure`"
_BAD_CREDENTIALS = "S3 does not accept the AWS credentials: renew them, or set AWS_PROFILE to others"
_OTHER_REGION = "the bucket is in another region: set AWS_REGION to that of the bucket"
_REASONS = {
    "NoSuchBucket": "there is no such bucket",
    "InvalidAccessKeyId": _BAD_CREDENTIALS,
    "SignatureDoesNotMatch": _BAD_CREDENTIALS,
    "InvalidToken": _BAD_CREDENTIALS,
    "ExpiredToken": _BAD_CREDENTIALS,
    "TokenRefreshRequired": _BAD_CREDENTIALS,
    "NotImplemented": "the service has no conditional writes, without which two invocations could post the same tweet",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "PermanentRedirect": _OTHER_REGION,
    "TemporaryRedirect": _OTHER_REGION,
    "301": _OTHER_REGION,
    "AuthorizationHeaderMalformed": _OTHER_REGION,
    "IllegalLocationConstraintException": _OTHER_REGION,
}


@dataclass(frozen=True)
class Address:
    """A place on S3: the prefix has no slash at its ends, and may be empty."""

    bucket: str
    prefix: str

    @classmethod
    def parse(cls, uri: str, setting: str) -> "Address":
        """Address.parse("s3://bucket/stories/", "STORY_URI") → Address("bucket", "stories").

        Raises `SettingError`, which names the setting.
        """
        bucket, _, prefix = uri.removeprefix("s3://").partition("/")
        if not uri.startswith("s3://") or not _BUCKET.fullmatch(bucket):
            raise SettingError(
                f"{setting} must be s3://bucket/prefix, where the bucket's name is 3 to 63 of a-z, 0-9, - and ., "
                f"not {uri!r}"
            )
        prefix = prefix.removesuffix("/")
        if not _PREFIX.fullmatch(prefix):
            raise SettingError(
                f"{setting} must be s3://bucket/prefix, where the prefix is names of letters, digits, _, - and . "
                f"joined by /, not {uri!r}"
            )
        return cls(bucket, prefix)

    def key(self, name: str) -> str:
        """Address("bucket", "stories").key("main/story.json") → "stories/main/story.json"."""
        return f"{self.prefix}/{name}" if self.prefix else name

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


def make_client(attempts: int = ATTEMPTS) -> Any:
    """An S3 client that gives up in time, after so many attempts; raises `SettingError` if AWS's settings are wrong.

    Safe to share between threads.
    """
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    config = Config(
        connect_timeout=CONNECT_TIMEOUT,
        read_timeout=READ_TIMEOUT,
        retries={"mode": "standard", "total_max_attempts": attempts},
    )
    try:
        return session().client("s3", config=config)
    except (BotoCoreError, ValueError) as problem:  # ValueError: AWS_ENDPOINT_URL is no address
        raise SettingError(f"the settings for AWS cannot be used: {_sentence(problem)}") from problem


@contextmanager
def reading(client: Any, bucket: str, key: str, largest: int) -> Iterator[tuple[Iterator[bytes], str] | None]:
    """An object's content, chunk by chunk, and its ETag; None if there is no such object.

    Raises `StorageError`, also for content of more than `largest` bytes or that breaks off.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    where = f"s3://{bucket}/{key}"
    try:
        answer = _get(client, bucket, key, where)
        if answer is None:
            yield None
        else:
            with closing(answer["Body"]) as body:
                yield _chunks(body, largest, where), answer["ETag"]
    except (BotoCoreError, ClientError) as problem:
        raise StorageError(f"{where} cannot be read: {reason(problem, 's3:GetObject')}") from problem


def folders(client: Any, address: Address) -> list[str]:
    """The names right under an address that have objects below them, in order; raises `StorageError`."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    under = address.key("")
    try:
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=address.bucket, Prefix=under, Delimiter="/")
        found = [item.get("Prefix", "") for page in pages for item in page.get("CommonPrefixes", ())]
    except (BotoCoreError, ClientError, ResponseParserError) as problem:
        raise StorageError(f"{address} cannot be listed: {reason(problem, 's3:ListBucket')}") from problem
    return sorted(name.removeprefix(under).removesuffix("/") for name in found)


def _get(client: Any, bucket: str, key: str, where: str) -> Any:
    """The answer to a request for an object, whole as far as it is used; None if there is no such object."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        answer = client.get_object(Bucket=bucket, Key=key)
    except ClientError as problem:
        if code_and_status(problem)[0] not in ("NoSuchKey", "404"):
            raise
        return None
    except BotoCoreError:  # some are a ValueError too
        raise
    except (ResponseParserError, ValueError) as problem:  # ValueError: a header that is no date, say
        raise StorageError(f"{where} cannot be read: S3's answer makes no sense: {_sentence(problem)}") from problem
    for name in ("Body", "ETag"):
        if not answer.get(name):
            raise StorageError(f"{where} cannot be read: S3's answer has no {name}")
    return answer


def _chunks(body: Any, largest: int, where: str) -> Iterator[bytes]:
    size = 0
    for chunk in body.iter_chunks(CHUNK):
        size += len(chunk)
        if size > largest:
            raise StorageError(f"{where} is not read: it has more than {largest} bytes")
        yield chunk


def code_and_status(problem: Any) -> tuple[str, int]:
    """S3's name for a failure and the HTTP status, from botocore's `ClientError`: ("NoSuchKey", 404)."""
    code = problem.response.get("Error", {}).get("Code", "")
    return str(code), int(problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def reason(problem: Exception, action: str) -> str:
    """Why S3 or botocore did not do what was asked, and what would help, for the end of a sentence."""
    from botocore.exceptions import ClientError, NoCredentialsError, PartialCredentialsError

    if isinstance(problem, NoCredentialsError | PartialCredentialsError):
        return _NO_CREDENTIALS
    if not isinstance(problem, ClientError):
        return _sentence(problem)
    code, status = code_and_status(problem)
    if code in _REASONS:
        return _REASONS[code]
    if status == 403 and code in ("AccessDenied", "403", ""):
        listing = ", and s3:ListBucket on its bucket, without which a missing object is forbidden too"
        return f"access is denied: {action} on it is needed{listing if action == 's3:GetObject' else ''}"
    return f"S3 answered {status} {code}"


def _sentence(problem: Exception) -> str:
    """The first line of what a library says, without its full stop."""
    return str(problem).strip().partition("\n")[0].rstrip(".") or type(problem).__name__
