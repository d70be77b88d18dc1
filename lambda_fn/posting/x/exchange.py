"""One HTTP request and its answer, within limits on time and size.

Whether a request can have been accepted is known, not guessed from how it failed: its body is sent last, and records
when it is first read. A request whose body was never read was never sent whole.
"""

import queue
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import RemoteDisconnected
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from requests import PreparedRequest
    from requests import Response as Streamed

USER_AGENT = "endless-novel"


@dataclass(frozen=True)
class Timeouts:
    """How long a request may take, in seconds."""

    connect: float = 4.0  # one try to connect; a name may stand for several addresses
    read: float = 14.0  # from one piece of the answer to the next
    total: float = 20.0  # all of it; connecting must leave `read` of this


TIMEOUTS = Timeouts()


@dataclass(frozen=True)
class Response:
    """A whole answer, as it came."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    body: bytes


@dataclass(frozen=True)
class Failure:
    """No answer, or a part of one."""

    begun: bool  # whether sending the request's body began; if not, it cannot have had an effect
    reason: str


class _TooLongError(Exception):
    pass


class _Body:
    """A request's body that records that sending it began, and that never begins once it is closed."""

    def __init__(self, data: bytes, seconds: float) -> None:
        """`seconds`: how long from now sending may begin, by both clocks: one stops while a machine sleeps."""
        self._length, self._rest = len(data), data
        self._begin_by = time.monotonic() + seconds, time.time() + seconds
        self._begun = self._closed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[bytes]:
        """For requests, to which only what can be iterated over is a stream."""
        yield self.read()

    def read(self, size: int = -1) -> bytes:
        """Called by the sender, after the headers have gone."""
        with self._lock:
            if self._closed or (not self._begun and self._is_late()):
                raise TimeoutError
            self._begun = True
            size = len(self._rest) if size < 0 else size
            data, self._rest = self._rest[:size], self._rest[size:]
            return data

    def _is_late(self) -> bool:
        return time.monotonic() > self._begin_by[0] or time.time() > self._begin_by[1]

    def close(self) -> bool:
        """Prevent sending from beginning after this; returns whether it had begun."""
        with self._lock:
            self._closed = True
            return self._begun


def exchange(
    method: str,
    url: str,
    sign: "Callable[[PreparedRequest], PreparedRequest]",
    *,
    parameters: Mapping[str, str] | None = None,
    body: bytes = b"",
    largest: int = 65_536,
    timeouts: Timeouts = TIMEOUTS,
) -> Response | Failure:
    """Make one request on a connection of its own: no second try, no redirect followed. Never raises.

    `body` is JSON, if not empty; `largest` is the most bytes that the answer's body may have. Returns within
    `timeouts.total` seconds whatever the network does: a thread makes the request, and is abandoned, its body
    closed, when the time is over (name resolution and slow headers have no limit of their own).
    """
    deadline = time.monotonic() + timeouts.total
    stream = _Body(body, timeouts.total - timeouts.read)
    results: queue.SimpleQueue[Response | Failure] = queue.SimpleQueue()

    def work() -> None:
        try:
            results.put(_send(method, url, sign, parameters, stream if body else None, largest, timeouts, deadline))
        except Exception as problem:  # of any kind: the body knows whether the request can have been accepted
            results.put(Failure(stream.close(), _described(problem)))

    threading.Thread(target=work, name="exchange", daemon=True).start()
    try:
        return results.get(timeout=timeouts.total)
    except queue.Empty:
        return Failure(stream.close(), _SLOW)
    finally:
        stream.close()


def _send(
    method: str,
    url: str,
    sign: "Callable[[PreparedRequest], PreparedRequest]",
    parameters: Mapping[str, str] | None,
    body: _Body | None,
    largest: int,
    timeouts: Timeouts,
    deadline: float,
) -> Response:
    import requests  # loaded where it is needed: telling without posting does not need it

    # A container may have slept for hours between two calls: no connection is kept.
    headers = {"User-Agent": USER_AGENT, "Accept": "application/json", "Connection": "close"}
    if body is not None:
        headers["Content-Type"] = "application/json"
    with requests.Session() as session:
        request = session.prepare_request(
            requests.Request(method, url, headers=headers, params=parameters, data=body, auth=sign)
        )
        settings = session.merge_environment_settings(url, {}, True, None, None)
        # The adapter, not the session: that would read a redirect's body, of any length. It tries once.
        adapter = session.get_adapter(url)
        with adapter.send(request, timeout=(timeouts.connect, timeouts.read), **settings) as response:
            names = {name.lower(): value for name, value in response.headers.items()}
            return Response(response.status_code, names, _read(response, largest, deadline))


def _read(response: "Streamed", largest: int, deadline: float) -> bytes:
    """The body of an answer; raises if it is cut short, too long or too late."""
    data = bytearray()
    while piece := response.raw.read1(16_384, decode_content=True):
        data += piece
        if len(data) > largest:
            raise _TooLongError
        if time.monotonic() > deadline:
            raise TimeoutError
    return bytes(data)


_SLOW = "it took too long"


def _described(problem: BaseException) -> str:
    """Why a request failed, in a few words of ours or of the system's, never of the peer's."""
    causes = [problem]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) and cause not in causes:
        causes.append(cause)
    for cause in reversed(causes):
        match cause:
            case _TooLongError():
                return "the answer was too long"
            case ssl.SSLCertVerificationError():
                return f"its TLS certificate was refused, {cause.verify_message}"
            case TimeoutError():
                return _SLOW
            case RemoteDisconnected():
                return "the connection was closed"
            case OSError(strerror=str(reason)):
                return reason
    return f"the answer was cut short or malformed ({type(causes[-1]).__name__})"
