"""What each block of a text is taken for."""

import pytest

from train.corpus.blocks import split_blocks
from train.corpus.headings import END_MARK, is_contents_heading, is_heading, is_numbered_heading
from train.corpus.labels import label_blocks

PROSE = (
    "The road went down between two hedges that had not been cut since\n"
    "the war, and the cart went down it sideways, as a crab goes, with\n"
    "one wheel upon the bank and the other in the stream."
)


def label(text: str, around: bool = True) -> str:
    """The label of a text that stands between two paragraphs of prose."""
    blocks = split_blocks(f"{PROSE}\n\n{text}\n\n{PROSE}" if around else text)
    labels = label_blocks(blocks)
    return labels[1] if around else labels[0]


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER I", "Chapter 12", "CHAPTER THE FIRST.", "Chapter XL. The Return", "CHAPTER I--THE DAWN", "XIV", "7.",
        "III. A CASE OF IDENTITY", "BOOK THE SECOND", "VOLUME III", "Part Two", "LETTER IV", "STAVE ONE", "PREFACE",
        "Epilogue.", "THE FIRST EPOCH", "_Chapter V_", "Introduction", "Chapter 3.  In which a cart is lost",
    ],
)  # fmt: skip
def test_headings_are_recognised(heading: str) -> None:
    assert label(f"\n\n{heading}\n\n") == "headings"


@pytest.mark.parametrize(
    "text",
    [
        "Chapter and verse were quoted at him by the whole of the family until\nhe gave in.",
        "I went.",
        "Part of the bank gave way.",
        "1. That the cart, having been lost, be found; and that the finder have\nthe keeping of it.",
        "The first part of the journey was the worst.",
        '"NEVER!" said he.',
        "The contents of the letter were these:--",
        "Book in hand, he sat down by the road.",
        "_Dear Sir_,",
        "June 4th, 1831.",
    ],
)
def test_sentences_that_begin_as_headings_do_are_prose(text: str) -> None:
    assert label(text) == "prose"


@pytest.mark.parametrize("gap", ["", "\n\n"], ids=["near", "apart"])
@pytest.mark.parametrize(
    "text",
    [
        "CHAPTER V. (RAZOR-BACK).—Of this cart little is known but its name. I have seen it\nat a distance.",
        "Part 1. She was tall. He was not, and would not be told so by anybody who was.",
        "Part 1. She was tall.",
        "Book One. I have read it. It is long.",
        "Letter I. My dear sister was here yesterday, and has gone.",
        "Act 1. He came. He saw that it was late.",
        "No. I—I have not seen it.",
        "I—I cannot say it, and I will not; it is too much.",
        "I--I cannot say it, and I will not; it is too much.",
        "I—",
        "V. was gone. C. had seen him go.",
        "V. She went away. It rained.",
        "C. Smith, of the mill, was there.",
        "M. Dupont had seen it. D. had not.",
        "One was red. Two were blue.",
    ],
)
def test_sentences_under_a_number_are_prose_wherever_they_stand(text: str, gap: str) -> None:
    assert label(f"{gap}{text}{gap}") == "prose"


@pytest.mark.parametrize(
    "text",
    [
        "I CANNOT SAY IT!",
        "L. K.",
        "C. Smith.",
        "12 Baker Street.",
        "No. 12 Baker Street.",
        "The last letter.",
        "V. Smith",
        "C.",
    ],
)
def test_initials_pronouns_and_addresses_in_the_text_are_prose(text: str) -> None:
    assert label(text) == "prose"


@pytest.mark.parametrize(
    "heading",
    [
        "CHAPTER 4. Mrs Flintwinch has a Dream", "CHAPTER I. The Carter goes out. He returns. A quarrel.",
        "Chapter II. Of my going to school and of my coming thence.", "I. HOME. 30th March, 1881.", "V. The Mill",
        "CHAPTER II. It was not to be.", "CHAPTER VI. In which he was found, and they were not; and what came of it.",
    ],
)  # fmt: skip
def test_titles_and_summaries_are_headings(heading: str) -> None:
    assert label(f"\n\n{heading}\n\n") == "headings"


def test_entries_of_a_contents_table_are_no_numbered_list() -> None:
    blocks = split_blocks(f"{PROSE}\n\nThe Cart, in two parts:--\n\nI. The Road     1\n\nII. The Mill     9\n\n{PROSE}")

    assert label_blocks(blocks, is_ebook=False) == ["prose", "prose", "headings", "headings", "prose"]


def test_a_numbered_list_after_the_words_that_announce_it_is_prose() -> None:
    blocks = split_blocks(f"CHAPTER I\n\n{PROSE}\n\nHe had:\n\n1. Bread.\n\n2. Two Cheeses.\n\n{PROSE}")

    assert label_blocks(blocks) == ["headings", *["prose"] * 5]


