"""Bits per character: what is read, how it is counted, and that PyTorch says the same."""

import json
import math
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from export.__main__ import main
from export.errors import InputError
from export.evaluate import Evaluation, evaluate, read_cleaned
from lambda_fn.language import tokenizer as runtime
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.neural_cache import NeuralCache
from tests.export.helpers import PARAGRAPHS, TEXT
from train.corpus.cleaning import clean
from train.errors import TrainError
from train.model import LanguageModel as TorchModel

EBOOK = (
    "\ufeffThe Project Gutenberg eBook of The Hedge\r\n\r\nTitle: The Hedge\r\n\r\nAuthor: Nobody\r\n\r\n"
    "Release date: May 1, 2001 [eBook #4242]\r\n\r\n"
    "*** START OF THE PROJECT GUTENBERG EBOOK THE HEDGE ***\r\n\r\n\r\nTHE HEDGE\r\n\r\n\r\nCHAPTER I\r\n\r\n\r\n"
    "Louisa laughed, took up her _bonnet_, and was out of the\r\ndoor before another word could be said.\r\n\r\n"
    '"An argument with my aunt," she said, "is best answered from\r\nthe other side of a hedge--a tall one."\r\n\r\n'
    "*** END OF THE PROJECT GUTENBERG EBOOK THE HEDGE ***\r\n\r\nUpdated editions will replace the previous one.\r\n"
)


def bits_in_pytorch(model: TorchModel, tokenizer: Tokenizer, text: str, style: list[float]) -> float:
    """The sum of -log2 p over the tokens of a text, from a state of zeros after the paragraph token."""
    tokens = torch.tensor([[0, *tokenizer.encode(text).ids]])
    with torch.no_grad():
        logits, _ = model(tokens[:, :-1], torch.tensor([style]), model.zero_state(1))
    logs = torch.log_softmax(logits[0].double(), dim=-1)
    return -logs[torch.arange(len(logs)), tokens[0, 1:]].sum().item() / math.log(2)


def score_text(bundle_folder: Path, text: str, style: list[float]) -> Evaluation:
    bundle = load_bundle(bundle_folder)
    tokenizer = runtime.Tokenizer.from_file(bundle.tokenizer)
    return evaluate(LanguageModel(bundle), tokenizer, text, np.array(style, np.float32))


@pytest.mark.parametrize("style", [[1.0, 0.0], [0.0, 1.0], [0.25, 0.75]], ids=str)
def test_pytorch_finds_the_same_bits_per_character(
    bundles: dict[str, Path], trained_model: TorchModel, tokenizer: Tokenizer, style: list[float]
) -> None:
    found = score_text(bundles["fp32"], TEXT, style)
    expected = bits_in_pytorch(trained_model, tokenizer, TEXT, style)
    assert abs(found.bits_per_character - expected / len(TEXT)) < 1e-4


def test_with_a_neural_cache_a_text_that_repeats_itself_costs_less(bundles: dict[str, Path]) -> None:
    bundle = load_bundle(bundles["fp32"])
    read = LanguageModel(bundle), runtime.Tokenizer.from_file(bundle.tokenizer)
    style = np.array([1.0, 0.0], np.float32)
    alone = evaluate(*read, TEXT * 3, style)
    cached = evaluate(*read, TEXT * 3, style, cache=NeuralCache())
    assert alone.bits_per_character_with_cache is None
    assert cached.bits == alone.bits
    assert cached.bits_per_character_with_cache is not None
    assert cached.bits_per_character_with_cache < 0.98 * cached.bits_per_character


