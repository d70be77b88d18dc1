"""Where the text of an ebook begins and ends."""

import pytest

from train.corpus.boundaries import find_body

TALE = "The kettle sang.\n\nNobody listened.\n"

NOTICE = (
    "We are now trying to release all our books one month in advance of the\nofficial release dates, for time for "
    "better editing. Please write to us by\nemail if you have a computer, or send a donation to the Foundation.\n\n"
)
SMALL_PRINT = (
    "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nWhy is this here? You know: lawyers.\n"
    "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n"
)
LONG_TALE = (
    "The kettle had sung upon the hob for longer than any person in the\nhouse could remember, and nobody listened to "
    "it any more, except the\ncat, which listened to everything, and had an opinion of it.\n\n"
) * 20
HEADERS = {
    "this": "The Project Gutenberg EBook of A Kettle\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE ***\n\n",
    "the": "Title: A Kettle\n\n*** START OF THE PROJECT GUTENBERG EBOOK A KETTLE ***\n\n",
    "closed up": "Title: A Kettle\n\n***START OF THE PROJECT GUTENBERG EBOOK A KETTLE***\n\n",
    "etext": "***START OF THE PROJECT GUTENBERG ETEXT, A KETTLE***\n",
    "number": "Credits: somebody\n\n*** START OF THE PROJECT GUTENBERG EBOOK 99999 ***\n",
    "over two lines": "*** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE,\nITS LIFE AND OPINIONS ***\n",
    "small print": (
        "Project Gutenberg's Etext of A Kettle\n\n*****These Etexts Are Prepared By Volunteers*****\n\n"
        "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nWhy is this here? You know: lawyers.\n"
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n\n"
    ),
    "not closed": "Title: A Kettle\n\n*** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE\n\n",
    "not closed, over two lines": "*** START OF THE PROJECT GUTENBERG EBOOK A KETTLE,\nITS LIFE AND OPINIONS\n\n",
    "broken before its name": "*** START OF THIS\nPROJECT GUTENBERG EBOOK A KETTLE\n***\n",
    "two asterisks": "Title: A Kettle\n\n** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE **\n",
    "one asterisk": "Title: A Kettle\n\n* START OF THE PROJECT GUTENBERG EBOOK A KETTLE *\n",
    "no asterisk": "Title: A Kettle\n\nSTART OF THE PROJECT GUTENBERG EBOOK A KETTLE\n",
    "mixed case": "***Start of the Project Gutenberg EBook of A Kettle***\n",
    "beginning": "*** BEGINNING OF THE PROJECT GUTENBERG EBOOK A KETTLE ***\n",
    "French": "*** DÉBUT DE CE LIVRE ÉLECTRONIQUE DU PROJET GUTENBERG UNE BOUILLOIRE ***\n",
    "long small print": "Project Gutenberg's Etext of A Kettle\n\n" + NOTICE * 40 + SMALL_PRINT,
    "small print without its end": (
        "Project Gutenberg's Etext of A Kettle\n\n***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\n\n"
        + NOTICE * 20
    ),
    "notices alone": "The Project Gutenberg Etext of A Kettle\n\n" + NOTICE * 20 + "April, 1994  [Etext #99999]\n\n",
    "no marker": (
        "The Project Gutenberg Etext of A Kettle, by Nobody\n\nTitle: A Kettle\n\nAuthor: Nobody\n\n"
        "Release Date: May, 1994 [Etext #99999]\n\nLanguage: English\n\n"
    ),
}
FOOTERS = {
    "this": "\n*** END OF THIS PROJECT GUTENBERG EBOOK A KETTLE ***\n\nSection 1. Terms of use\n",
    "closed up": "\n***END OF THE PROJECT GUTENBERG EBOOK A KETTLE***\nlicence\n",
    "words": "\nEnd of Project Gutenberg's A Kettle\n\n*** END OF THIS PROJECT GUTENBERG EBOOK ***\nlicence\n",
    "old words": "\nEnd of The Project Gutenberg Etext of A Kettle\n",
    "bracketed": "\n[End of the Project Gutenberg EBook of A Kettle]\nlicence\n",
    "licence alone": "\n*** START: FULL LICENSE ***\nTHE FULL PROJECT GUTENBERG LICENSE\n",
    "licence without a marker": "\nTHE FULL PROJECT GUTENBERG LICENSE\nPLEASE READ THIS BEFORE YOU DISTRIBUTE\n",
    "terms": "\nSection 1. General Terms of Use and Redistributing Project Gutenberg-tm electronic works\nterms\n",
    "French": "\n*** FIN DE CE LIVRE ÉLECTRONIQUE DU PROJET GUTENBERG UNE BOUILLOIRE ***\nlicence\n",
    "no asterisk": "\nEND OF THE PROJECT GUTENBERG EBOOK A KETTLE\nlicence\n",
    "licence without its first lines": "\nUpdated editions will replace the previous one.\n\n" + NOTICE,
    "appeal": "\n" + NOTICE * 3 + "Project Gutenberg is grateful to its readers.\n",
    "small print": "\n***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN EBOOKS**START***\nlawyers\n",
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
def test_every_form_of_header_is_cut(header: str) -> None:
    assert find_body(header + TALE).text.strip() == TALE.strip()


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS.keys())
def test_every_form_of_footer_is_cut(footer: str) -> None:
    assert find_body(HEADERS["the"] + TALE + footer).text.strip() == TALE.strip()


