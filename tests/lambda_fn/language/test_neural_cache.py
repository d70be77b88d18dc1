import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from lambda_fn.language.neural_cache import SHARPNESS, NeuralCache
from lambda_fn.language.state import State


def state(*top: float) -> State:
    """Of two layers, of which the lower one must not count."""
    h = np.array([[[9.0] * len(top)], [list(top)]], dtype=np.float32)
    return State({"h": h, "c": h * 100})


def distribution(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    weights: NDArray[np.float64] = np.exp(logits.astype(np.float64))
    return weights / weights.sum()


LOGITS = np.log(np.array([0.4, 0.3, 0.2, 0.1])).astype(np.float32)


def test_the_mixture_is_the_published_one() -> None:
    cache = NeuralCache()
    for top, token in (((1.0, 0.0), 3), ((0.0, 1.0), 2), ((0.6, 0.0), 3)):
        cache.add(state(*top), token)
    here = state(0.5, 0.25)
    weights = np.exp(SHARPNESS * np.array([0.5, 0.25, 0.3]))
    cached = np.array([0, 0, weights[1], weights[0] + weights[2]]) / weights.sum()
    expected = 0.8 * np.array([0.4, 0.3, 0.2, 0.1]) + 0.2 * cached
    np.testing.assert_allclose(distribution(cache.mix(LOGITS, here, 0.2)), expected, rtol=1e-5)


def test_what_follows_in_a_like_place_gains_and_the_rest_loses() -> None:
    cache = NeuralCache()
    cache.add(state(1.0, 0.0), 3)
    cache.add(state(0.0, 1.0), 2)
    before, after = distribution(LOGITS), distribution(cache.mix(LOGITS, state(1.0, 0.0), 0.5))
    assert after[3] > 5 * before[3]
    assert after[0] == pytest.approx(before[0] / 2)


def test_an_empty_cache_and_a_share_of_0_change_nothing() -> None:
    cache = NeuralCache()
    assert cache.mix(LOGITS, state(1.0), 0.5) is LOGITS
    cache.add(state(1.0), 3)
    assert cache.mix(LOGITS, state(1.0), 0) is LOGITS


def test_a_mixture_stands_on_the_scale_of_the_logits() -> None:
    """A repetition penalty divides what is above zero and multiplies what is below."""
    cache, logits = NeuralCache(), np.array([9, 8, 7, 2], dtype=np.float32)
    cache.add(state(1.0), 3)
    np.testing.assert_allclose(cache.mix(logits, state(1.0), 1e-9), logits, rtol=1e-5)


def test_the_oldest_is_forgotten() -> None:
    whole, short = NeuralCache(), NeuralCache(window=3)
    for number, token in enumerate((0, 1, 2, 3, 1)):
        short.add(state(number / 5, 1.0), token)
        if number >= 2:
            whole.add(state(number / 5, 1.0), token)
    np.testing.assert_allclose(
        short.mix(LOGITS, state(0.3, 0.2), 0.4), whole.mix(LOGITS, state(0.3, 0.2), 0.4), rtol=1e-6
    )


@given(
    st.lists(st.tuples(st.floats(-1, 1, width=32), st.integers(0, 3)), max_size=20),
    st.floats(-1, 1, width=32),
    st.floats(0, 0.99),
    st.lists(st.floats(-90, 90, width=32), min_size=4, max_size=4),
)
def test_a_mixture_is_a_distribution_whose_logarithms_are_finite(
    read: list[tuple[float, int]], top: float, share: float, logits: list[float]
) -> None:
    cache = NeuralCache(window=7)
    for each, token in read:
        cache.add(state(each, 1.0), token)
    mixed = cache.mix(np.array(logits, dtype=np.float32), state(top, 1.0), share)
    assert np.isfinite(mixed).all()
    assert mixed.dtype == np.float32
    assert distribution(mixed).sum() == pytest.approx(1)
