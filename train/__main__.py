"""`python -m train corpus | tokenizer | fit | recipe | evaluate`: from Project Gutenberg to a checkpoint."""

import argparse
import sys
import textwrap
from dataclasses import fields
from pathlib import Path

from train.cli import Command, Parser, run_command
from train.configuration import PRESETS, RECIPES, Configuration, first_sentences
from train.corpus import options as corpus
from train.errors import TrainError


def _add_tokenizer(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder; its training texts are read")
    parser.add_argument("--vocabulary", type=int, default=8192, help="tokens to learn (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="default: tokenizer.json in the corpus folder")


def _add_fit(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--corpus", type=Path, required=True, metavar="FOLDER", help="a corpus folder")
    add("--preset", default="laptop", metavar="NAME_OR_PATH",
        help="the settings: a preset of those below, or your own .toml file (default: %(default)s)")  # fmt: skip
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="replace one of the settings below")
    add("--tokenizer", type=Path, metavar="FILE", help="default: tokenizer.json in the corpus folder, or --from's")
    add("--from", dest="base", type=Path, metavar="RUN",
        help="start from a run: its best weights, its sizes, its authors")  # fmt: skip
    add("--run", type=Path, metavar="FOLDER",
        help="the run's folder; one that is there is resumed (default: runs/CORPUS-PRESET, such as "
        "runs/century-laptop)")  # fmt: skip
    _add_machine(parser)
    add("--until", type=int, metavar="STEP", help="pause after this step, for a stage to start from it")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    settings = {f"{field.name} = {field.default!r}": field.metadata["meaning"] for field in fields(Configuration)}
    parser.epilog = (
        "presets (train/presets says all of each):\n"
        + _list(first_sentences(PRESETS))
        + "\n\nsettings, with what they are where a preset does not say otherwise:\n"
        + _list(settings)
    )


def _add_machine(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="what trains; auto: cuda where there is one, else cpu (default: %(default)s)")  # fmt: skip
    add("--minutes", type=float, default=float("inf"), metavar="N", help="pause after so many; run again to go on")


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("recipe", metavar="NAME_OR_PATH", help="a recipe of those below, or your own .toml file")
    add("--corpus", type=Path, metavar="FOLDER", help="default: the recipe's, in data/")
    add("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="(default: %(default)s)")
    _add_machine(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "recipes (train/recipes says all of each):\n" + _list(first_sentences(RECIPES))


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_folder", type=Path, metavar="RUN", help="a run folder")
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder")
    parser.add_argument("--split", choices=("train", "validation", "test"), default="validation", help="(%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _list(meanings: dict[str, str]) -> str:
    """Format names on the left, wrapped meanings on the right."""
    width = max(map(len, meanings)) + 4
    return "\n".join(
        textwrap.fill(
            meaning, 110, initial_indent=f"  {name}".ljust(width), subsequent_indent=" " * width, break_on_hyphens=False
        )
        for name, meaning in meanings.items()
    )


COMMANDS = (
    Command("corpus", corpus.add_arguments, "train.corpus.command:run", "download and clean the ebooks of a manifest"),
    Command("tokenizer", _add_tokenizer, "train.commands:run_tokenizer", "learn sub-words from a corpus"),
    Command("fit", _add_fit, "train.commands:run_fit", "train a language model, or go on training it"),
    Command("recipe", _add_recipe, "train.commands:run_recipe", "train a model stage by stage, as a file says"),
    Command("evaluate", _add_evaluate, "train.commands:run_evaluate", "score a run on a split of its corpus"),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a failure of the machine, 2 bad input, 130 interrupted."""
    parser = Parser(prog="python -m train", description=__doc__)
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments[:1] == ["report"]:
        parser.error("`python -m bench report` measures a bundle now")
    return run_command(parser, COMMANDS, arguments, bad_input=(TrainError,))


if __name__ == "__main__":
    sys.exit(main())
