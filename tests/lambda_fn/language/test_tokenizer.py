import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from hypothesis import example, given
from hypothesis import strategies as st

from lambda_fn.errors import BundleError, TextError
from lambda_fn.language.tokenizer import Tokenizer
from train.tokenizer import save_tokenizer, train_tokenizer

TEXT = (
    "“You have no notion, my dear Miss Ashworth,” said the captain, “how the rain can fall at Lyme — "
    "it’s a wonder we’re not all drowned!”\n",
    "She didn’t answer; she had counted 1,815 drops upon the window‐pane, and thought of nothing else.\n",
    "“Dreadful!” cried her sister. “Dreadful, dreadful! And the café closed, too…”\n",
)

# Words that the tokenizer has merges for, and whatever else there is.
texts = st.one_of(
    st.text(),
    st.text(st.sampled_from("“” —’ \nabdehinorstw.,!Éé0123\u0301\0🙂\U000e0fff")),
    st.lists(st.sampled_from(("dreadful", " the", "’s", "’re", "\n", " ", "rain", "1815", "🙂", "x"))).map("".join),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    save_tokenizer(train_tokenizer(iter(TEXT * 3), 400), path)
    return path


@pytest.fixture(scope="module")
def ours(file: Path) -> Tokenizer:
    return Tokenizer.from_file(file)


@pytest.fixture(scope="module")
def theirs(file: Path) -> tokenizers.Tokenizer:
    return tokenizers.Tokenizer.from_file(str(file))


@given(text=texts)
@example(text="")
@example(text="\n\n")
@example(text=" \n ")
@example(text="e\u0301\u0378\U0010ffff\0\u2028\r\n\ufeff")
@example(text="👩‍👩‍👧‍👦 🇬🇧")
@example(text="’s’S ’st ’re’re ’")
@example(text="dreadful" * 500)
def test_ids_are_those_of_the_tokenizers_library(ours: Tokenizer, theirs: tokenizers.Tokenizer, text: str) -> None:
    assert ours.encode(text) == theirs.encode(text).ids


@given(text=texts)
def test_decoding_gives_the_text_back(ours: Tokenizer, text: str) -> None:
    assert ours.decode(ours.encode(text)) == text


@given(tokens=st.lists(st.integers(0, 399)))
def test_decoding_joins_bytes_before_it_looks_for_characters(ours: Tokenizer, tokens: list[int]) -> None:
    whole = b"".join(ours.token_bytes(token) for token in tokens)
    assert ours.decode(tokens) == whole.decode("utf-8", errors="replace")


def test_code_points_of_every_plane_come_back(ours: Tokenizer) -> None:
    text = "".join(chr(point) for point in range(0, 0x110000, 13) if not 0xD800 <= point < 0xE000)
    assert ours.decode(ours.encode(text)) == text


def test_pieces_are_cut_alike_at_every_code_point_of_the_first_planes(
    ours: Tokenizer, theirs: tokenizers.Tokenizer
) -> None:
    text = "".join(f"a{chr(point)}b {chr(point)}1" for point in range(0x3100))
    assert ours.encode(text) == theirs.encode(text).ids


def test_learnt_words_are_single_tokens(ours: Tokenizer) -> None:
    assert [ours.decode([token]) for token in ours.encode("Dreadful! the rain")][-2:] == [" the", " rain"]


def test_a_paragraph_ends_with_token_zero(ours: Tokenizer) -> None:
    assert ours.encode("the\nthe") == [*ours.encode("the"), 0, *ours.encode("the")]


def test_the_paragraph_token_is_its_line_break(ours: Tokenizer) -> None:
    assert (ours.paragraph, ours.token_bytes(ours.paragraph)) == (0, b"\n")


def test_the_size_is_the_number_of_tokens(ours: Tokenizer, theirs: tokenizers.Tokenizer) -> None:
    assert ours.size == theirs.get_vocab_size()


def test_half_a_character_is_shown_as_the_replacement_character(ours: Tokenizer) -> None:
    assert ours.decode(ours.encode("🙂")[:-1]) == "\ufffd"


@pytest.mark.parametrize("text", ["\ud800", "a\udcffb", "a \udfff"])
def test_half_of_a_surrogate_pair_is_refused(ours: Tokenizer, text: str) -> None:
    with pytest.raises(TextError, match="half of a character, which UTF-8 cannot encode"):
        ours.encode(text)


@pytest.mark.parametrize("token", [-1, 400])
def test_a_token_that_does_not_exist_is_refused(ours: Tokenizer, token: int) -> None:
    with pytest.raises(ValueError, match=f"token must be from 0 to 399, not {token}"):
        ours.decode([token])


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot be read: No such file"):
        Tokenizer.from_file(tmp_path / "tokenizer.json")


def test_a_file_cut_short_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(file.read_bytes()[:1000])
    with pytest.raises(BundleError, match="is not JSON"):
        Tokenizer.from_file(tmp_path / "tokenizer.json")


def split(document: dict[str, Any]) -> dict[str, Any]:
    step = document["pre_tokenizer"]["pretokenizers"][0]
    assert isinstance(step, dict)
    return step


SPOILT: dict[str, Callable[[dict[str, Any]], object]] = {
    "normalizer": lambda document: document.update(normalizer={"type": "NFC"}),
    "post_processor": lambda document: document.update(post_processor={"type": "ByteLevel"}),
    "version": lambda document: document.update(version="2.0"),
    "truncation": lambda document: document.pop("truncation"),
    "added_tokens": lambda document: document["added_tokens"].append(dict(document["added_tokens"][0], id=1)),
    "content": lambda document: document["added_tokens"][0].update(content="<p>"),
    "lstrip": lambda document: document["added_tokens"][0].update(lstrip=True),
    "id": lambda document: document["added_tokens"][0].update(id=3),
    "type": lambda document: document["model"].update(type="WordPiece"),
    "dropout": lambda document: document["model"].update(dropout=0.1),
    "ignore_merges": lambda document: document["model"].update(ignore_merges=True),
    "byte_fallback": lambda document: document["model"].update(byte_fallback=0),
    "unk_token": lambda document: document["model"].update(unk_token="?"),
    "vocab": lambda document: document["model"]["vocab"].pop("Ā"),
    "merges": lambda document: document["model"]["merges"].append(["the", "zzz"]),
    "pretokenizers": lambda document: document["pre_tokenizer"]["pretokenizers"].pop(),
    "behavior": lambda document: split(document).update(behavior="Removed"),
    "invert": lambda document: split(document).update(invert=True),
    "pattern": lambda document: split(document).update(pattern={"String": " "}),
    "Regex": lambda document: split(document).update(pattern={"Regex": "("}),
    "use_regex": lambda document: document["pre_tokenizer"]["pretokenizers"][1].update(use_regex=True),
    "decoder": lambda document: document.update(decoder=None),
}


@pytest.mark.parametrize("field", SPOILT)
def test_a_file_of_another_kind_is_refused_with_the_field(file: Path, tmp_path: Path, field: str) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    SPOILT[field](document)
    (tmp_path / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(BundleError, match=f"'{field}'"):
        Tokenizer.from_file(tmp_path / "tokenizer.json")


@pytest.mark.parametrize(
    "pattern", [r"\w+", r"\p{L}+", "(?i)a", "[[a-z]]", "[a[:alpha:]]", "[a-z&&[^b]]", "(?<x>a)", "a*", ""]
)
def test_patterns_that_engines_read_differently_are_refused(file: Path, tmp_path: Path, pattern: str) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    split(document)["pattern"] = {"Regex": pattern}
    (tmp_path / "tokenizer.json").write_text(json.dumps(document))
    with pytest.raises(BundleError, match="'Regex' must be a regular expression of plain characters and ranges"):
        Tokenizer.from_file(tmp_path / "tokenizer.json")


@given(change=st.integers(0, 2**31), value=st.sampled_from([None, True, -1, "", "x", [], {}, [["a"]], {"a": 0}]))
def test_a_file_with_any_altered_value_is_refused_or_still_loses_no_text(
    file: Path, tmp_path_factory: pytest.TempPathFactory, change: int, value: object
) -> None:
    document = json.loads(file.read_text(encoding="utf-8"))
    places = list(_places(document))
    holder, key = places[change % len(places)]
    holder[key] = value
    path = tmp_path_factory.mktemp("altered") / "tokenizer.json"
    path.write_text(json.dumps(document))
    try:
        altered = Tokenizer.from_file(path)
    except BundleError:
        return
    assert altered.decode(altered.encode(TEXT[0])) == TEXT[0]


def _places(document: dict[str, Any]) -> Any:
    """Every value in the document but the single merges and the single tokens."""
    for key, value in document.items():
        yield document, key
        if isinstance(value, dict) and key != "vocab":
            yield from _places(value)
        if isinstance(value, list) and key != "merges":
            for item in value:
                yield from _places(item)
