"""What it costs to spell."""

import string

import pytest

from bench.report.letters import LetterTrigrams

WORDS = ["cat", "cat", "car", "dog"]


@pytest.mark.parametrize("context", ["\x02\x02", "ca", "zz", "\x02c"])
def test_chances_of_all_letters_sum_to_one(context: str) -> None:
    model = LetterTrigrams(WORDS)
    assert sum(model.probability(chr(code), context) for code in range(65_536)) == pytest.approx(1)


def test_a_word_like_those_seen_is_cheaper_than_another() -> None:
    model = LetterTrigrams(WORDS)
    assert model.bits("cat") < model.bits("tac") < model.bits("ωωω")


def test_the_chance_is_that_of_witten_and_bell() -> None:
    model = LetterTrigrams(["ab"])
    single = (1 + 3 / 65_536) / (3 + 3)  # one of three letters; three kinds
    after_one = (1 + single) / 2
    assert model.probability("b", "\x02a") == pytest.approx((1 + after_one) / 2)


def test_every_word_can_be_spelt() -> None:
    assert all(LetterTrigrams(WORDS).bits(word) > 0 for word in (*string.printable, "ÿ’"))
