"""One training run, from a corpus, a tokenizer and perhaps an older run to its folder: a whole training, or a stage."""

import hashlib
import json
import platform
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer

from train.batches import Passes
from train.checkpoint import load_weights
from train.configuration import Configuration, read_configuration, write_configuration
from train.data import Text, load_texts, read_description
from train.errors import ConfigurationError, CorpusError
from train.files import write_atomically
from train.fit import Trainer
from train.formats import RUN
from train.model import SIZES, LanguageModel, ModelSize, Regularization, adopt_authors, check_growth, widen
from train.precision import Choice, Step, check_goes_on, take, trial_of
from train.processes import Processes
from train.run_folder import RunFolder, read_record, record_run
from train.selection import (
    check_known,
    choose_texts,
    parse_authors,
    sample_evenly,
    sample_in_shares,
    shares_by_author,
    simplest_passages,
)
from train.tokenizer import read_tokenizer


@dataclass(frozen=True)
class Sources:
    """The folders that a run is made from."""

    corpus: Path
    tokenizer: Path | None = None
    """A file; None: the base run's, or else the corpus's."""
    base: Path | None = None
    """The run whose best weights it starts from; None: it starts from random ones."""

    @property
    def tokenizer_file(self) -> Path:
        """The tokenizer's file."""
        return self.tokenizer or (self.base or self.corpus) / "tokenizer.json"


@dataclass(frozen=True)
class Prepared:
    """All that a trainer needs but the folder that it writes to."""

    model: LanguageModel
    configuration: Configuration
    passes: Passes
    validation: list[Text]
    data: dict[str, str]
    corpus: dict[str, Any]
    """`corpus.json`, with the books of the authors whom the run reads."""
    tokenizer: bytes

    def trainer(self, folder: RunFolder, processes: Processes) -> Trainer:
        """Return a trainer, at the first step or where the run in that folder stopped."""
        return Trainer(self.model, self.configuration, self.passes, self.validation, self.data, folder, processes)

    def trial(self, processes: Processes) -> Step:
        """Return a step of the model on this process's share of a batch, to find out what works on its device."""
        rows = processes.rows(self.configuration.batch)
        return trial_of(self.model, rows.stop - rows.start, self.configuration.chunk, processes.device)

    def notes(self) -> Iterator[str]:
        """Yield what the user should know: how many tokens a pass reads of each author, and of whom none."""
        settings, tokens = self.configuration, self.passes.tokens_by_author
        if settings.authors or settings.tokens_per_author:
            shares = ", ".join(f"{author} {count:,}" for author, count in tokens.items())
            yield f"a pass reads {sum(tokens.values()):,} tokens: {shares}"
        for author, count in tokens.items():
            if not count:
                yield f"note: nothing is learnt of {author}: no text of theirs has {settings.chunk + 1} tokens"


def prepare(sources: Sources, configuration: Configuration, chosen: frozenset[str], processes: Processes) -> Prepared:
    """Read and check everything; `chosen` are the settings that the user gave, not the preset.

    A run that starts from another takes over its sizes, unless larger ones were chosen, its tokenizer and its authors,
    in their order. Raises `TrainError` of several kinds.
    """
    corpus = read_description(sources.corpus)
    tokenizer = read_tokenizer(sources.tokenizer_file)
    settings = configuration
    check_known(settings.authors, corpus["authors"])
    read = parse_authors(settings.authors) or corpus["authors"]
    authors = [author for author in corpus["authors"] if author in read]
    books = [book for book in corpus["books"] if book["author"] in authors]
    torch.manual_seed(settings.seed)
    regularization = Regularization(**{field.name: getattr(settings, field.name) for field in fields(Regularization)})
    if sources.base:
        base, known = _load_base(sources.base, sources.tokenizer_file)
        settings = _with_sizes_of(base.size, sources.base, settings, chosen)
        wide = widen(base, settings.embedding, settings.hidden)
        model, authors = adopt_authors(wide, known, authors, settings.dropout, regularization)
    else:
        sizes = (settings.embedding, settings.hidden, settings.layers)
        model = LanguageModel(
            ModelSize(tokenizer.get_vocab_size(), len(authors), *sizes, settings.dropout), regularization
        )
    if model.size.vocabulary != tokenizer.get_vocab_size():
        raise ConfigurationError(
            f"{sources.tokenizer_file} has {tokenizer.get_vocab_size()} tokens and the model {model.size.vocabulary}: "
            "give the tokenizer that the model was trained with"
        )
    training = choose_texts(_load(sources.corpus, tokenizer, "train", processes), settings.authors)
    validation = choose_texts(_load(sources.corpus, tokenizer, "validation", processes), settings.authors)
    if settings.passages:
        # Validated on what is like it: of each author the same share.
        shares = shares_by_author(training, settings.authors, settings.tokens_per_author)
        training, validation = (simplest_passages(texts, tokenizer, shares) for texts in (training, validation))
    if not validation:
        raise CorpusError(f"{sources.corpus} has no validation text: keep some chapters with validation_every")
    passes = Passes(training, authors, settings)
    data = {"tokenizer": _digest(tokenizer.to_str()), "texts": _digest(json.dumps(corpus["books"]))}
    if sources.base:
        data["base"] = _digest_of_weights(base)
    described = corpus | {"books": books} if settings.authors else corpus
    content = sources.tokenizer_file.read_bytes()
    return Prepared(model, settings, passes, _validated(validation, passes, settings), data, described, content)


