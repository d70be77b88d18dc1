"""`python -m train | export | bench …`: every command is there, says what it does, and is documented."""

import importlib
from pathlib import Path

import pytest

import bench.__main__
import export.__main__
import train.__main__
from train.cli import Command

ROOT = Path(__file__).parents[1]
DOCUMENTS = " ".join(
    " ".join(path.read_text(encoding="utf-8").split()) for path in (ROOT / "README.md", *ROOT.glob("docs/*.md"))
)
PACKAGES = {"train": train.__main__, "export": export.__main__, "bench": bench.__main__}
EVERY = pytest.mark.parametrize(
    ("package", "command"),
    [
        pytest.param(package, command, id=f"{package} {command.name}")
        for package, module in PACKAGES.items()
        for command in module.COMMANDS
    ],
)


@EVERY
def test_a_command_can_be_run(package: str, command: Command) -> None:
    module, function = command.function.split(":")
    assert module.startswith(f"{package}.")
    assert callable(getattr(importlib.import_module(module), function))


@EVERY
def test_a_command_and_its_options_have_help(
    package: str, command: Command, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "110")
    with pytest.raises(SystemExit, match="0"):
        PACKAGES[package].main([command.name, "--help"])
    usage, description, *rest = capsys.readouterr().out.split("\n\n")
    assert usage.startswith(f"usage: python -m {package} {command.name} ")
    assert len(description.split()) > 4
    told = "\n".join(rest)
    options = [line for line in told.splitlines() if line.startswith("  -")]
    assert options
    assert all("  " in option.strip() or f"{option}\n      " in told for option in options)


@EVERY
def test_a_command_is_in_the_documentation(package: str, command: Command) -> None:
    assert f"python -m {package} {command.name}" in DOCUMENTS


@pytest.mark.parametrize("package", PACKAGES)
def test_no_command_at_all_is_one_sentence(package: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        PACKAGES[package].main([])
    assert capsys.readouterr().err == (
        f"error: the following arguments are required: COMMAND (see python -m {package} --help)\n"
    )
