"""What a report is about: the run, the books, how much of them."""

from pathlib import Path

from bench.report.cache import Cache
from bench.report.subject import Subject
from tests.bench.report.invented import AUTHORS, TITLES


def test_the_run_is_the_one_whose_weights_the_bundle_names(tiny_bundle: Path, corpus: Path, tmp_path: Path) -> None:
    for name, content in (("one", b"one"), ("other", b"other")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "best.safetensors").write_bytes(content)
    subject = Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path))
    subject.description["training"] = {
        "checkpoint_sha256": "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"  # of b"other"
    }
    assert subject.run == tmp_path / "other"


def test_books_are_those_of_their_split_and_author(tiny_bundle: Path, corpus: Path, tmp_path: Path) -> None:
    subject = Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path))
    assert [(book.author, book.title) for book in subject.held_out] == [(author, TITLES["test"]) for author in AUTHORS]
    assert [book.ebook for book in subject.books("train", "Charles Dickens")] == [11]


def test_a_beginning_is_whole_paragraphs(tiny_bundle: Path, corpus: Path, tmp_path: Path) -> None:
    book = Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path)).held_out[0]
    assert book.beginning(1).paragraphs == book.paragraphs[:1]
    assert book.beginning(10**9) == book
    assert book.beginning(None) == book
