"""Results of measures, kept as JSON: a report that was interrupted goes on with what it has."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from train.files import write_atomically
from train.long_work import under_way

Result = dict[str, Any]


def digest(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class Cache:
    """A folder of results; each under its measure's name and the hash of all that it depends on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, measure: str, depends_on: Result, make: Callable[[], Result]) -> Result:
        """The result made before from the same data and settings, or `make` it, and keep it.

        Both must be plain data for JSON; what is returned is always as JSON gives it back.
        """
        key = digest(json.dumps(depends_on, sort_keys=True))[:16]
        path = self.folder / f"{measure}-{key}.json"
        kept = _read(path)
        if kept is not None and kept.get("depends_on") == json.loads(json.dumps(depends_on)):
            result: Result = kept["result"]
            return result
        with under_way(measure):
            made = make()
        content = json.dumps({"depends_on": depends_on, "result": made}, ensure_ascii=False, indent=1)
        write_atomically(path, content.encode("utf-8"))
        as_read: Result = json.loads(content)["result"]
        return as_read


def _read(path: Path) -> Result | None:
    """What was kept; None where nothing is, or it is damaged: then it is measured again."""
    try:
        content = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) and "result" in content else None
