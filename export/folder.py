"""Put a folder of files in place whole or not at all."""

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from export.errors import InputError
from lambda_fn.language.bundle import COPIES, DESCRIPTION, GRAPH, LEXICON, TOKENIZER
from train.files import sync_folder, taking_turns, write_atomically

FILES = frozenset((DESCRIPTION, GRAPH, TOKENIZER, LEXICON, COPIES))
"""What a bundle's folder may hold."""


def replace_folder(
    folder: Path, files: Mapping[str, bytes], replaceable: frozenset[str], check: Callable[[Path], object]
) -> None:
    """Write `files` beside `folder`, let `check` look at them, and only then take `folder`'s place.

    An older folder is replaced if all it holds is named in `replaceable`; anything else raises `InputError`. Whatever
    `check` raises leaves the older folder as it was, and so does a crash. Between the two renames of the exchange the
    older one is, for an instant, only there as `.NAME.previous`: the next run puts right what died just then. Two
    processes that replace the same folder take turns, by the lock file `.NAME.lock`.
    """
    folder = folder.absolute()
    if not folder.name:
        raise InputError(f"{folder} cannot be replaced: name a folder in it")
    partial, previous = (folder.with_name(f".{folder.name}.{state}") for state in ("partial", "previous"))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with taking_turns(folder.with_name(f".{folder.name}.lock")):
            _recover(folder, partial, previous)
            _check_replaceable(folder, replaceable)
            partial.mkdir()
            try:
                for name, content in files.items():
                    write_atomically(partial / name, content)
                check(partial)
                if folder.exists():
                    folder.rename(previous)
                partial.rename(folder)
                sync_folder(folder.parent)
            finally:
                if previous.exists() and not folder.exists():
                    previous.rename(folder)
                for leftover in (partial, previous):
                    shutil.rmtree(leftover, ignore_errors=True)
    except OSError as problem:
        raise InputError(f"{folder} cannot be written: {problem.strerror or problem}") from problem


def _recover(folder: Path, partial: Path, previous: Path) -> None:
    """Finish or undo what a run that was killed left behind."""
    if previous.exists():
        if folder.exists():
            shutil.rmtree(previous)
        else:
            previous.rename(folder)
    if partial.exists():
        shutil.rmtree(partial)


def _check_replaceable(folder: Path, replaceable: frozenset[str]) -> None:
    if not folder.exists():
        return
    if not folder.is_dir() or folder.is_symlink():
        raise InputError(f"{folder} is not a folder: choose another place")
    foreign = sorted(entry.name for entry in folder.iterdir() if entry.name not in replaceable)
    if foreign:
        raise InputError(f"{folder} holds {foreign[0]}, which does not belong there: choose another folder")
