"""AWS on this machine: moto's server in a process of its own, reached over HTTP as the real services are.

moto looks at a condition of S3 and writes in two steps, between which another request may write. Real S3 does both at
once, so this server handles one request at a time.
"""

import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import boto3

REGION = "eu-west-1"
START_TIMEOUT = 60  # seconds


class MotoServer:
    """All of moto's services at one address: `with MotoServer() as aws: aws.client("s3")`.

    With a number for `initial_no_auth_action_count`, policies of IAM are enforced once so many requests were made.
    The port is one that is free unless one is named; the server ends with this process, whatever ends it.
    """

    def __init__(self, initial_no_auth_action_count: int | None = None, port: int = 0) -> None:
        self._count, self._port = initial_no_auth_action_count, port
        self._session = boto3.session.Session()  # it reads the long description of a service once
        self._making_clients = threading.Lock()
        self.url = ""

    def __enter__(self) -> Self:
        self._log: IO[bytes] = tempfile.TemporaryFile()
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MOTO_"))}
        if self._count is not None:
            environment["INITIAL_NO_AUTH_ACTION_COUNT"] = str(self._count)
        # -P: the folder of this file is no place to import from.
        command = [sys.executable, "-P", str(Path(__file__).resolve()), str(self._port)]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=self._log, stderr=subprocess.STDOUT, env=environment
        )
        try:
            self.url = self._wait_for_address()
            self._post("reset")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()

    def environment(self) -> dict[str, str]:
        """What a process needs in its environment to reach this server, and no other, by boto3's own settings."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: str, **settings: Any) -> Any:
        """A boto3 client; `settings` may name another `endpoint_url`, a `config`, or other keys."""
        defaults = {
            "endpoint_url": self.url,
            "region_name": REGION,
            "aws_access_key_id": "testing",
            "aws_secret_access_key": "testing",
        }
        with self._making_clients:
            return self._session.client(service, **(defaults | settings))

    def bucket(self, name: str) -> str:
        """Make a bucket, and return its name."""
        place = {"LocationConstraint": REGION}
        self.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
        return name

    def reset(self) -> None:
        """Forget everything: all resources of all services."""
        self._post("reset")

    def enforce_policies(self, after: int = 0) -> None:
        """Enforce policies of IAM on every request after so many more."""
        self._post("reset-auth", str(after).encode())

    def _post(self, action: str, data: bytes = b"") -> None:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        headers = {"Content-Type": "text/plain"}  # not a form, which urllib would say
        request = urllib.request.Request(f"{self.url}/moto-api/{action}", data, headers)
        with direct.open(request, timeout=30) as answer:
            answer.read()

    def _wait_for_address(self) -> str:
        """Its own log says at which port it listens, once it does."""
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            ended = self._process.poll() is not None
            if found := re.search(r"Running on (http://127\.0\.0\.1:\d+)", self._said()):
                return found[1]
            if ended:
                raise RuntimeError(f"moto's server ended before it listened:\n{self._said()}")
            time.sleep(0.02)
        raise RuntimeError(f"moto's server did not listen within {START_TIMEOUT} s:\n{self._said()}")

    def _said(self) -> str:
        descriptor = self._log.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode(errors="replace")


def _serve() -> None:
    """Serve, at the port that the command line names, or a free one for 0, until standard input ends."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import run_simple

    threading.Thread(target=lambda: os._exit(len(sys.stdin.read())), daemon=True).start()
    services = DomainDispatcherApplication(create_backend_app)
    lock = threading.Lock()

    def one_at_a_time(environment: dict[str, Any], start_response: Any) -> list[bytes]:
        # What a request has to say is read before the lock: a slow one holds up nobody.
        length = int(environment.get("CONTENT_LENGTH") or 0)
        with tempfile.SpooledTemporaryFile(max_size=2**20) as body:
            body.write(environment["wsgi.input"].read(length))
            body.seek(0)
            environment["wsgi.input"] = body
            with lock:
                return list(services(environment, start_response))

    run_simple("127.0.0.1", int(sys.argv[1]), one_at_a_time, threaded=True, request_handler=MotoRequestHandler)


if __name__ == "__main__":
    _serve()
