"""`python -m export bundle | verify | evaluate | score | add-copies | unpack`: a checkpoint becomes a bundle."""

import argparse
import sys
from pathlib import Path

from export.errors import ExportError, InputError
from lambda_fn.errors import StoryError
from lambda_fn.language.sampling import SAMPLING_SETTINGS
from lambda_fn.settings import flag
from train.cli import Command, Parser, run_command
from train.errors import TrainError


def _add_bundle(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write the run's best weights as an ONNX graph, check it against PyTorch over 1,000 steps, "
        "round it, check again, and put the bundle in place. One that is there is replaced at the very end."
    )
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="a run folder made by `python -m train fit`")
    add("--out", type=Path, required=True, metavar="FOLDER", help="where the bundle goes")
    add("--name", help="the bundle's name (default: the run folder's)")
    add(
        "--precision",
        choices=("fp32", "8bit", "4bit", "integer"),
        default="4bit",
        help="of the weights; integer: 7 bits, multiplied in whole numbers (default: %(default)s)",
    )
    add(
        "--block",
        type=int,
        metavar="N",
        help="weights that share a scale: 16, 32, 64, 128 or 256 (default: 32 for 4bit, 128 for 8bit)",
    )
    for name, setting in SAMPLING_SETTINGS.items():
        usage = f"what its stories are told with: {setting.help} (default: %(default)s)"
        add(flag(name), type=setting.kind, default=setting.usual, metavar=setting.letter, help=usage)
    add(
        "--corpus",
        type=Path,
        action="append",
        default=[],
        metavar="FOLDER",
        help="a corpus that the run learnt from, for the list of its words; one for each stage of training "
        "(default: where it was then)",
    )
    add(
        "--evaluate",
        type=Path,
        metavar="FILE",
        help="a held-out book: bundle.json records its bits per character, before and after rounding",
    )
    add("--evaluate-author", metavar="NAME", help="the style to read it in (default: the first author)")


def _add_verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Let PyTorch and ONNX Runtime read the same random tokens in the same random styles, from the "
        "same state, each carrying its own, and compare all logits and the final state. Of a quantized bundle "
        "every weight must be the checkpoint's, rounded; both then read a story, and what counts is the bits a "
        "token that rounding loses. Exit code 1: they part."
    )
    add = parser.add_argument
    add(
        "checkpoint",
        type=Path,
        metavar="CHECKPOINT_OR_RUN",
        help="a .safetensors file or a run folder (its best)",
    )
    add("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder")
    add("--steps", type=int, default=1000, help="how many tokens to read (default: %(default)s)")
    add(
        "--tolerance",
        type=float,
        help="the largest difference allowed in any number (default: 1e-4), "
        "or for a quantized bundle the mean loss allowed in bits a token (default: 0.5)",
    )
    add("--seed", type=int, default=0, help="of the random tokens, styles and state (default: %(default)s)")
    add("--json", action="store_true", help="print one JSON object")


def _add_evaluate(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Read texts through ONNX Runtime, each from a state of zeros that is carried to its end. "
        "They are cleaned as the corpus is, and the characters counted are those of the cleaned text."
    )
    add = parser.add_argument
    add("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder")
    add(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="plain text, or a Project Gutenberg ebook as downloaded",
    )
    _add_style(parser)
    add(
        "--cache",
        action="store_true",
        help="measure also with a neural cache: what followed in like places of the text so far is likelier to follow",
    )
    add("--json", action="store_true", help="print one JSON object")


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Read the pieces of one text in order through ONNX Runtime, the state carried. Where a piece "
        "has alternatives, print what each would have cost in its place: one JSON object a line, "
        '{"line": 3, "nats": [of the text, of each alternative]}.'
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder")
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help='one JSON object a line: {"text": …} is read, {"text": …, "instead": […]} is compared as well',
    )
    _add_style(parser)


def _add_unpack(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Write a bundle's weights, as they were rounded, its tokenizer and its words into a run "
        "folder, so that training can go on from them without the run that the bundle was made from."
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder")
    parser.add_argument("--out", type=Path, required=True, metavar="RUN", help="where the run folder goes")


def _add_copies(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Put the filter of its training books into a bundle, by which the bot refuses a tweet that has more than 12 "
        "words in a row of one of them. All else of the bundle, and the stories told with it, stay as they are."
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="a bundle's folder")
    parser.add_argument(
        "--corpus",
        type=Path,
        action="append",
        required=True,
        metavar="FOLDER",
        help="a corpus that it was trained on; may be given several times, until all of its books are there",
    )


def _add_style(parser: argparse.ArgumentParser) -> None:
    style = parser.add_mutually_exclusive_group()
    style.add_argument("--author", metavar="NAME", help="the style to read in (default: the bundle's first author)")
    style.add_argument("--style", metavar="BLEND", help='a blend, such as "Jane Austen=0.6,Charles Dickens=0.4"')


COMMANDS = (
    Command("bundle", _add_bundle, "export.bundle:command", "make a bundle from a training run"),
    Command(
        "verify", _add_verify, "export.verify:command", "hold a bundle against the checkpoint that it was made from"
    ),
    Command("evaluate", _add_evaluate, "export.evaluate:command", "bits per character of a text under a bundle"),
    Command(
        "score",
        _add_score,
        "export.score:command",
        "how much likelier one text is than another after all that was read before",
    ),
    Command(
        "add-copies",
        _add_copies,
        "export.copies:command",
        "let a bundle know what stands in its training books, so that it is not told again",
    ),
    Command(
        "unpack",
        _add_unpack,
        "export.unpack:command",
        "make a run folder from a bundle, for `python -m train fit --from`",
    ),
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a check or the machine failed, 2 bad input, 130 interrupted."""
    parser = Parser(prog="python -m export", description=__doc__)
    arguments = sys.argv[1:] if arguments is None else arguments
    wrong = (InputError, StoryError, TrainError)
    return run_command(parser, COMMANDS, arguments, bad_input=wrong, failed=(ExportError,))


if __name__ == "__main__":
    sys.exit(main())
