"""The command line: help, exit codes, and no more imported than a command needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from export.__main__ import main
from tests.export.helpers import TEXT
from train.long_work import Work


@pytest.mark.parametrize("verb", ["bundle", "verify", "evaluate"])
def test_every_verb_has_help_with_its_defaults(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([verb, "--help"])
    assert f"usage: python -m export {verb}" in capsys.readouterr().out


@pytest.mark.parametrize("verb", ["bundle", "verify", "evaluate"])
def test_every_option_says_what_it_is_for(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([verb, "--help"])
    options = [line.strip() for line in capsys.readouterr().out.split("options:")[1].split("\n  -")]
    assert all(len(option.split()) > 3 for option in options[1:]), options


@pytest.mark.parametrize(
    "arguments", [[], ["train"], ["bundle"], ["evaluate", "bundle"], ["verify", "x", "y", "--steps", "a"]]
)
def test_a_command_that_cannot_be_parsed_is_bad_input(arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["bundle", "nowhere", "--out", "b"],
        ["evaluate", "nowhere", "text.txt"],
    ],
)
def test_a_missing_input_is_one_sentence_and_exit_code_2(
    arguments: list[str],
    tmp_path: object,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(str(tmp_path))
    code, error = main(arguments), capsys.readouterr().err
    assert (code, error.count("\n"), error.startswith("error: nowhere ")) == (2, 1, True)


@pytest.mark.parametrize("option", [["--steps", "0"], ["--seed", "-1"], ["--tolerance", "-1"], ["--tolerance", "nan"]])
def test_verify_refuses_numbers_out_of_range(option: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["verify", "nowhere", "nowhere", *option])
    assert (code, f"{option[0]} must be" in capsys.readouterr().err) == (2, True)


def test_evaluate_needs_neither_pytorch_nor_onnx() -> None:
    code = "import export.evaluate, sys; print({'torch', 'onnx', 'tokenizers'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def test_every_long_step_of_exporting_speaks(
    run_folder: Path, bundles: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    """What could take minutes says now and then how far it is; here at once, however fast it is."""
    monkeypatch.setattr(Work, "_speak", lambda work: print(work, file=sys.stderr))
    monkeypatch.setattr("export.bundle.PARITY_STEPS", 20)
    (tmp_path / "text.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "pieces").write_text('{"text": "“Oh!”"}\n', encoding="utf-8")
    bundle = str(bundles["8bit"])
    for arguments in (
        ["bundle", str(run_folder), "--out", str(tmp_path / "bundle")],
        ["verify", str(run_folder), bundle, "--steps", "5"],
        ["evaluate", bundle, str(tmp_path / "text.txt")],
        ["score", bundle, str(tmp_path / "pieces")],
    ):
        assert main(arguments) == 0
    said = {line.split(":")[0] for line in capsys.readouterr().err.splitlines()}
    assert {"check parity", "check rounding", "collect words", "verify", "text.txt", "score"} <= said
