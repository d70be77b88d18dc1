from dataclasses import replace
from datetime import UTC, datetime

import pytest

from lambda_fn.errors import StuckError
from lambda_fn.language.state import State
from lambda_fn.story.record import Tweet
from lambda_fn.writing.best_of import always, best_of, merit, within
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.tweet import Telling

BEFORE = [
    Tweet(1, "There was Emma at the window.", paragraph=True, tweet_id=None, time=datetime(2026, 11, 1, tzinfo=UTC))
]


def telling(text: str, surprise: float = 3.0) -> Telling:
    return Telling(text, paragraph=False, position=Position(1, State({})), steps=5, surprise=surprise)


def told(*candidates: Telling | StuckError, count: int = 3, time_for: int = 99) -> Telling:
    """The best of these, of which there is time for so many."""
    left = iter([True] * (time_for - 1) + [False] * 99)

    def number(candidate: int) -> Telling:
        found = candidates[candidate]
        if isinstance(found, StuckError):
            raise found
        return found

    return best_of(number, count, BEFORE, lambda: next(left))


ONE, TWO, THREE = telling("One went.", 3.0), telling("Two went.", 2.0), telling("Three went.", 2.5)


def test_the_likeliest_candidate_is_told() -> None:
    assert told(ONE, TWO, THREE).text == "Two went."
    assert told(ONE, THREE, TWO).text == "Two went."


def test_what_the_best_took_is_what_all_took() -> None:
    one, two = (
        replace(each, tries=2, refusals={"loop": 1, rule: 1}) for each, rule in ((ONE, "copied"), (TWO, "length"))
    )
    best = told(one, two, count=2)
    assert (best.text, best.steps, best.tries) == ("Two went.", 10, 4)
    assert best.refusals == {"loop": 2, "copied": 1, "length": 1}


def test_of_equals_the_first_is_told() -> None:
    assert told(telling("First."), telling("Second."), telling("Third.")).text == "First."


def test_no_more_are_told_than_were_asked_for() -> None:
    best = told(ONE, TWO, THREE, count=1)
    assert (best.text, best.candidates) == ("One went.", 1)


def test_when_time_is_up_the_best_so_far_is_told_and_says_of_how_many() -> None:
    best = told(ONE, THREE, TWO, time_for=2)
    assert (best.text, best.candidates) == ("Three went.", 2)


def test_one_is_tried_even_without_time_and_no_more() -> None:
    assert told(ONE, TWO, time_for=1).text == "One went."
    with pytest.raises(StuckError, match="the first"):
        told(StuckError("the first"), TWO, ONE, time_for=1)


def test_a_candidate_that_could_not_be_told_is_left_out() -> None:
    best = told(ONE, StuckError("no"), THREE)
    assert (best.text, best.candidates) == ("Three went.", 3)
    with pytest.raises(StuckError, match="the last"):
        told(StuckError("no"), StuckError("no"), StuckError("the last"))


def test_a_name_that_was_there_before_is_worth_more_than_a_new_one() -> None:
    known, none, new, two = (
        telling(text)
        for text in ("Then came Emma again.", "Then she came again.", "Then came Jane.", "Then came Jane, and Harriet.")
    )
    merits = [merit(each, BEFORE) for each in (known, none, new, two)]
    assert merits == sorted(merits, reverse=True)
    assert len(set(merits)) == 4


def test_a_name_that_everybody_says_is_worn() -> None:
    often = BEFORE * 3
    said, none = telling("Then came Emma again."), telling("Then she came again.")
    assert merit(said, BEFORE) > merit(none, BEFORE)
    assert merit(said, often) < merit(none, often)
    assert merit(said, often * 2) < merit(said, often)


def test_speech_without_anybody_who_speaks_counts_against_a_candidate_after_the_first() -> None:
    one, answered, two, three = (
        telling(text) for text in ("“No.”\nHe went.", "“No.”\n“Yes,” said he.", "“No.”\n“Yes.”", "“No.”\n“Yes.”\n“No.”")
    )
    assert merit(one, []) == merit(answered, []) > merit(two, []) > merit(three, [])


def test_there_is_time_for_so_many_seconds_and_not_when_what_is_left_is_needed() -> None:
    left = iter([50.0, 45.1, 44.9])
    more = within(5, lambda: next(left), needed=30)
    assert [more(), more()] == [True, False]
    left = iter([50.0, 44.0, 40.0, 36.0])
    more = within(99, lambda: next(left), needed=30)
    assert [more(), more(), more()] == [True, True, False]  # another might take six seconds, too
    assert always()
