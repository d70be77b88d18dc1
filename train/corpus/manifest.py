"""Manifests: which ebooks a corpus is made of, and which of their text is held out.

    description = "one line about it"       # optional
    validation_every = 12                   # optional: every 12th chapter of a train book is validation text

    [[author]]                              # in this order: it is the order of the style vector
    name = "Jane Austen"
    train = [158, 141]                      # Project Gutenberg ebook numbers
    validation = [121]                      # whole books, not trained on
    test = [105]

    [[author]]
    name = "Emily Brontë"
    test_every = 10                         # her only novel: every 10th chapter is test text
    train = [768]

`validation_every` and `test_every` may stand at the top, in an author, or in a book written as a table
(`train = [{ebook = 768, test_every = 10}]`); the innermost counts, and 0 switches off.
"""

import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from train.errors import ManifestError

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
SHIPPED = Path(__file__).resolve().parent.parent / "manifests"

_HOLD_OUTS = ("validation_every", "test_every")
_LARGEST_EBOOK = 9_999_999


@dataclass(frozen=True)
class ManifestBook:
    """One ebook of a manifest: all of it goes to `split`, but for the chapters held out of a train book."""

    ebook: int
    author: str
    split: Split
    validation_every: int = 0
    test_every: int = 0

    def split_of(self, chapter: int) -> Split:
        """Return the split of a chapter, counted from 1: the Nth, 2Nth, 3Nth … are held out, test before validation."""
        if self.test_every and chapter % self.test_every == 0:
            return "test"
        if self.validation_every and chapter % self.validation_every == 0:
            return "validation"
        return self.split


@dataclass(frozen=True)
class Manifest:
    """A checked manifest: no ebook stands in it twice, and every author has a book to learn from."""

    name: str
    description: str
    authors: tuple[str, ...]
    books: tuple[ManifestBook, ...]

    def content(self) -> dict[str, Any]:
        """Return the manifest as plain data for JSON."""
        return asdict(self)


def manifest_path(name_or_path: str) -> Path:
    """Find a manifest: a shipped one by its name (`austen`), any other by its path.

    Raises ManifestError, naming the shipped manifests, if there is none.
    """
    path = Path(name_or_path)
    if "/" not in name_or_path and path.suffix != ".toml":
        path = SHIPPED / f"{name_or_path}.toml"
    if not path.is_file():
        shipped = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
        raise ManifestError(f"no manifest '{name_or_path}': give a path to a .toml file, or one of {shipped}")
    return path


def load_manifest(path: Path) -> Manifest:
    """Read and check a manifest; its name is the file's name without `.toml`.

    Raises ManifestError: one sentence with the file, the key and the value.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: cannot read the manifest: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ManifestError(f"{path}: not valid TOML: {error}") from error
    return _Reader(path).manifest(data)


class _Reader:
    """Turns a parsed TOML document into a Manifest; knows the file's name for its error sentences."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seen: dict[int, ManifestBook] = {}

    def manifest(self, data: Mapping[str, Any]) -> Manifest:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", self.path.stem):
            raise self.error("the file's name may have letters, digits, '.', '_' and '-' only")
        self.only_keys(data, {"description", "author", *_HOLD_OUTS}, "the manifest")
        description = data.get("description", "")
        if not isinstance(description, str):
            raise self.error(f"'description' must be a text, not {description!r}")
        authors = data.get("author")
        if not isinstance(authors, list) or not authors or not all(isinstance(one, dict) for one in authors):
            raise self.error("there must be at least one [[author]] table")
        held_out = self.hold_outs(data, {}, "the manifest")
        names: list[str] = []
        for author in authors:
            names.append(self.name(author.get("name"), names))
            self.books(author, names[-1], held_out)
        return Manifest(self.path.stem, description, tuple(names), tuple(self.seen.values()))

    def name(self, value: object, earlier: Collection[str]) -> str:
        if not isinstance(value, str) or not value.strip():
            raise self.error(f"'name' of an author must be a text that is not empty, not {value!r}")
        name = unicodedata.normalize("NFC", " ".join(value.split()))
        if any(character in name for character in ",="):
            raise self.error(
                f"'name' of an author may not contain ',' or '=', which separate authors in a style: {name!r}"
            )
        if name.casefold() in {other.casefold() for other in earlier}:
            raise self.error(f"author {name!r} is there twice: put all of the author's ebooks in one [[author]] table")
        return name

    def books(self, author: Mapping[str, Any], name: str, inherited: Mapping[str, int]) -> None:
        self.only_keys(author, {"name", *SPLITS, *_HOLD_OUTS}, f"author {name!r}")
        held_out = self.hold_outs(author, inherited, f"author {name!r}")
        for split in SPLITS:
            entries = author.get(split, [])
            if not isinstance(entries, list):
                raise self.error(f"'{split}' of author {name!r} must be a list of ebook numbers, not {entries!r}")
            for entry in entries:
                self.add(self.book(entry, name, split, held_out))
        if not author.get("train"):
            raise self.error(f"author {name!r} has no ebook in 'train': the author's style could not be learnt")

    def book(self, entry: object, author: str, split: Split, inherited: Mapping[str, int]) -> ManifestBook:
        where = f"'{split}' of author {author!r}"
        if isinstance(entry, dict):
            where = f"an ebook in {where}"
            self.only_keys(entry, {"ebook", *_HOLD_OUTS}, where)
            if split != "train" and entry.keys() & set(_HOLD_OUTS):
                raise self.error(f"{where} is held out whole: 'validation_every' and 'test_every' are for train books")
            inherited, entry = self.hold_outs(entry, inherited, where), entry.get("ebook")
        if not isinstance(entry, int) or isinstance(entry, bool) or not 1 <= entry <= _LARGEST_EBOOK:
            raise self.error(f"{where} must be an ebook number from 1 to {_LARGEST_EBOOK}, not {entry!r}")
        return (
            ManifestBook(entry, author, split, **inherited) if split == "train" else ManifestBook(entry, author, split)
        )

    def add(self, book: ManifestBook) -> None:
        earlier = self.seen.setdefault(book.ebook, book)
        if earlier is not book:
            raise self.error(
                f"ebook {book.ebook} is there twice: in '{earlier.split}' of author {earlier.author!r} "
                f"and in '{book.split}' of author {book.author!r}"
            )

    def hold_outs(self, table: Mapping[str, Any], inherited: Mapping[str, int], where: str) -> dict[str, int]:
        result = dict(inherited)
        for key in _HOLD_OUTS:
            value = table.get(key, inherited.get(key, 0))
            if not isinstance(value, int) or isinstance(value, bool) or value < 0 or value == 1:
                raise self.error(f"'{key}' of {where} must be a whole number from 2 up (or 0 for none), not {value!r}")
            result[key] = value
        return result

    def only_keys(self, table: Mapping[str, Any], known: Collection[str], where: str) -> None:
        for key in table:
            if key not in known:
                raise self.error(f"unknown key '{key}' in {where}: known are {', '.join(sorted(known))}")

    def error(self, sentence: str) -> ManifestError:
        return ManifestError(f"{self.path}: {sentence}")
