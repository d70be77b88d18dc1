"""Bits per character of a text under a bundle: through ONNX Runtime, the state carried from end to end."""

import argparse
import json
import math
import re
import sys
import time
from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import InputError
from lambda_fn.language.bundle import Bundle, load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.neural_cache import SHARE, NeuralCache
from lambda_fn.language.style import known_style, parse_style, style_vector
from lambda_fn.language.tokenizer import Tokenizer
from train.corpus.cleaning import clean
from train.corpus.decoding import decode_ebook
from train.corpus.report import doubt, title_of
from train.long_work import track

_EBOOK_NUMBER = re.compile(r"\[\s*(?:eBook|EText)\s*#\s*(\d+)\s*\]", re.IGNORECASE)


@dataclass(frozen=True)
class Evaluation:
    """What reading texts cost, summed; characters are the cleaned text's, a paragraph's end counting one."""

    bits: float
    characters: int
    tokens: int
    seconds: float
    cached_bits: float = math.nan  # with a neural cache; not a number where none was asked for

    @property
    def bits_per_character(self) -> float:
        """The unit that does not depend on the tokenizer."""
        return self.bits / self.characters

    @property
    def bits_per_character_with_cache(self) -> float | None:
        """The same with a neural cache; None where none was asked for."""
        return None if math.isnan(self.cached_bits) else self.cached_bits / self.characters

    def as_dict(self) -> dict[str, float | int]:
        """For JSON."""
        cached = self.bits_per_character_with_cache
        return {
            "bits_per_character": self.bits_per_character,
            **({"bits_per_character_with_cache": cached} if cached is not None else {}),
            "characters": self.characters,
            "tokens": self.tokens,
            "seconds": round(self.seconds, 3),
        }


def evaluate(
    model: LanguageModel,
    tokenizer: Tokenizer,
    text: str,
    style: NDArray[np.float32],
    label: str = "",
    cache: NeuralCache | None = None,
) -> Evaluation:
    """Read a text, one that is not empty, from a state of zeros after the paragraph token.

    `style` float32 `(authors,)`. Shows under `label` how far it is. `cache`, an empty one, is measured as well.
    """
    started = time.perf_counter()
    tokens = tokenizer.encode(text)
    state, token, nats, cached = model.zero_state(), tokenizer.paragraph, 0.0, 0.0 if cache else math.nan
    for following in track(tokens, label or "read", "token"):
        logits, state = model.step(token, style, state)
        nats += cost(logits, following)
        if cache:
            cached += cost(cache.mix(logits, state, SHARE), following)
            cache.add(state, following)
        token = following
    seconds, bit = time.perf_counter() - started, math.log(2)
    return Evaluation(nats / bit, len(text), len(tokens), seconds, cached / bit)


def cost(logits: NDArray[np.float32], token: int) -> float:
    """The cost in nats of `token`, where `logits` `(vocabulary,)` were predicted."""
    # The sum is float64; its float32 terms are right to 1e-7 of themselves, and so is the logarithm.
    highest = logits.max()
    total = np.exp(logits - highest).sum(dtype=np.float64)
    return math.log(total) + float(highest) - float(logits[token])


@dataclass(frozen=True)
class CleanedFile:
    """A file: `text` is its prose, cleaned as the corpus is; title and ebook id are its header's."""

    path: Path
    text: str
    title: str
    ebook: int | None


def read_cleaned(path: Path) -> CleanedFile:
    """Read a plain text, or a Project Gutenberg ebook as downloaded.

    Raises `InputError`, or `train.errors.WrongEbookError` for bytes in an unknown encoding.
    """
    try:
        raw = decode_ebook(path.read_bytes(), str(path))
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from problem
    cleaned = clean(raw)
    text = cleaned.text
    if not text:
        raise InputError(f"{path} has no prose in it: nothing is left of it after cleaning")
    if reason := doubt(cleaned.prose_share, cleaned.dropped):
        print(f"warning: {path}: {reason}", file=sys.stderr)
    number = _EBOOK_NUMBER.search(raw[:20_000])
    return CleanedFile(path, text, title_of(raw) or path.stem, int(number[1]) if number else None)


def command(options: argparse.Namespace) -> None:
    """`python -m export evaluate`."""
    bundle = load_bundle(options.bundle)
    style = chosen_style(options, bundle)
    books = [read_cleaned(path) for path in options.files]
    model, tokenizer = LanguageModel(bundle), bundle.load_tokenizer()
    evaluations = [
        evaluate(model, tokenizer, book.text, style, book.path.name, NeuralCache() if options.cache else None)
        for book in books
    ]
    total = Evaluation(*map(sum, zip(*map(astuple, evaluations), strict=True)))
    if options.json:
        files = [{"file": str(book.path), **found.as_dict()} for book, found in zip(books, evaluations, strict=True)]
        print(json.dumps({**total.as_dict(), "files": files}, ensure_ascii=False))
        return
    for book, found in zip(books, evaluations, strict=True):
        print(f"{book.path}: {_sentence(found)}")
    if len(evaluations) > 1:
        print(f"together: {_sentence(total)}")


def chosen_style(options: argparse.Namespace, bundle: Bundle) -> NDArray[np.float32]:
    """The style that `--author` or `--style` names, float32 `(authors,)`. Raises `SettingError`."""
    if options.style is not None:
        weights = known_style(parse_style(options.style, "--style"), bundle.authors, "--style")
    else:
        author = bundle.authors[0] if options.author is None else options.author
        weights = known_style({author: 1.0}, bundle.authors, "--author")
    return style_vector(weights, bundle.authors)


def _sentence(found: Evaluation) -> str:
    cached = found.bits_per_character_with_cache
    with_cache = "" if cached is None else f", {cached:.4f} with a neural cache"
    return (
        f"{found.bits_per_character:.4f} bits per character{with_cache} "
        f"({found.characters:,} characters, {found.tokens:,} tokens, {found.seconds:.1f} s)"
    )
