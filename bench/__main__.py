"""`python -m bench all | speed | graphs | cold-start | ablations | pairs | tally | report`: every figure stated."""

import sys
from argparse import ArgumentParser
from pathlib import Path

from bench.errors import BenchError
from export.errors import ExportError
from lambda_fn.errors import StoryError
from train.cli import Command, Parser, run_command
from train.errors import TrainError


def _add_speed(parser: ArgumentParser) -> None:
    parser.description = (
        "Tell a story, in a folder that is thrown away: how long a tweet takes, how long a step of the model, how much "
        "of the time its steps, the sampler, the editor and the rest have, how much memory it needs."
    )
    parser.add_argument("--tweets", type=int, default=200, metavar="N", help="how many to tell (default: %(default)s)")
    parser.add_argument("--model", type=Path, default=Path("lambda_fn/model"), metavar="FOLDER",
        help="a bundle (default: %(default)s)")  # fmt: skip
    _add_json(parser)


def _add_graphs(parser: ArgumentParser) -> None:
    parser.description = (
        "Write a bundle's model in every form that ONNX Runtime has for it, and hold them against each other: size, "
        "loading, a step, bits per character of a held-out text, agreement with fp32, several texts at once."
    )
    add = parser.add_argument
    add("text", type=Path, metavar="FILE", help="a held-out text, plain or a Project Gutenberg ebook")
    add("--bundle", type=Path, default=Path("lambda_fn/model"), metavar="FOLDER", help="(default: %(default)s)")
    add("--tokens", type=int, default=6000, metavar="N", help="of the text to read (default: %(default)s)")
    add("--rounds", type=int, default=100, metavar="N", help="of 8 steps of each form (default: %(default)s)")
    _add_json(parser)


def _add_cold_start(parser: ArgumentParser) -> None:
    parser.description = (
        "Run the package under AWS's Runtime Interface Emulator on one core, a new container each time, and print the "
        "median of all runs: how long the handler's import takes, the first invocation and the second; and the most "
        "memory of all runs."
    )
    parser.add_argument("package", type=Path, nargs="?", default=Path(".aws-sam/build/StoryFunction"),
        metavar="PACKAGE", help="the folder that `make build` makes (default: %(default)s)")  # fmt: skip
    parser.add_argument("--runs", type=int, default=7, metavar="N", help="how many cold starts (default: %(default)s)")
    parser.add_argument("--against-pip", action="store_true",
        help="build the package with plain pip as well, start both in turns, and print what ours takes of its INIT, of "
        "INIT and first invocation, and of its memory")  # fmt: skip
    _add_json(parser)


def _add_all(parser: ArgumentParser) -> None:
    parser.description = (
        "Measure in one run what a token, a tweet, a cold start and a month cost, against other ways, as ratios with "
        "their spread, and how that grows with the model and with the story; write a page with plots, and its data."
    )
    add = parser.add_argument
    add("--bundle", type=Path, default=Path("lambda_fn/model"), metavar="FOLDER", help="(default: %(default)s)")
    add("--package", type=Path, default=Path(".aws-sam/build/StoryFunction"), metavar="FOLDER",
        help="that `make build` makes; without it, what needs it is left out (default: %(default)s)")  # fmt: skip
    add(
        "--ancestor",
        type=Path,
        metavar="PYTHON",
        help="one that has Keras and TensorFlow, to hold the ancestor's stack "
        "against a cold invocation (default: it is left out)",
    )
    add("--out", type=Path, default=Path("docs/bench"), metavar="FOLDER", help="(default: %(default)s)")
    add(
        "--readme",
        type=Path,
        metavar="FILE",
        help="put the figures that matter most into the table that it has for them",
    )
    add("--draw", action="store_true", help="measure nothing: make the page of the data that lies in the folder")
    add("--quick", action="store_true", help="a little of everything, to see that it works; the figures mean nothing")


def _add_ablations(parser: ArgumentParser) -> None:
    parser.description = (
        "Train every variant of a table, from the same seed and for the same steps, and print what came of each as a "
        "Markdown table, which is also kept for the report. Interrupted, the same command goes on."
    )
    parser.add_argument("table", type=Path, metavar="TABLE", help="a TOML file of variants, as in bench/tables")
    parser.add_argument("--runs", type=Path, metavar="FOLDER",
        help="where their runs go (default: runs/ablations/TABLE)")  # fmt: skip
    _add_json(parser)


