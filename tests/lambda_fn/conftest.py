"""Bundles that a test may spoil."""

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.lambda_fn.office import Office


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


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def begun(office: Office) -> Office:
    """A story of one tweet."""
    office.publish()
    return office
