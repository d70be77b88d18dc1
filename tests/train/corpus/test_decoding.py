"""Bytes become the characters that were meant, whatever a header says that they are."""

import codecs

import pytest

from train.corpus.decoding import decode_ebook
from train.errors import WrongEbookError

TEXT = "“Zoë’s café—naïve, n’est-ce pas?” said the garçon. “It was £5 at the château in Köln…”\nHe didn’t answer.\n"
PLAIN = "Zoë’s café, a naïve garçon; the château of the crème brûlée, and Köln.\n"


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode("utf-8"),
        codecs.BOM_UTF8 + TEXT.encode("utf-8"),
        codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"),
        codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"),
        codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        TEXT.encode("cp1252"),
        TEXT.encode("mac-roman"),
    ],
    ids=["utf-8", "mark", "utf-16 le", "utf-16 be", "utf-32", "no mark le", "no mark be", "windows", "macintosh"],
)
def test_a_text_of_no_named_encoding_is_read(content: bytes) -> None:
    assert decode_ebook(content, "a.txt") == TEXT


@pytest.mark.parametrize(
    "named", ["ASCII", "US-ASCII", "ISO-8859-1", "UTF-8", "macintosh", "windows-1252", "none", "x?"]
)
@pytest.mark.parametrize("true", ["utf-8", "cp1252", "mac-roman"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_a_header_that_names_another_encoding_does_not_matter(named: str, true: str, line_end: str) -> None:
    text = f"Title: A\n\nCharacter set encoding: {named}\n\n{PLAIN}".replace("\n", line_end)

    assert decode_ebook(text.encode(true), "a.txt") == text


def test_an_old_text_of_dos_is_read() -> None:
    text = "The naïve garçon of the château ate a crème brûlée at the café in Köln.\n"

    assert decode_ebook(text.encode("cp437"), "a.txt") == text


def test_an_encoding_that_we_cannot_tell_by_the_bytes_is_the_one_that_is_named() -> None:
    text = "Character set encoding: ISO-8859-2\n\nŁódź\n"

    assert decode_ebook(text.encode("iso-8859-2"), "a.txt") == text


def test_a_few_broken_bytes_leave_utf_8_what_it_is() -> None:
    content = TEXT.encode() * 20 + b"a caf\xe9 of 1850, torn \xe2\x80 here and \xff there"

    read = decode_ebook(content, "a.txt")

    assert read.startswith(TEXT * 20)
    assert "a café of 1850, torn  here" in read
    assert "\ufffd" not in read


@pytest.mark.parametrize(
    "content", [b"PK\x03\x04" + bytes(range(256)) * 4, b"\x00" * 99, b"\x1f\x8b" + bytes(range(32)) * 9]
)
def test_what_is_no_text_is_refused_in_one_sentence(content: bytes) -> None:
    with pytest.raises(WrongEbookError, match=r"^a\.txt is no text: it must be plain text[^\n]*$"):
        decode_ebook(content, "a.txt")
