"""A book that was kept out of training, measured for the record in `bundle.json`."""

import shlex
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from export.errors import InputError
from export.evaluate import CleanedFile, Evaluation, read_cleaned
from export.run import without_absolute_paths


@dataclass(frozen=True)
class HeldOut:
    """A book to measure a bundle on, in the voice of `author`."""

    book: CleanedFile
    author: str


def read_held_out(path: Path, author: str, trained_on: Collection[int]) -> HeldOut:
    """Read and clean a book. Raises as `read_cleaned`, and `InputError` for a book that was trained on."""
    book = read_cleaned(path)
    if book.ebook in trained_on:
        raise InputError(f"{path} is ebook {book.ebook}, which the run was trained on: it is not held out")
    return HeldOut(book, author)


def describe(held_out: HeldOut, found: Evaluation, precision: str, run: Path, out: Path) -> dict[str, object]:
    """An entry of `held_out` in `bundle.json`, with the command that repeats it.

    `precision` is "shipped", or "fp32" for what the bundle was before its weights were rounded.
    """
    book, before = held_out.book, ""
    if precision == "fp32":
        out = out.with_name(f"{out.name}-fp32")
        before = _shown("bundle", run, "--out", out, "--precision", "fp32") + " && "
    return {
        "ebook": book.ebook,
        "title": book.title,
        "author": held_out.author,
        "precision": precision,
        "bits_per_character": round(found.bits_per_character, 4),
        "characters": found.characters,
        "command": before + _shown("evaluate", out, book.path, "--author", held_out.author),
    }


def _shown(*arguments: str | Path) -> str:
    return without_absolute_paths(shlex.join(["python", "-m", "export", *map(str, arguments)]))
