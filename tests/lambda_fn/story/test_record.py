from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import RecordError
from lambda_fn.language.bundle import Bundle, load_bundle
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State
from lambda_fn.story.record import (
    OPENED,
    RECENT,
    SEEN,
    Draft,
    DraftOutcome,
    Page,
    Story,
    Tweet,
    fingerprint,
    opening_of,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path) -> Bundle:
    return load_bundle(tiny_bundle)


def state(hidden: int = 24, value: float = 0) -> State:
    return State({name: np.full((2, 1, hidden), value, np.float32) for name in ("h", "c")})


def begun(bundle: str = "0" * 64) -> Story:
    return Story("main", bundle, 0, None, 0, state(), {"Jane Austen": 1.0}, 1)


def tweet(sequence: int) -> Tweet:
    return Tweet(sequence, f"This is sentence {sequence}.", False, None, NOON)


def draft(token: int, after: State) -> Draft:
    how = {"A": 1.0}, Sampling(1, 0, 1)
    return Draft("claim", None, "A sentence.", False, token, after, *how, 0, 0, False, NOON, NOON, None, None)


def told(count: int) -> Story:
    story = begun()
    for sequence in range(1, count + 1):
        story = story.settled(tweet(sequence), sequence, state(value=sequence), f"slot {sequence}")
    return story


def test_a_settled_tweet_moves_the_story_on() -> None:
    story = begun().settled(tweet(1), 7, state(value=0.5), "slot")
    assert (story.sequence, story.token, story.state, story.slot) == (1, 7, state(value=0.5), "slot")


def test_a_settled_tweet_is_remembered() -> None:
    story = begun().settled(tweet(1), 7, state())
    assert (story.recent, story.seen) == ((tweet(1),), (fingerprint(tweet(1).text),))


def test_a_settled_tweet_ends_the_draft() -> None:
    assert replace(begun(), draft=draft(7, state())).settled(tweet(1), 7, state()).draft is None


@pytest.mark.parametrize("outcome", [None, *DraftOutcome])
def test_a_draft_is_in_flight_unless_it_was_rejected(outcome: DraftOutcome | None) -> None:
    kept = replace(draft(7, state()), outcome=outcome)
    assert replace(begun(), draft=kept).in_flight == (None if outcome == DraftOutcome.REJECTED else kept)


def test_a_story_without_a_draft_has_none_in_flight() -> None:
    assert begun().in_flight is None


def test_a_draft_becomes_the_next_page_as_it_was_told() -> None:
    page = told(2).page(draft(7, state()), "1001", NOON)
    assert page == Page(Tweet(3, "A sentence.", False, "1001", NOON), "0" * 64, {"A": 1.0}, 1, Sampling(1, 0, 1))


def test_the_last_twenty_tweets_are_kept_whole() -> None:
    assert [kept.sequence for kept in told(RECENT + 3).recent] == list(range(4, RECENT + 4))


def test_the_last_thousand_fingerprints_are_kept() -> None:
    expected = [fingerprint(tweet(sequence).text) for sequence in range(3, SEEN + 3)]
    assert list(told(SEEN + 2).seen) == expected


def opened_by(number: int) -> Tweet:
    """A tweet with opening words of its own."""
    return replace(tweet(number), text=f"“Number {'x' * number} went, AND then it was over.”")


def test_the_openings_of_the_last_fifty_tweets_are_known() -> None:
    story = begun()
    for sequence in range(1, OPENED + 8):
        story = story.settled(opened_by(sequence), 7, state())
    assert story.opened == {opening_of(f"number {'x' * number} went—and") for number in range(8, OPENED + 8)}
    assert len(story.openings) == OPENED - RECENT


def test_a_record_that_has_no_openings_knows_those_of_its_recent_tweets() -> None:
    story = begun()
    for sequence in range(1, RECENT + 3):
        story = story.settled(opened_by(sequence), 7, state())
    assert replace(story, openings=()).opened == {opening_of(each.text) for each in story.recent}


@pytest.mark.parametrize("sequence", [0, 1, 3])
def test_a_tweet_out_of_turn_is_refused(sequence: int) -> None:
    with pytest.raises(ValueError, match=f"tweet {sequence} does not follow tweet 1"):
        told(1).settled(tweet(sequence), 7, state())


def test_a_record_that_fits_its_bundle_passes(bundle: Bundle) -> None:
    story = replace(begun(bundle.identity), token=399, draft=draft(399, state()))
    assert story.check_fits(bundle) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"token": 400},
        {"state": state(hidden=12)},
        {"draft": draft(400, state())},
        {"draft": draft(0, state(hidden=48))},
    ],
    ids=["token", "state", "token of the draft", "state of the draft"],
)
def test_what_the_bundle_cannot_have_left_is_refused(bundle: Bundle, changes: dict[str, object]) -> None:
    with pytest.raises(RecordError, match="its bundle has 400 tokens and states"):
        replace(begun(bundle.identity), **changes).check_fits(bundle)


def test_what_the_bundle_cannot_have_left_is_refused_under_its_older_name_too(bundle: Bundle) -> None:
    with pytest.raises(RecordError, match="its bundle has 400 tokens"):
        replace(begun(bundle.description_sha256 or ""), token=400).check_fits(bundle)


def test_a_record_of_another_bundle_may_have_another_shape(bundle: Bundle) -> None:
    assert replace(begun(), state=state(hidden=12)).check_fits(bundle) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("It rained.", "IT RAINED."),
        ("It rained.", "  It\n rained. "),
        ("The caf\u00e9.", "The cafe\u0301."),
    ],
    ids=["case", "white space", "composition"],
)
def test_texts_that_read_alike_share_a_fingerprint(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)


def test_a_fingerprint_is_for_ever_the_same() -> None:
    """Records hold fingerprints: another function would forget what was told."""
    assert fingerprint("It is a truth universally acknowledged.") == 0xA1B783A9A8FD2406


@given(st.text())
def test_a_fingerprint_fits_into_64_bits(text: str) -> None:
    assert 0 <= fingerprint(text) < 2**64


@given(st.lists(st.text(st.characters(codec="ascii", categories=["Ll"])), unique=True))
def test_different_words_have_different_fingerprints(words: list[str]) -> None:
    assert len({fingerprint(word) for word in words}) == len(words)
