"""The ancestor: its words, what it costs to spell others, its training, its reading."""

import math
import string
from dataclasses import replace

import pytest
import torch

from bench.report.ancestor import (
    Ancestor,
    AncestorSettings,
    KnownWords,
    LetterTrigrams,
    tokens_of,
    train_ancestor,
)  # fmt: skip
from tests.bench.report.invented import paragraphs
from train.configuration import FP32

SMALL = AncestorSettings(size=12, fewest=2, rows=2, chunk=8, epochs=2, learning_rate=1e-2)
TEXT = "".join(f"{line}\n" for line in paragraphs("Jane Austen", 40, 0))
HELD_OUT = "".join(f"{line}\n" for line in paragraphs("Jane Austen", 8, 1))


def silent(line: str) -> None:
    """Says nothing."""


def train(settings: AncestorSettings = SMALL) -> Ancestor:
    return train_ancestor([TEXT], [HELD_OUT], settings, silent, FP32)


@pytest.fixture(scope="module")
def ancestor() -> Ancestor:
    return train()


def test_tokens_are_lower_case_words_single_marks_and_paragraph_ends() -> None:
    assert tokens_of("“Don’t!” said\nEmma—29.") == ["“", "don’t", "!", "”", "said", "\n", "emma", "—", "29", "."]


def test_a_word_seen_too_seldom_is_unknown_and_must_be_spelt() -> None:
    vocabulary = KnownWords(["a", "a", "rare"], fewest=2)
    assert vocabulary.encode(["a", "rare", "new"]).tolist() == [1, 0, 0]
    known, rare, new = vocabulary.spelling(["a", "rare", "new"])
    assert known == 0 < rare < new


def test_training_lowers_the_validation_loss(ancestor: Ancestor) -> None:
    first, second = ancestor.record["losses"]
    assert second < first < math.log(ancestor.words)


def test_the_same_texts_train_the_same_ancestor(ancestor: Ancestor) -> None:
    assert train().record == ancestor.record


def test_the_ancestor_is_what_it_was_after_its_best_epoch() -> None:
    """At such a learning rate it gets worse again."""
    restless = train(replace(SMALL, epochs=6, learning_rate=0.3))
    losses = restless.record["losses"]
    assert restless.record["validation_nats"] == min(losses) < losses[-1]
    tokens, zeros = tokens_of(HELD_OUT), torch.zeros(2, 1, SMALL.size)
    first = KnownWords(tokens_of(TEXT), SMALL.fewest).encode(tokens[:1])[0]
    nats, _, _ = restless.cost(tokens[1:], (zeros, zeros), first)
    assert nats.mean() == pytest.approx(min(losses), rel=1e-5)


def test_it_trains_on_any_machine(capsys: pytest.CaptureFixture[str]) -> None:
    made = train_ancestor([TEXT], [HELD_OUT], SMALL, silent)
    assert made.record["epochs"] == SMALL.epochs
    assert capsys.readouterr().err.startswith(("ancestor: precision: bf16 (", "ancestor: precision: fp32 ("))


def test_the_pieces_of_a_text_cost_what_the_whole_does(ancestor: Ancestor) -> None:
    tokens = tokens_of(HELD_OUT)
    whole, pieces = ancestor.begin(), ancestor.begin()
    whole.advance(tokens)
    for place in range(0, len(tokens), 7):
        pieces.advance(tokens[place : place + 7])
    assert pieces.bits == pytest.approx(whole.bits, rel=1e-5)


def test_asking_what_would_cost_how_much_leaves_the_place_as_it_is(ancestor: Ancestor) -> None:
    one, other = ancestor.begin(), ancestor.begin()
    one.nats(tokens_of("She was quite delighted."))
    for reading in (one, other):
        reading.advance(tokens_of("Emma walked."))
    assert one.bits == other.bits


def test_unknown_words_are_counted_and_their_letters_paid_for_apart(ancestor: Ancestor) -> None:
    reading = ancestor.begin()
    reading.advance(tokens_of("Emma obstrived."))
    assert (reading.tokens, reading.unknown) == (3, 1)
    assert reading.spelling_bits > 10


SPELT = ["cat", "cat", "car", "dog"]


@pytest.mark.parametrize("context", ["\x02\x02", "ca", "zz", "\x02c"])
def test_chances_of_all_letters_sum_to_one(context: str) -> None:
    model = LetterTrigrams(SPELT)
    assert sum(model.probability(chr(code), context) for code in range(65_536)) == pytest.approx(1)


def test_a_word_like_those_seen_is_cheaper_than_another() -> None:
    model = LetterTrigrams(SPELT)
    assert model.bits("cat") < model.bits("tac") < model.bits("ωωω")


def test_the_chance_is_that_of_witten_and_bell() -> None:
    model = LetterTrigrams(["ab"])
    single = (1 + 3 / 65_536) / (3 + 3)  # one of three letters; three kinds
    after_one = (1 + single) / 2
    assert model.probability("b", "\x02a") == pytest.approx((1 + after_one) / 2)


def test_every_word_can_be_spelt() -> None:
    assert all(LetterTrigrams(SPELT).bits(word) > 0 for word in (*string.printable, "ÿ’"))
