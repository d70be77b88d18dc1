import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.prose.length import weighted_length


@pytest.mark.parametrize(
    ("text", "weight"),
    [
        ("", 0),
        ("Emma.", 5),
        ("“No—never!” ‘’", 14),
        ("…", 2),
        ("café", 4),
        ("cafe\u0301", 4),  # NFC joins the accent
        ("のの", 4),
        ("\U0001f431", 2),
        ("H\U0001f431☺", 5),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", 2),  # a family is one sequence
        ("\U0001f44d\U0001f3fd", 2),
        ("\U0001f1ec\U0001f1e7", 2),
        ("1\ufe0f\u20e3", 2),
        ("\U00010000\U0010ffff", 4),
        ("\u1100", 2),
        ("\u10ff", 1),
    ],
)
def test_the_weight_is_that_of_version_3_of_the_published_rules(text: str, weight: int) -> None:
    assert weighted_length(text) == weight


@given(st.text(alphabet="aé “”’—…\nのß", max_size=40))
def test_each_character_without_emoji_weighs_1_or_2(text: str) -> None:
    characters = len(unicodedata.normalize("NFC", text))
    assert characters <= weighted_length(text) <= 2 * characters


@given(st.text(max_size=20), st.text(max_size=20))
def test_texts_joined_weigh_no_more_than_apart(text: str, more: str) -> None:
    assert weighted_length(text + more) <= weighted_length(text) + weighted_length(more)
