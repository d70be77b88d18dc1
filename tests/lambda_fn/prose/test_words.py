from collections.abc import Iterator

import pytest

from lambda_fn.prose.rules import Refusal
from lambda_fn.prose.words import Lexicon, last_word, words_of

WORDS = frozenset(
    {"she", "had", "a", "house", "sister", "in", "law", "sister-in-law", "don’t", "elizabeth", "the", "i", "mcgregor"}
)


def first(refusals: Iterator[Refusal]) -> str | None:
    """What is wrong with the first of them."""
    return next((refusal.what for refusal in refusals), None)


@pytest.mark.parametrize(
    "word",
    ["house", "House", "HOUSE", "don’t", "sister-in-law", "Elizabeth’s", "McGregor", "I", "a", "O", "B"],
)
def test_words_of_the_books_are_known(word: str) -> None:
    assert Lexicon(WORDS).knows(word)


@pytest.mark.parametrize("word", ["obstriving", "hou", "house-law", "house’s", "House’t", "hoUse", "b", "don", "i"])
def test_other_words_are_not(word: str) -> None:
    assert not Lexicon(WORDS).knows(word)


def test_words_of_the_text_so_far_are_known() -> None:
    assert Lexicon(WORDS, ["Old Harrow had a mill-wheel."]).knows("Harrow’s")
    assert Lexicon(WORDS, ["Old Harrow had a mill-wheel."]).knows("mill-wheel")


def test_without_a_list_every_word_is_known() -> None:
    assert Lexicon(frozenset()).knows("obstriving")


@pytest.mark.parametrize("words", [WORDS, frozenset()])
def test_slurs_are_never_told(words: frozenset[str]) -> None:
    assert not Lexicon(words | {"darkies"}, ["Darkies"]).knows("Darkies")


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("She had a house.", None),
        ("She had a hause.", "an unknown word: hause"),
        ("She had a a house.", "words that clash: “a a”"),
        ("The the house.", "words that clash: “The the”"),
        ("She had had a house.", None),
        ("She had a, a house.", None),
        ("She’ had a house.", "an unknown word: She’"),
        ("‘The house she’ had a house.", None),
        ("She had ’house.", "an unknown word: ’house"),
        ("She had “’house.", "an unknown word: ’house"),
    ],
)
def test_the_first_wrong_word_is_named(text: str, wrong: str | None) -> None:
    assert first(Lexicon(WORDS).refusals(text)) == wrong


def test_words_that_end_before_a_place_are_not_judged() -> None:
    assert first(Lexicon(WORDS).refusals("Hause hause a house", 5)) == "an unknown word: hause"
    assert first(Lexicon(WORDS).refusals("Hause hause a house", 11)) is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a house", ("house", 2)),
        ("a sister-in-", ("sister-in", 2)),
        ("the girls’", ("girls", 4)),
        ("“Don’t", ("Don’t", 1)),
        ("a house ", None),
        ("a house.", None),
    ],
)
def test_the_last_word_and_where_it_starts(text: str, word: tuple[str, int] | None) -> None:
    assert last_word(text) == word


def test_words_keep_their_apostrophes_and_hyphens() -> None:
    assert words_of("“Don’t, Sister-in-law’s—’tis I!”") == ["don’t", "sister-in-law’s", "tis", "i"]
