"""How likely a text and its alternatives are, given the text before: through ONNX Runtime, the state carried."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from export.errors import InputError
from export.evaluate import chosen_style, cost
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.tokenizer import Tokenizer
from train.long_work import track

_SHAPE = '{"text": "…"} or {"text": "…", "instead": ["…"]}'


@dataclass(frozen=True)
class Piece:
    """A piece of a text, and what might have stood there instead."""

    text: str
    instead: tuple[str, ...] = ()


def costs_of(
    model: LanguageModel, tokenizer: Tokenizer, pieces: Sequence[Piece], style: NDArray[np.float32]
) -> Iterator[list[float] | None]:
    """The cost of each piece in nats after all before it, then the cost of each text instead of it.

    None for a piece with nothing to compare. Reading begins with a state of zeros, after the paragraph token; `style`
    float32 `(authors,)`. Every piece is encoded by itself: cut before a space or at a paragraph's end, or the tokens
    are not those of the whole text.
    """
    state, last = model.zero_state(), tokenizer.paragraph
    for piece in track(pieces, "score", "piece"):
        costs = []
        for text in (piece.text, *piece.instead) if piece.instead else ():
            following, token, nats = state, last, 0.0
            for wanted in tokenizer.encode(text):
                logits, following = model.step(token, style, following)
                nats += cost(logits, wanted)
                token = wanted
            costs.append(nats)
        yield costs or None
        tokens = [last, *tokenizer.encode(piece.text)]
        state, last = model.after(tokens[:-1], style, state), tokens[-1]


def read_pieces(path: Path) -> list[Piece]:
    """Read a file of one JSON object a line. Raises `InputError`, naming the line."""
    try:
        lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    except (OSError, UnicodeDecodeError) as problem:
        raise InputError(f"{path} cannot be read: {getattr(problem, 'strerror', 'it is not UTF-8')}") from problem
    return [_piece(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1)]


def _piece(line: str, where: str) -> Piece:
    try:
        found = json.loads(line)
        text, instead = found["text"], found.get("instead", [])
    except (ValueError, TypeError, KeyError, AttributeError):
        raise InputError(f"{where} is not {_SHAPE}") from None
    if not isinstance(instead, list) or not all(isinstance(value, str) and value for value in (text, *instead)):
        raise InputError(f"{where} is not {_SHAPE} with texts that are not empty")
    return Piece(text, tuple(instead))


def command(options: argparse.Namespace) -> None:
    """`python -m export score`."""
    bundle = load_bundle(options.bundle)
    style = chosen_style(options, bundle)
    pieces = read_pieces(options.file)
    costs = costs_of(LanguageModel(bundle), bundle.load_tokenizer(), pieces, style)
    for number, nats in enumerate(costs, start=1):
        if nats is not None:
            print(json.dumps({"line": number, "nats": nats}), flush=True)
