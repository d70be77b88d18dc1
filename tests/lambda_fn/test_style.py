import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.style import known_style, parse_style, style_vector

AUTHORS = ("Jane Austen", "Charles Dickens", "Mary Shelley")


@pytest.mark.parametrize(
    ("written", "weights"),
    [
        ("Jane Austen", {"Jane Austen": 1.0}),
        (" Jane Austen ", {"Jane Austen": 1.0}),
        ("Jane Austen=3, Charles Dickens = 1", {"Jane Austen": 0.75, "Charles Dickens": 0.25}),
        ("Jane Austen,Charles Dickens", {"Jane Austen": 0.5, "Charles Dickens": 0.5}),
        ("Jane Austen=1,Charles Dickens=0", {"Jane Austen": 1.0, "Charles Dickens": 0.0}),
        ({"Jane Austen": 1, "Mary Shelley": 3}, {"Jane Austen": 0.25, "Mary Shelley": 0.75}),
    ],
)
def test_a_style_is_read_as_weights_that_sum_to_one(written: object, weights: dict[str, float]) -> None:
    assert parse_style(written) == weights


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "must be an author's name or a blend"),
        ("Jane Austen,", "must be an author's name or a blend"),
        ("=1", "must be an author's name or a blend"),
        (3, "must be an author's name or a blend"),
        (None, "must be an author's name or a blend"),
        ({3: 1}, "must be an author's name or a blend"),
        ("Jane \udc80", "must be an author's name or a blend"),
        ("Jane Austen=1,Charles Dickens", "'Charles Dickens' has no weight"),
        ("Jane Austen=1,jane austen=1", "'jane austen' twice"),
        ("Jane Austen=much", "the weight of 'Jane Austen' must be a number from 0 up, not \"much\""),
        ("Jane Austen=-1", "must be a number from 0 up, not -1"),
        ("Jane Austen=nan", "must be a number from 0 up"),
        ("Jane Austen=inf", "must be a number from 0 up"),
        ({"Jane Austen": True}, "must be a number from 0 up"),
        ({"Jane Austen": None}, "must be a number from 0 up"),
        ("Jane Austen=0", "at least one author whose weight is above 0"),
        ({}, "at least one author whose weight is above 0"),
    ],
)
def test_a_wrong_style_is_refused_under_its_name(written: object, complaint: str) -> None:
    with pytest.raises(SettingError, match=f"^STORY_STYLE.*{complaint}"):
        parse_style(written, "STORY_STYLE")


def test_an_unknown_author_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(SettingError, match="--style: unknown author 'Nobody'; the model knows Jane Austen, Charles"):
        known_style({"Nobody": 1.0}, AUTHORS, "--style")


def test_an_author_without_weight_must_be_known_too() -> None:
    with pytest.raises(SettingError, match="unknown author 'Nobody'"):
        known_style(parse_style("Jane Austen=1,Nobody=0"), AUTHORS)


def test_an_author_without_weight_is_left_out() -> None:
    assert known_style(parse_style("Jane Austen=1,Charles Dickens=0"), AUTHORS) == {"Jane Austen": 1.0}


def test_authors_are_found_whatever_the_case_and_spelt_as_the_bundle_does() -> None:
    assert known_style({"JANE austen": 1.0}, AUTHORS) == {"Jane Austen": 1.0}


def test_the_vector_follows_the_order_of_the_bundle() -> None:
    vector = style_vector({"Mary Shelley": 0.75, "Jane Austen": 0.25}, AUTHORS)
    np.testing.assert_array_equal(vector, np.array([0.25, 0, 0.75], dtype=np.float32), strict=True)


@given(st.dictionaries(st.sampled_from(AUTHORS), st.floats(0, 1e9), min_size=1))
def test_any_weights_with_a_sum_become_a_style_of_the_model(weights: dict[str, float]) -> None:
    if sum(weights.values()) == 0:
        weights = {"Jane Austen": 1.0}
    vector = style_vector(parse_style(weights), AUTHORS)
    assert vector.min() >= 0
    assert vector.sum() == pytest.approx(1, abs=1e-5)


@given(st.dictionaries(st.sampled_from(AUTHORS), st.floats(0.01, 100), min_size=1))
def test_the_written_form_and_the_mapping_mean_the_same(weights: dict[str, float]) -> None:
    written = ",".join(f"{author}={weight!r}" for author, weight in weights.items())
    assert parse_style(written) == parse_style(weights)
