"""The log: one JSON object a line, one line a step that matters."""

import json
import logging
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


class Log:
    """Writes what happens, step by step. Nothing secret is ever among the fields."""

    def __init__(self, write: Callable[[str], None], **about: object) -> None:
        """`write` takes one line, without its end; `about`: fields of every line."""
        self._write, self._about = write, about

    def about(self, **fields: object) -> "Log":
        """A log that says this in every line too."""
        return Log(self._write, **self._about, **fields)

    def __call__(self, event: str, **fields: object) -> None:
        """Log a step by its name, such as "claimed"."""
        self._write(json.dumps({"event": event, **self._about, **fields}, ensure_ascii=False))

    @contextmanager
    def timed(self, event: str, **fields: object) -> Iterator[dict[str, object]]:
        """Log a step when it is done, with its duration and what the step puts into the dictionary given out."""
        details: dict[str, object] = {}
        start = time.perf_counter()
        yield details
        self(event, **fields, **details, milliseconds=round((time.perf_counter() - start) * 1000))


def take_in_libraries(log: Log) -> None:
    """Log as one line each, from now on, what libraries log or warn of, and errors that nobody catches.

    Such a line says where in which library that was, and never what the library said: it may be what a peer has
    sent, or a key. Whatever wrote these things before is silent.
    """
    root = logging.getLogger()
    root.handlers[:] = [_LibraryHandler(log)]
    root.setLevel(logging.WARNING)
    logging.captureWarnings(False)

    def show(  # its arguments are Python's to name
        message: Warning | str,  # noqa: ARG001
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,  # noqa: ARG001
        line: str | None = None,  # noqa: ARG001
    ) -> None:
        log("library", level="WARNING", kind=category.__name__, file=_short(filename), line=lineno)

    def lost(problem: object) -> None:
        log("library", level="ERROR", kind=getattr(getattr(problem, "exc_type", None), "__name__", "Error"))

    warnings.showwarning = show
    threading.excepthook = lost
    sys.unraisablehook = lost


class _LibraryHandler(logging.Handler):
    """Logs that a library logs, not what."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Called by `logging`."""
        kind = record.exc_info[0] if isinstance(record.exc_info, tuple) else None
        about = {"kind": kind.__name__} if kind else {}
        where = {"file": _short(record.pathname), "line": record.lineno}
        self._log("library", level=record.levelname, logger=record.name, **about, **where)


def _short(path: str) -> str:
    """The last two parts of a path: "urllib3/connectionpool.py"."""
    return "/".join(Path(path).parts[-2:])
