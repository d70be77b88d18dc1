"""`python -m bench ablations`: a table of short runs."""

import tomllib
from pathlib import Path

import pytest

from bench.__main__ import main
from train.configuration import read_configuration

TABLES = sorted((Path(__file__).parents[2] / "bench" / "tables").glob("*.toml"))


def run(capsys, *arguments):
    assert main(["ablations", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_table_of_runs_is_made_and_made_again_without_training(corpus, tmp_path, capsys):
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
    first = run(capsys, table, "--runs", tmp_path / "runs")
    rows = [line for line in first.splitlines() if line.startswith("| ")]
    assert [row.split(" | ")[0] for row in rows] == ["| variant", "| plain", "| weight drop"]
    assert "`weight_drop = 0.5`" in rows[2]
    assert (tmp_path / "runs.md").read_text(encoding="utf-8") == first
    checkpoints = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("best.safetensors")}
    again = run(capsys, table, "--runs", tmp_path / "runs")
    assert [line for line in again.splitlines() if line.startswith("| ")] == rows
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("best.safetensors")} == checkpoints


def test_a_table_without_a_question_is_one_sentence(tmp_path, capsys):
    table = tmp_path / "small.toml"
    table.write_text('corpus = "somewhere"\n')
    assert main(["ablations", str(table)]) == 2
    assert capsys.readouterr().err == f"error: {table} has no question\n"


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_table_names_real_settings(path):
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    for own in table["variants"].values():
        read_configuration(table["preset"], table["base"] | own)
