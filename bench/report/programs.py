"""The other packages, as anybody has them: what `python -m export …` and `python -m lambda_fn …` print."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from bench.errors import BenchError

ROOT = Path(__file__).resolve().parents[2]
"""Where the packages lie beside each other."""

_OURS = ("STORY_", "MODEL_URI", "TEMPERATURE", "TOP_", "THREAD", "DRY_RUN")


def evaluate(bundle: Path, file: Path, style: str) -> dict[str, Any]:
    """`python -m export evaluate`: at least `bits_per_character` and `characters` of a text under a style."""
    (answer,) = _run("export", "evaluate", bundle.resolve(), file.resolve(), "--style", style, "--json")
    return answer


def score(bundle: Path, file: Path, style: str) -> list[list[float]]:
    """`python -m export score`: nats of each compared text and of what might stand instead of it."""
    return [answer["nats"] for answer in _run("export", "score", bundle.resolve(), file.resolve(), "--style", style)]


def tell(bundle: Path, folder: Path, style: str, seed: int, count: int, prompt: str | None) -> list[str]:
    """The first `count` tweets of a story kept in `folder`; what was told before an interruption is not told again.

    `prompt` None: the teller's own.
    """
    told: list[str] = []
    if (folder / "main" / "story.json").is_file():
        told = [answer["text"] for answer in _run("lambda_fn", "show", "--folder", folder.resolve(), "--json")]
    opening = ["--prompt", prompt] if prompt and not told else []
    first: list[str] = [*opening, "--style", style, "--seed", str(seed)] if not told else []
    while len(told) < count:
        number = min(100, count - len(told))
        places = ("--folder", folder.resolve(), "--model", bundle.resolve())
        told += [
            answer["text"] for answer in _run("lambda_fn", "tell", *places, "--count", str(number), "--json", *first)
        ]
        first = []
    return told[:count]


def _run(package: str, *arguments: str | Path) -> list[dict[str, Any]]:
    """Run a command to its end; its standard output, a JSON object a line."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    command = [sys.executable, "-m", package, *map(str, arguments)]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        said = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        raise BenchError(f"`python -m {package} {arguments[0]}` failed: {said.removeprefix('error: ')}")
    return [json.loads(line) for line in done.stdout.splitlines()]
