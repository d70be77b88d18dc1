"""Invocations that stop before each of their effects until they are told to go on, or to die.

Each runs in a thread of its own, but only while a test waits for it to stop again: one thing happens at a time.
"""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import SimpleQueue
from typing import Any

from lambda_fn.errors import StoryError
from lambda_fn.posting.publishing import Answer
from tests.lambda_fn.office import TIMEOUT, Around


class Died(BaseException):
    """The process is no more: nothing catches this."""


class Invocation:
    """A process that waits before each of its effects; `at` is the one it waits for, None when it has ended."""

    def __init__(self, run: Callable[[Around], Answer], started: datetime) -> None:
        self.deadline = started + timedelta(seconds=TIMEOUT)
        self.answer: Answer | None = None
        self.problem: Exception | None = None
        self._orders: SimpleQueue[str] = SimpleQueue()
        self._places: SimpleQueue[str | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._live, args=(run,), daemon=True)
        self._thread.start()
        self.at = self._places.get()

    def go_on(self, order: str = "go on") -> None:
        """Do the effect, or die before or after it; then run to the next."""
        self._orders.put(order)
        self.at = self._places.get()
        if self.at is None:
            self._thread.join()
            if self.problem and not isinstance(self.problem, StoryError):
                raise self.problem

    def _live(self, run: Callable[[Around], Answer]) -> None:
        try:
            self.answer = run(self._around)
        except Died:
            pass
        except Exception as problem:
            self.problem = problem
        finally:
            self._places.put(None)

    def _around(self, effect: str, do: Callable[[], Any]) -> Any:
        self._places.put(effect)
        order = self._orders.get()
        if order == "die before":
            raise Died
        try:
            return do()
        finally:
            if order == "die after":
                raise Died
