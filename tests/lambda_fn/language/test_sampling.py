from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from lambda_fn.errors import SettingError
from lambda_fn.language.likeliest import draw_from_the_likeliest
from lambda_fn.language.sampling import Sampling, probabilities, sample
from lambda_fn.language.token_classes import TokenClasses

PLAIN = Sampling(temperature=1.0, top_k=0, top_p=1.0)

all_logits = hnp.arrays(np.float32, st.integers(1, 40), elements=st.floats(-60, 60, width=32))
all_samplings = st.builds(
    Sampling,
    temperature=st.floats(0, 5, exclude_min=True),
    top_k=st.integers(0, 50),
    top_p=st.floats(0, 1, exclude_min=True),
    min_p=st.floats(0, 1),
    typical_p=st.floats(0, 1, exclude_min=True),
    repetition_penalty=st.floats(1, 10),
)


@st.composite
def masked_logits(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    logits = draw(all_logits)
    allowed = draw(hnp.arrays(np.bool_, logits.shape))
    allowed[draw(st.integers(0, logits.size - 1))] = True
    return logits, allowed


@given(masked_logits(), all_samplings, st.data())
def test_probabilities_sum_to_one(
    masked: tuple[NDArray[np.float32], NDArray[np.bool_]], sampling: Sampling, data: st.DataObject
) -> None:
    said = data.draw(hnp.arrays(np.bool_, masked[0].shape))
    assert probabilities(masked[0], sampling, masked[1], said=said).sum() == pytest.approx(1)


@given(masked_logits(), all_samplings, st.integers(0, 2**32))
def test_only_an_allowed_token_is_ever_drawn(
    masked: tuple[NDArray[np.float32], NDArray[np.bool_]], sampling: Sampling, seed: int
) -> None:
    logits, allowed = masked
    assert allowed[sample(logits, sampling, np.random.default_rng(seed), allowed)]


@given(all_logits, all_samplings, st.integers(0, 2**32))
def test_a_token_without_probability_is_never_drawn(logits: NDArray[np.float32], sampling: Sampling, seed: int) -> None:
    assert probabilities(logits, sampling)[sample(logits, sampling, np.random.default_rng(seed))] > 0


@given(masked_logits(), all_samplings)
def test_one_token_takes_one_random_number(
    masked: tuple[NDArray[np.float32], NDArray[np.bool_]], sampling: Sampling
) -> None:
    used, once = np.random.default_rng(3), np.random.default_rng(3)
    sample(masked[0], sampling, used, masked[1])
    once.random()
    assert used.random() == once.random()


@given(all_logits, st.floats(0.1, 5), st.integers(1, 50))
def test_top_k_keeps_exactly_the_k_likeliest(logits: NDArray[np.float32], temperature: float, top_k: int) -> None:
    # Ties go to the smaller id.
    order = np.argsort(-probabilities(logits, Sampling(temperature, 0, 1.0)), kind="stable")
    kept = np.flatnonzero(probabilities(logits, Sampling(temperature, top_k, 1.0)))
    possible = np.flatnonzero(probabilities(logits, Sampling(temperature, 0, 1.0)))
    assert set(kept) == set(order[:top_k]) & set(possible)


@given(all_logits, st.floats(0.1, 5), st.floats(0.01, 0.99))
def test_top_p_keeps_the_fewest_tokens_that_reach_it(
    logits: NDArray[np.float32], temperature: float, top_p: float
) -> None:
    whole = probabilities(logits, Sampling(temperature, 0, 1.0))
    kept = np.flatnonzero(probabilities(logits, Sampling(temperature, 0, top_p)))
    assert whole[kept].sum() >= top_p - 1e-9
    assert whole[kept].sum() - whole[kept].min() < top_p + 1e-9
    assert whole[kept].min() >= np.delete(whole, kept).max(initial=0)


@given(all_logits, st.floats(0.1, 5), st.integers(0, 50), st.floats(0.01, 1))
def test_kept_tokens_keep_their_proportions(
    logits: NDArray[np.float32], temperature: float, top_k: int, top_p: float
) -> None:
    whole = probabilities(logits, Sampling(temperature, 0, 1.0))
    kept = probabilities(logits, Sampling(temperature, top_k, top_p))
    chosen = kept > 0
    np.testing.assert_allclose(kept[chosen], whole[chosen] / whole[chosen].sum(), rtol=1e-9)


def test_settings_that_were_added_change_nothing_unless_they_are_set() -> None:
    logits = np.random.default_rng(1).normal(0, 3, 500).astype(np.float32)
    plain = probabilities(logits, Sampling(0.8, 40, 0.9))
    said = np.ones(500, dtype=np.bool_)
    assert np.array_equal(
        probabilities(logits, Sampling(0.8, 40, 0.9, min_p=0.0, typical_p=1.0, repetition_penalty=1.0), said=said),
        plain,
    )


def test_min_p_keeps_what_is_as_probable_as_that_share_of_the_likeliest() -> None:
    logits = np.log(np.array([0.5, 0.26, 0.24], dtype=np.float32))
    assert np.flatnonzero(probabilities(logits, Sampling(1, 0, 1, min_p=0.5))).tolist() == [0, 1]


def test_typical_sampling_may_leave_out_the_likeliest() -> None:
    logits = np.log(np.array([0.4, *[0.1] * 6], dtype=np.float32))
    assert np.flatnonzero(probabilities(logits, Sampling(1, 0, 1, typical_p=0.3))).tolist() == [1, 2, 3, 4, 5, 6]


def test_a_token_that_was_said_becomes_less_likely_whatever_the_sign_of_its_logit() -> None:
    logits, said = np.array([2, 2, -2, -2], dtype=np.float32), np.array([True, False, True, False])
    found = probabilities(logits, Sampling(1, 0, 1, repetition_penalty=2), said=said)
    np.testing.assert_allclose(found, np.exp([1, 2, -4, -2]) / np.exp([1, 2, -4, -2]).sum())


def test_of_equally_likely_tokens_those_with_the_smallest_ids_are_kept() -> None:
    kept = np.flatnonzero(probabilities(np.zeros(1000, dtype=np.float32), Sampling(1.0, 30, 0.5)))
    assert kept.tolist() == list(range(15))


def test_drawn_tokens_have_the_frequencies_of_the_softmax() -> None:
    wanted = np.array([0.5, 0.3, 0.15, 0.05])
    logits = np.log(wanted).astype(np.float32)
    generator = np.random.default_rng(7)
    drawn = np.bincount([sample(logits, PLAIN, generator) for _ in range(20_000)], minlength=4) / 20_000
    np.testing.assert_allclose(drawn, wanted, atol=0.015)


def test_temperature_divides_the_logits() -> None:
    logits = np.array([0.0, 1.0, 3.0], dtype=np.float32)
    halved = probabilities(logits / 2, PLAIN)
    np.testing.assert_allclose(probabilities(logits, Sampling(2.0, 0, 1.0)), halved, rtol=1e-6)


def test_a_temperature_near_zero_takes_the_likeliest() -> None:
    logits = np.array([1.0, 2.0, 1.999], dtype=np.float32)
    assert sample(logits, Sampling(5e-324, 0, 1.0), np.random.default_rng(0)) == 1


def test_logits_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        sample(np.array([0, np.nan], dtype=np.float32), PLAIN, np.random.default_rng(0))


def test_a_mask_that_allows_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="no token is allowed"):
        sample(np.zeros(3, dtype=np.float32), PLAIN, np.random.default_rng(0), np.zeros(3, dtype=np.bool_))


