"""What single settings do: `python -m bench ablations bench/tables/regularization.toml`.

A table (TOML) says what it asks (`question`) and names a corpus, a preset, perhaps a run that every variant starts
`from`, the settings that all variants share (`[base]`), and each variant's own (`[variants.NAME]`). Every variant is
one training run with the same seed and the same steps. Interrupted, the same command goes on where it stopped; it
prints a Markdown table, the first variant being what the others are held against, and keeps it beside the runs'
folder, where `python -m bench report` looks for it.
"""

import argparse
import json
import re
import sys
import tomllib
from contextlib import redirect_stdout
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from train.__main__ import main as train
from train.files import write_atomically
from train.run_folder import RunFolder


@dataclass(frozen=True)
class Result:
    """The best validation of one variant."""

    variant: str
    settings: dict[str, Any]
    steps: int
    """Of the whole run."""
    step: int
    """Of the best validation."""
    nats_per_token: float
    bits_per_character: float


def run_variant(table: dict[str, Any], name: str, runs: Path) -> Result | None:
    """Train a variant, or what is left of it; None if it was interrupted."""
    own: dict[str, Any] = table["variants"][name]
    folder = runs / re.sub(r"[^a-z0-9]+", "-", name.lower())
    pairs = [f"{setting}={json.dumps(value)}" for setting, value in (table.get("base", {}) | own).items()]
    arguments = ["fit", "--corpus", table["corpus"], "--preset", table["preset"], "--run", str(folder)]
    if "from" in table:
        arguments += ["--from", table["from"]]
    with redirect_stdout(sys.stderr):  # standard output is the table's alone
        code = train([*arguments, *(part for pair in pairs for part in ("--set", pair))])
    if code:
        raise SystemExit(code)
    rows = RunFolder(folder).read_log()
    steps = json.loads((folder / "run.json").read_bytes())["steps"]
    if not rows or rows[-1].step < steps:
        return None
    best = min(rows, key=lambda row: row.validation_loss)
    return Result(name, own, steps, best.step, best.validation_loss, best.validation_bits_per_character)


def as_markdown(table: dict[str, Any], file: Path, results: list[Result]) -> str:
    """The question, then one row a variant."""
    steps = " or ".join(sorted({f"{result.steps:,}" for result in results}))
    lines = [
        f"### {table['question']}",
        "",
        f"{steps} steps each: `python -m bench ablations {file.as_posix()}`",
        "",
        "| variant | settings | best validation, nats a token | bits a character | change |",
        "|---|---|---|---|---|",
    ]
    for result in results:
        settings = ", ".join(f"`{name} = {value}`" for name, value in result.settings.items())
        change = result.bits_per_character / results[0].bits_per_character - 1
        lines.append(
            f"| {result.variant} | {settings} | {result.nats_per_token:.4f} | {result.bits_per_character:.4f} "
            f"| {change:+.2%} |"
        )
    return "\n".join(lines)


def run(options: argparse.Namespace) -> str:
    """Run every variant of a table, and keep what came of it; returns that as Markdown or JSON. Raises BenchError."""
    table = tomllib.loads(options.table.read_text(encoding="utf-8"))
    for key in ("question", "corpus", "preset", "variants"):
        if key not in table:
            raise BenchError(f"{options.table} has no {key}")
    runs: Path = options.runs or Path("runs") / "ablations" / options.table.stem
    results = []
    for name in table["variants"]:
        result = run_variant(table, name, runs)
        if result is None:
            raise SystemExit("interrupted: the same command goes on")
        results.append(result)
    page = as_markdown(table, options.table, results)
    write_atomically(runs.with_suffix(".md"), f"{page}\n".encode())
    return json.dumps([asdict(result) for result in results]) if options.json else page
