"""`python -m train report`: measure a bundle, and write the page."""

import argparse
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Options of `python -m train report`."""
    parser.description = (
        "Measure a bundle on the books that were kept out of training, tell stories with it, and write a Markdown page "
        "with plots. What was measured is kept: interrupted, the same command goes on; made again, it only draws."
    )
    add = parser.add_argument
    add("--bundle", type=Path, default=Path("lambda_fn/model"), metavar="FOLDER", help="(default: %(default)s)")
    add("--corpus", type=Path, default=Path("data/century"), metavar="FOLDER", help="(default: %(default)s)")
    add("--runs", type=Path, default=Path("runs"), metavar="FOLDER",
        help="holds the run that the bundle was made from, for the fp32 figures, and those before it, for the curves "
        "(default: %(default)s)")  # fmt: skip
    add("--ancestor", type=Path, metavar="FOLDER",
        help="where the ancestor's model is trained, once: an hour on a core (default: RUNS/ancestor)")  # fmt: skip
    add("--ablations", type=Path, metavar="FOLDER", help="its Markdown tables go in (default: RUNS/ablations)")
    add("--work", type=Path, metavar="FOLDER", help="where results are kept (default: RUNS/report)")
    add("--out", type=Path, default=Path("docs/report"), metavar="FOLDER", help="(default: %(default)s)")
    add("--quick", action="store_true", help="a little of everything, to see that it works; the figures mean nothing")


def run(options: argparse.Namespace) -> None:
    """Measure what has not been measured yet, then write the page. Raises TrainError."""
    # Here and not at the top: the other verbs start without all that measuring needs.
    from bench.report import measuring

    measuring.report(options)
