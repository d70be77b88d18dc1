"""`--help` is quick, and says what can be given."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from train.__main__ import main
from train.configuration import PRESETS, RECIPES, Configuration, first_sentences

ROOT = Path(__file__).parents[2]
HEAVY = {"torch", "numpy", "matplotlib", "tokenizers", "onnx", "onnxruntime", "safetensors", "tqdm", "boto3"}

IMPORTED = """
import runpy, sys
sys.argv = sys.argv[1:]
try:
    runpy.run_module(sys.argv[0], run_name="__main__")
except SystemExit as left:
    print(left.code, *sys.modules, file=sys.stderr)
"""


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit):
        main([*arguments, "--help"])
    return " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("train",), ("train", "fit"), ("train", "corpus"), ("export",), ("export", "bundle"),
        ("bench",), ("bench", "speed"), ("bench", "cold-start"), ("bench", "ablations"), ("bench", "report"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_help_imports_nothing_that_takes_long(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-c", IMPORTED, *arguments, "--help"]
    code, *modules = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stderr.split()
    assert code == "0"
    # The table of sampling settings, whose flags `export` has, stands with its filters, which need numpy.
    assert {*modules} & HEAVY <= ({"numpy"} if arguments[0] == "export" else set())


def test_the_report_is_found_where_it_is_made_now(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["report", "--quick"])
    assert capsys.readouterr().err == (
        "error: `python -m bench report` measures a bundle now (see python -m train --help)\n"
    )


def test_fit_names_every_preset_with_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, "fit")
    assert {path.stem for path in PRESETS.glob("*.toml")} == first_sentences(PRESETS).keys()
    for name, sentence in first_sentences(PRESETS).items():
        assert f"{name} {sentence}" in said
        assert sentence.endswith(".")


def test_fit_names_every_setting_with_what_it_means(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, "fit")
    for field in fields(Configuration):
        assert f"{field.name} = {field.default!r} {field.metadata['meaning']}" in said


def test_fit_says_where_a_run_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert "(default: runs/CORPUS-PRESET" in shown(capsys, "fit")


def test_recipe_names_every_recipe_with_what_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    said = shown(capsys, "recipe")
    for name, sentence in first_sentences(RECIPES).items():
        assert f"{name} {sentence}" in said
