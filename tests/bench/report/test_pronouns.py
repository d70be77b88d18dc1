"""Which sentences are asked about, and how they are flipped."""

import pytest

from bench.report.pronouns import flip, paired_difference, pieces_of, preferred


@pytest.mark.parametrize(
    ("sentence", "flipped"),
    [
        ("She said that she knew.", "She said that he knew."),
        ("He said that he knew.", "He said that she knew."),
        ("He knew who saw him.", "He knew who saw her."),
        ("He took his hat.", "He took her hat."),
        ("He took off his own very old hat.", "He took off her own very old hat."),
        ("She knew that they saw her.", "She knew that they saw him."),
        ("“She knew they saw her,” said Tom.", "“She knew they saw him,” said Tom."),
        ("She let them lead her to the door.", "She let them lead him to the door."),
        ("She shook her head.", "She shook his head."),
        ("She lost her own way.", "She lost his own way."),
        ("His hat was gone. He", "His hat was gone. She"),
        ("SHE KNEW SHE DID.", "SHE KNEW HE DID."),
        ("He dressed himself, and he went.", "He dressed himself, and she went."),
    ],
)
def test_the_last_pronoun_is_flipped_where_its_other_form_is_plain(sentence: str, flipped: str) -> None:
    assert flip(sentence) == flipped


@pytest.mark.parametrize(
    "sentence",
    [
        "She left.",  # one pronoun
        "Tom left.",  # none
        "She saw that he left.",  # both genders
        "She said it was hers.",  # his, but none of the flips
        "He said it was his.",  # hers
        "He said that his was lost.",  # hers
        "She gave her horse a pat.",  # his, or him: gave him a horse?
        "She loved her only too well.",  # him; but "her only son" would be his
        "She saw herself.",
        "The other, there, Sheba and Heath.",  # no pronouns
        "She met a she-wolf.",
    ],
)
def test_other_sentences_are_left_alone(sentence: str) -> None:
    assert flip(sentence) is None


PARAGRAPHS = ["He said he would. It rained. She knew she was late.", "Nobody came. He lost his hat. The end."]


def test_pieces_are_the_book_up_to_the_last_sentence_asked_about() -> None:
    pieces = pieces_of(PARAGRAPHS, 10)
    whole = "".join(f"{paragraph}\n" for paragraph in PARAGRAPHS)
    assert whole.startswith("".join(piece.text for piece in pieces))
    assert [piece.text for piece in pieces if piece.instead] == [
        "He said he would.",
        " She knew she was late.",
        " He lost his hat.",
    ]
    assert pieces[-1].instead == (" He lost her hat.",)


def test_where_fewer_are_wanted_they_are_spread_and_the_rest_is_context() -> None:
    pieces = pieces_of(PARAGRAPHS * 10, 3)
    assert sum(bool(piece.instead) for piece in pieces) == 3
    assert "".join(f"{p}\n" for p in PARAGRAPHS * 10).startswith("".join(piece.text for piece in pieces))


def test_a_book_without_such_sentences_has_no_pieces() -> None:
    assert pieces_of(["It rained."], 3) == []


def test_the_cheaper_of_two_is_preferred_and_a_tie_is_no_preference() -> None:
    assert preferred([(1.0, 2.0), (2.0, 1.0), (1.0, 1.0)]) == [True, False, False]


def test_the_difference_is_between_answers_on_the_same_sentences() -> None:
    difference, low, high = paired_difference([True] * 30 + [False] * 10, [True] * 20 + [False] * 20)
    assert difference == 0.25
    assert 0.1 < low < difference < high < 0.4
