"""What each stage of a bundle's training gave: found from the bundle back to the first run."""

import hashlib
import re
from pathlib import Path

import pytest

from bench.report.cache import Cache
from bench.report.stages import chain, measure, section
from bench.report.subject import QUICK, Subject
from tests.bench.report.invented import write_corpus
from tests.train.conftest import fit
from train.__main__ import main


@pytest.fixture(name="runs", scope="module")
def _runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus and two runs, the second from the first. For reading only."""
    folder = tmp_path_factory.mktemp("stages")
    corpus = write_corpus(folder / "corpus")
    assert main(["tokenizer", "--corpus", str(corpus), "--vocabulary", "300"]) == 0
    assert fit(corpus, folder / "runs" / "first", "--set", "passes=2") == 0
    assert fit(corpus, folder / "runs" / "second", "--set", "passes=1", "--from", str(folder / "runs" / "first")) == 0
    return folder


@pytest.fixture(name="subject")
def _subject(runs: Path, tiny_bundle: Path, tmp_path: Path) -> Subject:
    """A bundle that says it was made from the second run."""
    subject = Subject(tiny_bundle, runs / "corpus", runs / "runs", Cache(tmp_path / "work"), QUICK)
    weights = (runs / "runs" / "second" / "best.safetensors").read_bytes()
    subject.description["training"] = {"checkpoint_sha256": hashlib.sha256(weights).hexdigest()}
    return subject


def test_the_stages_are_in_the_order_of_training(subject: Subject) -> None:
    assert [folder.name for folder in chain(subject)] == ["first", "second"]


def test_each_stage_is_measured_on_the_same_text(subject: Subject) -> None:
    found = measure(subject)
    first, second = found["stages"]
    assert second["nats_per_token"] < first["nats_per_token"]
    assert first["nats_per_token"] / first["bits_per_character"] == pytest.approx(
        second["nats_per_token"] / second["bits_per_character"]
    )


def test_the_section_shows_every_stage_with_its_curves_and_log(subject: Subject, tmp_path: Path) -> None:
    found = measure(subject)
    page = section(found, tmp_path)
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == ["first", "second"]
    linked = set(re.findall(r"\]\(([^)]+)\)", page))
    assert linked == {f"run-{name}.{kind}" for name in ("first", "second") for kind in ("png", "csv")}
    assert linked <= {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize(("unpacked", "left"), [("first", ["first", "second"]), ("second", ["second"])])
def test_an_unpacked_bundle_is_where_training_here_begins(
    subject: Subject, runs: Path, tmp_path: Path, unpacked: str, left: list[str]
) -> None:
    """It is a run folder without a log, and without a base."""
    aside = []
    for path in (runs / "runs" / unpacked / "log.csv", runs / "runs" / unpacked / "run.json"):
        aside.append((path, path.rename(path.with_name(f"{path.name}.aside"))))
    (runs / "runs" / unpacked / "run.json").write_text("{}")
    try:
        assert [folder.name for folder in chain(subject)] == left
        page = section(measure(subject), tmp_path)
        assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == left
        assert page.count("training curves of") == len(left) - 1
        assert [line.split("|")[3].strip() for line in page.splitlines() if line.startswith(f"| `{unpacked}`")] == ["–"]
    finally:
        for path, kept in aside:
            kept.rename(path)


def test_a_chain_ends_where_the_base_is_another_by_now(subject: Subject, runs: Path) -> None:
    best = runs / "runs" / "first" / "best.safetensors"
    kept = best.read_bytes()
    best.write_bytes(b"another")
    try:
        assert [folder.name for folder in chain(subject)] == ["second"]
    finally:
        best.write_bytes(kept)
