"""Quotation marks and apostrophes made typographic."""

import pytest

from train.corpus.quotes import set_quotes, sets_speech_in_single_marks

SPEECHES = ["'Come in,' said the baker.", "'No,' said I.", "'Why not?'"]  # enough for a book's convention to show

DOUBLE = [
    ('"Come in," said he.', "“Come in,” said he."),
    ('"I saw it," she said; "it was red."', "“I saw it,” she said; “it was red.”"),
    ('He cried--"Stop!"--and ran.', "He cried--“Stop!”--and ran."),
    ('("Never," thought she.)', "(“Never,” thought she.)"),
    ("\"He said, 'Go home,' and left.\"", "“He said, ‘Go home,’ and left.”"),
    ("\"'Go home,' he said.\"", "“‘Go home,’ he said.”"),
    ("\"He said, 'Go home.'\"", "“He said, ‘Go home.’”"),
    ("It isn't John's.", "It isn’t John’s."),
    ("the boys' hats", "the boys’ hats"),
    ("\"'Tis true, an' I'll tell 'em.\"", "“’Tis true, an’ I’ll tell ’em.”"),
    ("in the summer of '98", "in the summer of ’98"),
    ("a rock 'n' a hard place", "a rock ’n’ a hard place"),
    ("‘Twas night.", "’Twas night."),
    ("They called it 'the Rock' once.", "They called it ‘the Rock’ once."),
    ("\"'E 'as 'is 'at, sir,\" said the cabman.", "“’E ’as ’is ’at, sir,” said the cabman."),
    ("“Curly, and it's mixed.”", "“Curly, and it’s mixed.”"),
    ('"A speech that goes on in the next paragraph.', "“A speech that goes on in the next paragraph."),
]

SINGLE = [
    ("'Come in,' said he.", "“Come in,” said he."),
    ("‘Come in,’ said he.", "“Come in,” said he."),
    ("'It isn't John's,' said he.", "“It isn’t John’s,” said he."),
    ("'The boys' hats are here,' he said.", "“The boys’ hats are here,” he said."),
    ("'He said \"Go,\" and left.'", "“He said ‘Go,’ and left.”"),
    ("'Was he lookin', sir?'", "“Was he lookin’, sir?”"),
    ("'I knew 'twas so,' said he.", "“I knew ’twas so,” said he."),
    ("They called it 'home' and wept.", "They called it “home” and wept."),
    ("'One,' said he. 'Two,' said she.", "“One,” said he. “Two,” said she."),
    ("'A speech that goes on.", "“A speech that goes on."),
]


@pytest.mark.parametrize(("straight", "set_marks"), DOUBLE)
def test_marks_open_and_close_around_speech(straight: str, set_marks: str) -> None:
    assert set_quotes([straight]) == [set_marks]


@pytest.mark.parametrize(("straight", "set_marks"), SINGLE)
def test_single_marks_around_speech_become_double(straight: str, set_marks: str) -> None:
    assert set_quotes([straight, *SPEECHES])[0] == set_marks


def test_a_book_with_speech_in_double_marks_keeps_its_single_ones() -> None:
    assert not sets_speech_in_single_marks(['"Yes," said I.', "\"'No,' he said, 'No,' and again 'No.'\"", '"What?"'])


def test_a_book_with_speech_in_single_marks_is_recognised() -> None:
    assert sets_speech_in_single_marks(SPEECHES)


@pytest.mark.parametrize("paragraphs", [[pair[0] for pair in DOUBLE], [pair[0] for pair in SINGLE] + SPEECHES])
def test_setting_quotes_twice_changes_nothing(paragraphs: list[str]) -> None:
    once = set_quotes(paragraphs)

    assert set_quotes(once) == once
