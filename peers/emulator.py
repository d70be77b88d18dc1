"""AWS Lambda on this machine: AWS's Runtime Interface Emulator and its runtime client for Python 3.12 run a package.

Both come from PyPI, into environments of their own below `.venv` (`make test` sets them up): the emulator inside
aws-sam-cli, the client as awslambdaric. As in Lambda there is one container, which answers one event after the other
and keeps what the handler keeps; the package's folder is the working folder, and nothing is written to it.
"""

import contextlib
import json
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENTS = ROOT / ".venv"
HANDLER = "lambda_fn.app.handler"
START_TIMEOUT = 30  # seconds
START_TRIES = 5  # a port that was free may be taken by somebody else before the emulator listens there


@dataclass(frozen=True)
class Invocation:
    """What an invocation gave: the handler's answer, or Lambda's report of the error (`errorType`, `errorMessage`)."""

    payload: Any
    is_error: bool


def lambda_python() -> Path:
    """The Python 3.12 that has awslambdaric; the file is missing where `make` found no Python 3.12."""
    return ENVIRONMENTS / "lambda" / "bin" / "python"


def missing_tool() -> str | None:
    """Why the emulator cannot run here, in one sentence, or None."""
    if sys.platform != "linux" or platform.machine() != "x86_64":
        return "Lambda's emulator runs on Linux alone, and the package on x86_64"
    if not _emulators():
        return "aws-sam-cli is not installed in .venv/sam: run `make tools`"
    if not lambda_python().exists():
        return "awslambdaric is not installed in .venv/lambda: run `make tools` with a Python 3.12 on the PATH"
    return None


class Emulator:
    """A package under the emulator: `with Emulator(folder, {"STORY_URI": …}) as function: function.invoke({})`.

    `environment` is all that the function sees of one, beside what Lambda itself sets. `timeout` is the function's,
    in seconds; `command` stands before the emulator's own (`["taskset", "-c", "0"]`). Raises `RuntimeError` if the
    emulator does not start.
    """

    def __init__(
        self, package: Path, environment: Mapping[str, str], *, timeout: int = 60, command: tuple[str, ...] = ()
    ) -> None:
        self._package = package
        self._environment = {
            "PATH": os.environ["PATH"],
            "LANG": "en_US.UTF-8",
            "TZ": ":UTC",
            "PYTHONDONTWRITEBYTECODE": "1",  # nothing can be written to /var/task
            "AWS_LAMBDA_FUNCTION_NAME": "StoryFunction",
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout),
            "NO_PROXY": "127.0.0.1,localhost",
            **environment,
        }
        self._command = command
        self._timeout = timeout

    def __enter__(self) -> Self:
        if missing := missing_tool():
            raise RuntimeError(missing)
        self._output: IO[bytes] = tempfile.TemporaryFile()
        for _ in range(START_TRIES):
            if self._start():
                return self
        said = self.log
        self._output.close()
        raise RuntimeError(f"the emulator did not start:\n{said}")

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def invoke(self, event: object) -> Invocation:
        """Hand over an event and wait for what comes of it; raises `ConnectionError` if the emulator is killed."""
        data = json.dumps(event).encode()
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            # A first invocation has the time of INIT (10 s) as well.
            with direct.open(self._url, data=data, timeout=self._timeout + 15) as answer:
                body = answer.read()
        except urllib.error.HTTPError as error:  # INIT failed
            with error:
                body = error.read()
        except urllib.error.URLError as error:
            raise ConnectionError(str(error.reason)) from error
        try:
            payload = json.loads(body)
        except ValueError:  # as "Task timed out after 60.00 seconds"
            return Invocation({"errorType": "Sandbox", "errorMessage": body.decode(errors="replace")}, is_error=True)
        return Invocation(payload, is_error=isinstance(payload, dict) and "errorType" in payload)

    @property
    def log(self) -> str:
        """All that the function and the emulator have written so far, on standard output and standard error."""
        end = os.fstat(self._output.fileno()).st_size
        return os.pread(self._output.fileno(), end, 0).decode(errors="replace")

    def durations(self) -> tuple[list[float], list[float]]:
        """How long each INIT and each invocation took, in milliseconds, as the emulator reports it."""
        init = re.findall(r"INIT REPORT\(durationMs: ([0-9.]+)\)", self.log)
        invoke = re.findall(r"INVOKE RTDONE\(.*duration: ([0-9.]+)ms\)", self.log)
        return [float(value) for value in init], [float(value) for value in invoke]

    def peak_memory(self) -> int:
        """The most memory that the function has needed so far, in bytes: its resident set, libraries included."""
        function = [process for process in self._left() if process != self._process.pid]
        sizes = [re.findall(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{each}/status").read_text()) for each in function]
        return sum(1024 * int(size) for found in sizes for size in found)

    def kill(self) -> None:
        """`kill -9` of the emulator and of the function in it, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        while left := self._left():
            for process in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
            time.sleep(0.005)

    def close(self) -> None:
        """Stop it, and throw its log away."""
        self.kill()
        self._output.close()

    def _start(self) -> bool:
        """Start it at two ports that are free now; whether it listens."""
        emulator_port, runtime_port = _free_ports(2)
        addresses = (
            *("--runtime-interface-emulator-address", f"127.0.0.1:{emulator_port}"),
            *("--runtime-api-address", f"127.0.0.1:{runtime_port}"),
        )
        self._url = f"http://127.0.0.1:{emulator_port}/2015-03-31/functions/function/invocations"
        self._process = subprocess.Popen(
            [*self._command, _emulators()[0], *addresses, lambda_python(), "-m", "awslambdaric", HANDLER],
            cwd=self._package,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # the function is found by it, which the emulator puts in a group of its own
        )
        end = time.monotonic() + START_TIMEOUT
        while self._process.poll() is None and time.monotonic() < end:
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", emulator_port)) == 0 and self._process.poll() is None:
                    return True
            time.sleep(0.02)
        self.kill()
        return False

    def _left(self) -> list[int]:
        """Every process of the emulator's session that still runs."""
        found = []
        for entry in Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, _, session = entry.read_text().rpartition(")")[2].split()[:4]
            except OSError:  # it has just ended
                continue
            if int(session) == self._process.pid and state != "Z":
                found.append(int(entry.parent.name))
        return found


def _emulators() -> list[Path]:
    """AWS's emulator inside aws-sam-cli, if that is installed."""
    return sorted((ENVIRONMENTS / "sam").glob("lib/python*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"))


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
