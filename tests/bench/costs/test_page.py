"""`python -m bench all` with a tiny bundle and no package: what it writes, and how it makes the page again."""

import json
import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.costs import page


def test_the_page_and_its_data_have_every_measure(made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    assert len(re.findall(r"^## (.+)$", text, re.MULTILINE)) == len(page.MEASURES)
    assert json.loads((made / "figures.json").read_bytes())["measures"].keys() == page.MEASURES.keys()


def test_every_file_that_measures_is_on_the_page() -> None:
    """One that is added to the folder needs its line in `MEASURES`."""
    files = Path(page.__file__).parent.glob("*.py")
    measuring = {path.stem for path in files if "\ndef measure(" in path.read_text(encoding="utf-8")}
    assert {module.__name__ for module in page.MEASURES.values()} == {f"bench.costs.{name}" for name in measuring}


def test_every_picture_that_the_page_shows_is_there(made: Path) -> None:
    text = (made / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"!\[[^]]+\]\(([^)]+)\)", text))
    assert shown
    assert shown == {path.name for path in made.glob("*.png")}


def test_the_page_names_the_machine_the_day_and_its_instructions(made: Path) -> None:
    document = json.loads((made / "figures.json").read_bytes())
    text = (made / "README.md").read_text(encoding="utf-8")
    assert page.machine_of(document) in text
    assert re.search(r"\d{4}-\d\d-\d\d", text)
    assert "The figures mean nothing" in text


def test_it_is_drawn_again_from_its_data(made: Path, tmp_path: Path) -> None:
    (tmp_path / "figures.json").write_bytes((made / "figures.json").read_bytes())
    assert main(["all", "--draw", "--out", str(tmp_path)]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in made.iterdir()}
    assert (tmp_path / "README.md").read_bytes() == (made / "README.md").read_bytes()


def test_nothing_to_draw_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all", "--draw", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"error: {tmp_path / 'figures.json'} is not there or damaged: `python -m bench all` measures, and writes it\n"
    )


def test_a_folder_that_is_no_bundle_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["all", "--quick", "--bundle", str(tmp_path), "--out", str(tmp_path)]) == 2
    assert "is not a model bundle" in capsys.readouterr().err
