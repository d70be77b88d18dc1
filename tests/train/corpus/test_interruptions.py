"""A paragraph goes on over what stands amid it."""

import pytest

from train.corpus.cleaning import clean

PROSE = (
    "The road went down between two hedges that had not been cut since\n"
    "the war, and the cart went down it sideways, as a crab goes, with\n"
    "one wheel upon the bank and the other in the stream."
)
BEGUN = (
    "The mill stood at the end of it, and the carter, who was a man of\n"
    "some age, had often thought of the miller, and then of the gar-"
)
ENDED = "den wall, from which a person can see far into the next county of\nthe three."
WHOLE = " ".join(f"{BEGUN[:-1]}{ENDED}".split())
INTERRUPTIONS = [
    "[Pg 12]", "[Page 12]", "{12}", "{p. 12}", "12", "[12]", "- 12 -", "Page 12", "pg-xii", "[Illustration: The cart.]",
    "[Illustration: The cart.\n\nFrom a drawing.]", "[Illustration]", "[Sidenote: The cart]",
    "[Footnote 1: It was red.]", "[Footnote 1: It was [rather] red.]", "* * * * *", "-----", "\f",
    "[Pg 12]\n\n[Illustration: The cart.]",
]  # fmt: skip


def paragraphs(text: str) -> list[str]:
    return clean(f"CHAPTER I\n\n\n{PROSE}\n\n{text}\n\n{PROSE}\n").text.split("\n")[1:-2]


@pytest.mark.parametrize("around", ["\n", "\n\n", "\n\n\n"], ids=["tight", "apart", "far apart"])
@pytest.mark.parametrize("mark", INTERRUPTIONS)
def test_a_sentence_and_a_divided_word_go_on_over_a_mark(mark: str, around: str) -> None:
    assert paragraphs(f"{BEGUN}{around}{mark}{around}{ENDED}") == [WHOLE]


@pytest.mark.parametrize("mark", ["\n[Pg 12]", "[Pg 12]\n", " [Pg 12]\n", "\n{12}", "{12}\n", "[Pg 12]"])
def test_a_divided_word_goes_on_over_a_mark_in_its_line(mark: str) -> None:
    assert paragraphs(BEGUN + mark + ENDED) == [WHOLE]


@pytest.mark.parametrize("mark", INTERRUPTIONS)
def test_a_sentence_goes_on_over_a_mark_between_two_words(mark: str) -> None:
    begun = BEGUN.replace("the gar-", "the")
    assert paragraphs(f"{begun}\n\n{mark}\n\ngarden wall.") == [" ".join(f"{begun} garden wall.".split())]


def test_a_paragraph_goes_on_behind_the_notes_under_it() -> None:
    note = "[1] It was red, and had been painted so by the carter and\nson."
    text = f"{BEGUN.replace('miller', 'miller[1]')}\n\n{note}\n\n{ENDED}"

    assert paragraphs(text) == [WHOLE]


def test_a_word_that_the_book_writes_with_a_hyphen_keeps_it() -> None:
    text = (
        "He had a hobby-horse.\n\nIt was the oldest of all the things that stood there, an old hobby-\n[Pg 12]\nhorse."
    )

    assert paragraphs(text)[1].endswith("an old hobby-horse.")


@pytest.mark.parametrize("mark", INTERRUPTIONS)
def test_a_paragraph_that_has_ended_does_not_go_on(mark: str) -> None:
    once = " ".join(PROSE.split())
    assert paragraphs(f"{PROSE}\n\n{mark}\n\n{PROSE}") == [once, once]


def test_prose_does_not_go_on_from_a_table() -> None:
    table = "and marked as follows:--              |       |\n                                       -------"
    assert paragraphs(f"{PROSE}\n\n{table}\n\nand so it went on for the rest of the day.")[-1].startswith("and so it")


def test_a_number_that_is_no_page_stays() -> None:
    assert paragraphs("It was in the year\n1850, and not before.") == ["It was in the year 1850, and not before."]


def test_an_ellipsis_at_the_end_of_a_paragraph_is_no_rule() -> None:
    begun = BEGUN.replace("the gar-", "ground broad")
    assert (
        len(paragraphs(f"{begun}\n. . .\n\nI more than doubt whether it can be done at all by anybody who\ntries."))
        == 2
    )


@pytest.mark.parametrize(
    "picture",
    [
        "[Illustration: The cart", "[Illustration: The cart, from a drawing by a lady who lived at\nthe mill",
        "[Illustration", "[Illustration:\n\n     THE CART", "[Illustration: The cart [after Bewick]", "[Pg 12",
        "[Footnote 1: It was red.",
    ],
)  # fmt: skip
@pytest.mark.parametrize("following", ["[Illustration: The mill.]", "[Footnote 2: Blue.]", "He [sic] went.", ""])
def test_a_bracket_that_never_closes_takes_no_prose_with_it(picture: str, following: str) -> None:
    once = " ".join(PROSE.split())
    kept = paragraphs(f"{picture}\n\n{PROSE}\n\n{PROSE}\n\n{following}")
    assert kept[:2] == [once, once]


def test_prose_right_under_a_picture_whose_bracket_never_closes_is_kept() -> None:
    assert paragraphs(f"[Illustration: The cart\n{PROSE}") == [" ".join(PROSE.split())]


def test_a_bracket_within_a_bracket_closes_with_it() -> None:
    assert paragraphs(f"[Illustration: A [_sketch_ [by me]] of it]\n\n{PROSE}") == [" ".join(PROSE.split())]
