"""What there is to measure: the tiny bundle, with the words that it makes up let pass."""

import json
from pathlib import Path
from typing import Any

import pytest

from bench.__main__ import main
from bench.costs.subject import QUICK, Subject
from tests.lambda_fn.stories import without_words


@pytest.fixture(scope="session")
def wordless(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle without its list of words: never write to it."""
    return without_words(tiny_bundle, tmp_path_factory.mktemp("bundle") / "wordless")


@pytest.fixture
def subject(wordless: Path, tmp_path: Path) -> Subject:
    """To be measured a little; there is no package."""
    return Subject(wordless, tmp_path / "nowhere", QUICK)


@pytest.fixture(scope="session")
def made(wordless: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a quick run of everything. For reading only."""
    folder = tmp_path_factory.mktemp("costs")
    given = ["--bundle", str(wordless), "--package", str(folder / "nowhere"), "--out", str(folder / "out")]
    assert main(["all", "--quick", *given]) == 0
    return folder / "out"


@pytest.fixture
def found(made: Path) -> dict[str, Any]:
    """What every measure found in that run, by its name."""
    document: dict[str, Any] = json.loads((made / "figures.json").read_bytes())["measures"]
    return document
