"""The command lines: a parser whose errors are one sentence, and the options of the verbs of `train`.

Nothing here is slow to import, so `--help` is quick.
"""

import argparse
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import NoReturn

from train.configuration import PRESETS, RECIPES, Configuration, first_sentences


class Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence on standard error, with exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Exit with the sentence, without the usage that argparse prints before it."""
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def add_tokenizer_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train tokenizer`."""
    parser.add_argument("--corpus", type=Path, required=True, help="a corpus folder; its training texts are read")
    parser.add_argument("--vocabulary", type=int, default=8192, help="tokens to learn (default: %(default)s)")
    parser.add_argument("--out", type=Path, help="default: tokenizer.json in the corpus folder")


def add_fit_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train fit`."""
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
    _add_machine_arguments(parser)
    add("--until", type=int, metavar="STEP", help="pause after this step, for a stage to start from it")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    settings = {f"{field.name} = {field.default!r}": field.metadata["meaning"] for field in fields(Configuration)}
    parser.epilog = (
        "presets (train/presets says all of each):\n"
        + _list(first_sentences(PRESETS))
        + "\n\nsettings, with what they are where a preset does not say otherwise:\n"
        + _list(settings)
    )


def _add_machine_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--device", choices=("auto", "cpu", "cuda", "mps"), default="auto",
        help="what trains; auto: cuda where there is one, else cpu (default: %(default)s)")  # fmt: skip
    add("--minutes", type=float, default=float("inf"), metavar="N", help="pause after so many; run again to go on")


def add_recipe_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train recipe`."""
    add = parser.add_argument
    add("recipe", metavar="NAME_OR_PATH", help="a recipe of those below, or your own .toml file")
    add("--corpus", type=Path, metavar="FOLDER", help="default: the recipe's, in data/")
    add("--runs", type=Path, default=Path("runs"), metavar="FOLDER", help="(default: %(default)s)")
    _add_machine_arguments(parser)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "recipes (train/recipes says all of each):\n" + _list(first_sentences(RECIPES))


def add_evaluate_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train evaluate`."""
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
