"""When to stop: on a signal, or when the time is up."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from train.processes import Processes

AGREE_EVERY = 10
"""Steps between two questions among several processes whether one of them was told to stop."""


class Stop:
    """Set by a signal, or by the clock after so many seconds; the loop then saves and ends."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self.asked = False
        self._deadline = time.monotonic() + seconds

    def __bool__(self) -> bool:
        return self.asked or time.monotonic() > self._deadline

    def agreed(self, step: int, processes: Processes) -> bool:
        """Whether to stop before that step: the same answer in every process."""
        if processes.count == 1:
            return bool(self)
        return step % AGREE_EVERY == 0 and processes.any(bool(self))

    @contextmanager
    def on_signals(self) -> Iterator[None]:
        """The first Ctrl-C or SIGTERM asks to stop; the second stops at once, as it would anywhere."""

        def ask(_number: int, _frame: object) -> None:
            self.asked = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
