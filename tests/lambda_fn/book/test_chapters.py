import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.book.chapters import (
    LENGTH,
    LONGEST_OPENING,
    chapter_of,
    in_chapter,
    numeral,
    opening,
    paragraphs,
    place_in_chapter,
)
from lambda_fn.story.record import Tweet
from tests.lambda_fn.book.telling import BEGUN, a_tweet
from tests.lambda_fn.strategies import texts


@pytest.mark.parametrize(("sequence", "chapter", "place"), [(1, 1, 1), (100, 1, 100), (101, 2, 1), (10_000, 100, 100)])
def test_a_hundred_tweets_are_a_chapter(sequence: int, chapter: int, place: int) -> None:
    assert (chapter_of(sequence), place_in_chapter(sequence)) == (chapter, place)


@pytest.mark.parametrize("start", [1, 50, 101, 150])
def test_a_chapter_has_those_of_its_tweets_that_are_there(start: int) -> None:
    tweets = [a_tweet(number) for number in range(start, 260)]
    for chapter in (1, 2, 3, 4):
        expected = [tweet for tweet in tweets if chapter_of(tweet.sequence) == chapter]
        assert list(in_chapter(tweets, chapter)) == expected


@given(st.lists(st.tuples(texts, st.booleans()), min_size=1, max_size=6))
def test_paragraphs_have_all_that_was_told_in_order(told: list[tuple[str, bool]]) -> None:
    tweets = [Tweet(number, *each, None, BEGUN) for number, each in enumerate(told, 1)]
    pieces = [piece for paragraph in paragraphs(tweets) for piece in paragraph]
    assert [piece.tweet.sequence for piece in pieces if piece.first] == [tweet.sequence for tweet in tweets]
    assert [piece.tweet.sequence for piece in pieces if piece.last] == [tweet.sequence for tweet in tweets]
    for tweet in tweets:
        lines = [piece.text for piece in pieces if piece.tweet is tweet]
        assert lines == [line for line in tweet.text.split("\n") if line.strip()]


def test_a_tweet_that_begins_no_paragraph_goes_on_in_the_last_one() -> None:
    told = [("One.", True), ("Two.", False), ("Three.\nFour.", True), ("Five.", False)]
    tweets = [Tweet(number, *each, None, BEGUN) for number, each in enumerate(told, 1)]
    found = [[piece.text for piece in paragraph] for paragraph in paragraphs(tweets)]
    assert found == [["One.", "Two."], ["Three."], ["Four.", "Five."]]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "It is a truth universally acknowledged, that a man must be in want.",
            "It is a truth universally acknowledged",
        ),
        ("“Yes,” said I; “I do not care to be agreeable.”", "Yes,” said I"),
        ("Oh! It rained all night, and she slept.", "Oh! It rained all night"),
        ("He went.", "He went"),
        ("It rained.\nIt rained on.", "It rained.\nIt rained on".replace("\n", " ")),
        (
            "He could not help thinking of it as of a thing which nobody had ever before done there",
            "He could not help thinking of it as of a thing which nobody…",
        ),
        ("x" * 280, "x" * 60 + "…"),
        ("…", "…"),
    ],
)
def test_a_text_is_known_by_its_first_words(text: str, expected: str) -> None:
    assert opening(text) == expected


@given(texts)
def test_no_opening_is_empty_or_long_or_has_a_line_feed(text: str) -> None:
    words = opening(text)
    assert 1 <= len(words) <= LONGEST_OPENING + 1
    assert "\n" not in words


@pytest.mark.parametrize(
    ("number", "letters"), [(1, "I"), (4, "IV"), (9, "IX"), (14, "XIV"), (90, "XC"), (1949, "MCMXLIX"), (4000, "MMMM")]
)
def test_a_chapter_is_numbered_as_in_a_book(number: int, letters: str) -> None:
    assert numeral(number) == letters


def test_no_two_chapters_have_the_same_numeral() -> None:
    assert len({numeral(number) for number in range(1, 4000)}) == 3999
    assert LENGTH == 100
