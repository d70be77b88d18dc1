import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import BundleError
from lambda_fn.prose.copying import BITS_PER_RUN, LONGEST_COPY, CopyFilter, build
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.rules import REPEATS_UNTIL, HouseRules, passed_at

DRAW = random.Random(3)
LETTERS = "abcdefghijklmnopqrstuvwxyz"
BOOK = ["".join(DRAW.choices(LETTERS, k=6)) for _ in range(20_000)]
OTHER = ["".join(DRAW.choices(LETTERS, k=6)) for _ in range(20_000)]
FILTER = CopyFilter(build([BOOK]))


def as_sentence(words: list[str]) -> str:
    return f"{' '.join(words).capitalize()}."


def test_thirteen_words_of_a_book_are_found_wherever_they_begin() -> None:
    length = LONGEST_COPY + 1
    missed = [start for start in range(len(BOOK) - length + 1) if not FILTER.copied(" ".join(BOOK[start:][:length]))]
    assert (length, missed) == (13, [])


@given(st.integers(0, 19_000), st.integers(13, 30), st.integers(0, 30), st.integers(0, 30))
def test_they_are_found_amid_other_words(start: int, length: int, before: int, after: int) -> None:
    assert FILTER.copied(" ".join([*OTHER[:before], *BOOK[start:][:length], *OTHER[before:][:after]]))


def test_a_phrase_of_nine_passes_four_times_in_five_and_eight_words_always() -> None:
    nine = sum(FILTER.copied(" ".join(BOOK[start:][:9])) is None for start in range(5_000))
    eight = sum(FILTER.copied(" ".join([*BOOK[start:][:8], OTHER[start]])) is None for start in range(5_000))
    assert (nine, eight) == (4_000, 5_000)


def test_text_of_nobody_is_hardly_ever_taken_for_a_books() -> None:
    assert sum(FILTER.copied(" ".join(OTHER[start:][:9])) is not None for start in range(19_000)) == 0


def test_a_filter_has_so_many_bits_a_run_and_no_more_than_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(build([BOOK])) == pytest.approx(len(BOOK) / 5 * BITS_PER_RUN / 8, rel=0.01)
    monkeypatch.setattr("lambda_fn.prose.copying.MOST_BYTES", 2_000)
    small = build([BOOK])
    assert len(small) <= 2_000
    assert CopyFilter(small).copied(" ".join(BOOK[5:18]))


def test_books_of_few_words_make_a_filter_too() -> None:
    assert CopyFilter(build([])).copied(" ".join(BOOK[:20])) is None
    assert CopyFilter(build([["one", "two"], BOOK[:20]])).copied(" ".join(BOOK[2:15]))


def test_case_and_punctuation_hide_no_copy() -> None:
    assert FILTER.copied(f"“{', '.join(BOOK[100:105]).upper()}—{'; '.join(BOOK[105:113])}!”")


@pytest.mark.parametrize("data", [b"", b"runs-9/5", build([BOOK])[:-1], b"x" + build([BOOK])[1:]])
def test_a_damaged_filter_is_one_sentence(data: bytes) -> None:
    with pytest.raises(BundleError, match=r"^the bundle's filter of copies has .* add-copies`$"):
        CopyFilter(data)


def test_the_editor_refuses_a_copy_in_every_try_unless_that_rule_is_off() -> None:
    text = as_sentence(BOOK[50:63])
    refusal = Editor(frozenset(), copies=FILTER).objection(text, passed_at(REPEATS_UNTIL))
    assert refusal
    assert refusal.rule == "copied"
    off = HouseRules(frozenset({"copied"}))
    assert Editor(frozenset(), copies=FILTER, house=off).objection(text) is None
    assert Editor(frozenset(), copies=FILTER).objection(as_sentence(OTHER[50:63])) is None


def test_a_prompt_may_stand_in_a_book_and_what_follows_may_not_go_on_with_it() -> None:
    prompt = as_sentence(BOOK[200:220])[:-1]
    editor = Editor(frozenset(), copies=FILTER, prompt=prompt)
    assert editor.objection(f"{prompt} {' '.join(OTHER[:9])}.") is None
    assert editor.objection(f"{prompt} {' '.join(BOOK[220:226])}.")
