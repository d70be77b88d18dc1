"""The list of words that the editor goes by."""

from pathlib import Path
from typing import Any

import pytest

from export.words import collect_words
from tests.export.helpers import sha256


def write_corpus(folder: Path, *texts: str) -> dict[str, Any]:
    """Write a corpus folder; returns the record of a run that learnt from it."""
    (folder / "train").mkdir(parents=True)
    books = []
    for number, text in enumerate(texts, start=1):
        path = folder / "train" / f"{number}.txt"
        path.write_text(text, encoding="utf-8")
        books.append({"id": number, "files": {"train": {"path": f"train/{number}.txt", "sha256": sha256(path)}}})
    return {"corpus": {"books": books}, "corpus_folder": str(folder)}


def test_words_are_in_lower_case_with_their_apostrophes_and_hyphens(tmp_path: Path) -> None:
    record = write_corpus(tmp_path, "Don’t, sister-in-law! DON’T.\n")
    assert collect_words([record], [tmp_path]).decode() == "don’t\nsister-in-law\n"


def test_words_of_all_books_count(tmp_path: Path) -> None:
    record = write_corpus(tmp_path, "One.\n\nTwo.\n", "Three.\n")
    assert collect_words([record], [tmp_path]).decode().split() == ["one", "three", "two"]


def test_where_there_are_very_many_a_word_must_come_often(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("export.words.LARGE", 9)
    record = write_corpus(tmp_path, "The horse, the hoss. The horse, the horse.\n", "The horse, a horse.\n")
    assert collect_words([record], [tmp_path]).decode().split() == ["horse", "the"]


def test_a_small_corpus_gives_all_its_words_beside_a_large_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("export.words.LARGE", 9)
    large = write_corpus(tmp_path / "large", "The horse, the hoss. The horse, the horse.\n", "The horse, a horse.\n")
    small = write_corpus(tmp_path / "small", "A pony.\n")
    assert collect_words([small, large], [tmp_path / "small", tmp_path / "large"]).decode().split() == [
        "a", "horse", "pony", "the"
    ]  # fmt: skip