@pytest.mark.parametrize("value", [0, -1, 5.1, float("nan"), float("inf"), True, None, "1"])
def test_an_impossible_temperature_is_named(value: float) -> None:
    with pytest.raises(SettingError, match="temperature must be a number above 0 and at most 5, not"):
        Sampling(temperature=value, top_k=0, top_p=1.0)


@pytest.mark.parametrize("value", [-1, 1.0, True, None, "3", float("nan")])
def test_an_impossible_top_k_is_named(value: int) -> None:
    with pytest.raises(SettingError, match="top_k must be a whole number from 0 up"):
        Sampling(temperature=1.0, top_k=value, top_p=1.0)


@pytest.mark.parametrize("value", [0, -0.5, 1.01, float("nan"), float("inf"), True, None, "0.9"])
def test_an_impossible_top_p_is_named(value: float) -> None:
    with pytest.raises(SettingError, match="top_p must be a number above 0 and at most 1"):
        Sampling(temperature=1.0, top_k=0, top_p=value)


@st.composite
def classed_logits(draw: st.DrawFn) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]]:
    logits, allowed = draw(masked_logits())
    return logits, allowed, draw(hnp.arrays(np.intp, logits.shape, elements=st.integers(0, 4)))


@given(classed_logits(), st.floats(0.1, 5), st.integers(0, 9), st.floats(0.01, 1))
def test_a_class_temperature_of_1_keeps_the_share_of_each_class(
    classed: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]],
    temperature: float,
    top_k: int,
    top_p: float,
) -> None:
    logits, allowed, classes = classed
    whole = probabilities(logits, PLAIN, allowed)
    kept = probabilities(
        logits, Sampling(temperature, top_k, top_p, class_temperature=1), allowed, TokenClasses(classes)
    )
    np.testing.assert_allclose(np.bincount(classes, kept), np.bincount(classes, whole), rtol=1e-9, atol=1e-12)


