"""Steps that race, and what is said of their times."""

import numpy as np
import pytest

from bench.timing import STEPS, race, spread, usual


def test_every_step_has_its_turn_in_every_round() -> None:
    taken: list[tuple[str, int]] = []
    steps = {name: lambda number, name=name: taken.append((name, number)) for name in ("one", "two")}
    found = race(steps, 3)
    turn = [*range(STEPS + 1)]
    assert taken == [(name, number) for _ in range(3) for name in ("one", "two") for number in turn]
    assert {name: seconds.shape for name, seconds in found.items()} == {"one": (3,), "two": (3,)}


def test_what_works_more_takes_longer() -> None:
    found = race({"little": lambda _: sum(range(100)), "much": lambda _: sum(range(20_000))}, 5)
    assert spread(found["much"] / found["little"])[1] > 5


def test_a_spread_is_median_and_quartiles() -> None:
    assert spread(np.array([4.0, 1.0, 2.0, 3.0, 5.0])) == (2, 3, 4)
    assert spread(np.array([0.123456])) == (0.123, 0.123, 0.123)


def test_what_is_usual_is_what_hardly_anything_disturbed() -> None:
    assert usual(np.arange(101.0)) == pytest.approx(10)
