"""`python bench/ablations.py`: a table of short runs."""

import runpy
import sys
import tomllib
from pathlib import Path

import pytest

from train.configuration import read_configuration

SCRIPT = Path(__file__).parents[2] / "bench" / "ablations.py"
TABLES = sorted(SCRIPT.with_name("tables").glob("*.toml"))


def run(monkeypatch, capsys, *arguments):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), *map(str, arguments)])
    runpy.run_path(str(SCRIPT), run_name="__main__")
    return capsys.readouterr().out


def test_a_table_of_runs_is_made_and_made_again_without_training(corpus, tmp_path, monkeypatch, capsys):
    table = tmp_path / "small.toml"
    table.write_text(
        f"""question = "Does it help?"
corpus = "{corpus}"
preset = "small"
[base]
passes = 1
embedding = 8
hidden = 12
batch = 4
chunk = 16
precision = "fp32"
validate_every = 50
[variants.plain]
[variants."weight drop"]
weight_drop = 0.5
""",
        encoding="utf-8",
    )
    first = run(monkeypatch, capsys, table, "--runs", tmp_path / "runs")
    rows = [line for line in first.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows] == ["| variant", "| plain", "| weight drop"]
    assert "`weight_drop = 0.5`" in rows[2]
    assert (tmp_path / "runs.md").read_text(encoding="utf-8") == first
    checkpoints = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("best.safetensors")}
    again = run(monkeypatch, capsys, table, "--runs", tmp_path / "runs")
    assert [line for line in again.splitlines() if line.startswith("| ")] == rows
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("best.safetensors")} == checkpoints


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_table_names_real_settings(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for own in table["variants"].values():
        read_configuration(table["preset"], table["base"] | own)
