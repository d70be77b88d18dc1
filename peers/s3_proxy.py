"""A way to a server over HTTP that breaks when it is told to, as networks and services do.

with S3Proxy(moto.url) as proxy:
    proxy.next(DROP_AFTER, match=lambda method, path: method == "PUT")
    ...  # a client of `proxy.url`: its next PUT happens, and the connection is closed without an answer
"""

import http.client
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Literal, Self
from urllib.parse import urlsplit

_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "expect"}


@dataclass(frozen=True)
class Fault:
    """What happens to one request: waits, goes on to the server or not, waits, and is answered."""

    forward: bool
    answer: Literal["true", "error", "conflict", "aborted", "slow down", "none", "half"]
    before: float = 0.0  # seconds until it is forwarded
    after: float = 0.0  # seconds until it is answered
    meanwhile: Callable[[], None] | None = None  # called between what the server did and the answer


ERROR_BEFORE = Fault(forward=False, answer="error")  # 500, and nothing happened
ERROR_AFTER = Fault(forward=True, answer="error")  # 500, and it happened
DROP_BEFORE = Fault(forward=False, answer="none")  # the connection is closed, and nothing happened
DROP_AFTER = Fault(forward=True, answer="none")  # the connection is closed, and it happened
CONFLICT = Fault(forward=False, answer="conflict")  # 409 ConditionalRequestConflict, which moto never answers
CONFLICT_AFTER = Fault(forward=True, answer="conflict")  # the same, and it happened: the client had tried again
ABORTED = Fault(forward=False, answer="aborted")  # 409 OperationAborted
SLOW_DOWN = Fault(forward=False, answer="slow down")  # 503
HALF = Fault(forward=True, answer="half")  # the connection is closed in the middle of the answer's body


def slow(seconds: float) -> Fault:
    """What is asked happens, and is answered so much later."""
    return Fault(forward=True, answer="true", after=seconds)


def any_request(method: str, path: str) -> bool:  # noqa: ARG001
    """Matches every request."""
    return True


class S3Proxy:
    """Passes requests on to the server at `target`, except as `next` and `decide` say.

    `decide(method, path)`, if set, is asked about each request that no `next` was meant for; it may be called by
    several threads at once. Headers that are named in `ignored`, in lower case, go no further, as if the server did
    not know them. `requests` has the method and path of every request, in order of arrival; a path has
    its query.
    """

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._target = (str(address.hostname), int(address.port or 80))
        self._lock = threading.Lock()
        self._planned: list[tuple[Fault, Callable[[str, str], bool]]] = []
        self._connections: set[socket.socket] = set()
        self.decide: Callable[[str, str], Fault | None] | None = None
        self.ignored: frozenset[str] = frozenset()
        self.requests: list[tuple[str, str]] = []
        self.url = ""

    def next(self, fault: Fault, match: Callable[[str, str], bool] = any_request, times: int = 1) -> None:
        """Let this happen to the next `times` requests that match."""
        with self._lock:
            self._planned += [(fault, match)] * times

    def clear(self) -> None:
        """Forget the requests so far, what was planned, `decide` and `ignored`."""
        with self._lock:
            self.ignored = frozenset()
            self._planned.clear()
            self.requests.clear()
            self.decide = None

    def __enter__(self) -> Self:
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        with self._lock:
            for connection in self._connections:
                _hang_up(connection)
        self._server.server_close()  # waits for the threads, which have nobody to talk to any more

    def _fault(self, method: str, path: str) -> Fault | None:
        with self._lock:
            self.requests.append((method, path))
            for number, (fault, match) in enumerate(self._planned):
                if match(method, path):
                    del self._planned[number]
                    return fault
            decide = self.decide
        return decide(method, path) if decide else None

    def _send_on(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(*self._target, timeout=60)
        try:
            # As it came, with its Host: that is signed.
            connection.putrequest(request.command, request.path, skip_host=True, skip_accept_encoding=True)
            for name, value in request.headers.items():
                if name.lower() not in _HOP_BY_HOP | self.ignored:
                    connection.putheader(name, value)
            connection.endheaders(body)
            with connection.getresponse() as answer:
                return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


class _Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = False  # so that closing waits for them

    def __init__(self, proxy: S3Proxy) -> None:
        self.proxy = proxy
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        with self.server.proxy._lock:
            self.server.proxy._connections.add(self.connection)

    def finish(self) -> None:
        with self.server.proxy._lock:
            self.server.proxy._connections.discard(self.connection)
        super().finish()

    def _handle(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        fault = self.server.proxy._fault(self.command, self.path) or Fault(forward=True, answer="true")
        time.sleep(fault.before)
        status, headers, content = self.server.proxy._send_on(self, body) if fault.forward else (500, [], b"")
        if fault.meanwhile:
            fault.meanwhile()
        time.sleep(fault.after)
        match fault.answer:
            case "none":
                self._drop()
            case "error":
                self._answer(500, *_error("InternalError"))
            case "conflict":
                self._answer(409, *_error("ConditionalRequestConflict"))
            case "aborted":
                self._answer(409, *_error("OperationAborted"))
            case "slow down":
                self._answer(503, *_error("SlowDown"))
            case "half":
                self._answer(status, headers, content, half=True)
                self._drop()
            case "true":
                self._answer(status, headers, content)

    do_GET = do_PUT = do_POST = do_HEAD = do_DELETE = _handle  # noqa: N815

    def _answer(self, status: int, headers: list[tuple[str, str]], content: bytes, *, half: bool = False) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP_BY_HOP and (name.lower() != "content-length" or self.command == "HEAD"):
                self.send_header(name, value)
        if self.command != "HEAD":
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2] if half else content)

    def _drop(self) -> None:
        self.close_connection = True
        _hang_up(self.connection)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _error(code: str) -> tuple[list[tuple[str, str]], bytes]:
    text = f"<?xml version='1.0' encoding='UTF-8'?><Error><Code>{code}</Code><Message>as told</Message></Error>"
    return [("Content-Type", "application/xml")], text.encode()


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the other side was first
