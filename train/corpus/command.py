"""`python -m train corpus`: from a manifest to a folder of cleaned text."""

import argparse
import os
import sys
from pathlib import Path

from train.corpus.building import build_corpus
from train.corpus.download import DEFAULT_MIRROR, PAUSE, Mirror
from train.corpus.library import Library
from train.corpus.manifest import load_manifest, manifest_path
from train.errors import ConfigurationError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `python -m train corpus`."""
    parser.description = (
        "Fetch the ebooks of a manifest, each once, clean them, and write them as train, validation and test text. "
        "Run again, it does only what is missing or has changed."
    )
    parser.add_argument(
        "--manifest",
        default="austen",
        metavar="NAME_OR_PATH",
        help="a shipped manifest (austen, century) or the path of your own .toml file (default: austen)",
    )
    parser.add_argument(
        "--mirror",
        default=os.environ.get("GUTENBERG_MIRROR") or DEFAULT_MIRROR,
        metavar="ADDRESS",
        help="a mirror of Project Gutenberg: https://, http://, file:// or a folder "
        f"(default: the environment's GUTENBERG_MIRROR, else {DEFAULT_MIRROR}; www.gutenberg.org itself is for people, "
        "and blocks programs)",
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="the corpus's folder (default: data/<manifest>)")
    parser.add_argument(
        "--ebooks",
        type=Path,
        default=Path("data/ebooks"),
        metavar="FOLDER",
        help="where fetched ebooks are kept (default: data/ebooks)",
    )
    parser.add_argument(
        "--pause",
        type=float,
        metavar="SECONDS",
        help=f"the wait between two requests (default: {PAUSE:g} for a mirror on the network, none for a folder)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Build the corpus and say in a line a split what it holds. Raises TrainError."""
    if arguments.pause is not None and not 0 <= arguments.pause <= 3600:
        raise ConfigurationError(f"--pause {arguments.pause:g}: the wait must be from 0 to 3600 seconds")
    manifest = load_manifest(manifest_path(arguments.manifest))
    out = arguments.out or Path("data") / manifest.name
    library = Library(arguments.ebooks, Mirror(arguments.mirror, pause=arguments.pause))
    report = build_corpus(manifest, out, library)
    for split, amount in report["splits"].items():
        books = sum(split in book["splits"] for book in report["books"])
        print(f"{out / split}: {books} books, {amount['chapters']:,} chapters, {amount['characters']:,} characters")
    print(f"{out / 'report.md'} says what was kept of each book, and what was dropped", file=sys.stderr)
    return 0
