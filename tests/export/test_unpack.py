"""From a bundle to a run folder, to train on from."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer

from export.__main__ import main
from export.run import read_run
from lambda_fn.language.bundle import load_bundle
from tests.export.helpers import AUTHORS, make_model, write_run
from train.model import LanguageModel, ModelSize

pytestmark = pytest.mark.usefixtures("quick")


def unpack(bundle: Path, out: Path) -> Path:
    assert main(["unpack", str(bundle), "--out", str(out)]) == 0
    return out


def test_the_weights_of_an_fp32_bundle_are_those_of_the_run(
    bundles: dict[str, Path], tmp_path: Path, trained_model: LanguageModel
) -> None:
    model = read_run(unpack(bundles["fp32"], tmp_path / "run")).model
    tokens, style = torch.tensor([[5, 9, 11, 2]]), torch.tensor([[0.3, 0.7]])
    expected, _ = trained_model(tokens, style, trained_model.zero_state(1))
    found, _ = model(tokens, style, model.zero_state(1))
    assert torch.equal(found, expected)


@pytest.mark.parametrize("precision", ["fp32", "8bit", "4bit", "integer"])
def test_bundled_again_it_is_the_same_graph(bundles: dict[str, Path], tmp_path: Path, precision: str) -> None:
    run = unpack(bundles[precision], tmp_path / "run")
    assert main(["bundle", str(run), "--out", str(tmp_path / "again"), "--precision", precision]) == 0
    for name in ("model.onnx", "tokenizer.json", "words.txt"):
        assert (tmp_path / "again" / name).read_bytes() == (bundles[precision] / name).read_bytes()


def test_widths_that_blocks_do_not_divide_come_back(tmp_path: Path, tokenizer: Tokenizer) -> None:
    model = make_model(ModelSize(tokenizer.get_vocab_size(), len(AUTHORS), 10, 21, 3), seed=2)
    run = write_run(tmp_path / "odd", model, tokenizer)
    assert main(["bundle", str(run), "--out", str(tmp_path / "bundle"), "--precision", "8bit"]) == 0
    unpacked = read_run(unpack(tmp_path / "bundle", tmp_path / "run")).model
    for name, weight in model.state_dict().items():
        if "bias" not in name:
            assert torch.allclose(unpacked.state_dict()[name], weight, atol=float(weight.abs().max()) / 120), name


def test_what_it_learnt_from_goes_along(bundles: dict[str, Path], tmp_path: Path) -> None:
    """A run that starts from an unpacked bundle knows the bundle's books and words beside its own."""
    base = unpack(bundles["8bit"], tmp_path / "base")
    own = write_run(
        tmp_path / "own", read_run(base).model, Tokenizer.from_file(str(base / "tokenizer.json")),
        ebook=7, text="Zebras everywhere.\n", base=base,
    )  # fmt: skip
    assert main(["bundle", str(own), "--out", str(tmp_path / "bundle")]) == 0
    description = json.loads((tmp_path / "bundle" / "bundle.json").read_text(encoding="utf-8"))
    assert description["trained_on"] == [7, 158]
    assert description["training"]["runs"][1]["bundle"]["identity"] == load_bundle(bundles["8bit"]).identity
    words = (tmp_path / "bundle" / "words.txt").read_text(encoding="utf-8").split()
    assert {"zebras", "harlow"} <= {*words}


def test_a_run_folder_says_of_which_format_it_is(bundles: dict[str, Path], tmp_path: Path) -> None:
    run = unpack(bundles["8bit"], tmp_path / "run")
    assert json.loads((run / "run.json").read_text(encoding="utf-8"))["format"] == 1


def test_without_a_word_list_none_is_made_up(bundles: dict[str, Path], tmp_path: Path) -> None:
    bundle = shutil.copytree(bundles["fp32"], tmp_path / "wordless")
    (bundle / "words.txt").unlink()
    description = json.loads((bundle / "bundle.json").read_text(encoding="utf-8"))
    del description["files"]["words.txt"]
    (bundle / "bundle.json").write_text(json.dumps(description), encoding="utf-8")
    run = unpack(bundle, tmp_path / "run")
    assert main(["bundle", str(run), "--out", str(tmp_path / "again")]) == 0
    assert not (tmp_path / "again" / "words.txt").exists()


