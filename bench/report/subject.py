"""What a report is about: a bundle, the run that it was made from, the corpus with its held-out books.

Every measure is given the subject, which also says how much is measured and where results are kept.
"""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from bench.errors import BenchError
from bench.report.ancestor import Ancestor, AncestorSettings, train_ancestor
from bench.report.cache import Cache
from export.evaluate import evaluate
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.style import known_style, parse_style, style_vector
from lambda_fn.language.tokenizer import Tokenizer
from train import long_work
from train.data import PARAGRAPH, Text, read_description, read_paragraphs


@dataclass(frozen=True)
class Counts:
    """Sizes of the measures. None stands for all there is."""

    test_characters: int | None = None
    """Of each test book, for bits per character and pronouns."""
    training_characters: int | None = None
    """Of each training book, for the baselines and the classifier; copying is always looked for in all of it."""
    sentences: int = 1_000
    """Pronoun sentences of a book, at most, spread evenly over it."""
    tweets: int = 1_000
    """Of the one long story that is held against the training books."""
    promised: int = 10_000
    """Told tweets that are judged by what the editor promises."""
    tweets_an_author: int = 40
    samples: int = 10
    """Tweets shown of each author and of each blend."""
    matrix_characters: int = 30_000
    """Of each test book, read under every author's style."""
    validation_characters: int = 20_000
    """Of each validation text, read by every stage of the training."""
    passage: int = 1_000
    """Characters that the classifier is shown at a time, at least."""
    passages: int = 60
    """Of each author's held-out books."""
    ancestor: AncestorSettings = field(default_factory=AncestorSettings)


FULL = Counts()
QUICK = Counts(
    test_characters=1_500,
    training_characters=20_000,
    sentences=4,
    tweets=4,
    promised=6,
    tweets_an_author=2,
    samples=1,
    matrix_characters=400,
    validation_characters=400,
    passage=200,
    passages=3,
    ancestor=AncestorSettings(size=16, fewest=2, rows=2, chunk=16, epochs=1),
)


@dataclass(frozen=True)
class BookText:
    """A book's part in one split of the corpus."""

    author: str
    ebook: int
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraphs, each ended by a newline."""
        return "".join(f"{paragraph}\n" for paragraph in self.paragraphs)

    def beginning(self, characters: int | None) -> "BookText":
        """As many whole paragraphs as have `characters`, the last one the first that reaches them; None: all."""
        if characters is None:
            return self
        kept, length = [], 0
        for paragraph in self.paragraphs:
            if length >= characters:
                break
            kept.append(paragraph)
            length += len(paragraph) + 1
        return BookText(self.author, self.ebook, self.title, tuple(kept))

    def encode(self, tokenizer: tokenizers.Tokenizer) -> Text:
        """The book as the model reads it: the paragraph token, then its tokens."""
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast([f"{line}\n" for line in self.paragraphs])]
        tokens = np.fromiter((number for part in ([PARAGRAPH], *ids) for number in part), dtype=np.uint16)
        return Text(self.author, self.ebook, tokens, len(self.text))


class Subject:
    """A bundle and a corpus. Raises BenchError if the bundle is none, or does not know the corpus's authors."""

    def __init__(
        self, bundle: Path, corpus: Path, runs: Path, cache: Cache, counts: Counts = FULL, ablations: Path | None = None
    ) -> None:
        """`ablations`: where the tables of `python -m bench ablations` are, None for where it keeps them."""
        self.bundle, self.corpus, self.runs, self.cache, self.counts = bundle, corpus, runs, cache, counts
        self.ablations = ablations or runs / "ablations"
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

    def books(self, split: str, author: str | None = None) -> Iterator[BookText]:
        """The texts of a split, of the bundle's authors, or of one author, as the corpus has them."""
        for book in self._corpus["books"]:
            if split in book["files"] and (book["author"] == author if author else book["author"] in self.authors):
                path = self.corpus / book["files"][split]["path"]
                yield BookText(book["author"], book["id"], book["title"], tuple(read_paragraphs(path)))

    @cached_property
    def held_out(self) -> list[BookText]:
        """The test book of each author in `seeds`, in that order; the first, if there are several."""
        return [next(self.books("test", author)) for author in self.seeds]

    @cached_property
    def test_books(self) -> list[BookText]:
        """The held-out books, or the beginnings of them that `counts` asks for."""
        return [book.beginning(self.counts.test_characters) for book in self.held_out]

    def training_books(self, author: str | None = None) -> list[BookText]:
        """The training books of all authors or of one, or the beginnings of them that `counts` asks for."""
        return [book.beginning(self.counts.training_characters) for book in self.books("train", author)]

    @cached_property
    def run(self) -> Path | None:
        """The run folder whose best weights the bundle holds, if it is still there."""
        wanted = self.description.get("training", {}).get("checkpoint_sha256")
        for path in sorted(self.runs.glob("*/best.safetensors")):
            if hashlib.sha256(path.read_bytes()).hexdigest() == wanted:
                return path.parent
        return None

    @cached_property
    def reader(self) -> tuple[LanguageModel, Tokenizer]:
        """The bundle as the bot reads with it, through ONNX Runtime. Raises StoryError for a damaged one."""
        bundle = load_bundle(self.bundle)
        return LanguageModel(bundle), bundle.load_tokenizer()

    def style(self, written: str) -> NDArray[np.float32]:
        """The style vector `(authors,)` of an author or of a blend such as "Jane Austen=0.5,Oscar Wilde=0.5"."""
        return style_vector(known_style(parse_style(written), self.authors), self.authors)

    def bits_per_character(self, book: BookText, style: str) -> float:
        """What the book costs under the bundle, the state carried from its beginning to its end."""
        return evaluate(*self.reader, book.text, self.style(style), book.title).bits_per_character

    @cached_property
    def ancestor(self) -> Ancestor:
        """The ancestor, trained on the first author's books. Raises BenchError where nothing tells when to stop."""
        author = self.seeds[0]
        validation = [book.text for book in self.books("validation", author)]
        if not validation:
            raise BenchError(f"{self.corpus} has no validation text of {author}: the ancestor could not be trained")
        training = [book.text for book in self.training_books(author)]
        return train_ancestor(training, validation, self.counts.ancestor, say)


def say(line: str) -> None:
    """Where the work stands, with the time: on standard error."""
    long_work.say(f"{time.strftime('%H:%M:%S')} {line}")
