"""What `make story` hands over to the command, with an interpreter in place of ours that prints what it is given.

What else it is asked, which settings there are, it answers as ours does.
"""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout whose set-up is done."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for name in ("lambda_fn/requirements.txt", ".venv/python-checked", ".venv/runtime-installed"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    interpreter = tmp_path / ".venv" / "bin" / "python"
    interpreter.parent.mkdir()
    ours = f"cd {shlex.quote(str(ROOT))} && exec {shlex.quote(sys.executable)}"
    interpreter.write_text(f'#!/bin/sh\n[ "$1" = -c ] && {ours} "$@"\necho "$* seed=$STORY_SEED"\n')
    interpreter.chmod(0o755)
    return tmp_path


def make_story(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    # Where make runs the suite, its own variables are not for this one.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "STORY_"))}
    command = ["make", "story", *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_settings_on_its_command_line_reach_the_story(folder: Path) -> None:
    done = make_story(
        folder, "COUNT=2", "STORY_SEED=4", "STORY_PROMPT=It was a night", "TOP_P=1", "PIP_INDEX_URL=x", "X_API_URL=x"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "-m lambda_fn tell --count 2 seed=4\n"


@pytest.mark.parametrize("stray", ["SEED=4", "seed=4", "count=5", "STORY=night", "STORY_SED=4"])
def test_a_variable_without_effect_is_noted(folder: Path, stray: str) -> None:
    done = make_story(folder, stray)
    assert (done.returncode, done.stdout) == (0, "-m lambda_fn tell --count 3 seed=\n")
    assert done.stderr.startswith(f"note: make story knows no {stray.partition('=')[0]}, only COUNT ")
    assert done.stderr.count("\n") == 1
