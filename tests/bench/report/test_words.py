"""Words, sentences and runs of words."""

import pytest

from bench.report.words import split_sentences, word_hashes, words_of


def test_words_are_lower_case_with_their_apostrophes_and_hyphens() -> None:
    assert words_of("“Don’t, Sister-in-Law!” said É. Dale.") == ["don’t", "sister-in-law", "said", "é", "dale"]


@pytest.mark.parametrize(
    ("paragraph", "sentences"),
    [
        ("One. Two!", ["One.", " Two!"]),
        ("“Oh!” cried he. “Mr. Lee is in.” Go.", ["“Oh!” cried he.", " “Mr. Lee is in.”", " Go."]),
        ("“Oh!” said she.", ["“Oh!” said she."]),
        ("J. Lee came; St. John did not.", ["J. Lee came; St. John did not."]),
        ("", [""]),
    ],
)
def test_sentences_join_to_their_paragraph(paragraph: str, sentences: list[str]) -> None:
    assert split_sentences(paragraph) == sentences
    assert "".join(split_sentences(paragraph)) == paragraph


def test_a_word_has_one_hash_wherever_it_stands() -> None:
    one, two, again = word_hashes(["don’t", "sister-in-law", "don’t"])
    assert one == again != two
