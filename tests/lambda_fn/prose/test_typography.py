import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.prose.typography import typographic


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ('"Oh!" said she.', "“Oh!” said she."),
        ('He said, "No--never!"', "He said, “No—never!”"),
        ("He came – and went, 1811–1817", "He came—and went, 1811–1817"),
        ("It's the boys' house", "It’s the boys’ house"),
        ("'Tis true", "’Tis true"),
        ("'What! don't you know?' said he", "‘What! don’t you know?’ said he"),
        ("\"He said, 'Go.'\"", "“He said, ‘Go.’”"),
        ("\"'Go,' he said.\"", "“‘Go,’ he said.”"),
        ("Wait . . . or not...", "Wait… or not…"),
        ("  a \t b  ", "a b"),
        ("one\r\n\r\n  two ", "one\ntwo"),
        ("cafe\u0301", "café"),
        ("“Already” ‘so’ — yes", "“Already” ‘so’ — yes"),
        ("It is a truth universally acknowledged,", "It is a truth universally acknowledged,"),
        (" \n ", ""),
    ],
)
def test_typewriter_marks_become_typographic(typed: str, printed: str) -> None:
    assert typographic(typed) == printed


@given(st.text(max_size=40))
def test_nothing_is_left_to_change(text: str) -> None:
    once = typographic(text)
    assert typographic(once) == once


@given(st.text(max_size=40))
def test_no_straight_quote_and_no_stray_white_space_is_left(text: str) -> None:
    printed = typographic(text)
    assert not set(printed) & set("\"'\t\r\v\f")
    assert printed == printed.strip()
