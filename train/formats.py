"""The formats of the files that training keeps, and what older ones lack: here alone.

corpus.json, run.json     a number, `format`; those without one are of the first
*.safetensors             a number in their description
log.csv                   its header
config.toml               none, nor presets, recipes and manifests: people write them, and a misspelt name is an error
caches, token shards      none: each is named after all that it was made from, and made anew when that changes

A field that is added is one that older programs may pass over, and that a file from before lacks: what that means is
said here. Anything else raises the number. A program refuses what is newer than itself.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from train.configuration import with_defaults
from train.errors import TrainError
from train.progress import LogRow, Progress

CORPUS = RUN = CHECKPOINT = 1

_FIRST_COLUMNS = 7
"""How many columns log.csv had before it said how fast a run is."""


def check_format(description: dict[str, Any], known: int, where: str, advice: str, error: type[TrainError]) -> None:
    """Raise the `error`, with what to do, unless what describes itself so is of the format that is known."""
    found = description.get("format", 1)
    if type(found) is not int or found != known:
        raise error(f"{where} has format {found!r}, but this program reads format {known}: {advice}")


def complete_checkpoint(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What `last.safetensors` says of a run, with what it lacked when it was written, to be resumed as `wanted`."""
    found = dict(found)
    if isinstance(found.get("configuration"), dict):
        found["configuration"] = with_defaults(found["configuration"])
    if isinstance(found.get("data"), dict) and "base" in wanted.get("data", {}):
        # An older run does not say which weights it started from.
        found["data"] = {"base": wanted["data"]["base"]} | found["data"]
    if isinstance(found.get("progress"), dict):
        known = {field.name for field in dataclasses.fields(Progress)}
        found["progress"] = {name: value for name, value in found["progress"].items() if name in known}
    return found


def is_log_header(columns: Sequence[str]) -> bool:
    """Whether these are the columns of log.csv, as they are or as they were."""
    names = [field.name for field in dataclasses.fields(LogRow)]
    return list(columns) in (names, names[:_FIRST_COLUMNS])
