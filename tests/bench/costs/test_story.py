"""Growth with the story: what is made is what telling would have written."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bench.costs import story
from bench.costs.subject import Subject
from lambda_fn.settings import Settings
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Tweet
from lambda_fn.writing.storyteller import Storyteller
from tests.lambda_fn.stories import Shelf

NOW = datetime(2026, 1, 2, tzinfo=UTC)


def test_a_made_story_is_to_the_byte_what_telling_writes(
    subject: Subject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = Shelf(tmp_path / "told", subject.folder)
    pages = told.tell(22, lambda: NOW, seed=1)
    monkeypatch.setattr(story, "invented_tweets", lambda _words, count: (page.tweet for page in pages[:count]))
    found = Stories(FolderStore(told.folder)).read("main")
    assert found
    settings = Settings.resolve({"seed": 1}, {"MODEL_URI": str(subject.folder), "STORY_URI": str(tmp_path / "made")})
    storyteller = Storyteller(subject.bundle)
    beginning, _, _ = storyteller.load(Stories(FolderStore(tmp_path / "empty")), settings)
    end = story.replace(beginning, token=found[0].token, state=found[0].state)
    story.make_story(tmp_path / "made", end, pages[0], 22)

    def files(folder: Path) -> dict[str, bytes]:
        return {str(path.relative_to(folder)): path.read_bytes() for path in sorted((folder / "main").rglob("*.json"))}

    assert files(tmp_path / "made") == files(tmp_path / "told")


def test_invented_tweets_are_tweets_and_all_different() -> None:
    told = list(story.invented_tweets(["internationally", "house"], 500))
    assert len({tweet.text for tweet in told}) == 500
    assert [tweet.sequence for tweet in told] == list(range(1, 501))
    assert max(len(tweet.text) for tweet in told) <= 280
    assert isinstance(told[0], Tweet)


def test_stories_of_every_length_go_on(found: dict[str, Any], tmp_path: Path) -> None:
    growth = found["story"]
    assert [each["tweets"] for each in growth["lengths"]] == [1, 30]
    assert growth["first"] == 30
    assert growth["lengths"][-1]["time"] == [1, 1, 1]
    assert growth["lengths"][0]["record_ratio"] < 1
    assert "| 30 | " in story.section(growth, tmp_path)
    assert (tmp_path / story.PICTURE).stat().st_size > 0


def test_the_longest_story_is_held_against_the_first_thousand() -> None:
    last = {"tweets": 100_000, "time": (0.9, 1.2, 1.4), "record_ratio": 1.0, "megabytes_ratio": 1.05}
    criteria = story.criteria({"first": 1_000, "lengths": [last]})
    assert [(each.found, each.met) for each in criteria] == [("1.20", False), ("1.00", True), ("1.05", True)]
