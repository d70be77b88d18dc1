"""The ancestor: its words, its training, its reading."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bench.report.ancestor import Ancestor, Settings, Vocabulary, tokens_of, train_ancestor
from tests.bench.report.invented import paragraphs
from train.checkpoint import describe, load, save
from train.configuration import FP32
from train.errors import CheckpointError

SMALL = Settings(size=12, fewest=2, rows=2, chunk=8, epochs=2, learning_rate=1e-2)
TEXT = "".join(f"{line}\n" for line in paragraphs("Jane Austen", 40, 0))
HELD_OUT = "".join(f"{line}\n" for line in paragraphs("Jane Austen", 8, 1))


def silent(line: str) -> None:
    """Says nothing."""


def train(folder: Path, settings: Settings = SMALL, text: str = TEXT) -> Ancestor:
    return train_ancestor(folder, [text], [HELD_OUT], settings, silent, FP32)


@pytest.fixture(scope="module")
def ancestor(tmp_path_factory: pytest.TempPathFactory) -> Ancestor:
    return train(tmp_path_factory.mktemp("ancestor"))


def test_tokens_are_lower_case_words_single_marks_and_paragraph_ends() -> None:
    assert tokens_of("“Don’t!” said\nEmma—29.") == ["“", "don’t", "!", "”", "said", "\n", "emma", "—", "29", "."]


def test_a_word_seen_too_seldom_is_unknown_and_must_be_spelt() -> None:
    vocabulary = Vocabulary(["a", "a", "rare"], fewest=2)
    assert vocabulary.encode(["a", "rare", "new"]).tolist() == [1, 0, 0]
    known, rare, new = vocabulary.spelling(["a", "rare", "new"])
    assert known == 0 < rare < new


def test_training_lowers_the_validation_loss(ancestor: Ancestor) -> None:
    first, second = ancestor.record["losses"]
    assert second < first < math.log(ancestor.words)


def test_an_interrupted_training_goes_on_to_the_same_model(ancestor: Ancestor, tmp_path: Path) -> None:
    class StopError(Exception):
        pass

    def stop(line: str) -> None:
        raise StopError(line)

    with pytest.raises(StopError, match="epoch 1 of 2"):
        train_ancestor(tmp_path, [TEXT], [HELD_OUT], SMALL, stop, FP32)
    assert train(tmp_path).record == ancestor.record


def test_a_trained_ancestor_is_not_trained_again(tmp_path: Path) -> None:
    train(tmp_path)
    before = (tmp_path / "last.safetensors").stat().st_mtime_ns
    train(tmp_path)
    assert (tmp_path / "last.safetensors").stat().st_mtime_ns == before


def test_it_trains_on_any_machine(tmp_path: Path) -> None:
    made = train_ancestor(tmp_path, [TEXT], [HELD_OUT], SMALL, silent)
    assert made.record["epochs"] == SMALL.epochs
    assert describe(tmp_path / "last.safetensors")["precision"] in ("bf16", "fp32")


def test_one_from_before_the_precision_was_chosen_goes_on_in_bf16(tmp_path: Path) -> None:
    train(tmp_path, replace(SMALL, epochs=1))
    tensors, description = load(tmp_path / "last.safetensors")
    del description["precision"]
    description["settings"] |= {"epochs": SMALL.epochs}
    save(tmp_path / "last.safetensors", tensors, description)
    torch.backends.mkldnn.set_flags(False)  # PyTorch's own LSTM knows bf16 on every processor
    try:
        train(tmp_path)
    finally:
        torch.backends.mkldnn.set_flags(True)
    assert describe(tmp_path / "last.safetensors")["precision"] == "bf16"


def test_another_text_is_refused(tmp_path: Path) -> None:
    train(tmp_path)
    with pytest.raises(CheckpointError, match="other made_of"):
        train(tmp_path, text=TEXT[: len(TEXT) // 2])


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
