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
        ("‘Twas late", "’Twas late"),
        ("’Twas late", "’Twas late"),
        ("I saw ‘em, a good ‘un,", "I saw ’em, a good ’un,"),
        ("'Neath the tree, ‘midst flowers", "’Neath the tree, ’midst flowers"),
        ("‘Til then; 'bout noon, ‘cause", "’Til then; ’bout noon, ’cause"),
        ("'Arry and ‘Arriet", "’Arry and ’Arriet"),
        ("rock 'n' roll, Rock ‘n’ roll", "rock ’n’ roll, Rock ’n’ roll"),
        ("After the '45, in the ‘60s", "After the ’45, in the ’60s"),
        ("at three o‘clock", "at three o’clock"),
        ("'Tis true,' said he", "‘Tis true,’ said he"),
        ('"\'Tis true," he said', "“’Tis true,” he said"),
        ("'Tis the boys' house", "’Tis the boys’ house"),
        ("'I saw 'em go,' he said", "‘I saw ’em go,’ he said"),
        ("'All the world", "‘All the world"),
        ("‘Cause I said so,’ he said", "‘Cause I said so,’ he said"),
        ('He said, "', "He said, “"),
        ("He said, '", "He said, ‘"),
        ("He was 6'2\" tall", "He was 6′2″ tall"),
        ("``Hello,'' she said, `Go'", "“Hello,” she said, ‘Go’"),
        ("don´t, don`t, donʼt", "don’t, don’t, don’t"),
        ("„Guten Tag“, sagte er", "“Guten Tag”, sagte er"),
        ("He came - and went -", "He came—and went—"),
        ("\ufeffa co\u00adop", "a coop"),
        ("It is a truth universally acknowledged,", "It is a truth universally acknowledged,"),
        (" \n ", ""),
    ],
)
def test_typewriter_marks_become_typographic(typed: str, printed: str) -> None:
    assert typographic(typed) == printed


@given(st.text(max_size=40) | st.text("aS '\"‘’“”`.,-–— \n", max_size=20))
def test_nothing_is_left_to_change(text: str) -> None:
    once = typographic(text)
    assert typographic(once) == once


@given(st.text(max_size=40))
def test_no_straight_quote_and_no_stray_white_space_is_left(text: str) -> None:
    printed = typographic(text)
    assert not set(printed) & set("\"'\t\r\v\f")
    assert printed == printed.strip()