@given(classed_logits(), st.floats(0.1, 5), st.floats(0.01, 1))
def test_within_a_class_the_filters_do_what_they_do_to_a_vocabulary_of_it_alone(
    classed: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]], temperature: float, top_p: float
) -> None:
    logits, allowed, classes = classed
    sampling = Sampling(temperature, 3, top_p, class_temperature=1.0)
    kept = probabilities(logits, sampling, allowed, TokenClasses(classes))
    for number in set(classes[allowed].tolist()):
        own = classes == number
        if kept[own].sum() > 0:
            alone = probabilities(logits, sampling, allowed & own)
            np.testing.assert_allclose(kept[own] / kept[own].sum(), alone[own], rtol=1e-7, atol=1e-12)


@given(classed_logits(), all_samplings, st.floats(0, 5), st.integers(0, 2**32))
def test_with_classes_too_only_what_has_probability_is_drawn_with_one_random_number(
    classed: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]],
    sampling: Sampling,
    class_temperature: float,
    seed: int,
) -> None:
    logits, allowed, numbers = classed
    classes = TokenClasses(numbers)
    sampling = replace(sampling, class_temperature=class_temperature)
    used, once = np.random.default_rng(seed), np.random.default_rng(seed)
    assert probabilities(logits, sampling, allowed, classes)[sample(logits, sampling, used, allowed, classes)] > 0
    once.random()
    assert used.random() == once.random()


def test_tokens_are_drawn_with_the_probabilities_that_classes_leave_them() -> None:
    logits = np.log(np.array([0.4, 0.2, 0.1, 0.1, 0.1, 0.1])).astype(np.float32)
    classes, sampling = TokenClasses(np.array([0, 0, 1, 1, 1, 1])), Sampling(0.5, 0, 1.0, class_temperature=1.0)
    wanted = [0.48, 0.12, 0.1, 0.1, 0.1, 0.1]
    np.testing.assert_allclose(probabilities(logits, sampling, None, classes), wanted, rtol=1e-6)
    generator = np.random.default_rng(7)
    drawn = np.bincount([sample(logits, sampling, generator, None, classes) for _ in range(20_000)], minlength=6)
    np.testing.assert_allclose(drawn / 20_000, wanted, atol=0.015)


def test_a_class_temperature_sharpens_the_choice_between_classes() -> None:
    logits, classes = np.log(np.array([0.8, 0.1, 0.1])).astype(np.float32), TokenClasses(np.array([0, 1, 1]))
    shares = [
        float(probabilities(logits, Sampling(1.0, 0, 1.0, class_temperature=each), None, classes)[0])
        for each in (0.01, 0.5, 1, 5)
    ]
    np.testing.assert_allclose(shares, [1, 16 / 17, 0.8, 0.8**0.2 / (0.8**0.2 + 0.2**0.2)], rtol=1e-6)


@given(masked_logits(), all_samplings, st.integers(0, 2**32))
def test_without_a_class_temperature_classes_change_nothing(
    masked: tuple[NDArray[np.float32], NDArray[np.bool_]], sampling: Sampling, seed: int
) -> None:
    logits, allowed = masked
    classes = TokenClasses(np.arange(logits.size) % 3)
    one, two = (np.random.default_rng(seed) for _ in range(2))
    assert sample(logits, sampling, one, allowed) == sample(logits, sampling, two, allowed, classes)


def test_a_number_too_long_to_be_printed_is_refused_too() -> None:
    with pytest.raises(SettingError, match="not a number of more than 60 digits"):
        Sampling(temperature=10**5000, top_k=0, top_p=1.0)


def peaked(generator: np.random.Generator, size: int) -> NDArray[np.float32]:
    """Logits of a few likely tokens among many, as a language model gives them."""
    return (generator.normal(size=size) * generator.uniform(0.5, 4) + generator.gumbel(size=size)).astype(np.float32)


def drawn_from_all(logits: NDArray[np.float32], sampling: Sampling, chance: float, allowed: NDArray[np.bool_]) -> int:
    """The token that a chance falls upon in the whole distribution."""
    distribution = probabilities(logits, sampling, allowed)
    possible = np.flatnonzero(distribution)
    cumulative = np.cumsum(distribution[possible])
    place = np.searchsorted(cumulative, chance * cumulative[-1], side="right")
    return int(possible[min(int(place), possible.size - 1)])


@pytest.mark.parametrize("size", [5, 400, 8192])
def test_the_likeliest_alone_give_the_token_of_the_whole_distribution(size: int) -> None:
    generator, decided = np.random.default_rng(size), 0
    for _ in range(400):
        logits, allowed = peaked(generator, size), generator.random(size) < generator.uniform(0.05, 1)
        allowed[generator.integers(size)] = True
        sampling = Sampling(float(generator.uniform(0.05, 2)), 0, float(generator.uniform(0.3, 0.999)))
        chance = float(generator.random())
        quick = draw_from_the_likeliest(logits, sampling.temperature, sampling.top_p, chance, allowed)
        if quick is not None:
            decided += 1
            assert quick == drawn_from_all(logits, sampling, chance, allowed)
    assert decided > 200


