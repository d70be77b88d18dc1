"""The log: one JSON object a line, one line a step that matters."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
