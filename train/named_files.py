"""TOML files that are known by a name where they ship with the package, and by their path otherwise."""

import itertools
import re
import tomllib
from pathlib import Path
from typing import Any

from train.errors import ConfigurationError

RECIPES = Path(__file__).parent / "recipes"


def read_named(kind: str, name: str, shipped: Path) -> tuple[Path, dict[str, Any]]:
    """The file called `name` in the folder `shipped`, or at the path `name`, and what it holds.

    Raises `ConfigurationError` in one sentence, in which the file is called a `kind`.
    """
    path = shipped / f"{name}.toml" if "/" not in name and not name.endswith(".toml") else Path(name)
    if not path.is_file():
        known = ", ".join(sorted(file.stem for file in shipped.glob("*.toml")))
        raise ConfigurationError(f"there is no {kind} or file {name!r}: give a TOML file or one of {known}")
    try:
        return path, tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is not TOML: {error}") from None


def first_sentences(shipped: Path) -> dict[str, str]:
    """What each of the shipped files is, by name: the first sentence of the comment that it begins with."""
    sentences = {}
    for path in sorted(shipped.glob("*.toml")):
        lines = itertools.takewhile(lambda line: line.startswith("#"), path.read_text(encoding="utf-8").splitlines())
        comment = " ".join(line.lstrip("# ") for line in lines)
        sentences[path.stem] = re.split(r"(?<=\.)\s|$", comment, maxsplit=1)[0]
    return sentences
