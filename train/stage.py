"""One training run, from its settings to its folder: all of a model's training, or one stage of it."""

import json
import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from train.configuration import read_configuration, write_configuration
from train.files import write_atomically
from train.fit import Trainer
from train.precision import check_goes_on, take
from train.preparation import Sources, prepare
from train.processes import Processes
from train.run_description import describe_run, record_run
from train.run_folder import RunFolder


@dataclass(frozen=True)
class Stage:
    """What a run reads, how, and where it is kept."""

    run: Path
    sources: Sources
    preset: str
    settings: dict[str, Any] = field(default_factory=dict)
    """Those that are not the preset's."""
    until: int | None = None
    """The step after which it pauses, for another stage to start from it; None: the last."""

    @property
    def arguments(self) -> list[str]:
        """The arguments of `python -m train` that train this stage alone."""
        sources, pairs = self.sources, [f"{name}={_shown(value)}" for name, value in self.settings.items()]
        options = {"--corpus": sources.corpus, "--tokenizer": sources.tokenizer, "--from": sources.base,
                   "--preset": self.preset, "--until": self.until, "--run": self.run}  # fmt: skip
        given = [part for name, value in options.items() if value is not None for part in (name, str(value))]
        return ["fit", *given, *(part for pair in pairs for part in ("--set", pair))]

    def ended(self, trainer: Trainer) -> bool:
        """Whether there is nothing left to train, so that another stage can start from it."""
        return trainer.finished or (self.until is not None and trainer.progress.step >= self.until)


class Trained(NamedTuple):
    """What a call has achieved."""

    complete: bool
    """Whether the stage has come to its end."""
    asked_to_stop: bool
    """Whether a signal came, be it at the very end."""
    seconds: float
    """Spent on training itself."""


def train_stage(stage: Stage, processes: Processes, seconds: float, arguments: Sequence[str]) -> Trained:
    """Train it, or go on training it, for so many seconds at most, reading the texts not counted.

    `arguments` are what the run's record names as its command. Raises `TrainError` of several kinds.
    """
    configuration = read_configuration(stage.preset, stage.settings)
    folder = RunFolder(stage.run)
    prepared = prepare(stage.sources, configuration, frozenset(stage.settings), processes)
    trial = prepared.trial(processes)
    choice = take(configuration.precision, folder.begun_in(), trial, processes)
    prepared = prepared.in_precision(choice.precision)
    with folder.alone() if processes.first else nullcontext():
        trainer = prepared.trainer(folder, processes)
        if not stage.ended(trainer):
            if choice.resumed:
                check_goes_on(folder.path, choice.precision, trial, processes)
            if processes.first:
                print(choice, file=sys.stderr)
        for line in prepared.notes(trainer.tokens_by_author) if processes.first else ():
            print(line, file=sys.stderr)
        if processes.first:
            description = describe_run(arguments, stage.sources, prepared, trainer, choice)
            write_atomically(folder.path / "tokenizer.json", prepared.tokenizer)
            write_configuration(prepared.configuration, folder.path / "config.toml")
            record_run(folder, description, trainer.progress.step, goes_on=not stage.ended(trainer))
        begun = time.monotonic()
        trainer.run(seconds, stage.until)
        spent = time.monotonic() - begun
    if processes.first:
        progress, paused = trainer.progress, "" if stage.ended(trainer) else "; paused: the same command goes on"
        print(f"{folder.path}: step {progress.step} of {trainer.steps}, {progress.best}{paused}")
    return Trained(stage.ended(trainer), trainer.asked_to_stop, spent)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