def _add_report(parser: ArgumentParser) -> None:
    parser.description = (
        "Measure a bundle on the books that were kept out of training, tell stories with it, and write a Markdown page "
        "with plots. What was measured is kept: interrupted, the same command goes on; made again, it only draws. The "
        "ancestor, which the figures are held against, is trained in an hour on a core."
    )
    add = parser.add_argument
    add("--bundle", type=Path, default=Path("lambda_fn/model"), metavar="FOLDER", help="(default: %(default)s)")
    add("--corpus", type=Path, default=Path("data/century"), metavar="FOLDER", help="(default: %(default)s)")
    add("--runs", type=Path, default=Path("runs"), metavar="FOLDER",
        help="holds the run that the bundle was made from, for the fp32 figures, and those before it, for the curves "
        "(default: %(default)s)")  # fmt: skip
    add("--ablations", type=Path, metavar="FOLDER", help="its Markdown tables go in (default: RUNS/ablations)")
    add("--work", type=Path, metavar="FOLDER", help="where results are kept (default: RUNS/report)")
    add("--out", type=Path, default=Path("docs/report"), metavar="FOLDER", help="(default: %(default)s)")
    add("--quick", action="store_true", help="a little of everything, to see that it works; the figures mean nothing")


def _add_pairs(parser: ArgumentParser) -> None:
    parser.description = (
        "Write sheets of passages from the same places of two stories, in a hidden order, for readers who see nothing "
        "else, and the key that says which is which."
    )
    add = parser.add_argument
    add("first", type=Path, metavar="FIRST", help="a story, as `python -m lambda_fn tell --json` prints it")
    add("second", type=Path, metavar="SECOND", help="the story that it is held against")
    add("--out", type=Path, required=True, metavar="FOLDER", help="where sheets and key go")
    add("--pairs", type=int, default=150, metavar="N", help="how many (default: %(default)s)")
    add("--tweets", type=int, default=1, metavar="N", help="how many tweets a passage has (default: %(default)s)")
    add("--sheets", type=int, default=3, metavar="N", help="over how many sheets they go (default: %(default)s)")
    add("--feeds", action="store_true", help="ask which one would be followed: for passages of twenty tweets")
    add("--seed", type=int, default=1, metavar="N", help="of the places and the order (default: %(default)s)")


def _add_tally(parser: ArgumentParser) -> None:
    parser.description = (
        "Count the verdicts on the sheets in a folder, one reader a file verdicts-NAME.txt, and print how often the "
        "second story was preferred, with a 95 % interval."
    )
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="that `python -m bench pairs` wrote")


def _add_json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


COMMANDS = (
    Command("all", _add_all, "bench.costs.page:run", "what a token, a tweet, a cold start and a month cost: one page"),
    Command("speed", _add_speed, "bench.speed:run", "how fast the bot tells, and how large it is"),
    Command("graphs", _add_graphs, "bench.graphs:run", "in which form a step of the model is best on this machine"),
    Command("cold-start", _add_cold_start, "bench.cold_start:run",
            "how large the package is, and how long a cold start takes"),
    Command("ablations", _add_ablations, "bench.ablations:run", "what single settings of training do"),
    Command("pairs", _add_pairs, "bench.reading.sheets:run", "write sheets for blind reading"),
    Command("tally", _add_tally, "bench.reading.tally:run", "count what blind readers said"),
    Command("report", _add_report, "bench.report.page:run", "measure a bundle, and write a page about it"),
)  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code: 0 done, 1 a failure of the machine, 2 bad input, 130 interrupted."""
    parser = Parser(prog="python -m bench", description=__doc__)
    arguments = sys.argv[1:] if arguments is None else arguments
    wrong = (BenchError, ExportError, StoryError, TrainError)
    return run_command(parser, COMMANDS, arguments, bad_input=wrong)


if __name__ == "__main__":
    sys.exit(main())
