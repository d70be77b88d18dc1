"""What it takes to repeat a training run: `run.json`."""

import hashlib
import json
import platform
import shlex
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch

from train.errors import CheckpointError
from train.fit import Trainer
from train.formats import RUN, check_format
from train.precision import Choice
from train.preparation import Prepared, Sources
from train.run_folder import RunFolder


def record_run(folder: RunFolder, description: dict[str, Any], step: int, goes_on: bool) -> None:
    """Write run.json when the run begins; when it is resumed and goes on, add where, and in what circumstances."""
    path = folder.path / "run.json"
    if step and path.is_file():
        circumstances = {
            name: description[name] for name in ("command", "commit", "versions", "device", "threads", "processes")
        }
        description = _read(path)
        if goes_on:
            description.setdefault("resumed", []).append({"step": step, **circumstances})
    folder.write_json("run.json", description)


def describe_run(
    arguments: Sequence[str], sources: Sources, prepared: Prepared, trainer: Trainer, choice: Choice
) -> dict[str, Any]:
    """What the run is made of, in one record."""
    git = shutil.which("git")
    commit = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False) if git else None
    base = None
    if sources.base:
        weights = (sources.base / "best.safetensors").read_bytes()
        record = _read(sources.base / "run.json")
        base = {"run": str(sources.base), "best_sha256": hashlib.sha256(weights).hexdigest(), "record": record}
    return {
        "format": RUN,
        "command": shlex.join(["python", "-m", "train", *arguments]),
        "commit": commit.stdout.strip() if commit and commit.returncode == 0 else None,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
        },
        "device": str(trainer.device),
        "threads": torch.get_num_threads(),
        "processes": trainer.processes.count,
        "precision": asdict(choice),
        "corpus": prepared.corpus,
        "corpus_folder": str(sources.corpus),
        "authors": trainer.authors,
        "tokenizer_sha256": hashlib.sha256(prepared.tokenizer).hexdigest(),
        "base": base,
        "parameters": trainer.model.parameter_count(),
        "training_tokens": sum(len(text.tokens) for text in trainer.training),
        "tokens_a_pass": trainer.tokens_by_author,
        "steps": trainer.steps,
    }


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is missing or damaged: it says what the run was trained on")
    check_format(content, RUN, str(path), "use the version that trained it", CheckpointError)
    return content
