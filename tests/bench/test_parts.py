import time
from pathlib import Path

import pytest

from bench.parts import timed_parts
from lambda_fn.commands import preview
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.settings import Settings
from lambda_fn.writing import candidate


@pytest.fixture
def settings(tiny_bundle: Path, tmp_path: Path) -> Settings:
    return Settings.resolve({"seed": 1}, {"STORY_URI": str(tmp_path), "MODEL_URI": str(tiny_bundle)})


def test_the_parts_of_a_tweet_are_all_of_its_time(settings: Settings) -> None:
    started = time.thread_time()
    with timed_parts() as seconds:
        told = list(preview(settings, 2))
    taken = time.thread_time() - started
    assert len(told) == 2
    assert [*seconds] == ["steps", "sampler", "editor", "rest"]
    assert min(seconds.values()) > 0
    assert sum(seconds.values()) == pytest.approx(taken, rel=0.1)


def test_what_is_told_is_the_same_with_a_clock_beside_it(settings: Settings) -> None:
    with timed_parts():
        timed = [page.tweet.text for page in preview(settings, 2)]
    assert timed == [page.tweet.text for page in preview(settings, 2)]


def test_nothing_is_timed_after_an_error() -> None:
    before = LanguageModel.step, candidate.sample
    with pytest.raises(KeyError), timed_parts():
        raise KeyError
    assert (LanguageModel.step, candidate.sample) == before
