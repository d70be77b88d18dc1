"""From a corpus, a tokenizer and perhaps an older run to a trainer that is ready to go."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from train.checkpoint import load_weights
from train.configuration import Configuration
from train.data import Text, load_texts, read_description
from train.errors import ConfigurationError, CorpusError
from train.fit import Trainer
from train.model import LanguageModel, ModelSize, Regularization, adopt_authors, widen
from train.precision import Step, trial_of
from train.processes import Processes
from train.run_folder import RunFolder
from train.selection import check_known, choose_texts, parse_authors, shares_by_author, simplest_passages
from train.tokenizer import read_tokenizer

SIZES = ("embedding", "hidden", "layers")
"""The settings that a run which starts from another takes over."""


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
        """Which tokenizer it will be."""
        return self.tokenizer or (self.base or self.corpus) / "tokenizer.json"


@dataclass(frozen=True)
class Prepared:
    """All that a trainer needs but the folder that it writes to."""

    model: LanguageModel
    configuration: Configuration
    authors: list[str]
    training: list[Text]
    validation: list[Text]
    data: dict[str, str]
    corpus: dict[str, Any]
    """`corpus.json`, with the books of the authors whom the run reads."""
    tokenizer: bytes

    def trainer(self, folder: RunFolder, processes: Processes) -> Trainer:
        """A trainer, at the first step or where the run in that folder stopped."""
        return Trainer(
            self.model, self.configuration, self.authors, self.training, self.validation, folder, processes, self.data
        )

    def in_precision(self, precision: str) -> "Prepared":
        """The same, but for that setting: a run's is never `auto`."""
        return replace(self, configuration=replace(self.configuration, precision=precision))

    def trial(self, processes: Processes) -> Step:
        """A step of the model on this process's share of a batch, to find out what works on its device."""
        rows = processes.rows(self.configuration.batch)
        return trial_of(self.model, rows.stop - rows.start, self.configuration.chunk, processes.device)

    def notes(self, tokens: Mapping[str, int]) -> Iterator[str]:
        """What the user should know of the tokens that a pass reads of each author: how many, and of whom none."""
        settings = self.configuration
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
    data = {"tokenizer": _digest(tokenizer.to_str()), "texts": _digest(json.dumps(corpus["books"]))}
    if sources.base:
        data["base"] = _digest_of_weights(base)
    described = corpus | {"books": books} if settings.authors else corpus
    content = sources.tokenizer_file.read_bytes()
    return Prepared(model, settings, authors, training, validation, data, described, content)


def _load_base(base: Path, tokenizer: Path) -> tuple[LanguageModel, list[str]]:
    """The best model of a run, and its authors."""
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


def check_growth(name: str, before: int, wanted: int, base: str) -> None:
    """Raise `ConfigurationError` unless a run of the size `wanted` can start from what has the size `before`."""
    if wanted < before or (wanted > before and name == "layers"):
        allowed = f"{before}" if name == "layers" else f"{before} or more"
        raise ConfigurationError(f"{name} = {wanted}: what starts from {base} must have {allowed}")


def _load(corpus: Path, tokenizer: Tokenizer, split: str, processes: Processes) -> list[Text]:
    """The texts of a split; the first process encodes what is not encoded yet, the others wait for it."""
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


def usable_device(name: str) -> torch.device:
    """`auto` is CUDA where there is a device for it, else the CPU. Raises `ConfigurationError`."""
    device = torch.device(("cuda" if torch.cuda.is_available() else "cpu") if name == "auto" else name)
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not usable.get(device.type, True):
        raise ConfigurationError(f"--device {name}: this machine's PyTorch has none; use --device auto")
    return device
