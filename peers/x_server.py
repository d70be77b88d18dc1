"""The HTTP side of a local X: reads a request whole, and sends the answer in the manner it is told."""

import socket
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any, Protocol

from peers.x_faults import Plan, Request


class Answering(Protocol):
    """Whoever knows what to answer."""

    delay: float  # seconds between the pieces of a slow answer

    def closes_unread(self, method: str, path: str) -> bool:
        """Whether to break a connection off before its request is read."""

    def answer(self, request: Request) -> Plan:
        """What to answer, and in which manner."""


class Server(ThreadingHTTPServer):
    """Listens on 127.0.0.1 as soon as it is made; `stop` leaves no thread and no socket behind."""

    daemon_threads = False  # so that stopping waits for every handler
    request_queue_size = 512  # connections that wait, for tests in which hundreds come at once

    def __init__(self, x: Answering, port: int, tls: SSLContext | None) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.x, self.tls = x, tls
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="local-x")
        self._thread.start()

    def stop(self) -> None:
        """Break all connections off, and wait until nothing is left of them."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.server_close()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """In the connection's own thread: its TLS handshake, its one request, its end."""
        if self.tls:
            request.settimeout(_Handler.timeout)
            request = self.tls.wrap_socket(request, server_side=True)
        self._open.add(request)
        try:
            super().finish_request(request, client_address)
        finally:
            self._open.discard(request)
            if self.tls:
                request.close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that a client broke off is no news here."""


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    timeout = 10

    def do_GET(self) -> None:
        self._handle()

    def do_POST(self) -> None:
        self._handle()

    def log_message(self, format: str, *args: object) -> None:
        """Write nothing."""

    def _handle(self) -> None:
        self.close_connection = True
        if self.server.x.closes_unread(self.command, self.path):
            return
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:  # the client broke off: there was no request
            return
        scheme = "https" if self.server.tls else "http"
        headers = dict(self.headers.items())
        self._send(self.server.x.answer(Request(scheme, self.command, self.path, headers, body)))

    def _send(self, plan: Plan) -> None:
        if plan.manner == "nothing":
            return
        assert plan.status
        headers = {"Date": self.date_time_string(), "Connection": "close", **plan.headers}
        lines = [f"HTTP/1.1 {plan.status} {HTTPStatus(plan.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, f"Content-Length: {len(plan.body)}", "", ""]).encode()
        if plan.manner == "half":
            self.wfile.write(head + plan.body[: len(plan.body) // 2])
        elif plan.manner == "drip_headers":
            self._drip(head + plan.body)
        elif plan.manner == "drip":
            self.wfile.write(head)
            self._drip(plan.body)
        elif plan.manner != "late" or not self.server.stopping.wait(self.server.x.delay):
            self.wfile.write(head + plan.body)

    def _drip(self, data: bytes) -> None:
        for byte in data:
            self.wfile.write(bytes([byte]))
            if self.server.stopping.wait(self.server.x.delay):
                return
