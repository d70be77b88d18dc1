"""From a run folder to a bundle in its place."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from export.__main__ import main
from lambda_fn.errors import BundleError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.prose.words import words_of
from tests.export.helpers import AUTHORS, TEXT, make_model, write_run
from train.model import LanguageModel, ModelSize

pytestmark = pytest.mark.usefixtures("quick")


def make(run: Path, out: Path, *options: str) -> dict[str, Any]:
    """Make a bundle by the command; returns its `bundle.json`."""
    assert main(["bundle", str(run), "--out", str(out), *options]) == 0
    description: dict[str, Any] = json.loads((out / "bundle.json").read_text(encoding="utf-8"))
    return description


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_it_holds_the_files_that_it_names_and_no_others(run_folder: Path, tmp_path: Path) -> None:
    description = make(run_folder, tmp_path / "bundle")
    found = {name: hashlib.sha256(data).hexdigest() for name, data in content(tmp_path / "bundle").items()}
    assert found.pop("bundle.json")
    assert found == description["files"]


def test_the_bot_can_load_it(run_folder: Path, tmp_path: Path, trained_model: LanguageModel) -> None:
    make(run_folder, tmp_path / "bundle", "--temperature", "0.7", "--top-k", "40", "--top-p", "1")
    bundle = load_bundle(tmp_path / "bundle")
    assert (bundle.authors, bundle.parameters) == (tuple(AUTHORS), trained_model.parameter_count())
    assert (bundle.sampling.temperature, bundle.sampling.top_k, bundle.sampling.top_p) == (0.7, 40, 1.0)


def test_it_declares_the_arrays_of_its_state(run_folder: Path, tmp_path: Path) -> None:
    """As the bot reads a bundle from before they were declared: such a state is an LSTM's."""
    described = make(run_folder, tmp_path / "bundle")
    assert (described["state"], described["state_bounds"]) == ({"h": [2, 1, 32], "c": [2, 1, 32]}, {"h": 1.001})
    declared = load_bundle(tmp_path / "bundle").state
    older = {name: value for name, value in described.items() if not name.startswith("state")}
    (tmp_path / "bundle" / "bundle.json").write_text(json.dumps(older), encoding="utf-8")
    assert load_bundle(tmp_path / "bundle").state == declared


def test_the_same_run_gives_the_same_bundle(run_folder: Path, tmp_path: Path) -> None:
    make(run_folder, tmp_path / "bundle")
    first = content(tmp_path / "bundle")
    make(run_folder, tmp_path / "bundle")
    assert content(tmp_path / "bundle") == first


def test_it_is_named_after_the_run_unless_named(run_folder: Path, tmp_path: Path) -> None:
    names = [make(run_folder, tmp_path / "bundle", *options)["name"] for options in ([], ["--name", "austen-1"])]
    assert names == ["small", "austen-1"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--precision", "fp32"], None),
        (["--precision", "8bit"], (8, 128)),
        (["--precision", "integer"], ("integer", 8)),
        ([], (4, 32)),
        (["--block", "16"], (4, 16)),
    ],
)
def test_it_says_how_weights_are_rounded(
    run_folder: Path, tmp_path: Path, options: list[str], expected: tuple[object, ...] | None
) -> None:
    found = make(run_folder, tmp_path / "bundle", *options)["quantization"]
    assert (found and tuple(found.values())[: len(expected or ())]) == expected


@pytest.mark.parametrize("precision", ["8bit", "4bit", "integer"])
def test_it_says_how_far_each_matrix_was_rounded(run_folder: Path, tmp_path: Path, precision: str) -> None:
    found = make(run_folder, tmp_path / "bundle", "--precision", precision)["quantization"]["rounding"]
    assert [matrix["tensor"] for matrix in found] == [
        "embedding.transposed", "lstm0/gates.weight", "lstm1/gates.weight", "projection.weight",
    ]  # fmt: skip
    assert all(0 < matrix["root_mean_square"] < matrix["worst"] < matrix["largest_weight"] for matrix in found)