def test_a_text_without_markers_is_all_body() -> None:
    assert find_body(TALE).text == TALE


def test_a_licence_in_the_middle_parts_two_ebooks() -> None:
    second = "The lid answered.\n"
    raw = HEADERS["the"] + TALE + FOOTERS["this"] + HEADERS["this"] + second + FOOTERS["words"]

    body = find_body(raw).text

    assert body.split("\n\n\n\n\n\n")[0].strip() == TALE.strip()
    assert body.strip().endswith(second.strip())
    assert "PROJECT" not in body


def test_header_and_footer_are_counted() -> None:
    raw = HEADERS["the"] + TALE + FOOTERS["this"]

    body = find_body(raw)

    assert body.header + len(body.text) + body.footer == len(raw)


def test_the_line_of_a_marker_may_hold_the_text_that_it_begins() -> None:
    assert find_body("*** START OF THIS PROJECT GUTENBERG EBOOK A KETTLE *** " + TALE).text.strip() == TALE.strip()


def test_a_rule_of_asterisks_does_not_close_a_marker_that_was_left_open() -> None:
    raw = HEADERS["not closed"] + TALE + "\n* * *\n\n***\n\n" + TALE + FOOTERS["this"]

    assert find_body(raw).text.count("Nobody listened.") == 2


def test_an_ebook_whose_end_is_not_marked_ends_where_the_next_one_begins() -> None:
    first = HEADERS["the"] + LONG_TALE
    second = HEADERS["this"] + LONG_TALE.replace("kettle", "lid") + FOOTERS["this"]

    body = find_body(first + second).text

    assert (body.count("The kettle had sung"), body.count("The lid had sung")) == (20, 20)
    assert "PROJECT" not in body.upper()


def test_an_ebook_without_a_marker_of_its_start_follows_another_ones_licence() -> None:
    second = "The Project Gutenberg Etext of A Lid, by Nobody\n\n" + NOTICE * 20 + LONG_TALE.replace("kettle", "lid")

    body = find_body(HEADERS["this"] + LONG_TALE + FOOTERS["this"] + second).text

    assert (body.count("The kettle had sung"), body.count("The lid had sung")) == (20, 20)
    assert "donation" not in body


def test_small_print_behind_a_long_text_is_its_footer() -> None:
    assert find_body(HEADERS["the"] + LONG_TALE + SMALL_PRINT).text.strip() == LONG_TALE.strip()


def test_prose_that_went_as_a_footer_is_doubtful() -> None:
    body = find_body(HEADERS["this"] + TALE + FOOTERS["this"] + LONG_TALE)

    assert body.doubtful > 0.9 * len(LONG_TALE)


def test_notices_are_not_doubtful() -> None:
    assert find_body(HEADERS["long small print"] + TALE + FOOTERS["appeal"]).doubtful == 0


def test_a_users_text_that_speaks_of_the_law_is_all_body() -> None:
    text = "This edition was posted to readers with a licence to copy it.\n\n" * 5 + TALE

    assert find_body(text).text == text
