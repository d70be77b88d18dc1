"""`python -m bench report` on an invented corpus and a tiny bundle: what it writes, and what it does not do twice."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report import page
from bench.report.samples import blends
from tests.bench.report.invented import AUTHORS, write_corpus


def report(bundle: Path, corpus: Path, folder: Path) -> int:
    options = ["--bundle", str(bundle), "--corpus", str(corpus), "--runs", str(folder), "--out", str(folder / "out")]
    return main(["report", "--quick", *options])


@pytest.fixture(scope="module")
def made(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a corpus and a report of it. For reading only."""
    folder = tmp_path_factory.mktemp("report")
    (folder / "ablations").mkdir()
    (folder / "ablations" / "table.md").write_text("| step | gain |\n| --- | --- |\n| tying | 0.02 |\n")
    assert report(tiny_bundle, write_corpus(folder / "corpus"), folder) == 0
    return folder


def test_the_page_has_every_measure(made: Path) -> None:
    text = (made / "out" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "Bits per character", "Pronouns", "Copying, repetition, invention", "What is promised",
        "What a reader notices first", "Styles and blends", "Whose text is it?", "Samples", "Training", "Ablations",
        "Nothing of a test book in the training books",
    ]  # fmt: skip
    assert "| tying | 0.02 |" in text


def test_every_file_that_measures_is_on_the_page() -> None:
    """One that is added to the folder needs its line in `MEASURES`."""
    files = Path(page.__file__).parent.glob("*.py")
    measuring = {path.stem for path in files if "\ndef measure(" in path.read_text(encoding="utf-8")}
    assert {module.__name__ for module in page.MEASURES} == {f"bench.report.{name}" for name in measuring}


def test_every_picture_and_page_that_the_page_names_is_there(made: Path) -> None:
    text = (made / "out" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)]+)\)", text))
    assert linked == {"bits.png", "pronouns.png", "styles.png", "samples.md"}
    assert linked <= {path.name for path in (made / "out").iterdir()}


def test_a_quick_page_says_that_its_figures_mean_nothing(made: Path) -> None:
    assert "The figures mean nothing" in (made / "out" / "README.md").read_text(encoding="utf-8")


def test_the_page_names_the_bundle_by_its_identity(made: Path, tiny_bundle: Path) -> None:
    identity = hashlib.sha256((tiny_bundle / "bundle.json").read_bytes()).hexdigest()
    assert f"`{identity}`" in (made / "out" / "README.md").read_text(encoding="utf-8")


def test_samples_are_there_of_every_author_and_blend(made: Path) -> None:
    samples = (made / "out" / "samples.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", samples, re.MULTILINE) == [*AUTHORS, *blends(AUTHORS)]


def test_the_sentence_that_both_books_have_is_found_in_the_training_books(made: Path) -> None:
    text = (made / "out" / "README.md").read_text(encoding="utf-8")
    assert "“she was very happy and she knew that her sister was so too" in text


def test_made_again_it_measures_nothing_and_writes_the_same(
    made: Path, tiny_bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (made / "out" / "README.md").read_bytes()
    monkeypatch.delattr("lambda_fn.language.language_model.LanguageModel.step")  # nothing can be read or told
    assert report(tiny_bundle, made / "corpus", made) == 0
    assert (made / "out" / "README.md").read_bytes() == before


def test_a_folder_that_is_no_bundle_is_one_sentence(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(made / "corpus", made / "corpus", made) == 2
    assert re.fullmatch(r"error: .+ is not a bundle: make one with [^\n]+\n", capsys.readouterr().err)


def test_a_damaged_bundle_is_one_sentence(
    made: Path, tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A graph that was altered is found when the bundle is loaded."""
    for path in tiny_bundle.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "model.onnx").write_bytes(b"")
    options = ["--bundle", str(tmp_path), "--corpus", str(made / "corpus"), "--runs", str(made)]
    assert main(["report", "--quick", *options, "--work", str(tmp_path / "work")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert [line for line in said if line.startswith("error: ")] == said[-1:]
    assert "model.onnx" in said[-1]


def test_a_corpus_without_test_text_is_one_sentence(
    tiny_bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    corpus = write_corpus(tmp_path / "corpus")
    description = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    description["books"] = [book for book in description["books"] if "test" not in book["files"]]
    (corpus / "corpus.json").write_text(json.dumps(description), encoding="utf-8")
    assert report(tiny_bundle, corpus, tmp_path) == 2
    assert "has no test text of an author of" in capsys.readouterr().err
