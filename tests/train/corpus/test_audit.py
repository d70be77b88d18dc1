"""The audit finds what cleaning may have done wrong."""

from pathlib import Path

import pytest

from tests.train.corpus.ebooks import EBOOK
from train.corpus.audit import audit, main
from train.corpus.cleaning import Chapter, CleanedBook, clean


def test_a_well_cleaned_book_leaves_nothing_to_look_at() -> None:
    found = audit(EBOOK, clean(EBOOK))

    assert found.is_clean
    assert found.chapters == 2


def test_packaging_left_in_the_text_is_found() -> None:
    line = "Produced by somebody, from page images at www.example.org"
    book = clean(EBOOK)

    found = audit(EBOOK, CleanedBook((*book.chapters, Chapter("", (line,))), {}))

    assert found.tell_tales == (line,)


def test_a_lost_chapter_is_found_by_its_number_and_by_its_prose() -> None:
    raw = EBOOK.replace(
        "was no sound at all, and", "was no sound at all in any of the rooms above the stairs or below, and"
    )

    found = audit(raw, CleanedBook(clean(raw).chapters[:1], {}))

    assert found.lost_chapters == ("ii",)
    assert len(found.missing) == 1


def test_the_command_reports_on_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pg99999.txt").write_text(EBOOK, encoding="utf-8")

    assert main([str(tmp_path)]) == 0
    assert "books 1, chapters 2, lost 0" in capsys.readouterr().out


def test_a_missing_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nowhere")]) == 2
    assert capsys.readouterr().err.startswith("error: no folder")
