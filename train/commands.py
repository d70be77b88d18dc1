"""The verbs `tokenizer`, `fit`, `recipe` and `evaluate`: what they do with their options."""

import argparse
import json
from pathlib import Path
from typing import Any

import torch

from train.checkpoint import load_weights
from train.configuration import read_configuration
from train.data import load_texts, read_description, read_paragraphs
from train.errors import ConfigurationError, CorpusError, TokenizerError
from train.evaluate import score
from train.long_work import under_way
from train.precision import check_works
from train.processes import join_processes, usable_device
from train.recipe import read_recipe
from train.run_folder import RunFolder
from train.stage import Sources, Stage, train_stage
from train.tokenizer import read_tokenizer, save_tokenizer, train_tokenizer


def run_tokenizer(options: argparse.Namespace) -> None:
    """Learn a tokenizer from the training texts of a corpus."""
    if not 258 <= options.vocabulary <= 65_536:
        raise TokenizerError(f"--vocabulary {options.vocabulary}: it must be from 258 to 65536")
    books = read_description(options.corpus)["books"]
    paths = [options.corpus / book["files"]["train"]["path"] for book in books if "train" in book["files"]]
    if not paths:
        raise CorpusError(f"{options.corpus} has no training text to learn a tokenizer from")
    with under_way(f"learn sub-words from {len(paths)} books"):
        tokenizer = train_tokenizer((line for path in paths for line in read_paragraphs(path)), options.vocabulary)
    out = options.out or options.corpus / "tokenizer.json"
    save_tokenizer(tokenizer, out)
    print(f"{out}: {tokenizer.get_vocab_size()} tokens from {len(paths)} books")


def _check_minutes(minutes: float) -> None:
    if not minutes > 0:
        raise ConfigurationError(f"--minutes {minutes:g}: it must be more than 0")


def run_fit(options: argparse.Namespace) -> None:
    """Train a model, or go on training it."""
    settings = _parse_settings(options.set)
    _check_minutes(options.minutes)
    if options.until is not None and options.until < 1:
        raise ConfigurationError(f"--until {options.until}: it must be 1 or more")
    run = options.run or Path("runs") / f"{options.corpus.name}-{Path(options.preset).stem}"
    sources = Sources(options.corpus, options.tokenizer, options.base)
    stage = Stage(run, sources, options.preset, settings, options.until)
    with join_processes(usable_device(options.device)) as processes:
        train_stage(stage, processes, options.minutes * 60, options.arguments)


def run_recipe(options: argparse.Namespace) -> None:
    """Train a model's stages one after the other, or go on where they stopped."""
    _check_minutes(options.minutes)
    recipe = read_recipe(options.recipe)
    left = options.minutes * 60
    corpus = options.corpus or Path("data") / recipe.corpus
    with join_processes(usable_device(options.device)) as processes:
        recipe.check_against(read_description(corpus)["authors"], processes)
        stages = recipe.in_folders(corpus, options.runs)
        for stage in stages:
            if not RunFolder(stage.run).last.is_file():
                check_works(read_configuration(stage.preset, stage.settings).precision, processes)
        for stage in stages:
            trained = train_stage(stage, processes, left, stage.arguments)
            left -= trained.seconds
            if not trained.complete or trained.asked_to_stop:
                break


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


def run_evaluate(options: argparse.Namespace) -> None:
    """Print the bits per character of a split, each text under its author's style, in PyTorch."""
    model, description = load_weights(options.run_folder)
    texts = load_texts(options.corpus, read_tokenizer(options.run_folder / "tokenizer.json"), options.split)
    if not texts:
        raise CorpusError(f"{options.corpus} has no {options.split} text")
    strangers = sorted({text.author for text in texts} - set(description["authors"]))
    if strangers:
        raise CorpusError(f"{options.run_folder} was not trained on {', '.join(strangers)}")
    with under_way(f"evaluate {len(texts)} texts"):
        result = score(model, texts, description["authors"], torch.device("cpu"))
    if options.json:
        print(json.dumps({"bits_per_character": result.bits_per_character, "nats_per_token": result.loss,
                          "characters": result.characters, "tokens": result.tokens}))  # fmt: skip
    else:
        print(
            f"{result.bits_per_character:.4f} bits a character over {result.characters:,} characters of {options.split}"
        )
