"""The study of forms: each is the same model, and the figures are of what they say."""

import json
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.forms import EXACT, STOCK

TEXT = "It was a dull house, in a dull street; and old Jacob Grimble had lived in it for forty years.\n" * 4


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("texts") / "text.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_every_form_is_the_same_model(text: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graphs", str(text), "--bundle", str(tiny_bundle), "--tokens", "60", "--rounds", "2", "--json"]) == 0
    found = {form["form"]: form for form in json.loads(capsys.readouterr().out)["forms"]}
    assert len(found) == 11
    assert found[EXACT]["loss_percent"] == 0
    assert found[EXACT]["same_token_percent"] == 100
    assert found[STOCK]["ratio"] == 1
    assert abs(found["stock, fp32"]["loss_percent"]) < 1e-3
    assert all(abs(form["loss_percent"]) < 5 for form in found.values())
    assert found["gates, whole numbers"]["batches"].keys() == {"4", "16", "32"}
    assert found[STOCK]["batches"] == {}
    assert found["gates, whole numbers"]["megabytes"] < found[EXACT]["megabytes"]


def test_a_study_is_a_table(text: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graphs", str(text), "--bundle", str(tiny_bundle), "--tokens", "5", "--rounds", "2"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert len({line.count("|") for line in table[2:]}) == 1
    assert len(table) == 4 + 11


def test_too_little_to_measure_is_one_sentence(
    text: Path, tiny_bundle: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["graphs", str(text), "--bundle", str(tiny_bundle), "--rounds", "1"]) == 2
    assert capsys.readouterr().err == "error: a study needs a text of two tokens or more, and two rounds or more\n"
