"""A process that does what a container of Lambda does: imports the handler once, and hands it one event after another.

`python -m tests.end_to_end.container DESCRIPTOR` reads from standard input, a line each, {"event": …, "environment":
{…}} with all that the environment is to hold, and writes to the descriptor what came of it: {"answer": …} or
{"error": …, "message": …}. Standard output is the handler's own.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 60_000  # milliseconds that an invocation has, as in template.yaml


@dataclass(frozen=True)
class Result:
    """What came of an event."""

    answer: dict[str, Any] | None
    error: str | None  # the name of what was raised
    message: str | None


class Container:
    """`with Container(environment) as container: container.invoke({})`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """`environment`: all that is in it, but for the PATH; may be changed between two events."""
        self.environment = dict(environment)

    def __enter__(self) -> Self:
        self._output = tempfile.TemporaryFile()
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.container", str(writing)],
            cwd=ROOT,
            env=self._whole_environment(),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[writing],
        )
        os.close(writing)
        self._results = os.fdopen(reading)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._results.close()
        self._output.close()

    def invoke(self, event: object, **changed: str | None) -> Result:
        """Hand an event over, with these changes to the environment for it alone (None: not there)."""
        environment = {
            name: value for name, value in (self._whole_environment() | changed).items() if value is not None
        }
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"event": event, "environment": environment}) + "\n")
        self._process.stdin.flush()
        line = self._results.readline()
        assert line, f"the container has ended:\n{self.output}"
        found = json.loads(line)
        return Result(found.get("answer"), found.get("error"), found.get("message"))

    @property
    def output(self) -> str:
        """All that was written so far to standard output and standard error."""
        descriptor = self._output.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The output so far, which has to be one JSON object a line."""
        return [json.loads(line) for line in self.output.splitlines()]

    def _whole_environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **self.environment}


class _Context:
    def __init__(self) -> None:
        self._begun = time.monotonic()

    def get_remaining_time_in_millis(self) -> int:
        return int(TIMEOUT - (time.monotonic() - self._begun) * 1000)


def _serve(descriptor: int) -> None:
    from lambda_fn.app import handler

    with os.fdopen(descriptor, "w") as results:
        for line in sys.stdin:
            order = json.loads(line)
            os.environ.clear()
            os.environ.update(order["environment"])
            try:
                result: dict[str, Any] = {"answer": handler(order["event"], _Context())}
            except Exception as problem:
                result = {"error": type(problem).__name__, "message": str(problem)}
            print(json.dumps(result), file=results, flush=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
