"""Told stories."""

from pathlib import Path

import pytest

from bench.report.cache import Cache
from bench.report.samples import blends, tell
from bench.report.subject import Subject


def test_what_was_told_before_an_interruption_is_not_told_again(
    tiny_bundle: Path, corpus: Path, tmp_path: Path
) -> None:
    whole = tell(Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path / "whole")), "Jane Austen", 7, 3)
    subject = Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path / "parted"))
    assert tell(subject, "Jane Austen", 7, 2) == whole[:2]
    assert tell(subject, "Jane Austen", 7, 3) == whole
    (told,) = (tmp_path / "parted" / "stories").iterdir()
    assert len([*told.rglob("tweets/*.json")]) == 3


def test_somebodys_own_settings_change_no_story(
    tiny_bundle: Path, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tell(Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path / "first")), "Jane Austen", 7, 1)
    for name, value in {"DRY_RUN": "on", "TEMPERATURE": "2", "STORY_STYLE": "Charles Dickens"}.items():
        monkeypatch.setenv(name, value)
    assert tell(Subject(tiny_bundle, corpus, tmp_path, Cache(tmp_path / "again")), "Jane Austen", 7, 1) == first


def test_blends_are_five_where_there_are_authors_enough() -> None:
    assert len(blends(list("abcdefgh"))) == 5
    assert blends(["a", "b"]) == ["a=0.5,b=0.5"]
    assert blends(["a"]) == []
