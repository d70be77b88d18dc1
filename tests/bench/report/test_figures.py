"""Shares, numbers and tables."""

import pytest

from bench.report.figures import Share, part, table


def test_the_interval_is_wilsons() -> None:
    low, high = Share(80, 100).interval
    assert (low, high) == (pytest.approx(0.7112, abs=1e-3), pytest.approx(0.8666, abs=1e-3))


def test_a_share_is_written_with_its_interval() -> None:
    assert str(Share(80, 100)) == "80.0 % (71.1 to 86.7)"


def test_a_part_of_nothing_is_no_division_by_nothing() -> None:
    assert part(0, 0) == "0 of 0 (0.00 %)"


def test_a_cell_with_a_bar_stays_one_cell() -> None:
    assert table(["a|b", "n"], [["x", 1]]) == "| a\\|b | n |\n| --- | ---: |\n| x | 1 |\n"
