"""Bits per character of the held-out books: the model as trained and as shipped, and what is to be beaten."""

import functools
import hashlib
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer

from bench.errors import BenchError
from bench.report.ancestor import Ancestor, AncestorSettings, tokens_of, train_ancestor
from bench.report.cache import Cache, Result, digest
from bench.report.compression import PPM_ORDER, PRIMING, ppm_bits, xz_bits
from bench.report.counts import Counts
from bench.report.ngram import ORDER, KneserNey, joined
from bench.report.subject import Book, Subject
from train.checkpoint import load_weights
from train.data import PARAGRAPH, Text, load_texts
from train.evaluate import score

Say = Callable[[str], None]


def held_out(subject: Subject, counts: Counts) -> list[Book]:
    """The held-out books, or the beginnings of them that `counts` asks for."""
    return [book if counts.test_characters is None else book.beginning(counts.test_characters)
            for book in subject.held_out]  # fmt: skip


def training_texts(subject: Subject, counts: Counts, author: str | None = None) -> list[str]:
    """The training books of all authors or of one, or their beginnings."""
    books = subject.books("train", author)
    return [
        (book if counts.training_characters is None else book.beginning(counts.training_characters)).text
        for book in books
    ]


def make_ancestor(subject: Subject, counts: Counts, say: Say) -> Callable[[], Ancestor]:
    """The ancestor, trained on the first author's books; made when it is first asked for, and once."""

    @functools.cache
    def make() -> Ancestor:
        author = subject.seeds[0]
        validation = [book.text for book in subject.books("validation", author)]
        if not validation:
            raise BenchError(f"{subject.corpus} has no validation text of {author}: the ancestor could not be trained")
        return train_ancestor(training_texts(subject, counts, author), validation, counts.ancestor, say)

    return make


def measure_bits(subject: Subject, counts: Counts, cache: Cache, ancestor: Callable[[], Ancestor], say: Say) -> Result:
    """Every held-out book under everything that can tell how likely it is. Bits a character; None: not measured."""
    books = held_out(subject, counts)
    texts = [digest(book.text) for book in books]
    trained: Result = {"corpus": subject.corpus_identity, "characters": counts.training_characters, "texts": texts}
    tokenizer = subject.bundle / "tokenizer.json"
    with_tokenizer = trained | {"tokenizer": hashlib.sha256(tokenizer.read_bytes()).hexdigest(), "order": ORDER}
    say("bits per character: 5-grams")
    ngram = cache.get("ngram", with_tokenizer, lambda: _ngram_bits(subject, counts, books))
    say("bits per character: the ancestor")
    settings = trained | {"settings": asdict(counts.ancestor), "author": subject.seeds[0]}
    old = cache.get("ancestor", settings, lambda: _ancestor_bits(ancestor(), counts.ancestor, books))
    rows = []
    for place, book in enumerate(books):
        say(f"bits per character: {book.title}")
        of_book: Result = {"text": texts[place]}
        primed = of_book | {"corpus": subject.corpus_identity, "most": [counts.training_characters, PRIMING]}
        primed |= {"author": book.author, "order": PPM_ORDER}
        packed = cache.get("compression", primed, functools.partial(_compression, subject, counts, book))
        shipped_of = of_book | {"bundle": subject.identity, "style": book.author}
        shipped = cache.get("shipped", shipped_of, functools.partial(_shipped, subject, book))
        rows.append({
            "author": book.author, "ebook": book.ebook, "title": book.title, "characters": len(book.text),
            "shipped": shipped["bits_per_character"], "fp32": _fp32(subject, cache, book, of_book),
            "5-gram": ngram["bits"][place] / len(book.text),
            **{name: bits / len(book.text) for name, bits in (packed | old["books"][place]["bits"]).items()},
            "unknown": old["books"][place]["unknown"],
        })  # fmt: skip
    return {"books": rows, "ancestor": old["ancestor"], "5-gram tokens": ngram["tokens"]}


def encode(tokenizer: Tokenizer, book: Book) -> Text:
    """A book as the model reads it: the paragraph token, then its tokens."""
    ids = [encoding.ids for encoding in tokenizer.encode_batch_fast([f"{line}\n" for line in book.paragraphs])]
    tokens = np.fromiter((number for part in ([PARAGRAPH], *ids) for number in part), dtype=np.uint16)
    return Text(book.author, book.ebook, tokens, len(book.text))


def _shipped(subject: Subject, book: Book) -> Result:
    return {"bits_per_character": subject.bits_per_character(book, book.author)}


def _fp32(subject: Subject, cache: Cache, book: Book, of_book: Result) -> float | None:
    run = subject.run
    if run is None:
        return None
    weights = subject.description["training"]["checkpoint_sha256"]

    def read() -> Result:
        model, description = load_weights(run)
        tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
        found = score(model, [encode(tokenizer, book)], description["authors"], torch.device("cpu"))
        return {"bits_per_character": found.bits_per_character}

    return float(cache.get("fp32", of_book | {"weights": weights}, read)["bits_per_character"])


def _ngram_bits(subject: Subject, counts: Counts, books: list[Book]) -> Result:
    tokenizer = Tokenizer.from_file(str(subject.bundle / "tokenizer.json"))
    if counts.training_characters is None:
        tokens = [
            text.tokens for text in load_texts(subject.corpus, tokenizer, "train") if text.author in subject.authors
        ]
    else:
        begun = [book.beginning(counts.training_characters) for book in subject.books("train")]
        tokens = [encode(tokenizer, book).tokens for book in begun]
    model = KneserNey(joined(tokens), tokenizer.get_vocab_size())
    return {
        "bits": [model.bits(encode(tokenizer, book).tokens) for book in books],
        "tokens": sum(map(len, tokens)),
    }


def _compression(subject: Subject, counts: Counts, book: Book) -> dict[str, Any]:
    before = "".join(training_texts(subject, counts, book.author))
    return {
        "xz": xz_bits(book.text),
        "xz after the author’s books": xz_bits(book.text, before),
        "PPM": ppm_bits(book.text),
        "PPM after the author’s books": ppm_bits(book.text, before),
    }


def _ancestor_bits(ancestor: Ancestor, settings: AncestorSettings, books: list[Book]) -> Result:
    found = []
    for book in books:
        reading = ancestor.begin()
        for paragraph in book.paragraphs:
            reading.advance(tokens_of(f"{paragraph}\n"))
        bits = {"ancestor, unknown words free": reading.bits, "ancestor": reading.bits + reading.spelling_bits}
        found.append({"bits": bits, "unknown": reading.unknown / reading.tokens})
    about = {**asdict(settings), "parameters": ancestor.parameters, "words": ancestor.words, **ancestor.record}
    return {"books": found, "ancestor": about}
