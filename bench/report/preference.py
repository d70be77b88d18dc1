"""How often the model, and the ancestor, find the right pronoun likelier than the other gender's."""

import functools
import json
from collections.abc import Callable
from dataclasses import asdict

from bench.report.ancestor import Ancestor, tokens_of
from bench.report.bits import Say, held_out
from bench.report.cache import Cache, Result, digest
from bench.report.counts import Counts
from bench.report.pronouns import Piece, pieces_of
from bench.report.subject import Book, Subject
from export import score


def measure_pronouns(
    subject: Subject, counts: Counts, cache: Cache, ancestor: Callable[[], Ancestor], say: Say
) -> Result:
    """For each held-out book the nats of each sentence, as it stands and flipped, under both models."""
    rows = []
    for book in held_out(subject, counts):
        pieces = pieces_of(book.paragraphs, counts.sentences)
        sentences = [piece for piece in pieces if piece.flipped]
        if not sentences:
            continue
        say(f"pronouns: {book.title}")
        asked: Result = {"pieces": digest(json.dumps([[piece.text, piece.flipped] for piece in pieces]))}
        ours = asked | {"bundle": subject.identity, "style": book.author}
        old = asked | {"settings": asdict(counts.ancestor), "corpus": subject.corpus_identity}
        old |= {"most": counts.training_characters, "author": subject.seeds[0]}
        found = cache.get("pronouns", ours, functools.partial(_model, subject, book, pieces))
        before = cache.get("pronouns-ancestor", old, functools.partial(_old, ancestor, pieces))
        rows.append({
            "author": book.author, "title": book.title, "sentences": len(sentences),
            "model": found["nats"], "ancestor": before["nats"],
        })  # fmt: skip
    return {"books": rows}


def _model(subject: Subject, book: Book, pieces: list[Piece]) -> Result:
    asked = [score.Piece(piece.text, (piece.flipped,) if piece.flipped else ()) for piece in pieces]
    costs = score.compare(*subject.reader, asked, subject.style(book.author))
    return {"nats": [nats for nats in costs if nats is not None]}


def _old(ancestor: Callable[[], Ancestor], pieces: list[Piece]) -> Result:
    reading, nats = ancestor().begin(), []
    for piece in pieces:
        if piece.flipped:
            nats.append([reading.nats(tokens_of(piece.text)), reading.nats(tokens_of(piece.flipped))])
        reading.advance(tokens_of(piece.text))
    return {"nats": nats}
