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


ELIDED = """
    Tain't Twon't Twasn't Adn't Asn't Aven't Ouldn't Idn't Ullo Undreds Andsome Appened Appening Member
    Fess Merica Mericans Bye Zactly Erbert Arold Ot Ell Eavens Eads Eadache Orrid Ungry Umbug Elp Undred Ospital Ope
    Ow's E's Ere's Ousekeeper Ampstead Scuse Spose Lectric
""".split()  # noqa: SIM905


@pytest.mark.parametrize("mark", ["'", "‘"])
@pytest.mark.parametrize("word", ELIDED)
def test_a_mark_for_lost_letters_is_an_apostrophe_unless_it_is_closed(mark: str, word: str) -> None:
    printed = word.replace("'", "’")
    assert typographic(f"{mark}{word} of it") == f"’{printed} of it"
    assert typographic(f"{mark}{word} of it,' said he") == f"‘{printed} of it,’ said he"


@pytest.mark.parametrize("mark", ["'", "‘"])
@pytest.mark.parametrize(
    "word", ["night", "bye", "lowed", "scaped", "druther", "ullo", "adn't", "member", "1850s", "49ers", "60s"]
)
def test_a_mark_for_lost_letters_within_a_sentence_is_an_apostrophe(mark: str, word: str) -> None:
    assert typographic(f"she said {mark}{word} and went") == f"she said ’{word} and went".replace("'", "’")


@pytest.mark.parametrize("mark", ["'", "‘"])
def test_a_greeting_that_lost_its_good_begins_with_an_apostrophe(mark: str) -> None:
    assert typographic(f"{mark}Morning, sir") == "’Morning, sir"
    assert typographic(f"{mark}Night came down") == "‘Night came down"


@pytest.mark.parametrize("mark", ["'", "‘"])
@pytest.mark.parametrize(
    "word",
    """
    Tell Isabel Isn't Don't Can't Ain't Won't Anger Angel Append Arbour Arthur Avenue Eaves Earth Early Eleven Emma
    Honest Inter Into Issue Only Open Oration Orator Ostler Other Otter Ought Over Scarce Special Spectre Spies Stay
    Umbrella Uncle Until Untied Usher Apples Again America Exactly 1850 3
    """.split(),  # noqa: SIM905
)
def test_a_mark_before_an_ordinary_word_opens_a_quotation(mark: str, word: str) -> None:
    printed = word.replace("'", "’")
    assert typographic(f"{mark}{word} and more") == f"‘{printed} and more"
    assert typographic(f"{mark}{word} and more,' said he") == f"‘{printed} and more,’ said he"


@given(st.text(max_size=40) | st.text("aS '\"‘’“”`.,-–— \n", max_size=20))
def test_nothing_is_left_to_change(text: str) -> None:
    once = typographic(text)
    assert typographic(once) == once


@given(st.text(max_size=40))
def test_no_straight_quote_and_no_stray_white_space_is_left(text: str) -> None:
    printed = typographic(text)
    assert not set(printed) & set("\"'\t\r\v\f")
    assert printed == printed.strip()