@pytest.mark.parametrize(
    "verse",
    [
        "     The road is long, the road is wet,\n     And no one comes along it yet.",
        "          The cart! the cart!\n     It broke my heart,\n          It went apart.",
        "The road is long\nAnd wet the day;\nThe cart has gone\nThe other way.",
    ],
)
def test_verse_is_recognised(verse: str) -> None:
    assert label(verse) == "verse"


@pytest.mark.parametrize(
    "prose",
    [
        '     "The cart was found on Tuesday last, in the stream below the\n'
        '     mill, by the son of the miller, who has been given a shilling,\n     and is proud of it."',
        '                                   "Yours faithfully,\n                                        "A. CARTER."',
        '"Is it far?" said the carter, in the voice of a man who knows.\n"It is."',
        '"Yes."',
        '          "THE CART, NEAR THE MILL,\n               "March 3, 1831.',
    ],
)
def test_quoted_prose_and_the_parts_of_letters_are_no_verse(prose: str) -> None:
    assert label(prose) == "prose"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("* * * * *", "ornaments"),
        ("THE END", "end_marks"),
        ("END OF VOL. I.", "end_marks"),
        ("Printed by T. & A. Nobody, at the University Press", "imprint"),
        ("This etext was prepared by a volunteer.", "transcriber_notes"),
        ("* The cart was a waggon.", "footnotes"),
        ("| Carts | 3 |\n| Wheels | 6 |", "tables"),
    ],
)
def test_what_is_no_text_of_the_authors_is_labelled(text: str, kind: str) -> None:
    assert label(text) == kind


def test_a_sentence_that_speaks_of_printers_is_prose() -> None:
    text = "He produced a sum with which the stationers and the\nprinters, who had waited for it, were paid in part."

    assert label(text) == "prose"


def test_a_list_of_editions_is_an_imprint() -> None:
    assert label("_First Published_     1891\n_Second Edition_      1894\n_Reprinted_           1901") == "imprint"


def test_a_note_is_known_by_the_mark_that_the_text_refers_to() -> None:
    blocks = split_blocks(f"{PROSE}[3]\n\n[3] It was a waggon.\n\n[12] {PROSE}")

    assert label_blocks(blocks) == ["prose", "footnotes", "prose"]


def test_the_heading_after_a_contents_table_is_kept() -> None:
    text = f'CONTENTS\n\nI. The Cart        1\nII. The Mill       9\n\n\n\nI. The Cart\n\n\n"Where?"\n\n{PROSE}'

    assert label_blocks(split_blocks(text)) == ["contents", "contents", "headings", "prose", "prose"]


def test_a_numbered_heading_after_a_contents_table_is_no_entry_of_it() -> None:
    text = f"CONTENTS\n\nChapter 1.  The Cart\nChapter 2.  The Mill\n\n\n\nChapter 1.\n\nThe Cart\n\n\n{PROSE}"

    assert label_blocks(split_blocks(text)) == ["contents", "contents", "headings", "headings", "prose"]


def test_a_note_that_is_indented_goes_on_as_long_as_its_indentation() -> None:
    text = f"     Transcriber's Note: As printed.\n\n     Italics are underscored.\n\n{PROSE}"

    assert label_blocks(split_blocks(text)) == ["transcriber_notes", "transcriber_notes", "prose"]


def test_a_contents_table_before_an_unnumbered_title_is_no_heading() -> None:
    text = f"CONTENTS\n\nTHE CART      1\nTHE MILL      9\n\n\n\nTHE CART\n\n\n{PROSE}"

    assert label_blocks(split_blocks(text)) == ["contents", "contents", "headings", "prose"]


def test_a_tale_after_the_end_of_another_is_kept() -> None:
    text = "\n\n".join([PROSE] * 30 + ["THE END", "\n\n\nTHE SECOND TALE"] + [PROSE] * 5)

    assert label_blocks(split_blocks(text))[-1] == "prose"


def test_a_summary_under_a_chapter_heading_belongs_to_it() -> None:
    text = f"CHAPTER I\n\nThe cart is lost--A shilling--The miller's\nson--Of crabs--I go home.\n\n{PROSE}"

    assert label_blocks(split_blocks(text)) == ["headings", "headings", "prose"]


def test_recognisers_agree_on_what_they_are_given() -> None:
    heading, contents = split_blocks("CHAPTER II\n\n\nCONTENTS.")

    assert (is_heading(heading), is_numbered_heading(heading), is_contents_heading(contents)) == (True, True, True)
    assert END_MARK.fullmatch("The End.")
