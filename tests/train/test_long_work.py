"""Long work says that it goes on, off a terminal as on one."""

import io
import sys
import time
from pathlib import Path

import pytest

from tests.train.conftest import fit
from train.__main__ import main
from train.long_work import Work, track, under_way


@pytest.fixture(name="impatient")
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("train.long_work.FIRST", 0.02)
    monkeypatch.setattr("train.long_work.EVERY", 0.02)


def wait_for_a_line(capsys: pytest.CaptureFixture[str]) -> str:
    said, deadline = "", time.monotonic() + 60
    while "\n" not in said and time.monotonic() < deadline:
        time.sleep(0.01)
        said += capsys.readouterr().err
    return said.splitlines()[0]


@pytest.mark.usefixtures("impatient")
def test_off_a_terminal_a_line_says_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    for book in track(["one", "two", "three"], "encode", "book"):
        if book == "two":
            capsys.readouterr()
            assert wait_for_a_line(capsys) == "encode: 1 of 3 books, 0 s"


@pytest.mark.usefixtures("impatient")
def test_work_of_which_nobody_knows_how_far_it_is_says_that_it_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    with under_way("learn sub-words"):
        assert wait_for_a_line(capsys) == "learn sub-words: 0 s"


@pytest.mark.usefixtures("impatient")
def test_of_work_within_work_the_inner_speaks(capsys: pytest.CaptureFixture[str]) -> None:
    with under_way("outer"), Work("inner", 5):
        capsys.readouterr()
        assert wait_for_a_line(capsys).startswith("inner: 0 of 5 steps")


def test_what_is_done_soon_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track(range(1000), "count")) == list(range(1000))
    assert capsys.readouterr().err == ""


def test_on_a_terminal_there_is_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert list(track([1, 2], "encode", "book")) == [1, 2]
    assert "encode:   0%" in terminal.getvalue()


@pytest.fixture(name="talkative")
def _talkative(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that could take long says so at once, however fast it is."""
    monkeypatch.setattr(Work, "_speak", lambda work: print(work, file=sys.stderr))


@pytest.mark.usefixtures("talkative")
def test_every_long_step_of_training_speaks(corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tokenizer", "--corpus", str(corpus), "--vocabulary", "300", "--out", str(tmp_path / "t.json")]) == 0
    assert fit(corpus, tmp_path / "run") == 0
    assert main(["evaluate", str(tmp_path / "run"), "--corpus", str(corpus)]) == 0
    said = [line.split(":")[0] for line in capsys.readouterr().err.splitlines()]
    wanted = {"learn sub-words from 3 books", "encode train", "encode validation", "train", "evaluate 3 texts"}
    assert wanted <= {*said}
