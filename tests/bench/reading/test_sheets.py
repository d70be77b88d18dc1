"""What a reader is shown, and what is hidden."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.errors import BenchError
from bench.reading.sheets import make_pairs, read_story

Story = Callable[[str, int], Path]


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Writes a story of so many tweets, each of which says whose it is."""

    def write(name: str, count: int) -> Path:
        path = tmp_path / f"{name}.jsonl"
        lines = [json.dumps({"sequence": n, "text": f"The {name} tale, part {n}."}) for n in range(1, count + 1)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


def written(story: Story, out: Path, *options: str, tweets: int = 41) -> dict[str, object]:
    assert main(["pairs", str(story("old", tweets)), str(story("new", tweets)), "--out", str(out), *options]) == 0
    key: dict[str, object] = json.loads((out / "key.json").read_text(encoding="utf-8"))
    return key


def test_a_sheet_has_both_passages_of_a_place_and_the_key_says_which_is_which(story: Story, tmp_path: Path) -> None:
    out = tmp_path / "sheets"
    key = written(story, out, "--pairs", "20", "--tweets", "2", "--sheets", "2")
    text = "".join(path.read_text(encoding="utf-8") for path in sorted(out.glob("sheet-*.md")))
    shown = re.findall(r"## (\d+)\n\n\*\*A\*\*\n\n> (.+)\n>\n> (.+)\n\n\*\*B\*\*\n\n> (.+)\n>\n> (.+)\n", text)
    assert [int(number) for number, *_ in shown] == list(range(1, 21))
    for (_, *lines), pair in zip(shown, key["pairs"], strict=True):  # type: ignore[call-overload]
        old, new = (lines[:2], lines[2:]) if pair["first"] == "A" else (lines[2:], lines[:2])
        parts = [pair["place"] + 1, pair["place"] + 2]
        assert old == [f"The old tale, part {part}." for part in parts]
        assert new == [f"The new tale, part {part}." for part in parts]


def test_no_tweet_stands_twice_nor_the_one_with_the_prompt(story: Story, tmp_path: Path) -> None:
    written(story, tmp_path / "sheets", "--pairs", "20", "--tweets", "2", "--sheets", "1")
    lines = re.findall(r"> (The \w+ tale.+)", (tmp_path / "sheets" / "sheet-1.md").read_text(encoding="utf-8"))
    assert len(lines) == len(set(lines)) == 80
    assert not {"The old tale, part 1.", "The new tale, part 1."} & set(lines)


def test_each_story_stands_on_either_side_equally_often() -> None:
    pairs = make_pairs([f"a{n}" for n in range(31)], [f"b{n}" for n in range(31)], 1, 30, 5)
    assert [pair.first for pair in pairs].count("A") == 15
    assert [pair.first for pair in pairs] != [pair.first for pair in make_pairs(["a"] * 31, ["b"] * 31, 1, 30, 6)]


def test_passages_that_are_equal_are_not_asked_about() -> None:
    first, second = ["p", "same", "a", "b"], ["p", "same", "c", "d"]
    assert [pair.place for pair in make_pairs(first, second, 1, 2, 1)] == [2, 3]
    with pytest.raises(BenchError, match="the stories have 2 places with 1 tweets each: 3 pairs need more"):
        make_pairs(first, second, 1, 3, 1)


def test_a_sheet_does_not_name_the_files(story: Story, tmp_path: Path) -> None:
    written(story, tmp_path / "sheets", "--pairs", "4", "--feeds")
    assert all(".jsonl" not in path.read_text(encoding="utf-8") for path in (tmp_path / "sheets").glob("*.md"))


def test_sheets_that_may_have_been_read_are_not_replaced(
    story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "sheets"
    before = written(story, out, "--pairs", "4")
    assert main(["pairs", str(story("old", 9)), str(story("new", 9)), "--out", str(out), "--pairs", "4"]) == 2
    assert "has sheets already: give another folder" in capsys.readouterr().err
    assert json.loads((out / "key.json").read_text(encoding="utf-8")) == before


@pytest.mark.parametrize("content", ["no JSON", "[1]", '{"texts": 1}', '{"text": 1}'])
def test_what_is_no_story_is_one_sentence(content: str, tmp_path: Path) -> None:
    path = tmp_path / "story.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(BenchError, match=r"story\.jsonl is no story: "):
        read_story(path)


@pytest.mark.parametrize("option", ["--pairs", "--tweets", "--sheets"])
def test_a_number_that_makes_no_sense_is_one_sentence(
    option: str, story: Story, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["pairs", str(story("old", 9)), str(story("new", 9)), "--out", str(tmp_path / "out"), option, "0"]
    assert main(arguments) == 2
    assert capsys.readouterr().err == f"error: {option} 0: it must be 1 or more\n"
    assert not (tmp_path / "out").exists()
