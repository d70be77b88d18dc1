"""Bits per character of the held-out books: the model as trained and as shipped, and what is to be beaten."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from bench.report.ancestor import tokens_of
from bench.report.cache import Result, digest
from bench.report.compression import PPM_ORDER, PRIMING, ppm_bits, xz_bits
from bench.report.figures import INK, OTHERS, OURS, Criterion, percent, picture, table
from bench.report.ngram import ORDER, KneserNey
from bench.report.subject import BookText, Subject, say
from train.checkpoint import load_weights
from train.data import load_texts
from train.evaluate import score

_METHODS = {
    "shipped": "the model as shipped",
    "fp32": "the model as trained (fp32)",
    "5-gram": "5-grams, Kneser–Ney, over the same sub-words",
    "PPM after the author’s books": "PPM, after the author’s other books",
    "ancestor": "the ancestor, unknown words spelt",
    "ancestor, unknown words free": "the ancestor, unknown words free of charge",
    "xz after the author’s books": "xz, after the author’s other books",
    "PPM": "PPM alone",
    "xz": "xz alone",
}


def measure(subject: Subject) -> Result:
    """Every held-out book under everything that can tell how likely it is. Bits a character; None: not measured."""
    ngram, old = _under_ngrams(subject), _under_the_ancestor(subject)
    rows = []
    for place, book in enumerate(subject.test_books):
        say(f"bits per character: {book.title}")
        bits = {"5-gram": ngram["bits"][place], **_compressed(subject, book), **old["books"][place]["bits"]}
        rows.append({
            "author": book.author, "ebook": book.ebook, "title": book.title, "characters": len(book.text),
            "shipped": _as_shipped(subject, book), "fp32": _as_trained(subject, book),
            **{name: value / len(book.text) for name, value in bits.items()},
            "unknown": old["books"][place]["unknown"],
        })  # fmt: skip
    return {"books": rows, "ancestor": old["ancestor"], "5-gram tokens": ngram["tokens"]}


def section(found: Result, out: Path) -> str:
    """Bits per character of every held-out book under everything."""
    books, first, old = found["books"], found["books"][0], found["ancestor"]
    # What pays for no unknown word is no rival: it stands in the table only.
    drawn = {label: first[name] for name, label in _METHODS.items() if not name.endswith("free")}
    figures = {label: value for label, value in drawn.items() if value is not None}
    _draw(figures, [_METHODS["shipped"], _METHODS["fp32"]], first["title"], out / "bits.png")
    rows = [
        [label, *("–" if book[name] is None else f"{book[name]:.3f}" for book in books)]
        for name, label in _METHODS.items()
    ]
    rows.append(["characters", *(f"{book['characters']:,}" for book in books)])
    rows.append(["tokens unknown to the ancestor", *(percent(book["unknown"]) for book in books)])
    return f"""## Bits per character

![bits per character of {first["title"]}](bits.png)

Real text with its case and punctuation, each book under its author’s style. Every figure is divided by the same number
of characters, a paragraph’s end counting one.

{table(["", *(book["title"] for book in books)], rows)}
- **5-grams**: modified Kneser–Ney, interpolated, over the model’s own sub-words, counted in the training books of all
  authors ({found["5-gram tokens"]:,} tokens).
- **The ancestor** (2019): two LSTM layers of {old["size"]} over words in lower case, those seen at least
  {old["fewest"]} times in the training books of {first["author"]} ({old["words"]:,} words,
  {old["parameters"]:,} parameters); {old["epochs"]} epochs, the best on validation text
  ({old["validation_nats"]:.3f} nats a token). It pays for words, punctuation marks and paragraph ends, and, where
  unknown words are spelt, for their letters under a letter-trigram model. **It pays neither for case nor for where
  spaces stand**, which all else here does: the comparison favours it.
- **PPM** (variant H, order 8) and **xz** (`xz -9e`): “after the author’s other books” is what the text adds to the
  compressed size of up to four million characters of the author’s training books.
"""


def criteria(found: Result) -> list[Criterion]:
    """The first book's cost, and how much of it rounding the weights added."""
    book = found["books"][0]
    shipped, exact = book["shipped"], book["fp32"]
    cost = None if exact is None else shipped / exact - 1
    return [
        Criterion(f"bits per character of *{book['title']}*, shipped", "at most 1.45 (CPU), 1.35 (GPU)",
                  f"{shipped:.4f}", shipped <= 1.45),
        Criterion("what quantization costs of it", "at most 0.5 %", "–" if cost is None else f"{100 * cost:.2f} %",
                  None if cost is None else cost <= 0.005),
    ]  # fmt: skip


