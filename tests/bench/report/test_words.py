"""Words, sentences and runs of words."""

import numpy as np
import pytest

from bench.report.words import is_among, run_hashes, split_sentences, word_hashes, words_of


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


def test_a_run_has_one_hash_wherever_it_stands_and_its_order_counts() -> None:
    one, other = (run_hashes(word_hashes(text.split()), 3) for text in ("a b c d", "x a b c"))
    assert one[0] == other[1]
    assert run_hashes(word_hashes(["c", "b", "a"]), 3)[0] != one[0]


def test_a_text_shorter_than_a_run_has_none() -> None:
    assert run_hashes(word_hashes(["a"]), 3).shape == (0,)


def test_membership_in_nothing_is_none() -> None:
    assert not is_among(np.array([1, 2], dtype=np.uint64), np.empty(0, dtype=np.uint64)).any()
