"""The options of `python -m train corpus`: nothing here is slow to import."""

import argparse
import os
from pathlib import Path

DEFAULT_MIRROR = "https://gutenberg.pglaf.org"
"""Project Gutenberg's own mirror for programs, in its list of mirrors."""

PAUSE = 2.0
"""Seconds between two requests to a mirror on the network."""


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
