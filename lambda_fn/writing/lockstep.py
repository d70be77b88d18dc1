"""Candidates told together, in lockstep: each goes on to its next step of the model, and one call runs all of these.

So the weights, which are most of what a step has to read, are read once for all of them. A candidate is a generator
that stops before each step; whoever holds it may have the model answer, or lets it ask the model itself.
"""

from collections.abc import Callable, Generator
from typing import TypeVar

from lambda_fn.errors import StuckError
from lambda_fn.writing.sampled_text import SampledText, read_together

WIDTH = 16  # so many at once: each keeps up to 3 MB of what the model answered

Told = TypeVar("Told")
InSteps = Generator[SampledText, None, Told]
"""What is told, stopping at each text for which the model has to read the last token."""


def at_once(steps: InSteps[Told]) -> Told:
    """Tell to the end, where each step is run by itself."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            told: Told = end.value
            return told


def tell_together(
    begin: Callable[[int], InSteps[Told]], count: int, more: Callable[[], bool]
) -> list[Told | StuckError]:
    """Tell candidates, numbered from 0, all with one model and in one style; returns them in this order.

    Once `more` says that there is no time, those that are not told are given up; one is told in any case.
    """
    told: dict[int, Told | StuckError] = {}
    waiting: dict[int, tuple[InSteps[Told], SampledText]] = {}

    def go_on(number: int, steps: InSteps[Told]) -> None:
        waiting.pop(number, None)
        try:
            waiting[number] = steps, next(steps)
        except StopIteration as end:
            told[number] = end.value
        except StuckError as stuck:
            told[number] = stuck

    begun, in_time = 0, True
    while True:
        while in_time and begun < count and len(waiting) < WIDTH:
            go_on(begun, begin(begun))
            begun += 1
        in_time = in_time and more()
        if not waiting or (told and not in_time):
            return [told[number] for number in sorted(told)]
        if not in_time:
            first = min(waiting)
            waiting = {first: waiting[first]}
        read_together([text for _, text in waiting.values()])
        for number, (steps, _) in list(waiting.items()):
            go_on(number, steps)
