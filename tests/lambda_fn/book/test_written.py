import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.book.written import KEPT, Written, from_json, to_json
from lambda_fn.errors import RecordError
from tests.lambda_fn.book.telling import a_story, a_tweet
from tests.lambda_fn.strategies import tweets


def written(told: int) -> Written:
    return Written().and_then(tuple(a_tweet(number) for number in range(1, told + 1)))


@pytest.mark.parametrize("told", [1, 99, 100, 101, 120, 121, 345])
def test_what_is_kept_is_read_back(told: int) -> None:
    assert from_json(to_json(written(told))) == written(told)
    assert written(told).told == told


@given(st.data())
def test_tweets_of_any_content_are_read_back(data: st.DataObject) -> None:
    told = tuple(data.draw(tweets(number)) for number in range(1, data.draw(st.integers(1, 4)) + 1))
    kept = Written().and_then(told)
    assert from_json(to_json(kept)) == kept


def test_it_goes_on_a_tweet_at_a_time_as_all_at_once() -> None:
    kept = Written()
    for number in range(1, 231):
        kept = kept.and_then((a_tweet(number),))
    assert kept == written(230)
    assert len(kept.tweets) == KEPT


def test_a_number_that_may_be_anything_makes_nothing_large() -> None:
    kept = json.loads(to_json(written(1)))
    kept["tweets"][0]["sequence"] = kept["tweets"][0]["sequence"] + 10**15
    with pytest.raises(RecordError, match="firsts"):
        from_json(json.dumps(kept).encode())


DAMAGED: dict[str, Callable[[dict[str, Any]], object]] = {
    "another format": lambda kept: kept.update(format=2),
    "no format": lambda kept: kept.pop("format"),
    "no tweets": lambda kept: kept.update(tweets=[]),
    "a tweet too few": lambda kept: kept["tweets"].pop(0),
    "a tweet missing": lambda kept: kept["tweets"].pop(50),
    "a chapter too few": lambda kept: kept["firsts"].pop(),
    "a chapter of another number": lambda kept: kept["firsts"][1].update(sequence=102),
    "no story": lambda kept: kept.pop("story"),
    "a time that is none": lambda kept: kept["tweets"][3].update(time="noon"),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_what_is_damaged_is_refused(damage: str) -> None:
    document = json.loads(to_json(written(230)))
    DAMAGED[damage](document)
    with pytest.raises(RecordError, match="what is known of the pages"):
        from_json(json.dumps(document).encode())


def test_pages_belong_to_a_story_of_the_same_texts_and_times_that_is_as_far() -> None:
    told = tuple(a_tweet(number) for number in range(1, 4))
    story = a_story(sequence=3, recent=told)
    assert written(3).belongs_to(story)
    assert written(2).belongs_to(story)
    assert not written(4).belongs_to(story)
    later = replace(told[2], time=told[2].time + timedelta(seconds=1))
    assert not written(3).belongs_to(a_story(sequence=3, recent=(*told[:2], later)))
    assert not written(3).belongs_to(a_story(sequence=3, recent=(*told[:2], a_tweet(3, "It rained."))))
