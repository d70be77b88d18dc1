"""`python -m train corpus`: from a manifest to a folder of cleaned text."""

import argparse
import sys
from pathlib import Path

from train.corpus.building import build_corpus
from train.corpus.download import Mirror
from train.corpus.library import Library
from train.corpus.manifest import load_manifest, manifest_path
from train.errors import ConfigurationError


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
    for ebook, reason in report["doubtful"].items():
        print(f"warning: ebook {ebook}: {reason}", file=sys.stderr)
    print(f"{out / 'report.md'} says what was kept of each book, and what was dropped", file=sys.stderr)
    return 0
