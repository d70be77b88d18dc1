"""`python -m bench report` on an invented corpus and a tiny bundle: what it writes, and what it does not do twice."""

import json
import re
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.report.cache import Cache
from bench.report.subject import Subject
from bench.report.told import as_tweets, blends
from tests.bench.report.invented import AUTHORS, TITLES, write_corpus


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
    page = (made / "out" / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "Bits per character", "Pronouns", "Copying, repetition, invention", "Styles and blends", "Whose text is it?",
        "Samples", "Training", "Ablations", "Nothing of a test book in the training books",
    ]  # fmt: skip
    assert "| tying | 0.02 |" in page


def test_every_picture_and_page_that_the_page_names_is_there(made: Path) -> None:
    page = (made / "out" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\(([^)]+)\)", page))
    assert linked == {"bits.png", "pronouns.png", "styles.png", "samples.md"}
    assert linked <= {path.name for path in (made / "out").iterdir()}


def test_a_quick_page_says_that_its_figures_mean_nothing(made: Path) -> None:
    assert "The figures mean nothing" in (made / "out" / "README.md").read_text(encoding="utf-8")


def test_the_page_names_the_bundle_by_its_identity(made: Path, tiny_bundle: Path) -> None:
    subject = Subject(tiny_bundle, made / "corpus", made)
    assert f"`{subject.identity}`" in (made / "out" / "README.md").read_text(encoding="utf-8")


def test_samples_are_there_of_every_author_and_blend(made: Path) -> None:
    samples = (made / "out" / "samples.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (.+)$", samples, re.MULTILINE) == [*AUTHORS, *blends(AUTHORS)]


def test_the_sentence_that_both_books_have_is_found_in_the_training_books(made: Path) -> None:
    page = (made / "out" / "README.md").read_text(encoding="utf-8")
    assert "“she was very happy and she knew that her sister was so too" in page


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


def test_the_run_is_the_one_whose_weights_the_bundle_names(tiny_bundle: Path, made: Path, tmp_path: Path) -> None:
    for name, content in (("one", b"one"), ("other", b"other")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "best.safetensors").write_bytes(content)
    subject = Subject(tiny_bundle, made / "corpus", tmp_path)
    subject.description["training"] = {
        "checkpoint_sha256": "d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa"  # of b"other"
    }
    assert subject.run == tmp_path / "other"


def test_books_are_those_of_their_split_and_author(tiny_bundle: Path, made: Path) -> None:
    subject = Subject(tiny_bundle, made / "corpus", made)
    assert [(book.author, book.title) for book in subject.held_out] == [(author, TITLES["test"]) for author in AUTHORS]
    assert [book.ebook for book in subject.books("train", "Charles Dickens")] == [11]


def test_a_beginning_is_whole_paragraphs(tiny_bundle: Path, made: Path) -> None:
    book = Subject(tiny_bundle, made / "corpus", made).held_out[0]
    assert book.beginning(1).paragraphs == book.paragraphs[:1]
    assert book.beginning(10**9) == book


def test_results_are_kept_until_what_they_depend_on_changes(tmp_path: Path) -> None:
    cache, made = Cache(tmp_path), []
    for settings in ({"a": 1}, {"a": 1}, {"a": 2}):
        cache.get("measure", settings, lambda: made.append(1) or {"made": len(made)})
    assert len(made) == 2


def test_a_damaged_result_is_measured_again(tmp_path: Path) -> None:
    Cache(tmp_path).get("measure", {}, lambda: {"value": 1})
    (path,) = tmp_path.iterdir()
    path.write_text("{")
    assert Cache(tmp_path).get("measure", {}, lambda: {"value": 2}) == {"value": 2}
    assert json.loads(path.read_text())["result"] == {"value": 2}


def test_a_book_is_cut_into_tweets_of_whole_sentences() -> None:
    sentence = "It rained all day in the town of Harrow, and nobody came. "
    cut = as_tweets([(sentence * 7).strip(), "“Oh!” said he."])
    assert all(len(text) <= 280 and text.endswith((".", "”")) for text in cut)
    assert " ".join(cut).replace("\n", " ").split() == (sentence * 7 + "“Oh!” said he.").split()


def test_blends_are_five_where_there_are_authors_enough() -> None:
    assert len(blends(list("abcdefgh"))) == 5
    assert blends(["a", "b"]) == ["a=0.5,b=0.5"]
    assert blends(["a"]) == []
