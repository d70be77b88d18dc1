"""Candidates told in lockstep are those that are told one after another."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest

from lambda_fn.errors import StuckError
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.words import words_of
from lambda_fn.writing.best_of import always
from lambda_fn.writing.lockstep import WIDTH, InSteps, at_once, tell_together
from lambda_fn.writing.sampled_text import Position, SampledText
from lambda_fn.writing.tweet import Occasion, TweetWriter
from tests.lambda_fn.markov import TEXT, Markov, train_small_tokenizer

STYLE = np.ones(1, dtype=np.float32)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Tokenizer:
    return train_small_tokenizer(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


def writer(tokenizer: Tokenizer) -> tuple[Markov, TweetWriter]:
    model = Markov(tokenizer)
    return model, TweetWriter(model, tokenizer, frozenset(words_of(TEXT)))


def occasion(teller: TweetWriter, sampling: Sampling, prompt: str = "The lamp in the window") -> Occasion:
    return teller.occasion(teller.beginning(), STYLE, sampling, prompt=prompt)


@pytest.mark.parametrize("class_temperature", [0.0, 1.0])
@pytest.mark.parametrize("count", [1, 5, WIDTH + 3])
def test_what_is_told_together_is_what_is_told_alone(
    tokenizer: Tokenizer, count: int, class_temperature: float
) -> None:
    """Texts, positions and surprise, to the last bit; the steps too, but for beginnings that all have in common."""
    model, teller = writer(tokenizer)
    sampling = Sampling(0.9, 0, 0.95, class_temperature=class_temperature)
    one = occasion(teller, sampling)
    together = tell_together(lambda number: teller.in_steps(one, np.random.default_rng([7, number])), count, always)
    for number, telling in enumerate(together):
        alone = at_once(teller.in_steps(occasion(teller, sampling), np.random.default_rng([7, number])))
        assert not isinstance(telling, StuckError)
        assert (telling.text, telling.paragraph, telling.position) == (alone.text, alone.paragraph, alone.position)
        assert (telling.surprise, telling.tries, telling.refusals) == (alone.surprise, alone.tries, alone.refusals)
        assert telling.steps <= alone.steps
    assert len(together) == count
    assert count == 1 or max(model.batches) == min(count, WIDTH)


class Short:
    """Tells a number after so many steps, which a model takes that does nothing."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.model = Markov(tokenizer)

    def begin(self, lengths: list[int | StuckError]) -> Callable[[int], InSteps[int]]:
        def steps(number: int) -> InSteps[int]:
            length = lengths[number]
            if isinstance(length, StuckError):
                raise length
            for _ in range(length):
                yield SampledText(self.model, STYLE, Position(0, self.model.zero_state()))
            return number

        return steps


def times(*answers: bool) -> Callable[[], bool]:
    left: Iterator[bool] = iter(answers)
    return lambda: next(left, False)


def test_those_that_are_done_when_time_is_up_are_told(tokenizer: Tokenizer) -> None:
    begin = Short(tokenizer).begin([5, 2, 9, 1])
    assert tell_together(begin, 4, times(True, True)) == [1, 3]


def test_without_time_the_first_is_told_alone(tokenizer: Tokenizer) -> None:
    short = Short(tokenizer)
    assert tell_together(short.begin([5, 2, 9, 6]), 4, times()) == [0]
    assert short.model.steps == 5


def test_no_candidate_is_begun_when_time_is_up(tokenizer: Tokenizer) -> None:
    short = Short(tokenizer)
    assert tell_together(short.begin([3] * 99), 99, times(True, True, True)) == [*range(WIDTH)]
    assert short.model.steps == 3 * WIDTH


def test_a_candidate_that_is_stuck_stops_no_other(tokenizer: Tokenizer) -> None:
    stuck = StuckError("no")
    assert tell_together(Short(tokenizer).begin([2, stuck, 1]), 3, always) == [0, stuck, 2]