def test_its_words_are_those_of_the_training_text(run_folder: Path, tmp_path: Path) -> None:
    make(run_folder, tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle").words() == set(words_of(TEXT))


def test_its_words_are_sorted_one_a_line(run_folder: Path, tmp_path: Path) -> None:
    make(run_folder, tmp_path / "bundle")
    text = (tmp_path / "bundle" / "words.txt").read_text(encoding="utf-8")
    assert text == "".join(f"{word}\n" for word in sorted(set(words_of(TEXT))))


def test_books_and_words_of_the_run_that_it_began_from_count(
    tmp_path: Path, trained_model: LanguageModel, tokenizer: Tokenizer
) -> None:
    base = write_run(tmp_path / "base", trained_model, tokenizer, ebook=98, text="It was the epoch of belief.\n")
    run = write_run(tmp_path / "run", trained_model, tokenizer, base=base)
    assert make(run, tmp_path / "bundle")["trained_on"] == [98, 158]
    assert load_bundle(tmp_path / "bundle").words() == set(words_of(TEXT)) | set(
        words_of("It was the epoch of belief.")
    )


def test_a_run_that_it_began_from_must_still_be_there(
    tmp_path: Path, trained_model: LanguageModel, tokenizer: Tokenizer, capsys: pytest.CaptureFixture[str]
) -> None:
    """Or the bundle would keep silent about books that it was trained on."""
    base = write_run(tmp_path / "base", trained_model, tokenizer, ebook=98)
    run = write_run(tmp_path / "run", trained_model, tokenizer, base=base)
    base.rename(tmp_path / "elsewhere")
    assert main(["bundle", str(run), "--out", str(tmp_path / "bundle")]) == 2
    assert f"began from the run {base}, which is not there any more" in capsys.readouterr().err


def test_a_run_may_carry_the_record_of_the_one_that_it_began_from(
    tmp_path: Path, trained_model: LanguageModel, tokenizer: Tokenizer
) -> None:
    base = write_run(tmp_path / "base", trained_model, tokenizer, ebook=98)
    run = write_run(tmp_path / "run", trained_model, tokenizer, base=base)
    record = json.loads((run / "run.json").read_text(encoding="utf-8"))
    record["base"]["record"] = json.loads((base / "run.json").read_text(encoding="utf-8"))
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    shutil.rmtree(base)
    assert make(run, tmp_path / "bundle")["trained_on"] == [98, 158]


def test_without_the_corpus_there_are_no_words_and_a_note(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (run_folder.parent / "small-corpus").rename(tmp_path / "elsewhere")
    make(run_folder, tmp_path / "bundle")
    assert load_bundle(tmp_path / "bundle").words() == frozenset()
    assert "there will be no words.txt" in capsys.readouterr().err


def test_a_corpus_that_moved_can_be_named(run_folder: Path, tmp_path: Path) -> None:
    (run_folder.parent / "small-corpus").rename(tmp_path / "elsewhere")
    make(run_folder, tmp_path / "bundle", "--corpus", str(tmp_path / "elsewhere"))
    assert load_bundle(tmp_path / "bundle").words() == set(words_of(TEXT))


def test_held_out_figures_are_of_both_precisions_and_say_how_to_repeat_them(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "hedge.txt").write_text(
        "Title: The Hedge\n\n[eBook #4242]\n\nLouisa laughed at the roses.\n", encoding="utf-8"
    )
    options = ["--evaluate", str(tmp_path / "hedge.txt"), "--evaluate-author", "charles dickens"]
    exact, shipped = make(run_folder, tmp_path / "bundle", *options)["held_out"]
    assert (exact["precision"], shipped["precision"]) == ("fp32", "shipped")
    assert (shipped["ebook"], shipped["title"], shipped["author"]) == (4242, "The Hedge", "Charles Dickens")
    repeat = "python -m export evaluate bundle hedge.txt --author 'Charles Dickens'"
    before = "python -m export bundle small --out bundle-fp32 --precision fp32"
    assert shipped["command"] == repeat
    assert exact["command"] == f"{before} && {repeat.replace('bundle ', 'bundle-fp32 ')}"


def test_a_held_out_figure_is_what_evaluate_finds(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    *_, shipped = make(run_folder, tmp_path / "bundle", "--evaluate", str(tmp_path / "a.txt"))["held_out"]
    capsys.readouterr()
    main(["evaluate", str(tmp_path / "bundle"), str(tmp_path / "a.txt"), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert shipped["bits_per_character"] == round(found["bits_per_character"], 4)


def test_nothing_in_it_tells_where_on_a_disk_it_was_made(run_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    make(run_folder, tmp_path / "bundle", "--evaluate", str(tmp_path / "a.txt"))
    assert str(tmp_path) not in (tmp_path / "bundle" / "bundle.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "words.txt", "bundle.json"])
@pytest.mark.parametrize("harm", ["cut", "altered", "missing"])
def test_a_bundle_with_a_damaged_file_is_refused(run_folder: Path, tmp_path: Path, name: str, harm: str) -> None:
    make(run_folder, tmp_path / "bundle")
    path = tmp_path / "bundle" / name
    data = path.read_bytes()
    if harm == "missing":
        path.unlink()
    else:
        path.write_bytes(data[: len(data) // 2] if harm == "cut" else data[:60] + bytes([data[60] ^ 4]) + data[61:])
    with pytest.raises(BundleError):
        load_bundle(tmp_path / "bundle")


BAD_OPTIONS = [
    (["--temperature", "-1"], "temperature"),
    (["--top-p", "0"], "top_p"),
    (["--block", "512"], "block must be one of 16, 32, 64, 128 and 256, not 512"),
    (["--precision", "fp32", "--block", "32"], "--block is for weights rounded in blocks"),
    (["--precision", "integer", "--block", "32"], "--block is for weights rounded in blocks"),
    (["--evaluate-author", "Nobody", "--evaluate", "x.txt"], "unknown author 'Nobody'"),
    (["--evaluate-author", "Jane Austen"], "name the book with --evaluate"),
    (["--evaluate", "nowhere.txt"], "nowhere.txt cannot be read"),
    (["--corpus", "nowhere"], "nowhere is not a corpus that the run learnt from"),
]


@pytest.mark.parametrize(("options", "sentence"), BAD_OPTIONS, ids=[" ".join(options) for options, _ in BAD_OPTIONS])
def test_bad_input_is_one_sentence_and_leaves_the_older_bundle(
    run_folder: Path, tmp_path: Path, options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    make(run_folder, tmp_path / "bundle")
    before = content(tmp_path / "bundle")
    capsys.readouterr()
    code = main(["bundle", str(run_folder), "--out", str(tmp_path / "bundle"), "--name", "other", *options])
    error = capsys.readouterr().err
    assert (code, error.count("\n"), content(tmp_path / "bundle")) == (2, 1, before)
    assert sentence in error


def damage_tokenizer(run: Path) -> None:
    path = run / "tokenizer.json"
    path.write_bytes(path.read_bytes() + b"\n")


def damage_weights(run: Path) -> None:
    path = run / "best.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def damage_record(run: Path) -> None:
    path = run / "run.json"
    path.write_bytes(path.read_bytes()[:100])


def damage_corpus(run: Path) -> None:
    path = run.parent / "small-corpus" / "train" / "158.txt"
    path.write_bytes(path.read_bytes() + b"One line more.\n")


def remove_record(run: Path) -> None:
    (run / "run.json").unlink()


@pytest.mark.parametrize(
    "damage", [damage_tokenizer, damage_weights, damage_record, damage_corpus, remove_record]
)  # fmt: skip
def test_a_damaged_run_is_one_sentence_and_no_bundle(
    run_folder: Path, tmp_path: Path, damage: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(run_folder)
    code = main(["bundle", str(run_folder), "--out", str(tmp_path / "bundle")])
    assert (code, capsys.readouterr().err.count("\n"), (tmp_path / "bundle").exists()) == (2, 1, False)


def test_a_book_that_was_trained_on_is_not_held_out(
    run_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "emma.txt").write_text(f"Title: Emma\n\n[eBook #158]\n\n{TEXT}", encoding="utf-8")
    code = main(["bundle", str(run_folder), "--out", str(tmp_path / "b"), "--evaluate", str(tmp_path / "emma.txt")])
    assert code == 2
    assert "is ebook 158, which the run was trained on" in capsys.readouterr().err


def test_a_tokenizer_of_another_size_than_the_model_is_refused(
    tmp_path: Path, tokenizer: Tokenizer, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", make_model(ModelSize(321, 2, 16, 16, 1)), tokenizer)
    assert main(["bundle", str(run), "--out", str(tmp_path / "bundle")]) == 2
    assert "tokenizer has 320 tokens and its model 321" in capsys.readouterr().err


def test_rounding_too_far_is_a_failure_and_leaves_the_older_bundle(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(run_folder, tmp_path / "bundle")
    before = content(tmp_path / "bundle")
    monkeypatch.setattr("export.verify.BITS_TOLERANCE", 1e-9)
    assert main(["bundle", str(run_folder), "--out", str(tmp_path / "bundle")]) == 1
    assert content(tmp_path / "bundle") == before
