"""The readings that are kept say what their verdicts say."""

from argparse import Namespace
from pathlib import Path

import pytest

from bench.reading.tally import run

READING = Path(__file__).parents[2] / "docs" / "reading"


@pytest.mark.parametrize("folder", [path.name for path in READING.iterdir() if path.is_dir()])
def test_the_page_has_the_tally_of_each_reading(folder: str) -> None:
    page = (READING / "README.md").read_text(encoding="utf-8")
    assert f"## {folder} (" in page
    assert run(Namespace(folder=READING / folder)) in page
