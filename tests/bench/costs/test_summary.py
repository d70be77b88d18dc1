"""The README's table: figures of the page, put where it has a place for them."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.costs.summary import BEGIN, END, summary, write_into
from bench.costs.token import STEP
from bench.errors import BenchError


@pytest.fixture
def document(made: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((made / "figures.json").read_bytes())
    return read


def test_the_table_has_the_figures_of_the_page(document: dict[str, Any]) -> None:
    said = summary(document)
    milliseconds = document["measures"]["token"]["shipped"]["ways"][STEP]["milliseconds"]
    assert f"| a token | {milliseconds:.2f} ms |" in said
    assert "the figures mean nothing" in said
    assert "emulator" not in said  # there was no package


def test_it_takes_the_place_of_the_one_before_and_nothing_else(document: dict[str, Any], tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"Before.\n\n{BEGIN}| old |\n{END}\nAfter.\n", encoding="utf-8")
    for _ in range(2):
        write_into(readme, document)
        assert readme.read_text(encoding="utf-8") == f"Before.\n\n{BEGIN}{summary(document)}{END}\nAfter.\n"


def test_the_command_fills_the_table(made: Path, tmp_path: Path, document: dict[str, Any]) -> None:
    readme = tmp_path / "figures.md"
    readme.write_text(f"{BEGIN}{END}", encoding="utf-8")
    (tmp_path / "figures.json").write_bytes((made / "figures.json").read_bytes())
    assert main(["all", "--draw", "--out", str(tmp_path), "--readme", str(readme)]) == 0
    assert readme.read_text(encoding="utf-8") == f"{BEGIN}{summary(document)}{END}"


@pytest.mark.parametrize("text", [None, "No place.\n"], ids=["no file", "no place"])
def test_a_file_without_a_place_for_it_is_one_sentence(
    text: str | None, document: dict[str, Any], tmp_path: Path
) -> None:
    readme = tmp_path / "README.md"
    if text is not None:
        readme.write_text(text, encoding="utf-8")
    with pytest.raises(BenchError, match=r"README.md (is not there|has no place for the table)"):
        write_into(readme, document)
