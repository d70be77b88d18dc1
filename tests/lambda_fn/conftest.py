"""Bundles that a test may spoil, stories in a folder, and the office that posts."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_fn.settings import VARIABLES
from tests.lambda_fn.office import Office
from tests.lambda_fn.stories import Shelf, without_words


@pytest.fixture
def bundle_copy(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The tiny bundle, copied."""
    return Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))


@pytest.fixture
def describe(bundle_copy: Path) -> Callable[..., Path]:
    """Changes fields of the copy's bundle.json (`...` removes one) and makes its hashes fit the files."""

    def change(**fields: object) -> Path:
        path = bundle_copy / "bundle.json"
        document = json.loads(path.read_text())
        for name in document["files"]:
            document["files"][name] = hashlib.sha256((bundle_copy / name).read_bytes()).hexdigest()
        document |= fields
        path.write_text(json.dumps({name: value for name, value in document.items() if value is not ...}))
        return bundle_copy

    return change


@pytest.fixture(scope="session")
def wordless(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny bundle without its list of words: never write to it."""
    return without_words(tiny_bundle, tmp_path_factory.mktemp("bundle") / "wordless")


@pytest.fixture(scope="session")
def told(wordless: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a story of one tweet, of seed 7: never write to it."""
    shelf = Shelf(tmp_path_factory.mktemp("told"), wordless)
    shelf.tell(1, seed=7)
    return shelf.folder


@pytest.fixture
def shelf(wordless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """An empty folder that the environment names, with the bundle, and nothing else of ours."""
    for variable in (*VARIABLES.values(), "X_CREDENTIALS", "X_CONSUMER_KEY", "X_API_URL"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("STORY_URI", str(tmp_path / "stories"))
    monkeypatch.setenv("MODEL_URI", str(wordless))
    return Shelf(tmp_path / "stories", wordless)


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def begun(office: Office) -> Office:
    """A story of one tweet."""
    office.publish()
    return office