def _validated(texts: Sequence[Text], passes: Passes, settings: Configuration) -> list[Text]:
    """Return a slice with authors as they are read, where that was chosen; else of every book in proportion."""
    if settings.authors or settings.tokens_per_author:
        return sample_in_shares(texts, settings.validation_tokens, passes.tokens_by_author)
    return sample_evenly(texts, settings.validation_tokens)


def _load_base(base: Path, tokenizer: Path) -> tuple[LanguageModel, list[str]]:
    """Load the best model of a run, and its authors."""
    if not base.is_dir():
        raise ConfigurationError(f"--from {base}: there is no such run folder")
    model, description = load_weights(base)
    if tokenizer.read_bytes() != (base / "tokenizer.json").read_bytes():
        raise ConfigurationError(f"--tokenizer {tokenizer}: a run that starts from {base} must have its tokenizer")
    return model, description["authors"]


def _with_sizes_of(size: ModelSize, base: Path, settings: Configuration, chosen: frozenset[str]) -> Configuration:
    sizes = {name: getattr(settings if name in chosen else size, name) for name in SIZES}
    for name, wanted in sizes.items():
        check_growth(name, getattr(size, name), wanted, str(base))
    return replace(settings, **sizes)


def _load(corpus: Path, tokenizer: Tokenizer, split: str, processes: Processes) -> list[Text]:
    """Load the texts of a split; the first process encodes them if need be, the others wait for it."""
    if not processes.first:
        processes.wait()
    texts = load_texts(corpus, tokenizer, split)
    if processes.first:
        processes.wait()
    return texts


def _digest_of_weights(model: LanguageModel) -> str:
    digest = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        digest.update(name.encode() + weight.numpy().tobytes())
    return digest.hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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
    """Whether a signal came, even at the very end."""
    seconds: float
    """Spent on training, without loading."""


def train_stage(stage: Stage, processes: Processes, seconds: float, arguments: Sequence[str]) -> Trained:
    """Train a stage, or resume it, for at most `seconds`, not counting the loading of texts.

    `arguments` are what the run's record names as its command. Raises `TrainError` of several kinds.
    """
    configuration = read_configuration(stage.preset, stage.settings)
    folder = RunFolder(stage.run)
    prepared = prepare(stage.sources, configuration, frozenset(stage.settings), processes)
    trial = prepared.trial(processes)
    choice = take(configuration.precision, folder.begun_in(), trial, processes)
    prepared = replace(prepared, configuration=replace(prepared.configuration, precision=choice.precision))
    with folder.alone() if processes.first else nullcontext():
        trainer = prepared.trainer(folder, processes)
        if not stage.ended(trainer):
            if choice.resumed:
                check_goes_on(folder.path, choice.precision, trial, processes)
            if processes.first:
                print(choice, file=sys.stderr)
        for line in prepared.notes() if processes.first else ():
            print(line, file=sys.stderr)
        if processes.first:
            description = describe_run(arguments, stage.sources, prepared, choice, processes, trainer.steps)
            write_atomically(folder.path / "tokenizer.json", prepared.tokenizer)
            write_configuration(prepared.configuration, folder.path / "config.toml")
            record_run(folder, description, trainer.progress.step, goes_on=not stage.ended(trainer))
        begun = time.monotonic()
        asked_to_stop = trainer.run(seconds, stage.until)
        spent = time.monotonic() - begun
    if processes.first:
        progress, paused = trainer.progress, "" if stage.ended(trainer) else "; paused: the same command goes on"
        print(f"{folder.path}: step {progress.step} of {trainer.steps}, {progress.best}{paused}")
    return Trained(stage.ended(trainer), asked_to_stop, spent)


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def describe_run(
    arguments: Sequence[str], sources: Sources, prepared: Prepared, choice: Choice, processes: Processes, steps: int
) -> dict[str, Any]:
    """Return the record of a run, for `run.json`: what it takes to repeat it."""
    passes, git = prepared.passes, shutil.which("git")
    commit = subprocess.run([git, "rev-parse", "HEAD"], capture_output=True, text=True, check=False) if git else None
    base = None
    if sources.base:
        weights = (sources.base / "best.safetensors").read_bytes()
        record = read_record(sources.base / "run.json")
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
        "device": str(processes.device),
        "threads": torch.get_num_threads(),
        "processes": processes.count,
        "precision": asdict(choice),
        "corpus": prepared.corpus,
        "corpus_folder": str(sources.corpus),
        "authors": passes.authors,
        "tokenizer_sha256": hashlib.sha256(prepared.tokenizer).hexdigest(),
        "base": base,
        "parameters": prepared.model.parameter_count(),
        "training_tokens": sum(len(text.tokens) for text in passes.texts),
        "tokens_a_pass": passes.tokens_by_author,
        "steps": steps,
    }
