"""The 5-gram model, against the definition and a book worked by hand."""

from collections import Counter

import numpy as np
import pytest

from bench.report.ngram import KneserNey

TEXT = np.concatenate([[0], np.random.default_rng(0).integers(0, 6, 400)]).astype(np.uint16)


@pytest.mark.parametrize("context", [[0, 1, 2, 3], [5, 5, 5, 5], [0, 0, 0, 0], [6, 6, 6, 6], TEXT[10:14].tolist()])
def test_chances_of_all_tokens_sum_to_one(context: list[int]) -> None:
    model = KneserNey(TEXT, 7)
    chances = [model.chances(np.array([*context, token], dtype=np.uint16))[-1] for token in range(7)]
    assert sum(chances) == pytest.approx(1)
    assert min(chances) > 0


def test_what_often_followed_is_likelier() -> None:
    text = np.array([0, 1, 2, 3, 4, 5] * 30 + [0, 1, 2, 3, 4, 1], dtype=np.uint16)
    often, seldom, never = (
        KneserNey(text, 6).chances(np.array([1, 2, 3, 4, token], dtype=np.uint16))[-1] for token in (5, 1, 2)
    )
    assert often > 0.9 > 0.1 > seldom > never


def test_a_learnt_text_costs_less_than_its_tokens_shuffled() -> None:
    text = np.tile(np.arange(5, dtype=np.uint16), 40)
    model = KneserNey(text, 5)
    assert model.bits(text) < model.bits(np.random.default_rng(0).permutation(text)) / 5


def test_after_an_unknown_context_counts_how_many_tokens_stood_before() -> None:
    """Kneser and Ney's point: token 9 comes often but after one other only, 8 seldom but after many."""
    text = np.array([0, 1, 9] * 30 + [2, 8, 3, 8, 4, 8, 5, 8, 6, 8, 7, 8], dtype=np.uint16)
    counts = Counter(text.tolist())
    assert counts[9] > counts[8]
    common, varied = (KneserNey(text, 12).chances(np.array([11, 11, 11, 11, w], np.uint16))[-1] for w in (9, 8))
    assert varied > common


def test_tokens_of_sixteen_bits_are_told_apart() -> None:
    text = np.array([65_535, 1, 65_534, 2] * 20, dtype=np.uint16)
    follows, not_ = (
        KneserNey(text, 65_536).chances(np.array([1, 65_534, 2, 65_535, token], np.uint16))[-1] for token in (1, 2)
    )
    assert follows > 10 * not_
