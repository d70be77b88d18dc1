"""A tweet by its parts."""

from pathlib import Path
from typing import Any

import pytest

from bench.costs import tweet
from bench.costs.memory import peak_megabytes
from bench.errors import BenchError


def test_the_parts_are_all_of_a_tweet(found: dict[str, Any], tmp_path: Path) -> None:
    assert [told["candidates"] for told in found["tweet"]["told"]] == [1]
    for told in found["tweet"]["told"]:
        assert sum(told["parts"].values()) == pytest.approx(1, abs=1e-3)
        assert min(told["parts"].values()) > 0
    page = tweet.section(found["tweet"], tmp_path)
    assert "| 1 | " in page
    assert (tmp_path / tweet.PICTURE).stat().st_size > 0


def test_what_is_beside_the_steps_and_memory_are_bounded() -> None:
    told = {"candidates": 12, "beside_steps": 0.31}
    found = {"told": [told], "peak_megabytes": 170.0, "bundle_megabytes": 7.1}
    assert [(each.found, each.met) for each in tweet.criteria(found)] == [("31 %", False), ("170 MB", True)]


def test_the_peak_of_a_process_is_its_own() -> None:
    """Not that of this one, which has far more libraries."""
    assert 5 < peak_megabytes("this") < 40


def test_a_process_that_fails_is_one_sentence() -> None:
    with pytest.raises(BenchError, match="python -m lambda_fn failed"):
        peak_megabytes("lambda_fn", "nonsense")
