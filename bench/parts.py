"""Where the time of a tweet goes: the model's steps, the sampler, the editor, and the rest.

For as long as `timed_parts` is open, the functions of each part add up the processor time of their thread. What one of
them calls of another part counts as its own.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from lambda_fn.language.language_model import LanguageModel
from lambda_fn.prose.copying import CopyFilter
from lambda_fn.prose.editor import Editor
from lambda_fn.writing import candidate, openings

STEPS, SAMPLER, EDITOR, REST = "steps", "sampler", "editor", "rest"

_FUNCTIONS: dict[str, tuple[tuple[Any, str], ...]] = {
    STEPS: ((LanguageModel, "step"), (LanguageModel, "step_batch"), (LanguageModel, "after")),
    SAMPLER: ((candidate, "sample"), (openings, "probabilities")),
    EDITOR: (
        (Editor, "__init__"), (Editor, "objection"), (Editor, "wrong_word"), (CopyFilter, "copied"),
        (candidate, "fault"), (candidate, "is_whole"), (candidate, "open_marks"), (candidate, "room_taken"),
        (candidate, "may_be_attributed"), (candidate, "last_word"), (candidate, "weighted_length"),
    ),
}  # fmt: skip


@contextmanager
def timed_parts() -> Iterator[dict[str, float]]:
    """Time the parts of what is told within; yields seconds of this thread's processor time, complete at its end.

    The keys are "steps", "sampler", "editor" and "rest", in this order; together they are all of the time.
    """
    seconds = dict.fromkeys((STEPS, SAMPLER, EDITOR, REST), 0.0)
    clock = _Clock(seconds)
    before = [(owner, name, getattr(owner, name)) for functions in _FUNCTIONS.values() for owner, name in functions]
    for part, functions in _FUNCTIONS.items():
        for owner, name in functions:
            setattr(owner, name, clock.timed(getattr(owner, name), part))
    started = time.thread_time()
    try:
        yield seconds
    finally:
        for owner, name, function in before:
            setattr(owner, name, function)
        seconds[REST] = time.thread_time() - started - sum(seconds.values())


class _Clock:
    """Adds up what functions take, each for its part; those called by another of them are in that one's time."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds, self._runs = seconds, False

    def timed(self, function: Callable[..., Any], part: str) -> Callable[..., Any]:
        """The function, its time counted."""

        def run(*given: Any, **named: Any) -> Any:
            if self._runs:
                return function(*given, **named)
            self._runs, started = True, time.thread_time()
            try:
                return function(*given, **named)
            finally:
                self._runs = False
                self._seconds[part] += time.thread_time() - started

        return run
