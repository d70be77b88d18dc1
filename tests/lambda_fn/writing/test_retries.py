import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.fields import LARGEST_INTEGER
from lambda_fn.language.sampling import Sampling
from lambda_fn.writing.retries import TRIES, retry_of

samplings = st.builds(
    Sampling,
    st.floats(0, 5, exclude_min=True),
    st.integers(0, 5000),
    st.floats(0, 1, exclude_min=True),
    min_p=st.floats(0, 1),
    typical_p=st.floats(0, 1, exclude_min=True),
    repetition_penalty=st.floats(1, 10),
)


@given(samplings)
def test_the_first_try_is_exactly_as_asked(sampling: Sampling) -> None:
    retry = retry_of(sampling, 0)
    assert retry.sampling == sampling
    assert (retry.eagerness, retry.plain, retry.passed) == (0, False, frozenset())


@given(samplings)
def test_the_last_tries_sample_in_a_middle_way_whatever_was_asked(sampling: Sampling) -> None:
    last = retry_of(sampling, TRIES - 1).sampling
    assert 0.5 < last.temperature < 1
    assert last.top_k == 0
    assert 0.8 < last.top_p < 1
    assert (last.min_p, last.typical_p, last.repetition_penalty) == pytest.approx((0, 1, 1), abs=0.01)


@given(samplings, st.integers(0, TRIES - 2))
def test_each_try_is_at_least_as_safe_as_the_one_before(sampling: Sampling, number: int) -> None:
    before, after = retry_of(sampling, number), retry_of(sampling, number + 1)
    assert after.eagerness >= before.eagerness
    assert after.plain >= before.plain
    assert after.passed >= before.passed


def test_repetitions_are_let_pass_last_of_all() -> None:
    manners = [retry_of(Sampling(1, 0, 1), number) for number in range(TRIES)]
    first = [
        next(n for n, m in enumerate(manners) if test(m))
        for test in (
            lambda m: m.eagerness > 0,
            lambda m: m.plain,
            lambda m: "unknown-words" in m.passed,
            lambda m: "loop" in m.passed,
        )
    ]
    assert first == sorted(first)


def test_what_a_sampling_adds_is_taken_back_so_that_no_story_is_stuck_for_it() -> None:
    asked = Sampling(1, 0, 1, class_temperature=5, cache_share=0.99)
    last = retry_of(asked, TRIES - 1).sampling
    assert last.class_temperature == pytest.approx(1, abs=0.01)
    assert last.cache_share < 0.01
    assert retry_of(Sampling(1, 0, 1), TRIES - 1).sampling.class_temperature == 0


def test_the_largest_top_k_there_is_can_be_tried_again() -> None:
    for number in range(TRIES):
        assert retry_of(Sampling(1, LARGEST_INTEGER, 1), number).sampling.top_k in (0, LARGEST_INTEGER)
