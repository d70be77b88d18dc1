"""`python -m bench …`: every command is there, says what it does, and is documented."""

import json
from pathlib import Path

import pytest

from bench.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[2]
README = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
NAMES = [command.name for command in COMMANDS]


def test_no_command_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([])
    assert capsys.readouterr().err.startswith("error: the following arguments are required: COMMAND (see ")


def test_speed_measures_the_shipped_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speed", "--tweets", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    size = sum(path.stat().st_size for path in (ROOT / "lambda_fn" / "model").iterdir())
    assert figures["bundle_megabytes"] == round(size / 1e6, 2)
    assert 0 < figures["median_seconds_a_tweet"] <= figures["slowest_seconds_a_tweet"]
    parts = [figures[f"percent_{part}"] for part in ("steps", "sampler", "editor", "rest")]
    assert min(parts) > 0
    assert sum(parts) == pytest.approx(100, abs=0.3)
    assert main(["speed", "--tweets", "2"]) == 0
    assert [line.split("  ")[0].replace(" ", "_") for line in capsys.readouterr().out.splitlines()] == [*figures]


def test_a_folder_that_is_no_package_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cold-start", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path} is no package; `make build` makes one\n"
