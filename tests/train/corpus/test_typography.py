"""Dashes, ellipses, spaces, marks of italics, and characters."""

import pytest

from train.corpus.characters import normalise_characters
from train.corpus.markup import strip_markup
from train.corpus.typography import close_spaces, set_dashes


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("a thing--or two", "a thing—or two"),
        ("a thing -- or two", "a thing—or two"),
        ("a thing — or two", "a thing—or two"),
        ("Mr. ---- said", "Mr. —— said"),
        ("a well-known man", "a well-known man"),
        ("and then...", "and then…"),
        ("and then . . . nothing", "and then… nothing"),
        ("and then. . . .", "and then…"),
        ("1914–18", "1914–18"),
    ],
)
def test_dashes_and_ellipses_are_set_as_in_print(typed: str, printed: str) -> None:
    assert set_dashes(typed) == printed


@pytest.mark.parametrize(
    ("typed", "printed"),
    [("two  spaces", "two spaces"), ("a word , and", "a word, and"), ("“ ‘Yes’ ”", "“‘Yes’”"), (" ends ", "ends")],
)
def test_spaces_are_closed_up(typed: str, printed: str) -> None:
    assert close_spaces(typed) == printed


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("_Never_, said he", "Never, said he"),
        ("an =old= book", "an old book"),
        ("an ~old~ book", "an old book"),
        ("an +old+ book", "an old book"),
        ("signed /J. Smith/.", "signed J. Smith."),
        ("and/or", "and/or"),
        ("Mr. ____ of B__", "Mr. —— of B——"),
        ("M^r Smith", "Mr Smith"),
        ("a man[oe]uvre", "a manœuvre"),
        ("<i>No</i>", "No"),
    ],
)
def test_marks_of_type_are_taken_off(marked: str, plain: str) -> None:
    assert strip_markup(marked) == plain


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("\ufeffone\r\ntwo\rthree", "one\ntwo\nthree"),
        ("a\u00a0b\u2009c", "a b c"),
        ("soft\u00adhyphen\u200b", "softhyphen"),
        ("\ufb01nd", "find"),
        ("cafe\u0301", "café"),
        ("cafÃ©", "café"),
        ("donâ€™t", "don’t"),
        ("\u0093Yes\u0094", "“Yes”"),
        ("a\x00b\x1f", "ab"),
        ("Ça va, Âme", "Ça va, Âme"),
    ],
)
def test_characters_are_normal(raw: str, normal: str) -> None:
    assert normalise_characters(raw) == normal
