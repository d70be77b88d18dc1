"""Times of steps that do the same, taken in turns: whatever else the machine does is in all of them alike.

Seconds are those of this thread's processor time, so what is timed must run on it alone.
"""

import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

STEPS = 8  # of each, a round


def race(steps: dict[str, Callable[[int], object]], rounds: int) -> dict[str, NDArray[np.float64]]:
    """Let each take a few steps in turn, in every round; returns seconds a step, a row of rounds by name."""
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(rounds):
        for name, step in steps.items():
            step(0)  # what another form left in the caches is not its fault
            started = time.thread_time()
            for number in range(1, STEPS + 1):
                step(number)
            taken[name].append((time.thread_time() - started) / STEPS)
    return {name: np.array(seconds) for name, seconds in taken.items()}


def usual(seconds: NDArray[np.float64]) -> float:
    """What it takes when nothing comes between: the tenth percentile."""
    return float(np.percentile(seconds, 10))


def spread(ratios: NDArray[np.float64], digits: int = 3) -> tuple[float, float, float]:
    """The lower quartile, the median and the upper quartile."""
    low, middle, high = (round(float(each), digits) for each in np.percentile(ratios, (25, 50, 75)))
    return low, middle, high
