"""A training run's folder: all that is needed to resume it exactly, to repeat it, and to see how it went.

config.toml       the settings, resolved        run.json      the data, the versions and the command
tokenizer.json    as used                       log.csv       one row a validation; curves.png draws it
last.safetensors  to resume from                best.safetensors  the weights with the lowest validation loss
"""

import csv
import dataclasses
import fcntl
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import Tensor

from train import checkpoint
from train.errors import CheckpointError
from train.files import write_atomically
from train.formats import RUN, check_format, complete_checkpoint, is_log_header
from train.progress import LogRow


class RunFolder:
    """Reads and writes a run's files; every one of them is written whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path, self._log = path, path / "log.csv"
        self.last, self.best = path / "last.safetensors", path / "best.safetensors"

    def begun_in(self) -> str | None:
        """Return the precision of the run in the folder; None if there is none yet."""
        if not self.last.is_file():
            return None
        settings = checkpoint.describe(self.last).get("configuration")
        return settings.get("precision") if isinstance(settings, dict) else None

    def load_last(self, wanted: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Read the last checkpoint; None if there is no run yet. Raises `CheckpointError` unless it is as `wanted`."""
        if not self.last.is_file():
            return None
        tensors, found = checkpoint.load(self.last)
        found = complete_checkpoint(found, wanted)
        for key, value in wanted.items():
            if found.get(key) != value:
                raise CheckpointError(
                    f"{self.path} holds a run with other {key} ({_difference(value, found.get(key))}): "
                    "train in another folder, or with what it began with"
                )
        return tensors, found

    def log(self, row: LogRow) -> None:
        """Add a row to log.csv."""
        self._write_log([*self.read_log(), row])

    def forget_log_after(self, step: int) -> None:
        """Drop the rows of steps that a run, resumed at `step`, will take again."""
        if self._log.is_file():
            self._write_log([row for row in self.read_log() if row.step <= step])

    def read_log(self) -> list[LogRow]:
        """Read the rows of log.csv so far. Raises `CheckpointError`."""
        if not self._log.is_file():
            return []
        try:
            with self._log.open(encoding="utf-8", newline="") as file:
                rows = csv.DictReader(file)
                if not is_log_header(rows.fieldnames or ()):
                    raise ValueError("another header")
                return [LogRow.parse(row) for row in rows]
        except (ValueError, TypeError):
            raise CheckpointError(f"{self._log} is damaged: move it away, and the run goes on with a new one") from None

    def _write_log(self, rows: list[LogRow]) -> None:
        table = io.StringIO(newline="")
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow([field.name for field in fields(LogRow)])
        writer.writerows(dataclasses.astuple(row) for row in rows)
        write_atomically(self._log, table.getvalue().encode())

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from training in this folder at the same time."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / ".lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise CheckpointError(
                    f"another process is training in {self.path}: wait for it, or train in another folder"
                ) from None
            yield


def record_run(folder: RunFolder, description: dict[str, Any], step: int, goes_on: bool) -> None:
    """Write run.json when the run begins; when it is resumed and goes on, add at what step, and how."""
    path = folder.path / "run.json"
    if step and path.is_file():
        circumstances = {
            name: description[name] for name in ("command", "commit", "versions", "device", "threads", "processes")
        }
        description = read_record(path)
        if goes_on:
            description.setdefault("resumed", []).append({"step": step, **circumstances})
    write_atomically(path, (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode())


def read_record(path: Path) -> dict[str, Any]:
    """Read what `record_run` wrote. Raises `CheckpointError`."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        content = None
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} is missing or damaged: it says what the run was trained on")
    check_format(content, RUN, str(path), "use the version that trained it", CheckpointError)
    return content


def _difference(wanted: Any, found: Any) -> str:
    if isinstance(wanted, dict) and isinstance(found, dict):
        names = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
        return ", ".join(f"{name}: {found.get(name)!r} there, {wanted.get(name)!r} here" for name in names)
    return f"{found!r} there, {wanted!r} here"
