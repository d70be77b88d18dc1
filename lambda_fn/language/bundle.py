"""A model bundle: a folder with `bundle.json` and the files that it names, checked as it is loaded.

Names, formats and meaning of the fields: `export/bundle.py` writes them.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lambda_fn.errors import BundleError
from lambda_fn.fields import Fields, is_text
from lambda_fn.formats import BUNDLE
from lambda_fn.language.sampling import Sampling, sampling_from_fields
from lambda_fn.language.state import StateDeclaration, declaration_from_fields
from lambda_fn.language.tokenizer import Tokenizer

DESCRIPTION, GRAPH, TOKENIZER, LEXICON = "bundle.json", "model.onnx", "tokenizer.json", "words.txt"
COPIES = "copies.bin"  # what of the training books the editor knows again: see `prose.copying`
LARGEST_SIZE = 1_000_000

_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Bundle:
    """What `bundle.json` says and the folder it lies in; its files were whole when it was loaded."""

    folder: Path
    identity: str  # of what a state and a style depend on: see `identity_of`
    name: str
    files: Mapping[str, str]  # name → SHA-256
    vocabulary: int
    embedding: int
    hidden: int
    layers: int
    parameters: int
    authors: tuple[str, ...]  # in the order of the style vector
    paragraph: int  # the id of the token that ends a paragraph and begins a text
    state: StateDeclaration
    sampling: Sampling
    trained_on: tuple[int, ...]  # Project Gutenberg ebook ids
    held_out: tuple[Mapping[str, object], ...]  # figures, each with how it was measured
    description_sha256: str | None = None  # SHA-256 of bundle.json: its identity in what was written before
    formerly: tuple[str, ...] = ()  # what it was called in what was written with an earlier bundle.json
    in_whole_numbers: bool = False  # whether its graph multiplies in them, so that each sum is exact

    def is_known_as(self, identity: str) -> bool:
        """Whether a story or a page that names this identity is of this bundle: its states are this model's."""
        return identity in (self.identity, self.description_sha256, *self.formerly)

    @property
    def graph(self) -> Path:
        """The ONNX graph."""
        return self.folder / GRAPH

    @property
    def tokenizer(self) -> Path:
        """The tokenizer, in the format of the `tokenizers` library."""
        return self.folder / TOKENIZER

    def load_tokenizer(self) -> Tokenizer:
        """The tokenizer itself. Raises `BundleError` if it cannot be read, or is not this model's."""
        tokenizer = Tokenizer.from_file(self.tokenizer)
        if tokenizer.size != self.vocabulary:
            raise BundleError(
                f"the bundle's tokenizer has {tokenizer.size} tokens and its model {self.vocabulary}: "
                f"{TOKENIZER} is another model's"
            )
        return tokenizer

    def words(self) -> frozenset[str]:
        """The words of the training books, in lower case; empty when the bundle has no such list."""
        if LEXICON not in self.files:
            return frozenset()
        try:
            return frozenset((self.folder / LEXICON).read_text(encoding="utf-8").split("\n")) - {""}
        except (OSError, UnicodeDecodeError) as problem:
            raise BundleError(f"{self.folder / LEXICON} cannot be read as UTF-8 text: {problem}") from problem

    def copies(self) -> bytes | None:
        """The filter of runs of words of the training books; None when the bundle has none."""
        if COPIES not in self.files:
            return None
        return _read(self.folder / COPIES, f"the bundle {self.folder} is incomplete: {COPIES} is missing")


