import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.language.style import known_style, parse_style, style_vector, total_weight, written

NOVELISTS = (
    *("Jane Austen", "Charlotte Brontë", "Emily Brontë", "Charles Dickens", "Arthur Conan Doyle"),
    *("F. Scott Fitzgerald", "Elizabeth Gaskell", "George Eliot", "Mary Shelley", "Henrik Bjørnson"),
)
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
        ("Emily Brontë=1,emily bronte=1", "'emily bronte' twice"),
        ("Jane Austen, Jane  Austen", "'Jane  Austen' twice"),
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


@pytest.mark.parametrize(
    ("name", "author"),
    [
        ("emily bronte", "Emily Brontë"),
        ("EMILY BRONTE\u0308", "Emily Brontë"),
        ("Jane  Austen", "Jane Austen"),
        ("F Scott Fitzgerald", "F. Scott Fitzgerald"),
        ("f.scott fitzgerald", "F. Scott Fitzgerald"),
        ("Henrik Bjornson", "Henrik Bjørnson"),
    ],
)
def test_accents_and_points_that_people_leave_out_do_not_matter(name: str, author: str) -> None:
    assert known_style({name: 1.0}, NOVELISTS) == {author: 1.0}


def test_an_author_in_two_spellings_has_the_weight_of_both() -> None:
    assert known_style({"Emily Brontë": 0.75, "emily bronte": 0.25}, NOVELISTS) == {"Emily Brontë": 1.0}


def test_of_two_authors_whose_names_differ_by_an_accent_each_is_found_by_its_own() -> None:
    assert known_style({"André": 1.0}, ("Andre", "André")) == {"André": 1.0}


def test_a_name_that_could_be_either_of_two_authors_is_asked_about() -> None:
    with pytest.raises(SettingError, match=r"unknown author 'ANDRE'; did you mean Andre or André\?$"):
        known_style({"ANDRE": 1.0}, ("Andre", "André", "Mary Shelley"))


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Jane Austin", "Jane Austen"),
        ("Austen", "Jane Austen"),
        ("Austne", "Jane Austen"),
        ("Dickens", "Charles Dickens"),
        ("C. Dickens", "Charles Dickens"),
        ("Dikens", "Charles Dickens"),
        ("Doyle", "Arthur Conan Doyle"),
        ("Sir Arthur Conan Doyle", "Arthur Conan Doyle"),
        ("Mrs. Gaskell", "Elizabeth Gaskell"),
        ("Elliot", "George Eliot"),
        ("Bronte", "Charlotte Brontë or Emily Brontë"),
        ("Anne Bronte", "Charlotte Brontë or Emily Brontë"),
        ("Jane Austen:2", "Jane Austen"),
        ("Jane Austen and Charles Dickens", "Jane Austen or Charles Dickens"),
    ],
)
def test_whoever_misspells_an_author_is_asked_whether_they_meant_the_nearest(name: str, near: str) -> None:
    with pytest.raises(SettingError) as refused:
        known_style({name: 1.0}, NOVELISTS, "--style")
    assert str(refused.value) == f"--style: unknown author {name!r}; did you mean {near}?"


@pytest.mark.parametrize("name", ["Tolstoy", "Jane Eyre", "Emily Dickinson", "A", "=", "é" * 100_000])
def test_whoever_names_somebody_far_from_all_is_told_all(name: str) -> None:
    with pytest.raises(SettingError, match=f"; the model knows {', '.join(NOVELISTS)}$"):
        known_style({name: 1.0}, NOVELISTS)


@pytest.mark.parametrize(
    ("value", "total"),
    [
        ("Jane Austen", 1),
        ("Jane Austen,Charles Dickens", 1),
        ("Jane Austen=2,Charles Dickens=1", 3),
        ("Jane Austen=0.5", 0.5),
        ({"Jane Austen": 1, "Mary Shelley": 3}, 4),
    ],
)
def test_what_the_weights_summed_to_is_known_before_they_are_scaled(value: object, total: float) -> None:
    assert total_weight(value) == total


@pytest.mark.parametrize(
    ("weights", "text"),
    [
        ({"Jane Austen": 1.0}, "Jane Austen"),
        ({"Jane Austen": 1.0, "Mary Shelley": 0.0}, "Jane Austen"),
        ({"Jane Austen": 2 / 3, "Charles Dickens": 1 / 3}, "Jane Austen=0.667,Charles Dickens=0.333"),
    ],
)
def test_a_style_is_written_as_it_may_be_given(weights: dict[str, float], text: str) -> None:
    assert written(weights) == text


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
