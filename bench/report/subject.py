"""What a report is about: a bundle, the run that it was made from, and the corpus with its held-out books."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from numpy import float32
from numpy.typing import NDArray

from bench.errors import BenchError
from export.evaluate import score
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.style import known_style, parse_style, style_vector
from lambda_fn.language.tokenizer import Tokenizer
from train.data import read_description, read_paragraphs


@dataclass(frozen=True)
class Book:
    """A book's part in one split of the corpus."""

    author: str
    ebook: int
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraphs, each ended by a newline."""
        return "".join(f"{paragraph}\n" for paragraph in self.paragraphs)

    def beginning(self, characters: int) -> "Book":
        """As many whole paragraphs as have `characters`, the last one the first that reaches them."""
        kept, length = [], 0
        for paragraph in self.paragraphs:
            if length >= characters:
                break
            kept.append(paragraph)
            length += len(paragraph) + 1
        return Book(self.author, self.ebook, self.title, tuple(kept))


class Subject:
    """The bundle and the corpus. Raises BenchError if the bundle is none, or does not know the corpus's authors."""

    def __init__(self, bundle: Path, corpus: Path, runs: Path) -> None:
        self.bundle, self.corpus, self._runs = bundle, corpus, runs
        try:
            content = (bundle / "bundle.json").read_bytes()
            self.description: dict[str, Any] = json.loads(content)
            self.authors: list[str] = self.description["authors"]
        except (OSError, ValueError, KeyError, TypeError):
            raise BenchError(f"{bundle} is not a bundle: make one with `python -m export bundle`") from None
        self.identity = hashlib.sha256(content).hexdigest()
        self._corpus = read_description(corpus)
        self.corpus_identity = hashlib.sha256(json.dumps(self._corpus["books"], sort_keys=True).encode()).hexdigest()
        if not self.seeds:
            raise BenchError(f"{corpus} has no test text of an author of {bundle}: there is nothing to measure on")

    @cached_property
    def seeds(self) -> list[str]:
        """The authors who have test text, in the bundle's order."""
        held_out = {book["author"] for book in self._corpus["books"] if "test" in book["files"]}
        return [author for author in self.authors if author in held_out]

    def books(self, split: str, author: str | None = None) -> Iterator[Book]:
        """The texts of a split, of the bundle's authors, or of one author, as the corpus has them."""
        for book in self._corpus["books"]:
            if split in book["files"] and (book["author"] == author if author else book["author"] in self.authors):
                path = self.corpus / book["files"][split]["path"]
                yield Book(book["author"], book["id"], book["title"], tuple(read_paragraphs(path)))

    @cached_property
    def held_out(self) -> list[Book]:
        """The test book of each author in `seeds`, in that order; the first, if there are several."""
        return [next(self.books("test", author)) for author in self.seeds]

    @cached_property
    def run(self) -> Path | None:
        """The run folder whose best weights the bundle holds, if it is still there."""
        wanted = self.description.get("training", {}).get("checkpoint_sha256")
        for path in sorted(self._runs.glob("*/best.safetensors")):
            if hashlib.sha256(path.read_bytes()).hexdigest() == wanted:
                return path.parent
        return None

    @cached_property
    def reader(self) -> tuple[LanguageModel, Tokenizer]:
        """The bundle as the bot reads with it, through ONNX Runtime. Raises StoryError for a damaged one."""
        bundle = load_bundle(self.bundle)
        return LanguageModel(bundle), bundle.load_tokenizer()

    def style(self, written: str) -> NDArray[float32]:
        """The style vector `(authors,)` of an author or of a blend such as "Jane Austen=0.5,Oscar Wilde=0.5"."""
        return style_vector(known_style(parse_style(written), self.authors), self.authors)

    def bits_per_character(self, book: Book, style: str) -> float:
        """What the book costs under the bundle, the state carried from its beginning to its end."""
        return score(*self.reader, book.text, self.style(style), book.title).bits_per_character
