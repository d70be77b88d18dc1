"""Stories in a bucket of Amazon S3, or of a compatible service that supports conditional writes."""

from typing import Any

from lambda_fn.errors import BusyError, Conflict, StorageError, UnclearWrite
from lambda_fn.storage.s3_client import Address, code_and_status, folders, reading, reason
from lambda_fn.storage.store import LARGEST_OBJECT, check_key
from lambda_fn.story.record import STORY_NAME

TRIAL = "conditional-writes.json"  # the object that a service is asked about; no story has that name
_TRIAL_CONTENT = b'{"about": "Whoever writes here asks whether this service refuses to write this again."}\n'
_KINDS = {"html": "text/html; charset=utf-8", "xml": "application/atom+xml; charset=utf-8"}  # all else is JSON
_FRESH = "max-age=300"  # seconds: what stands between S3 and a reader then asks whether a page has changed
_NOBODYS_ETAG = '"00000000000000000000000000000000"'


class S3Store:
    """A `Store` in a bucket of S3, by its conditional writes; an ETag is S3's own.

    A service that does not answer is given up after half a minute (`make_client`). A client that retries a write
    because the first answer was lost finds its own object there, and S3 answers 412: so a caller that gets a `Conflict`
    reads again, and may find the very object that it meant to write.
    """

    def __init__(self, client: Any, bucket: str, prefix: str, *, tried: bool = True) -> None:
        """`tried`: whether the service is known to support conditions; if not, the first write finds out."""
        self._client = client
        self._address = Address(bucket, prefix.strip("/"))
        self.tried = tried

    @property
    def uri(self) -> str:
        """See `Store`."""
        return str(self._address)

    def read(self, key: str) -> tuple[bytes, str] | None:
        """See `Store`."""
        check_key(key)
        with reading(self._client, self._address.bucket, self._address.key(key), LARGEST_OBJECT) as found:
            return (b"".join(found[0]), found[1]) if found else None

    def stories(self) -> list[str]:
        """See `Store`."""
        return [name for name in folders(self._client, self._address) if STORY_NAME.fullmatch(name)]

    def create(self, key: str, data: bytes) -> str:
        """See `Store`."""
        self.try_conditions()
        return self._put(key, data, "exists already", IfNoneMatch="*")

    def replace(self, key: str, data: bytes, etag: str) -> str:
        """See `Store`."""
        self.try_conditions()
        return self._put(key, data, "was changed by somebody else", IfMatch=etag)

    def put(self, key: str, data: bytes) -> None:
        """See `Store`. What a browser reads is kept as what it is, by the end of its key."""
        self._put(key, data, "was not put there", CacheControl=_FRESH)

    def try_conditions(self) -> None:
        """Check once whether the service refuses what it must; raises `StorageError` if it does not.

        Some compatible services ignore conditions, or one of the two: there, two invocations would both claim a tweet
        and post it. The service is asked to create an object that exists, and to replace one under a wrong ETag: two
        requests a process (three the first time), on an object of their own, so that no story can be damaged.
        """
        if self.tried:
            return
        for header, times, condition in (
            ("If-None-Match", 2, {"IfNoneMatch": "*"}),  # the first may be what creates it
            ("If-Match", 1, {"IfMatch": _NOBODYS_ETAG}),
        ):
            if all(self._is_written(TRIAL, _TRIAL_CONTENT, **condition) for _ in range(times)):
                raise StorageError(
                    f"nothing is written to {self.uri}, for its service ignores {header}, so that two invocations "
                    "could post the same tweet: keep the story on Amazon S3, or where conditional writes are heeded"
                )
        self.tried = True

    def _is_written(self, key: str, data: bytes, **condition: str) -> bool:
        try:
            self._put(key, data, "refuses", **condition)
        except (Conflict, BusyError):  # busy with the trial of another process, so it supports them
            return False
        return True

    def _put(self, key: str, data: bytes, conflict: str, **how: str) -> str:
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, PartialCredentialsError
        from botocore.parsers import ResponseParserError

        check_key(key)
        where = f"{self.uri}/{key}"
        if len(data) > LARGEST_OBJECT:
            raise StorageError(f"{where} is not written: {len(data)} bytes are more than the {LARGEST_OBJECT} allowed")
        place = {"Bucket": self._address.bucket, "Key": self._address.key(key)}
        kind = _KINDS.get(key.rpartition(".")[2], "application/json")
        try:
            answer = self._client.put_object(**place, Body=data, ContentType=kind, **how)
        except ClientError as problem:
            if _is_conflict(problem):
                raise Conflict(f"{where} {conflict}") from problem
            if code_and_status(problem)[1] == 409:
                raise BusyError(f"{where} cannot be written just now: {reason(problem, 's3:PutObject')}") from problem
            # 5xx leaves it open; so does a refusal, if an earlier attempt of the same request had no clear answer.
            code, status = code_and_status(problem)
            retried = problem.response.get("ResponseMetadata", {}).get("RetryAttempts")
            if code != "NotImplemented" and (status >= 500 or retried):
                raise _unclear(where, reason(problem, "s3:PutObject")) from problem
            raise StorageError(f"{where} cannot be written: {reason(problem, 's3:PutObject')}") from problem
        except (NoCredentialsError, PartialCredentialsError) as problem:
            raise StorageError(f"{where} cannot be written: {reason(problem, 's3:PutObject')}") from problem
        except (BotoCoreError, ResponseParserError, ValueError) as problem:  # ValueError: a header makes no sense
            # Also a failed connection: it may have been the last attempt of several.
            raise _unclear(where, reason(problem, "s3:PutObject")) from problem
        if not answer.get("ETag"):
            raise _unclear(where, "the answer has no ETag")
        return str(answer["ETag"])


def _unclear(where: str, cause: str) -> UnclearWrite:
    return UnclearWrite(f"nobody knows whether {where} was written: {cause}")


def _is_conflict(problem: Any) -> bool:
    """Whether S3 refused a write for its condition: an object to create exists, or one to replace does not."""
    code, status = code_and_status(problem)
    return status == 412 or code in ("PreconditionFailed", "NoSuchKey")
