"""Notes on work in progress, a sentence at a time."""

import time
from collections.abc import Callable

Note = Callable[[str], None]
"""Takes a sentence, without a full stop."""

PAUSE = 30.0  # seconds between two lines about work that is long


def silent(_: str) -> None:
    """A `Note` that is dropped."""


class NowAndThen:
    """A `Note` that passes one sentence on every `PAUSE` seconds, and drops those in between."""

    def __init__(self, note: Note, clock: Callable[[], float] = time.monotonic) -> None:
        self._note, self._clock, self._last = note, clock, clock()

    def __call__(self, sentence: str) -> None:
        now = self._clock()
        if now - self._last >= PAUSE:
            self._last = now
            self._note(sentence)
