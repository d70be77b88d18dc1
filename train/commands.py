"""The verbs `tokenizer`, `fit` and `evaluate`: their options, and what they do with them."""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer

from train.checkpoint import load_weights
from train.configuration import Configuration, read_configuration, write_configuration
from train.data import load_texts, read_description, read_paragraphs
from train.errors import ConfigurationError, CorpusError, TokenizerError
from train.evaluate import score
from train.files import write_atomically
from train.fit import Trainer, adopt_authors, choose_device, default_run_folder
from train.model import LanguageModel, ModelSize
from train.run_description import describe_run, record_run
from train.run_folder import RunFolder
from train.tokenizer import save_tokenizer, train_tokenizer


def add_tokenizer_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train tokenizer`."""
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder; its training texts are read")
    parser.add_argument("--vocabulary", type=int, default=8192, help="tokens to learn (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="default: tokenizer.json in the corpus folder")


def run_tokenizer(options: argparse.Namespace) -> None:
    """Learn a tokenizer from the training texts of a corpus."""
    if not 258 <= options.vocabulary <= 65_536:
        raise TokenizerError(f"--vocabulary {options.vocabulary}: it must be from 258 to 65536")
    books = read_description(options.corpus)["books"]
    paths = [options.corpus / book["files"]["train"]["path"] for book in books if "train" in book["files"]]
    if not paths:
        raise CorpusError(f"{options.corpus} has no training text to learn a tokenizer from")
    tokenizer = train_tokenizer((line for path in paths for line in read_paragraphs(path)), options.vocabulary)
    out = options.out or options.corpus / "tokenizer.json"
    save_tokenizer(tokenizer, out)
    print(f"{out}: {tokenizer.get_vocab_size()} tokens from {len(paths)} books")


def add_fit_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train fit`."""
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder")
    parser.add_argument("--preset", default="laptop", help="settings: a preset's name or a TOML file (%(default)s)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="replace one setting")
    parser.add_argument("--tokenizer", type=Path, help="default: tokenizer.json in the corpus folder, or --from's")
    parser.add_argument("--from", dest="base", type=Path, metavar="RUN", help="start from the best weights of a run")
    parser.add_argument("--run", type=Path, help="the run's folder; one that is there is resumed")
    parser.add_argument("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto", help="(%(default)s)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="pause after so many; run again to go on")


def run_fit(options: argparse.Namespace) -> None:
    """Train a model, or go on training it."""
    configuration = read_configuration(options.preset, _parse_settings(options.set))
    corpus = read_description(options.corpus)
    authors: list[str] = corpus["authors"]
    folder = RunFolder(options.run or default_run_folder(options.corpus, options.preset))
    tokenizer_path = options.tokenizer or (options.base or options.corpus) / "tokenizer.json"
    tokenizer = _read_tokenizer(tokenizer_path)
    device = _usable(options.device)
    if not options.minutes > 0:
        raise ConfigurationError(f"--minutes {options.minutes:g}: it must be more than 0")
    torch.manual_seed(configuration.seed)
    if options.base:
        if not options.base.is_dir():
            raise ConfigurationError(f"--from {options.base}: there is no such run folder")
        base, description = load_weights(options.base)
        _check_same_size(base.size, configuration, options.base)
        if tokenizer_path.read_bytes() != (options.base / "tokenizer.json").read_bytes():
            raise ConfigurationError(
                f"--tokenizer {tokenizer_path}: a run that starts from {options.base} must have its tokenizer"
            )
        model, authors = adopt_authors(base, description["authors"], authors, configuration.dropout)
    else:
        c = configuration
        model = LanguageModel(
            ModelSize(tokenizer.get_vocab_size(), len(authors), c.embedding, c.hidden, c.layers, c.dropout)
        )
    if model.size.vocabulary != tokenizer.get_vocab_size():
        raise ConfigurationError(
            f"{tokenizer_path} has {tokenizer.get_vocab_size()} tokens and the model {model.size.vocabulary}: "
            "give the tokenizer that the model was trained with"
        )
    training = load_texts(options.corpus, tokenizer, "train")
    validation = load_texts(options.corpus, tokenizer, "validation")
    if not validation:
        raise CorpusError(f"{options.corpus} has no validation text: keep some chapters with validation_every")
    data = {"tokenizer": _digest(tokenizer.to_str()), "texts": _digest(json.dumps(corpus["books"]))}
    with folder.alone():
        trainer = Trainer(model, configuration, authors, training, validation, folder, device, data)
        write_atomically(folder.path / "tokenizer.json", tokenizer_path.read_bytes())
        write_configuration(configuration, folder.path / "config.toml")
        record_run(
            folder,
            describe_run(options.arguments, options.corpus, options.base, corpus, trainer),
            trainer.progress.step,
        )
        finished = trainer.run(options.minutes * 60)
    progress = trainer.progress
    print(
        f"{folder.path}: step {progress.step} of {trainer.steps}, {progress.best}"
        f"{'' if finished else '; paused: the same command goes on'}"
    )


def _check_same_size(size: ModelSize, configuration: Configuration, base: Path) -> None:
    for name in ("embedding", "hidden", "layers"):
        there, here = getattr(size, name), getattr(configuration, name)
        if there != here:
            raise ConfigurationError(
                f"{name} = {here}, but the model of {base} has {there}: a run that starts from it must have the same"
            )


def _parse_settings(pairs: list[str]) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise ConfigurationError(f"--set {pair}: write NAME=VALUE, such as --set passes=2")
        try:
            settings[name.strip()] = json.loads(value)
        except json.JSONDecodeError:
            settings[name.strip()] = value.strip()
    return settings


def _read_tokenizer(path: Path) -> Tokenizer:
    if not path.is_file():
        raise TokenizerError(f"there is no tokenizer at {path}: make it with `python -m train tokenizer`")
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as error:  # the library raises nothing narrower
        raise TokenizerError(f"{path} is not a tokenizer: make it again with `python -m train tokenizer`") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _usable(name: str) -> torch.device:
    device = choose_device(name)
    usable = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if not usable.get(device.type, True):
        raise ConfigurationError(f"--device {name}: this machine's PyTorch has none; use --device auto")
    return device


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train evaluate`."""
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="validation", help="(%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run_evaluate(options: argparse.Namespace) -> None:
    """Bits per character of every text of a split, under its author's style, in PyTorch."""
    model, description = load_weights(options.run_folder)
    texts = load_texts(options.corpus, _read_tokenizer(options.run_folder / "tokenizer.json"), options.split)
    if not texts:
        raise CorpusError(f"{options.corpus} has no {options.split} text")
    strangers = sorted({text.author for text in texts} - set(description["authors"]))
    if strangers:
        raise CorpusError(f"{options.run_folder} was not trained on {', '.join(strangers)}")
    result = score(model, texts, description["authors"], torch.device("cpu"))
    if options.json:
        print(json.dumps({"bits_per_character": result.bits_per_character, "nats_per_token": result.loss,
                          "characters": result.characters, "tokens": result.tokens}))  # fmt: skip
    else:
        print(
            f"{result.bits_per_character:.4f} bits a character over {result.characters:,} characters of {options.split}"
        )
