"""A whole ebook made clean."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.train.corpus.ebooks import BODY, EBOOK
from train.corpus.cleaning import CleanedBook, clean

CLEAN = (
    "The kettle had sung upon the hob for longer than any person in the house could remember, and nobody listened to"
    " it any more, except the cat—who listened to everything. It had come to the house before the carpets, and it had"
    " seen two of them taken up and beaten and laid again, and it had never said a word of what it thought of either.\n"
    "“It sings,” said the cook, who was a woman of few words; “and one day it’ll stop.”\n"
    "She wrote to her sister that evening, in a hand that sloped upward as her spirits did:\n"
    "“My dear Ann,—I have nothing to tell you but that the kettle is well, and that the cat has taken to the habit of"
    " sitting with its back to me, which I do not call friendly.\n"
    "“Your loving sister, “MARTHA.”\n"
    "So the winter passed.\n"
    "On the first morning of the spring there was no sound at all, and the whole of the house woke at once, from the"
    " cellar to the garret, and asked what was the matter. The clock was not to blame, for it was heard to strike seven"
    " as if nothing had happened, and the wind had gone down in the night.\n"
    "“Nothing,” said the cook. “It’s only that it has boiled dry.”\n"
)


@pytest.fixture(scope="module")
def book() -> CleanedBook:
    return clean(EBOOK)


def test_the_authors_prose_is_all_that_is_left(book: CleanedBook) -> None:
    assert book.text == CLEAN


def test_chapters_keep_their_headings_beside_the_text(book: CleanedBook) -> None:
    assert [chapter.heading for chapter in book.chapters] == [
        "CHAPTER I IN WHICH IT SINGS",
        "CHAPTER II IN WHICH IT IS SILENT",
    ]


def test_what_was_left_out_is_counted_by_kind(book: CleanedBook) -> None:
    assert {
        "header", "footer", "transcriber_notes", "illustrations", "footnotes", "contents", "headings", "verse",
        "front_matter", "ornaments", "end_marks", "back_matter",
    } <= set(book.dropped)  # fmt: skip
    assert all(count > 0 for count in book.dropped.values())


def test_characters_and_paragraphs_are_those_of_the_text(book: CleanedBook) -> None:
    assert (book.characters, book.paragraphs) == (len(CLEAN), CLEAN.count("\n"))


def test_windows_line_ends_change_nothing() -> None:
    assert clean(EBOOK.replace("\n", "\r\n")) == clean("\ufeff" + EBOOK)


@pytest.mark.parametrize("line_end", ["\r\r\n", "\r", "\n\r", " \n", "\x85", "\u2028", "\n\n"])
def test_other_line_ends_change_nothing(line_end: str, book: CleanedBook) -> None:
    assert clean(EBOOK.replace("\n", line_end)) == book


def test_several_line_ends_in_one_text_change_nothing(book: CleanedBook) -> None:
    first, second, third = EBOOK[:1500], EBOOK[1500:2500], EBOOK[2500:]
    mixed = first.replace("\n", "\r\n") + second + third.replace("\n", "\r\r\n")

    assert clean(mixed).text == book.text


@pytest.mark.parametrize("between", [" ", "\n", "--", ".—"])
def test_prose_in_the_line_or_the_block_of_its_chapters_heading_is_kept(between: str) -> None:
    prose = "It was a dark night, and the rain fell upon the roofs of the\ntown, as in any March, and nobody was out."
    found = clean(
        f"CHAPTER I\n\n\nIt sang.\n\n\n\nCHAPTER II{'.' if between == ' ' else ''}{between}{prose}\n\nIt sang.\n"
    )

    assert found.chapters[1].paragraphs == (" ".join(prose.split()), "It sang.")


def test_the_share_of_prose_is_of_all_but_the_notices(book: CleanedBook) -> None:
    assert clean(EBOOK + "Project Gutenberg is grateful to its readers.\n\n" * 500).prose_share == book.prose_share
    assert 0.5 < book.prose_share < 1


def test_a_swallowed_book_has_a_small_share_of_prose() -> None:
    assert clean(EBOOK.replace("*** END", "") + BODY * 9).prose_share < 0.2


def test_a_text_without_header_and_footer_is_all_body() -> None:
    assert clean(BODY).text == CLEAN


def test_a_clean_text_comes_back_unchanged() -> None:
    assert clean(CLEAN).text == CLEAN


def test_chapters_parted_by_an_empty_line_come_back_as_chapters(book: CleanedBook) -> None:
    on_disk = "\n".join("".join(f"{line}\n" for line in chapter.paragraphs) for chapter in book.chapters)

    again = clean(on_disk)

    assert [chapter.paragraphs for chapter in again.chapters] == [chapter.paragraphs for chapter in book.chapters]


def test_a_users_own_text_is_joined_into_paragraphs() -> None:
    own = "This is a letter that I wrote to nobody in particular, one\nevening.\n\nIt has no chapters.\n"

    assert clean(own).text == (
        "This is a letter that I wrote to nobody in particular, one evening.\nIt has no chapters.\n"
    )


def test_the_short_paragraphs_that_a_users_text_begins_with_are_kept() -> None:
    own = "It was late.\n\nHe went.\n\nII\n\nIt was later, and he had not come back to the house in\nwhich they lived."

    assert clean(own).text.startswith("It was late.\nHe went.\nIt was later, and")


@pytest.mark.parametrize("nothing", ["", "\n", " \n\n ", "\ufeff", "* * *"])
def test_a_text_without_words_is_an_empty_book(nothing: str) -> None:
    assert clean(nothing).text == ""


def test_paragraphs_parted_by_indentation_alone_are_told_apart() -> None:
    lines = ["It rained on the town that day as it had rained on the day", "before, and no one went out."]
    unspaced = "\n".join(f'{lines[0]}\n{lines[1]}\n  "Again," said she.' for _ in range(40))

    assert clean(unspaced).text.split("\n")[:2] == [" ".join(lines), "“Again,” said she."]


def test_words_divided_at_line_ends_are_made_whole_where_a_text_divides_them() -> None:
    divided = "The hobby-horse was old and the grandfa-\nther who owned it older, and the hobby-\nhorse knew.\n\n"

    assert clean(divided * 5).text.split("\n")[0] == (
        "The hobby-horse was old and the grandfather who owned it older, and the hobby-horse knew."
    )


def test_a_megabyte_is_cleaned_in_seconds() -> None:
    chapters = "".join(
        f"CHAPTER {number}\n\n\n{BODY[BODY.index('The kettle') : 2000]}\n\n\n" for number in range(1, 500)
    )
    began = time.process_time()

    clean(chapters)

    assert time.process_time() - began < 10  # a slow machine's share; it takes about one


@pytest.mark.parametrize(
    "piece",
    [
        " ", "\n ", "\r", "\n\r", "[", "[Illustration: ", "[Illustration: a cat\n\n", "]", "*", "* ", "_ ", '"', "a",
        "a-\n", "*** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE\n", ". ",
        "The Project Gutenberg EBook of A Kettle\n\nIt sang.\n\n", "I. A 1\n\n",
        "*** START OF THIS PROJECT GUTENBERG EBOOK ***\nIt sang.\n*** END OF THIS PROJECT GUTENBERG EBOOK ***\n",
        "the cart went down\n12\nthe hill\n", "I\n\n", "CHAPTER I. It was.\n", "\f", "gar-[Pg 1]den ", "small print!\n",
    ],
)  # fmt: skip
def test_no_text_takes_long(piece: str) -> None:
    text = "x" + piece * (60_000 // len(piece)) + "x"
    began = time.process_time()

    clean(text)

    assert time.process_time() - began < 10  # it takes well under a second; a search that goes back takes minutes


@given(st.lists(st.text(st.sampled_from("ab'\"“”‘’-—.…,!? _*"), max_size=60), max_size=6))
def test_a_cleaned_text_holds_its_format(lines: list[str]) -> None:
    for paragraph in clean("\n".join(lines)).text.split("\n")[:-1]:
        assert re.search(r"\w", paragraph)
        assert not re.search(r"^\s|\s$|\s\s|[\"'_*\t]", paragraph)
