"""Told with its own settings, the shipped model keeps all that the editor promises; `TRIALS=full`: 10,000 tweets."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.report.promises import broken, copied
from lambda_fn import commands
from lambda_fn.language.bundle import load_bundle
from lambda_fn.prose.length import weighted_length
from lambda_fn.settings import SHIPPED_MODEL, Settings
from tests.end_to_end.twitter_text import by_twitter_text

FULL = os.environ.get("TRIALS") == "full"
STORIES, TWEETS = (10, 1_000) if FULL else (2, 4)
BOOKS = Path(__file__).parents[2] / "data" / "century" / "train"


@pytest.fixture(scope="module", params=range(STORIES))
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The tweets of one story, each the first of its candidates: all of them pass the same editor."""
    folder = str(tmp_path_factory.mktemp("promises"))
    settings = Settings.resolve({"seed": 300 + request.param, "candidates": 1}, {"STORY_URI": folder})
    return [page.tweet.text for page in commands.tell(settings, TWEETS)]


@pytest.mark.timeout(7200)
def test_no_promise_is_broken(story: list[str], record_property: Callable[[str, object], None]) -> None:
    found = broken(story)
    again = found.pop("opening")  # may come again where no other tweet could be told
    record_property("tweets that were promised much", len(story))
    assert found == dict.fromkeys(found, 0)
    assert again <= len(story) / 1_000


def test_x_counts_the_same_and_finds_nothing_to_link(story: list[str]) -> None:
    assert by_twitter_text(story) == [(weighted_length(text), 0) for text in story]


def test_no_tweet_has_thirteen_words_in_a_row_of_a_book(story: list[str]) -> None:
    if not load_bundle(SHIPPED_MODEL).copies():
        pytest.skip("the shipped bundle has no filter of its books, so it promises NOTHING OF COPIES")
    if not BOOKS.is_dir():
        pytest.skip(
            "the training books are not here (`python -m train corpus --manifest century`): NOBODY LOOKED IN THEM"
        )
    assert copied(story, (path.read_text(encoding="utf-8") for path in sorted(BOOKS.glob("*.txt")))) == 0
