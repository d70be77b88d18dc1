"""The ancestor's stack, with a Python that plays it: Keras itself is no part of the tests."""

import sys
from pathlib import Path

import pytest

from bench.costs import ancestor
from bench.costs.subject import Subject
from bench.errors import BenchError

PLAYED = """#!/bin/sh
if [ "$3" = make ]; then echo model > "$4"; else cat "$4" >&2; echo '{"import": 2.0, "load": 0.5, "words": 3.0}'; fi
"""


@pytest.fixture
def played(subject: Subject, tmp_path: Path) -> Subject:
    subject.work, subject.ancestor = tmp_path, tmp_path / "python"
    subject.ancestor.write_text(PLAYED, encoding="utf-8")
    subject.ancestor.chmod(0o755)
    return subject


def test_the_whole_process_is_held_against_a_cold_invocation(played: Subject, tmp_path: Path) -> None:
    whole = {"whole": (0.9, 1.0, 1.1)}
    played.found["cold"] = {"settings": [{"share": 1.0, "ours": whole}, {"share": 0.5, "ours": {"whole": (9, 9, 9)}}]}
    found = ancestor.measure(played)
    assert (found["import"][1], found["load"][1], found["words"][1]) == (2.0, 0.5, 3.0)
    assert found["whole"][1] > 0
    assert found["ours"] == (0.9, 1.0, 1.1)
    assert "| one core | 2.00 | 0.50 | 3.00 | " in ancestor.section(found, tmp_path)
    (criterion,) = ancestor.criteria({**found, "whole": (11, 13.04, 14)})
    assert (criterion.found, criterion.met) == ("13.0 times", True)


def test_it_is_left_out_unless_it_is_asked_for(subject: Subject, tmp_path: Path) -> None:
    found = ancestor.measure(subject)
    assert "`--ancestor PYTHON`" in ancestor.section(found, tmp_path)
    assert [each.met for each in ancestor.criteria(found)] == [None]


def test_a_python_without_keras_is_one_sentence(played: Subject) -> None:
    played.ancestor = Path(sys.executable)
    with pytest.raises(BenchError, match="cannot say a word with Keras: ModuleNotFoundError: No module named 'keras'"):
        ancestor.measure(played)


def test_no_python_at_all_is_one_sentence(played: Subject, tmp_path: Path) -> None:
    played.ancestor = tmp_path / "none"
    with pytest.raises(BenchError, match="cannot"):
        ancestor.measure(played)