def test_altered_words_are_refused(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = unpack(bundles["fp32"], tmp_path / "run")
    (run / "words.txt").write_text("obstriving\n", encoding="utf-8")
    assert main(["bundle", str(run), "--out", str(tmp_path / "again")]) == 2
    assert "words.txt is not the text that was learnt from" in capsys.readouterr().err


def test_a_folder_with_anything_else_in_it_is_left_alone(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Above all a run that somebody trained: it has a log."""
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "log.csv").write_text("step\n", encoding="utf-8")
    assert main(["unpack", str(bundles["fp32"]), "--out", str(tmp_path / "run")]) == 2
    assert "holds log.csv, which does not belong there" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["log.csv"]


def altered(bundle: Path, folder: Path, fields: dict[str, object], **files: bytes) -> Path:
    """A copy of a bundle with other fields in `bundle.json` and other contents of files, whose hashes are right."""
    shutil.copytree(bundle, folder)
    description = json.loads((folder / "bundle.json").read_text(encoding="utf-8")) | fields
    for stem, content in files.items():
        (path,) = folder.glob(f"{stem}.*")
        path.write_bytes(content)
        description["files"][path.name] = hashlib.sha256(content).hexdigest()
    (folder / "bundle.json").write_text(json.dumps(description), encoding="utf-8")
    return folder


@pytest.mark.parametrize("precision", ["fp32", "8bit"])
@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"layers": 1}, "it also has lstm1/gates"),
        ({"layers": 3}, "it has no lstm2/gates"),
        ({"hidden": 900_000}, "not (900000, 16)"),
        ({"vocabulary": 900_000}, "its embedding.transposed is"),
        ({"authors": ["Jane Austen"]}, "its style_input.weight is (2, 16), not (1, 16)"),
        ({"special_tokens": {"paragraph": 5}}, "ends paragraphs with token 5"),
    ],
)
def test_a_graph_that_bundle_json_does_not_describe_is_one_sentence(
    bundles: dict[str, Path], tmp_path: Path, precision: str, fields: dict[str, object], message: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    bundle = altered(bundles[precision], tmp_path / "bundle", fields)
    assert main(["unpack", str(bundle), "--out", str(tmp_path / "run")]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    if "hidden" not in fields or precision == "fp32":
        assert message in error
    assert not (tmp_path / "run").exists()


def test_what_is_no_graph_is_one_sentence(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = altered(bundles["fp32"], tmp_path / "bundle", {}, model=b"no graph at all")
    assert main(["unpack", str(bundle), "--out", str(tmp_path / "run")]) == 2
    assert "model.onnx is no ONNX graph" in capsys.readouterr().err


def test_words_that_are_no_text_are_one_sentence(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = altered(bundles["fp32"], tmp_path / "bundle", {}, words=b"\xff\n")
    assert main(["unpack", str(bundle), "--out", str(tmp_path / "run")]) == 2
    assert "cannot be read as UTF-8 text" in capsys.readouterr().err


@pytest.mark.parametrize("training", [None, [], {}])
def test_a_bundle_that_says_nothing_of_its_training_can_be_unpacked(
    bundles: dict[str, Path], tmp_path: Path, training: object
) -> None:
    unpack(altered(bundles["fp32"], tmp_path / "bundle", {"training": training}), tmp_path / "run")


def test_a_folder_that_was_moved_keeps_its_words(bundles: dict[str, Path], tmp_path: Path) -> None:
    unpack(bundles["8bit"], tmp_path / "run").rename(tmp_path / "moved")
    assert main(["bundle", str(tmp_path / "moved"), "--out", str(tmp_path / "again")]) == 0
    assert (tmp_path / "again" / "words.txt").read_bytes() == (bundles["8bit"] / "words.txt").read_bytes()
