"""Progress of long work: a bar on a terminal, elsewhere a line on standard error now and then."""

import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sized
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

FIRST, EVERY = 10.0, 30.0
"""Seconds until the first line, and between later ones: work that ends sooner prints nothing."""

_Item = TypeVar("_Item")
_open: list["Work"] = []
"""Work in progress, outer before inner; the innermost prints."""


class Work:
    """`total` steps of something, None if unknown; lines are printed even during a long step.

    with Work("encode train", 178, "book") as work: … work.advance() … → encode train: 57 of 178 books, 31 s
    """

    def __init__(
        self, what: str, total: int | None = None, unit: str = "step", done: int = 0, hidden: bool = False
    ) -> None:
        """`done`: steps taken before; `hidden`: show nothing at all."""
        self.what, self.total, self.unit, self.done, self.note = what, total, unit, done, ""
        self.bar: Any = None
        """tqdm's, on a terminal."""
        self._hidden, self._ended = hidden, threading.Event()
        self._thread: threading.Thread | None = None

    def advance(self) -> None:
        """Count one more step."""
        self.done += 1
        if self.bar is not None:
            self.bar.update()

    def remark(self, note: str) -> None:
        """Show a note beside the count, such as the speed."""
        self.note = note
        if self.bar is not None:
            self.bar.set_postfix_str(note, refresh=False)

    def __enter__(self) -> "Work":
        self._begun = time.monotonic()
        if self._hidden:
            return self
        _open.append(self)
        if sys.stderr.isatty() and self.total is not None:
            from tqdm import tqdm  # here, because `--help` needs none

            self.bar = tqdm(total=self.total, initial=self.done, desc=self.what, unit=self.unit, leave=False)
        else:
            self._thread = threading.Thread(target=self._speak, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        if self.bar is not None:
            self.bar.close()
        self._ended.set()
        if self._thread:
            self._thread.join()
        if self in _open:
            _open.remove(self)

    def _speak(self) -> None:
        wait = FIRST
        while not self._ended.wait(wait):
            wait = EVERY
            if _open and _open[-1] is self:
                with suppress(OSError, ValueError):  # nobody reads it any more: the work goes on
                    print(self, file=sys.stderr, flush=True)

    def __str__(self) -> str:
        seconds = time.monotonic() - self._begun
        parts = [f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"]
        if self.total is not None:
            parts.insert(0, f"{self.done:,} of {self.total:,} {self.unit}s")
        return f"{self.what}: " + ", ".join([*parts, self.note] if self.note else parts)


def say(line: str) -> None:
    """Print a line on standard error, above the bar where there is one."""
    if any(work.bar is not None for work in _open):
        from tqdm import tqdm

        tqdm.write(line, file=sys.stderr)
    else:
        print(line, file=sys.stderr, flush=True)


def track(items: Iterable[_Item], what: str, unit: str = "step") -> Iterator[_Item]:
    """Yield the items one by one, and show how many are done."""
    total = len(items) if isinstance(items, Sized) else None
    with Work(what, total, unit) as work:
        for item in items:
            yield item
            work.advance()


@contextmanager
def under_way(what: str) -> Iterator[None]:
    """Show now and then that work of unknown length is still in progress."""
    with Work(what):
        yield
