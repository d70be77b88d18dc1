import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.prose.sentences import (
    begins_sentence,
    ends_sentence,
    is_abbreviation,
    is_whole,
    open_marks,
    opens_sentence,
    split_sentences,
)

prose = st.text(alphabet="Aa b.,!?…‘’“”()—\n", max_size=30)

# A text, | where it is looked at, and what follows; whether a sentence has ended there.
ENDS = [
    ("She went home.| He stayed.", True),
    ("She went home.|\nHe stayed.", True),
    ("“I know.”| He stayed.", True),
    ("“Oh!”| cried he.", False),
    ("“Oh!”| He cried.", True),
    ("Oh!| how happy she was.", False),
    ("Mr.| Dale came.", False),
    ("It was Mrs.| Dale.", False),
    ("He lived in St.| James’s Square.", False),
    ("Bread, cheese, &c.| Then they left.", False),
    ("Sir John Dale, Bart.| He was old.", False),
    ("Mr. J.| Dale came.", False),
    ("Louis XIV.| The next was worse.", False),
    ("“Is it he?” “No.| She is late.", True),
    ("Page No.| 12 was torn.", False),
    ("She paused…| He waited.", False),
    ("“But I—”|\n“Hush!”", False),
    ("He was (as they say!)| a fool.", False),
    ("(He was a fool.)| She knew.", True),
    ("He said, ‘Go.’| She went.", True),
    ("He had this to say:|\n“Go.”", False),
    ("She said,|\n“Go.”", False),
    ("He went.| ’Tis true.", True),
    ("He went.| “‘Tis true,’ said he", True),
    ("He went.| (She had not.)", True),
    ("He went.| —And she?", False),
]


@pytest.mark.parametrize(("text", "ended"), ENDS)
def test_a_sentence_ends_where_a_reader_would_say_so(text: str, ended: bool) -> None:
    before, after = text.split("|")
    assert (ends_sentence(before) and opens_sentence(after)) is ended


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("No mark.", ""),
        ("“Oh, well", "“"),
        ("“Oh,” said she, “well", "“"),
        ("“Oh, well.”", ""),
        ("“He said, ‘Well", "“‘"),
        ("“He said, ‘Well,’ and left.”", ""),
        ("“He said, ‘Well.’”", ""),
        ("“They’re the boys’ hats, ’tis true.”", ""),
        ("‘It’s the boy’s hat’", ""),
        ("The girls’ (and the boys’) hats", ""),
        ("He said (so they say", "("),
        ("“One.\n“Two.”", None),
        ("“One.\n", None),
        ("“Rock ’n’ roll”", ""),
        ("Oh!”", None),
        ("He said.’", None),
        ("“Oh “no", None),
        ("“One.\nTwo.”", None),
        ("(One.\nTwo.)", None),
        ("“One (two”)", None),
        ("one)", None),
        ("“Oh ’ no”", None),
    ],
)
def test_open_marks(text: str, marks: str | None) -> None:
    assert open_marks(text) == marks


@given(prose, prose)
def test_a_mark_that_is_wrong_stays_wrong_whatever_follows(text: str, more: str) -> None:
    if open_marks(text) is None:
        assert open_marks(text + more) is None


@given(prose)
def test_a_whole_text_has_as_many_opening_as_closing_double_quotes_in_each_paragraph(text: str) -> None:
    if is_whole(text):
        assert all(paragraph.count("“") == paragraph.count("”") for paragraph in text.split("\n"))


@given(prose)
def test_splitting_keeps_every_word(text: str) -> None:
    assert " ".join(split_sentences(text)).split() == text.split()


def test_a_text_is_split_into_its_sentences() -> None:
    text = "“Oh!” cried Mr. Lee. “Is it so? I knew.”\nNobody spoke…and nobody would. ’Twas late"
    assert split_sentences(text) == [
        "“Oh!” cried Mr. Lee.",
        "“Is it so?",
        "I knew.”",
        "Nobody spoke…and nobody would.",
        "’Twas late",
    ]


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("She", True),
        ("“She", True),
        ("“‘Éva", True),
        ("’Tis", True),
        ("“", True),
        ("(", True),
        ("she", False),
        ("“she", False),
        ("12", False),
        ("—Oh", False),
        ("", False),
        (" She", False),
    ],
)
def test_a_sentence_begins_with_a_capital(text: str, begins: bool) -> None:
    assert begins_sentence(text) is begins


@pytest.mark.parametrize("text", ["the end.", "It was extraordinarily.", "He said no.", "Mr", "in 1815."])
def test_other_words_are_no_abbreviations(text: str) -> None:
    assert not is_abbreviation(text)
