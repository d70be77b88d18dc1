"""How verdicts are counted."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.reading.tally import preferred, read_verdicts

FIRST = ["A", "B", "A", "B"]  # where the first story stands in each pair


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    key = {"stories": [{"file": "old.jsonl"}, {"file": "new.jsonl"}], "pairs": [{"first": side} for side in FIRST]}
    (tmp_path / "key.json").write_text(json.dumps(key), encoding="utf-8")
    return tmp_path


def test_the_second_story_is_counted_on_whichever_side_it_stood(folder: Path) -> None:
    (folder / "verdicts-1.txt").write_text("1 B\n2 A\n\n3. **A** for its scene\n4: A not B\n", encoding="utf-8")
    verdicts = read_verdicts(folder / "verdicts-1.txt", 4)
    assert verdicts == {1: "B", 2: "A", 3: "A", 4: "A"}
    share = preferred(verdicts, [{"first": side} for side in FIRST])
    assert (share.hits, share.count) == (3, 4)


def test_readers_stand_each_for_themselves_and_together(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "verdicts-1.txt").write_text("1 B\n2 A\n3 B\n4 A\n", encoding="utf-8")
    (folder / "verdicts-2.txt").write_text("1 B\n2 B\n3 A\n", encoding="utf-8")
    assert main(["tally", str(folder)]) == 0
    rows = [[cell.strip() for cell in line.split("|")[1:4]] for line in capsys.readouterr().out.splitlines()[2:]]
    # Pairs 2 and 3 parted the readers; the second saw three.
    assert rows == [
        ["verdicts-1", "4", "4"], ["verdicts-2", "3", "1"], ["all verdicts", "7", "5"], ["pairs, by majority", "2", "2"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("5 A", "'5 A' must be a pair's number, 1 to 4, and A or B"),
        ("1 C", "'1 C' must be a pair's number, 1 to 4, and A or B"),
        ("B", "'B' must be a pair's number, 1 to 4, and A or B"),
        ("1 A\n1 B", "pair 1 has two verdicts"),
    ],
)
def test_a_verdict_that_cannot_be_counted_is_one_sentence(
    line: str, sentence: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "verdicts.txt").write_text(f"{line}\n", encoding="utf-8")
    assert main(["tally", str(folder)]) == 2
    assert capsys.readouterr().err == f"error: {folder / 'verdicts.txt'}: {sentence}\n"


def test_a_folder_without_sheets_or_verdicts_is_one_sentence(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tally", str(folder)]) == 2
    assert "has no verdicts: a reader's go into a file such as verdicts-1.txt" in capsys.readouterr().err
    assert main(["tally", str(tmp_path / "nowhere")]) == 2
    assert "cannot be read: `python -m bench pairs` writes it with the sheets" in capsys.readouterr().err
