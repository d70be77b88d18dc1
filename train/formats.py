"""The formats of the files that training keeps, and what older ones lack: nothing else knows.

corpus.json, run.json     a number, `format`; those without one are of the first
*.safetensors             a number in their description
log.csv                   its header
config.toml               none; likewise presets, recipes, manifests: people write them, and a misspelt name is an error
caches, token shards      none: each is named after all that it was made from, and made anew when that changes

A field may be added if older programs can ignore it; what it means that an older file lacks it is said here. Any
other change raises the number. A program refuses what is newer than itself.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any

from train.configuration import with_defaults
from train.errors import TrainError
from train.progress import LogRow, Progress

CORPUS = RUN = CHECKPOINT = 1

_FIRST_COLUMNS = 7
"""The number of columns that log.csv had before it said how fast a run is."""


def check_format(description: dict[str, Any], known: int, where: str, advice: str, error: type[TrainError]) -> None:
    """Raise the `error`, with what to do, unless the description is of the known format."""
    found = description.get("format", 1)
    if type(found) is not int or found != known:
        raise error(f"{where} has format {found!r}, but this program reads format {known}: {advice}")


def complete_checkpoint(found: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """Complete the description in an older `last.safetensors`, for a run to be resumed as `wanted`."""
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
    """Say whether these are the columns of log.csv, of now or of an older version."""
    names = [field.name for field in dataclasses.fields(LogRow)]
    return list(columns) in (names, names[:_FIRST_COLUMNS])
