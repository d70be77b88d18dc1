import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from train.batches import Batches, MappedFeed, Passes, ResidentFeed
from train.configuration import Configuration
from train.data import Text
from train.errors import CorpusError


def numbered(ebook, length, author="A"):
    """A text whose every token says where it stands."""
    return Text(author, ebook, np.arange(ebook * 1000, ebook * 1000 + length, dtype=np.uint16), length * 4)


TEXTS = [numbered(1, 100), numbered(2, 37, "B"), numbered(3, 250)]


@given(rows=st.integers(1, 6), chunk=st.integers(1, 20), seed=st.integers(0, 99), number=st.integers(0, 3))
def test_no_token_is_read_twice_in_a_pass_and_the_target_is_the_next(rows, chunk, seed, number):
    batches = Batches(TEXTS, ["A", "B"], rows, chunk, seed, number)
    read = np.concatenate([batch.tokens[:, :-1].ravel() for batch in batches])
    assert len(read) == len(set(read.tolist())) == len(batches) * rows * chunk
    assert all((batch.tokens[:, 1:] == batch.tokens[:, :-1] + 1).all() for batch in batches)


@given(rows=st.integers(1, 6), chunk=st.integers(1, 20), number=st.integers(0, 3))
def test_a_row_goes_on_only_where_its_text_does(rows, chunk, number):
    previous = None
    for batch in Batches(TEXTS, ["A", "B"], rows, chunk, seed=1, number=number):
        if previous is not None:
            joined = batch.tokens[:, 0] == previous.tokens[:, -1]
            assert (batch.goes_on == joined).all()
        else:
            assert not batch.goes_on.any()
        previous = batch


def test_every_row_has_the_style_of_its_text():
    for batch in Batches(TEXTS, ["B", "A"], rows=3, chunk=10, seed=1, number=0):
        assert (batch.authors == (batch.tokens[:, 0] // 1000 != 2)).all()


def test_the_same_seed_and_pass_give_the_same_batches_and_another_pass_does_not():
    first, again, other = (
        [batch.tokens.tolist() for batch in Batches(TEXTS, ["A", "B"], 3, 10, seed=5, number=number)]
        for number in (0, 0, 1)
    )
    assert first == again
    assert first != other


def test_too_little_text_is_one_clear_error():
    with pytest.raises(CorpusError, match="too few for one batch of 64 rows of 64"):
        Batches(TEXTS, ["A", "B"], rows=64, chunk=64, seed=0, number=0)


LARGE = [*TEXTS[:2], numbered(65, 250)]


PASSES = Passes(LARGE, ["A", "B"], Configuration(batch=4, chunk=10, seed=1))


def test_a_step_of_the_run_falls_into_its_pass():
    for number, index in ((0, 0), (1, 0), (1, 2), (0, PASSES.steps - 1)):
        found, step = PASSES.at(number * PASSES.steps + index)
        wanted = Batches(LARGE, ["A", "B"], rows=4, chunk=10, seed=1, number=number)
        assert step == index
        assert [batch.tokens.tolist() for batch in found] == [batch.tokens.tolist() for batch in wanted]


@pytest.mark.parametrize("rows", [slice(0, 4), slice(2, 4)])
def test_tokens_on_the_device_are_the_tokens_in_the_files(rows):
    mapped, resident = MappedFeed(PASSES, rows), ResidentFeed(PASSES, rows, torch.device("cpu"))
    for step in range(2 * PASSES.steps):
        batches, index = PASSES.at(step)
        assert torch.equal(mapped[step].tokens, torch.from_numpy(batches[index].tokens[rows]))
        for one, other in zip(mapped[step], resident[step], strict=True):
            assert torch.equal(one, other)