def _as_shipped(subject: Subject, book: BookText) -> float:
    def make() -> Result:
        return {"bits_per_character": subject.bits_per_character(book, book.author)}

    about = {"text": digest(book.text), "bundle": subject.identity, "style": book.author}
    return float(subject.cache.get("shipped", about, make)["bits_per_character"])


def _as_trained(subject: Subject, book: BookText) -> float | None:
    run = subject.run
    if run is None:
        return None

    def make() -> Result:
        model, description = load_weights(run)
        tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
        found = score(model, [book.encode(tokenizer)], description["authors"], torch.device("cpu"))
        return {"bits_per_character": found.bits_per_character}

    about = {"text": digest(book.text), "weights": subject.description["training"]["checkpoint_sha256"]}
    return float(subject.cache.get("fp32", about, make)["bits_per_character"])


def _trained_on(subject: Subject) -> Result:
    """What a result depends on that reads the test books after training on the training books."""
    return {
        "corpus": subject.corpus_identity, "characters": subject.counts.training_characters,
        "texts": [digest(book.text) for book in subject.test_books],
    }  # fmt: skip


def _under_ngrams(subject: Subject) -> Result:
    """The bits of each test book, and how many training tokens were counted."""
    file = subject.bundle / "tokenizer.json"

    def make() -> Result:
        tokenizer = Tokenizer.from_file(str(file))
        if subject.counts.training_characters is None:
            texts = [text for text in load_texts(subject.corpus, tokenizer, "train") if text.author in subject.authors]
        else:
            texts = [book.encode(tokenizer) for book in subject.training_books()]
        tokens = np.concatenate([text.tokens for text in texts])
        model = KneserNey(tokens, tokenizer.get_vocab_size())
        return {"bits": [model.bits(book.encode(tokenizer).tokens) for book in subject.test_books],
                "tokens": len(tokens)}  # fmt: skip

    say("bits per character: 5-grams")
    about = _trained_on(subject) | {"tokenizer": hashlib.sha256(file.read_bytes()).hexdigest(), "order": ORDER}
    return subject.cache.get("ngram", about, make)


def _under_the_ancestor(subject: Subject) -> Result:
    """The bits of each test book with and without the letters of unknown words; and how the ancestor was trained."""
    settings = asdict(subject.counts.ancestor)

    def make() -> Result:
        ancestor, found = subject.ancestor, []
        for book in subject.test_books:
            reading = ancestor.begin()
            for paragraph in book.paragraphs:
                reading.advance(tokens_of(f"{paragraph}\n"))
            bits = {"ancestor, unknown words free": reading.bits, "ancestor": reading.bits + reading.spelling_bits}
            found.append({"bits": bits, "unknown": reading.unknown / reading.tokens})
        about = settings | {"parameters": ancestor.parameters, "words": ancestor.words, **ancestor.record}
        return {"books": found, "ancestor": about}

    say("bits per character: the ancestor")
    about = _trained_on(subject) | {"settings": settings, "author": subject.seeds[0]}
    return subject.cache.get("ancestor", about, make)


def _compressed(subject: Subject, book: BookText) -> Result:
    """The bits of the book by itself, and what it adds to the author's other books."""

    def make() -> Result:
        before = "".join(other.text for other in subject.training_books(book.author))
        return {
            "xz": xz_bits(book.text),
            "xz after the author’s books": xz_bits(book.text, before),
            "PPM": ppm_bits(book.text),
            "PPM after the author’s books": ppm_bits(book.text, before),
        }

    about = {
        "text": digest(book.text), "corpus": subject.corpus_identity, "author": book.author, "order": PPM_ORDER,
        "most": [subject.counts.training_characters, PRIMING],
    }  # fmt: skip
    return subject.cache.get("compression", about, make)


def _draw(figures: Mapping[str, float], ours: Sequence[str], title: str, path: Path) -> None:
    """Bits per character as bars, the best on top; `ours` in another colour."""
    names = sorted(figures, key=lambda name: -figures[name])
    with picture(path, 8, 0.45 * len(names) + 1.2) as axes:
        bars = axes.barh(names, [figures[name] for name in names], color=[OURS if n in ours else OTHERS for n in names])
        axes.bar_label(bars, fmt="%.2f", padding=4, color=INK)
        axes.set(xlabel="bits per character (less is better)", title=title)
        axes.spines[["top", "right"]].set_visible(False)
        axes.margins(x=0.12)
