"""A model's whole training in one file: stage after stage, each starting from the best weights of the one before.

corpus = "century"

[[stage]]
run = "century"                  # its folder in runs/
preset = "laptop"                # a preset, and the settings that differ from it:
passes = 0.9

[[stage]]
run = "leant"
preset = "lean"
authors = "Jane Austen, Oscar Wilde"
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from train.configuration import RECIPES, Configuration, read_configuration, read_named
from train.errors import ConfigurationError
from train.model import SIZES, check_growth
from train.processes import Processes
from train.selection import check_known, parse_authors
from train.stage import Sources, Stage


@dataclass(frozen=True)
class Recipe:
    """The stages in their order, and the corpus that they read, by its manifest's name."""

    corpus: str
    stages: list[dict[str, Any]]

    def check_against(self, authors: Sequence[str], processes: Processes) -> None:
        """Raise `ConfigurationError` now for what a later stage would refuse after hours of earlier ones."""
        sizes = {size: getattr(_configuration(self.stages[0]), size) for size in SIZES}
        for stage in self.stages:
            settings = _configuration(stage)
            check_known(settings.authors, authors)
            processes.rows(settings.batch)
            for size in SIZES:
                if size in stage:
                    check_growth(size, sizes[size], stage[size], "the stage before")
                    sizes[size] = stage[size]

    def in_folders(self, corpus: Path, runs: Path) -> list[Stage]:
        """Return the stages to train, from that corpus folder into folders of `runs`."""
        folders = [runs / stage["run"] for stage in self.stages]
        return [
            Stage(folder, Sources(corpus, base=base), stage["preset"], _settings(stage), stage.get("until"))
            for folder, base, stage in zip(folders, (None, *folders), self.stages, strict=False)
        ]


def read_recipe(name: str) -> Recipe:
    """Read a recipe, by its name or the path of a TOML file. Raises `ConfigurationError` for an error in any stage."""
    path, found = read_named("recipe", name, RECIPES)
    corpus, stages = found.get("corpus"), found.get("stage")
    if not isinstance(corpus, str) or not isinstance(stages, list) or not stages or found.keys() - {"corpus", "stage"}:
        raise ConfigurationError(f'{path} is no recipe: it must have corpus = "…" and one [[stage]] or more, no more')
    for number, stage in enumerate(stages, start=1):
        _check(f"{path}, stage {number}", stage)
    runs = [stage["run"] for stage in stages]
    if len({*runs}) < len(runs):
        raise ConfigurationError(f"{path}: every stage must have a run folder of its own, not {', '.join(runs)}")
    return Recipe(corpus, stages)


def _check(where: str, stage: Any) -> None:
    if not isinstance(stage, dict):
        raise ConfigurationError(f"{where}: {stage!r} is none; write [[stage]], and what it is below")
    for key in ("run", "preset"):
        if not isinstance(stage.get(key), str):
            raise ConfigurationError(f'{where}: it must have {key} = "…"')
    if not re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", stage["run"]):
        raise ConfigurationError(
            f"{where}: run = {stage['run']!r}: the folder's name may have letters, digits, '.', '_' and '-' only"
        )
    until = stage.get("until", 1)
    if not isinstance(until, int) or isinstance(until, bool) or until < 1:
        raise ConfigurationError(f"{where}: until = {until!r}: it must be a step, 1 or more")
    try:
        settings = _configuration(stage)
        parse_authors(settings.authors)
    except ConfigurationError as error:
        raise ConfigurationError(f"{where}: {error}") from None
    if "until" in stage and until % settings.validate_every:
        raise ConfigurationError(
            f"{where}: until = {until}: it must be a step that is validated, a multiple of {settings.validate_every}"
        )


def _configuration(stage: dict[str, Any]) -> Configuration:
    return read_configuration(stage["preset"], _settings(stage))


def _settings(stage: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in stage.items() if name not in ("run", "preset", "until")}
