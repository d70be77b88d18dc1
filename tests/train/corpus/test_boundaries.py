"""Where the text of an ebook begins and ends."""

import pytest

from train.corpus.boundaries import find_body

TALE = "The kettle sang.\n\nNobody listened.\n"

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
