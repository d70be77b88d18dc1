"""A run folder of `python -m train fit`, or of `python -m export unpack`: weights, tokenizer, how they came to be."""

import hashlib
import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from export.errors import InputError
from lambda_fn.language.bundle import TOKENIZER
from train.checkpoint import load_weights
from train.errors import CheckpointError
from train.formats import RUN, check_format
from train.model import LanguageModel

CHECKPOINT, RECORD = "best.safetensors", "run.json"


@dataclass(frozen=True)
class Run:
    """A finished or paused run, its best weights in evaluation mode."""

    folder: Path
    model: LanguageModel
    checkpoint: Mapping[str, Any]  # what the checkpoint says of itself
    checkpoint_sha256: str
    records: tuple[Mapping[str, Any], ...]  # run.json of this run, of the run that it began from, and so on
    tokenizer: bytes

    @property
    def authors(self) -> tuple[str, ...]:
        """In the order of the style vector."""
        return tuple(self.checkpoint["authors"])

    @property
    def trained_on(self) -> tuple[int, ...]:
        """The ids of every ebook that this run, or one that it began from, learnt from."""
        learnt = {book["id"] for record in self.records for book, _ in training_texts(record)}
        return tuple(sorted(learnt.union(*(record.get("trained_on", ()) for record in self.records))))

    def summary(self) -> dict[str, Any]:
        """What `bundle.json` says about the training: this run first, then the one that it began from."""
        stages = [
            {
                "command": without_absolute_paths(record["command"]),
                "corpus": record["corpus"].get("name"),
                **{name: record.get(name) for name in ("commit", "versions", "training_tokens", "steps")},
                **({"bundle": record["bundle"]} if "bundle" in record else {}),
            }
            for record in self.records
        ]
        return {
            "checkpoint_sha256": self.checkpoint_sha256,
            "step": self.checkpoint.get("step"),
            "validation_loss": self.checkpoint.get("validation_loss"),
            "configuration": self.checkpoint.get("configuration"),
            "runs": stages,
        }


def read_run(folder: Path) -> Run:
    """Read and check a run folder. Raises `InputError`, or `train.errors.CheckpointError` for the weights."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a run folder: give one made by `python -m train fit`")
    records = tuple(_records(folder))
    tokenizer = read_file(folder / TOKENIZER)
    if hashlib.sha256(tokenizer).hexdigest() != records[0]["tokenizer_sha256"]:
        raise InputError(f"{folder / TOKENIZER} is not the one that the run was trained with (SHA-256 differs)")
    model, checkpoint = load_weights(folder)
    digest = hashlib.sha256(read_file(folder / CHECKPOINT)).hexdigest()
    return Run(folder, model, checkpoint, digest, records, tokenizer)


def training_texts(record: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The books of a run's record that have training text, each with its training file."""
    for book in record["corpus"]["books"]:
        if "train" in book["files"]:
            yield book, book["files"]["train"]


def without_absolute_paths(command: str) -> str:
    """A command that says nothing about one machine: absolute paths are cut down to their last part."""
    parts = []
    for part in shlex.split(command):
        name, equals, value = part.rpartition("=") if part.startswith("--") else ("", "", part)
        path = value.removeprefix("file://")
        if path.startswith("/"):
            near = Path(path).is_relative_to(Path.cwd()) and Path(path) != Path.cwd()
            value = str(Path(path).relative_to(Path.cwd())) if near else Path(path).name
        parts.append(name + equals + value)
    return shlex.join(parts)


def shown_command(*arguments: str | Path) -> str:
    """A command of this package, as a file says that it was made by it."""
    return without_absolute_paths(shlex.join(["python", "-m", "export", *map(str, arguments)]))


def _records(folder: Path) -> Iterator[dict[str, Any]]:
    record = _parse(folder / RECORD)
    yield record
    base = record.get("base")
    while base:
        record = base.get("record") or _base_record(folder, Path(base["run"]), base["best_sha256"])
        yield record
        base = record.get("base")


def _base_record(run: Path, base: Path, checkpoint_sha256: str) -> dict[str, Any]:
    """The record of a run that another began from, if its folder is still the same."""
    if not base.is_dir() or hashlib.sha256(read_file(base / CHECKPOINT)).hexdigest() != checkpoint_sha256:
        raise InputError(f"{run} began from the run {base}, which is not there any more: put it back")
    return _parse(base / RECORD)


def _parse(path: Path) -> dict[str, Any]:
    try:
        record = json.loads(read_file(path))
    except ValueError as problem:
        raise InputError(f"{path} is not JSON: it was cut short or altered") from problem
    if isinstance(record, dict):
        check_format(record, RUN, str(path), "use the version that trained it", CheckpointError)
    required = ("command", "corpus", "corpus_folder", "tokenizer_sha256")
    missing = [name for name in required if not isinstance(record, dict) or name not in record]
    if missing:
        raise InputError(f"{path} is not the record of a run: it has no {missing[0]}")
    result: dict[str, Any] = record
    return result


def read_file(path: Path) -> bytes:
    """The content of a file. Raises `InputError`."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from problem
