"""The filter of what stands in the training books."""

import json
import shutil
from pathlib import Path

import pytest

from export.copies import add_copies, collect_copies
from export.errors import InputError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.prose.copying import CopyFilter
from tests.export.helpers import sha256

TEXT = (
    "One two three four five six seven eight nine ten.\n\nEleven twelve thirteen fourteen fifteen sixteen seventeen.\n"
)


def write_corpus(folder: Path, ebook: int) -> Path:
    """A corpus of one book."""
    path = folder / "train" / f"{ebook}.txt"
    path.parent.mkdir(parents=True)
    path.write_text(TEXT, encoding="utf-8")
    file = {"path": f"train/{ebook}.txt", "sha256": sha256(path), "characters": len(TEXT)}
    book = {"id": ebook, "author": "Jane Austen", "title": "A", "files": {"train": file}}
    description = {"format": 1, "name": folder.name, "authors": ["Jane Austen"], "books": [book]}
    (folder / "corpus.json").write_text(json.dumps(description))
    return folder


@pytest.fixture
def bundle(tiny_bundle: Path, tmp_path: Path) -> Path:
    """The tiny bundle, as if it were trained on ebooks 1 and 2."""
    folder = Path(shutil.copytree(tiny_bundle, tmp_path / "bundle"))
    description = json.loads((folder / "bundle.json").read_text()) | {"trained_on": [1, 2]}
    (folder / "bundle.json").write_text(json.dumps(description))
    return folder


def test_a_bundle_comes_to_know_its_books_and_is_else_as_it_was(bundle: Path, tmp_path: Path) -> None:
    before = load_bundle(bundle)
    after = add_copies(bundle, [write_corpus(tmp_path / "a", 1), write_corpus(tmp_path / "b", 2)])
    data = after.copies()
    assert data
    assert CopyFilter(data).copied(
        "Four five six seven eight, nine, ten: eleven twelve thirteen fourteen fifteen sixteen!"
    )
    assert after.is_known_as(before.identity)
    assert before.description_sha256
    assert after.is_known_as(before.description_sha256)
    assert after.sampling == before.sampling
    assert after.words() == before.words()
    assert add_copies(bundle, [tmp_path / "a", tmp_path / "b"]).copies() == data


def test_a_book_that_no_corpus_has_is_named(bundle: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="was trained on 1 ebooks that no --corpus has, such as 2"):
        add_copies(bundle, [write_corpus(tmp_path / "a", 1)])
    assert load_bundle(bundle).copies() is None


def test_an_altered_text_is_refused(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "a", 1)
    record = json.loads((corpus / "corpus.json").read_text())
    assert collect_copies([{"corpus": record}], [corpus])
    (corpus / "train" / "1.txt").write_text("Another.\n")
    with pytest.raises(InputError, match="is not the text that was learnt from"):
        collect_copies([{"corpus": record}], [corpus])
