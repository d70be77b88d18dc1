"""Runs of 13 words: what two texts share."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests.train.corpus.invented import invent_chapters
from train.corpus.repeats import RUN, Earlier, count_shared, distinct, hashes_of_runs, is_among, run_hashes

WORDS = " ".join(invent_chapters(1, seed=7, words=100)[0])


def test_a_text_of_thirteen_words_has_one_run_and_a_shorter_one_none() -> None:
    words = WORDS.split()
    assert len(run_hashes(" ".join(words[:RUN]))) == 1
    assert len(run_hashes(" ".join(words[: RUN - 1]))) == 0


def test_case_punctuation_and_quotes_make_no_difference() -> None:
    plain = "It's a fine day, isn't it, said the captain to his sister, and went out."
    dressed = "“It’s a FINE day — isn’t it?” said the captain to his sister; and\nwent out…"
    assert run_hashes(plain).tolist() == run_hashes(dressed).tolist()


@given(start=st.integers(0, 300), length=st.integers(0, 60))
def test_an_excerpt_shares_all_of_its_runs(start: int, length: int) -> None:
    excerpt = run_hashes(" ".join(WORDS.split()[start : start + length]))
    assert count_shared(excerpt, run_hashes(WORDS)) == len(excerpt)


@given(st.lists(st.integers(0, 2**64 - 1)), st.lists(st.integers(0, 2**64 - 1)))
def test_shared_hashes_are_counted_as_sets_count_them(some: list[int], others: list[int]) -> None:
    one, two = (distinct(np.array(values, dtype=np.uint64)) for values in (some, others))
    assert count_shared(one, two) == len(set(some) & set(others))


def test_a_text_that_was_read_is_known_whole_and_another_not_at_all() -> None:
    earlier = Earlier()
    earlier.add([run_hashes(WORDS)])
    assert earlier.share(run_hashes(WORDS)) == 1.0
    assert earlier.share(run_hashes(" ".join(invent_chapters(1, seed=8, words=100)[0]))) == 0.0


def test_a_run_has_one_hash_wherever_it_stands_and_its_order_counts() -> None:
    one, other, turned = (
        hashes_of_runs(np.array(words, dtype=np.uint64), 3) for words in ([1, 2, 3, 4], [9, 1, 2, 3], [3, 2, 1])
    )
    assert one[0] == other[1]
    assert turned[0] != one[0]


def test_a_text_shorter_than_a_run_has_none() -> None:
    assert hashes_of_runs(np.ones(1, dtype=np.uint64), 3).shape == (0,)


def test_membership_in_nothing_is_none() -> None:
    assert not is_among(np.array([1, 2], dtype=np.uint64), np.empty(0, dtype=np.uint64)).any()