def test_the_cache_is_measured_beside_when_it_is_asked_for(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    command = ["evaluate", str(bundles["fp32"]), str(tmp_path / "a.txt")]
    assert main([*command, "--cache", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert 0 < found["bits_per_character_with_cache"] == found["files"][0]["bits_per_character_with_cache"]
    assert main([*command, "--cache"]) == 0
    assert "with a neural cache (" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    assert "bits_per_character_with_cache" not in json.loads(capsys.readouterr().out)


@pytest.mark.parametrize(("precision", "most"), [("8bit", 0.01), ("4bit", 0.3), ("integer", 0.4)])
def test_rounding_costs_little(bundles: dict[str, Path], precision: str, most: float) -> None:
    exact, rounded = (score_text(bundles[name], TEXT, [1.0, 0.0]).bits_per_character for name in ("fp32", precision))
    assert abs(rounded - exact) < most


def test_a_learnt_text_costs_less_than_its_words_shuffled(bundles: dict[str, Path]) -> None:
    words = np.random.default_rng(0).permutation(TEXT.split())
    learnt, shuffled = (score_text(bundles["4bit"], text, [1.0, 0.0]) for text in (TEXT, " ".join(words)))
    assert learnt.bits_per_character < shuffled.bits_per_character / 2


def test_the_state_is_carried_over_a_paragraphs_end(bundles: dict[str, Path]) -> None:
    """A paragraph costs less after the one that came before it when the model learnt it by heart."""
    whole = score_text(bundles["fp32"], TEXT, [1.0, 0.0]).bits
    apart = sum(score_text(bundles["fp32"], f"{paragraph}\n", [1.0, 0.0]).bits for paragraph in PARAGRAPHS)
    assert whole < apart


def test_characters_and_tokens_count_the_ends_of_paragraphs(bundles: dict[str, Path], tokenizer: Tokenizer) -> None:
    found = score_text(bundles["fp32"], "Roses!\nRoses!\n", [1.0, 0.0])
    assert (found.characters, found.tokens) == (14, len(tokenizer.encode("Roses!\nRoses!\n").ids))


def test_an_ebook_is_cleaned_as_the_corpus_is(tmp_path: Path) -> None:
    (tmp_path / "pg4242.txt").write_bytes(EBOOK.encode("utf-8"))
    book = read_cleaned(tmp_path / "pg4242.txt")
    assert book.text == clean(EBOOK).text
    assert "is best answered from the other side of a hedge—a tall one.”\n" in book.text


def test_title_and_number_are_those_of_the_header(tmp_path: Path) -> None:
    (tmp_path / "any.txt").write_bytes(EBOOK.encode("utf-8"))
    book = read_cleaned(tmp_path / "any.txt")
    assert (book.title, book.ebook) == ("The Hedge", 4242)


def test_a_clean_text_is_scored_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "clean.txt").write_bytes(TEXT.encode("utf-8"))
    assert read_cleaned(tmp_path / "clean.txt").text == TEXT


def test_json_has_the_fields_of_the_design(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    assert main(["evaluate", str(bundles["fp32"]), str(tmp_path / "a.txt"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found)[:4] == ["bits_per_character", "characters", "tokens", "seconds"]
    assert found["characters"] == len(TEXT)


def test_several_files_are_summed_each_from_the_start(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_bytes(TEXT.encode("utf-8"))
    main(["evaluate", str(bundles["fp32"]), str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["characters"] == 2 * len(TEXT)
    assert {file["bits_per_character"] for file in found["files"]} == {found["bits_per_character"]}


def test_people_are_told_in_a_line_a_file_and_one_for_all_and_programs_see_no_bar(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    main(["evaluate", str(bundles["fp32"]), str(tmp_path / "a.txt"), str(tmp_path / "a.txt")])
    printed = capsys.readouterr()
    first, _, total = printed.out.splitlines()
    assert first.startswith(f"{tmp_path / 'a.txt'}: ")
    assert total.startswith("together: ")
    assert printed.err == ""


def bits(bundles: dict[str, Path], file: Path, capsys: pytest.CaptureFixture[str], *options: str) -> float:
    assert main(["evaluate", str(bundles["fp32"]), str(file), "--json", *options]) == 0
    return float(json.loads(capsys.readouterr().out)["bits_per_character"])


def test_the_first_author_reads_unless_another_is_named(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    default, first, second = (
        bits(bundles, tmp_path / "a.txt", capsys, *options)
        for options in ([], ["--author", "Jane Austen"], ["--author", "Charles Dickens"])
    )
    assert default == first < second


def test_a_blend_reads_between(bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    pure, blend = (
        bits(bundles, tmp_path / "a.txt", capsys, "--style", style)
        for style in ("Jane Austen", "Jane Austen=0.5,Charles Dickens=0.5")
    )
    assert pure < blend


def test_an_old_ebook_in_the_encoding_that_its_header_names_is_read(tmp_path: Path) -> None:
    named = EBOOK.replace("\ufeff", "").replace("Author:", "Character set encoding: ISO-8859-1\r\n\r\nAuthor:")
    (tmp_path / "old.txt").write_bytes(named.replace("Louisa", "Zoë").encode("latin-1"))
    assert read_cleaned(tmp_path / "old.txt").text.startswith("Zoë laughed,")


def test_eight_bit_bytes_of_no_named_encoding_are_read_as_windows_wrote_them(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"caf\xe9 cr\xe8me \x97 or not")
    assert read_cleaned(tmp_path / "a.txt").text == "café crème—or not\n"


def test_bytes_that_are_no_text_are_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"PK\x03\x04" + bytes(range(256)) * 8)
    with pytest.raises(TrainError, match=r"a\.txt is no text: it must be plain text"):
        read_cleaned(tmp_path / "a.txt")


def test_a_book_of_which_most_is_left_out_is_read_with_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table = "| Hedges | 3 |\r\n| Aunts | 1 |\r\n\r\n"
    (tmp_path / "tables.txt").write_bytes(EBOOK.replace("Louisa", table * 20 + "Louisa").encode())
    assert read_cleaned(tmp_path / "tables.txt").text.startswith("Louisa")
    warned = capsys.readouterr().err
    assert warned.startswith(f"warning: {tmp_path / 'tables.txt'}: only ")
    assert "tables" in warned
    assert warned.count("\n") == 1


@pytest.mark.parametrize("data", [b"", b" \n\n \n", EBOOK[: EBOOK.index("THE HEDGE\r\n\r\n\r\nCHAPTER")].encode()])
def test_a_file_without_prose_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.txt has no prose in it"):
        read_cleaned(tmp_path / "a.txt")


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nowhere\.txt cannot be read: No such file or directory"):
        read_cleaned(tmp_path / "nowhere.txt")


@pytest.mark.parametrize("options", [["--author", "Nobody"], ["--style", "Jane Austen=-1"], ["--author", ""]])
def test_a_style_that_cannot_be_is_bad_input(
    bundles: dict[str, Path], tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    code = main(["evaluate", str(bundles["fp32"]), str(tmp_path / "a.txt"), *options])
    printed = capsys.readouterr()
    assert (code, printed.out, printed.err.count("\n")) == (2, "", 1)


def test_a_tokenizer_of_another_model_is_bad_input(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copytree(bundles["fp32"], tmp_path / "bundle")) / "bundle.json"
    description = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(description | {"vocabulary": description["vocabulary"] + 1}))
    (tmp_path / "a.txt").write_bytes(TEXT.encode("utf-8"))
    assert main(["evaluate", str(path.parent), str(tmp_path / "a.txt")]) == 2
    assert re.fullmatch(r"error: [^\n]+\n", capsys.readouterr().err)