@given(
    masked_logits(),
    st.floats(0, 5, exclude_min=True),
    st.floats(0, 1, exclude_min=True),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_the_likeliest_alone_decide_is_right(
    masked: tuple[NDArray[np.float32], NDArray[np.bool_]], temperature: float, top_p: float, chance: float
) -> None:
    """Ties, steps of the distribution that a draw falls upon, temperatures near 0, a single token that is allowed."""
    logits, allowed = masked
    quick = draw_from_the_likeliest(logits, temperature, top_p, chance, allowed)
    assert quick in (None, drawn_from_all(logits, Sampling(temperature, 0, top_p), chance, allowed))


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_draw_from_logits_that_are_not_finite_is_refused(wrong: float) -> None:
    logits = np.array([0, wrong, 1], np.float32)
    with pytest.raises(ValueError, match="not finite"):
        sample(logits, Sampling(1.0, 0, 0.9), np.random.default_rng(0))


@pytest.mark.parametrize(
    "filters", [{"top_k": 3}, {"min_p": 0.3}, {"typical_p": 0.3}, {"repetition_penalty": 4.0}, {}], ids=str
)
def test_no_filter_is_passed_over(filters: dict[str, float]) -> None:
    """A draw is that of the whole distribution under all settings, whatever could be decided more quickly."""
    generator = np.random.default_rng(1)
    for seed in range(200):
        logits, said = peaked(generator, 400), generator.random(400) < 0.5
        sampling = Sampling(**({"temperature": 1.0, "top_k": 0, "top_p": 0.95} | filters))
        distribution = probabilities(logits, sampling, said=said)
        cumulative = np.cumsum(distribution)
        expected = np.searchsorted(cumulative, np.random.default_rng(seed).random() * cumulative[-1], side="right")
        assert sample(logits, sampling, np.random.default_rng(seed), said=said) == expected


def drawn_at_length(
    logits: NDArray[np.float32], sampling: Sampling, chance: float, allowed: NDArray[np.bool_], classes: TokenClasses
) -> int:
    """The token of a draw that decides nothing from the likeliest alone: a filter that keeps all makes it do so."""
    generator = cast("np.random.Generator", SimpleNamespace(random=lambda: chance))
    return sample(logits, replace(sampling, top_k=logits.size), generator, allowed, classes)


@pytest.mark.parametrize("size", [5, 400, 8192])
def test_the_likeliest_of_a_class_give_the_token_of_the_whole_distribution(size: int) -> None:
    generator, decided = np.random.default_rng(size), 0
    for _ in range(400):
        logits, allowed = peaked(generator, size), generator.random(size) < generator.uniform(0.3, 1)
        allowed[generator.integers(size)] = True
        classes = TokenClasses(generator.integers(0, 5, size))
        sampling = Sampling(
            float(generator.uniform(0.05, 2)),
            0,
            float(generator.uniform(0.3, 0.999)),
            class_temperature=float(generator.choice([0.3, 1, 1, 2])),
        )
        chance = float(generator.random())
        quick = draw_from_the_likeliest(
            logits, sampling.temperature, sampling.top_p, chance, allowed, classes, sampling.class_temperature
        )
        if quick is not None:
            decided += 1
            assert quick == drawn_at_length(logits, sampling, chance, allowed, classes)
    assert decided > 200


@given(
    classed_logits(),
    st.floats(0, 5, exclude_min=True),
    st.floats(0, 1, exclude_min=True),
    st.floats(0, 5, exclude_min=True),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_the_likeliest_of_a_class_decide_is_right(
    classed: tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.intp]],
    temperature: float,
    top_p: float,
    class_temperature: float,
    chance: float,
) -> None:
    """Classes as heavy as others, without a token that is allowed, of one token; and all that is true without them."""
    logits, allowed, numbers = classed
    classes = TokenClasses(numbers)
    quick = draw_from_the_likeliest(logits, temperature, top_p, chance, allowed, classes, class_temperature)
    sampling = Sampling(temperature, 0, top_p, class_temperature=class_temperature)
    assert quick in (None, drawn_at_length(logits, sampling, chance, allowed, classes))


def test_most_draws_of_a_class_are_decided_by_the_likeliest() -> None:
    generator = np.random.default_rng(2)
    classes, allowed = TokenClasses(generator.integers(0, 5, 8192)), np.ones(8192, dtype=np.bool_)
    decided = [
        draw_from_the_likeliest(peaked(generator, 8192), 0.7, 0.95, generator.random(), allowed, classes, 1.0)
        for _ in range(300)
    ]
    assert decided.count(None) < 30