def load_bundle(folder: Path) -> Bundle:
    """Read a bundle and check its format, its fields, and the SHA-256 of every file. Raises `BundleError`."""
    path = folder / DESCRIPTION
    data = _read(path, f"{folder} is not a model bundle: it has no {DESCRIPTION}")
    fields, files = read_description(data, str(path))
    for name, expected in files.items():
        content = _read(folder / name, f"the bundle {folder} is incomplete: {name} is missing")
        if hashlib.sha256(content).hexdigest() != expected:
            raise BundleError(
                f"{folder / name} is not the file that {DESCRIPTION} names (SHA-256 differs): copy it again"
            )
    vocabulary = fields.integer("vocabulary", 256, LARGEST_SIZE)
    authors = _authors(fields)
    paragraph = fields.fields("special_tokens").integer("paragraph", 0, vocabulary - 1)
    return Bundle(
        folder=folder,
        identity=identity_of(files, authors, paragraph),
        name=fields.text("name"),
        files=files,
        vocabulary=vocabulary,
        embedding=fields.integer("embedding", 1, LARGEST_SIZE),
        hidden=fields.integer("hidden", 1, LARGEST_SIZE),
        layers=fields.integer("layers", 1, 1000),
        parameters=fields.integer("parameters", 1),
        authors=authors,
        paragraph=paragraph,
        state=declaration_from_fields(fields),
        sampling=sampling_from_fields(fields.fields("sampling")),
        trained_on=tuple(fields.items("trained_on", "a list of ebook ids", lambda ebook: type(ebook) is int)),
        held_out=tuple({key: item.value(key) for key in item.names()} for item in fields.objects("held_out")),
        description_sha256=hashlib.sha256(data).hexdigest(),
        formerly=_formerly(fields),
        in_whole_numbers=_is_integer(fields),
    )


def _is_integer(fields: Fields) -> bool:
    form = fields.value("quantization") if "quantization" in fields.names() else None
    return isinstance(form, Mapping) and form.get("form") == "integer"


def identity_of(files: Mapping[str, str], authors: Sequence[str], paragraph: int) -> str:
    """The SHA-256, in hexadecimal, of what a story's state and style depend on, as JSON with sorted keys.

    That is the SHA-256 of the graph and of the tokenizer in `files`, the names of the authors in the order of the
    style vector, and the token that ends a paragraph. Sampling settings, figures and words may change under a story.
    """
    parts = {"authors": list(authors), "paragraph": paragraph, **{name: files[name] for name in (GRAPH, TOKENIZER)}}
    return hashlib.sha256(json.dumps(parts, sort_keys=True, separators=(",", ":")).encode("ascii")).hexdigest()


def read_description(data: bytes, where: str) -> tuple[Fields, dict[str, str]]:
    """The fields of a `bundle.json` as one of today has them, and the SHA-256 of each file that it names."""
    advice = "export the model again with this version, or use the version that it was made with"
    fields = BUNDLE.upgrade(Fields.parse(data, where, BundleError), advice)
    return fields, _files(fields)


def _read(path: Path, missing: str) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as problem:
        raise BundleError(missing) from problem
    except OSError as problem:
        raise BundleError(f"{path} cannot be read: {problem.strerror}") from problem


def _files(fields: Fields) -> dict[str, str]:
    named = fields.fields("files")
    files = {name: named.matching(name, _SHA256, "a SHA-256 in hexadecimal") for name in named.names()}
    for name in files:
        if not _FILE_NAME.fullmatch(name) or name == DESCRIPTION:
            raise BundleError(f"{named.where} names {name!r}, which is not the plain name of another file")
    for name in (GRAPH, TOKENIZER):
        if name not in files:
            raise BundleError(f"{named.where} does not name {name}")
    return files


def _authors(fields: Fields) -> tuple[str, ...]:
    expected = "a list of different names, at least one"
    names = fields.items("authors", expected, lambda name: is_text(name) and name.strip())
    if not names or len(set(names)) != len(names):
        raise fields.problem("authors", expected)
    return tuple(names)


def _formerly(fields: Fields) -> tuple[str, ...]:
    expected = "a list of SHA-256 in hexadecimal: what this graph was called in older records"
    return tuple(fields.items("formerly", expected, lambda each: isinstance(each, str) and _SHA256.fullmatch(each)))
