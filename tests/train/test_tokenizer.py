import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from train.tokenizer import PIECES, train_tokenizer

TEXT = ["“Oh!” said Emma. “I don’t know—’tis so.”", "She walked to the harbour, and returned."] * 20


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(iter(TEXT), 330)


@given(st.text())
def test_pieces_cover_any_text_but_its_paragraph_ends(text):
    assert "".join(re.findall(PIECES, text)) == text.replace("\n", "")


@given(text=st.text())
def test_decoding_gives_back_any_text(tokenizer, text):
    assert tokenizer.decode(tokenizer.encode(text).ids, skip_special_tokens=False) == text


def test_a_paragraph_end_is_token_0_wherever_it_stands(tokenizer):
    assert tokenizer.encode("\nEmma.\n\n").ids[0] == 0
    assert tokenizer.encode("\nEmma.\n\n").ids[-2:] == [0, 0]


def test_a_token_never_joins_two_words(tokenizer):
    assert not [token for token in tokenizer.get_vocab() if "Ġ" in token[1:]]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("She didn’t.", ["She", " didn", "’t", "."]),
        ("’tis so", ["’", "tis", " so"]),
        ("Brontë’s 1847", ["Brontë", "’s", " 184", "7"]),
        ("“Oh!” said", ["“", "Oh", "!”", " said"]),
        ("so—but", ["so", "—", "but"]),
        ("two  spaces", ["two", " ", " spaces"]),
    ],
)
def test_pieces_are_words_with_the_space_before_them(text, pieces):
    assert re.findall(PIECES, text) == pieces
