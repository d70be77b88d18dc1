"""The texts of a corpus, as tokens that are encoded once."""

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from train.errors import CorpusError
from train.files import write_atomically
from train.formats import CORPUS, check_format
from train.long_work import track

PARAGRAPH = 0
"""The token that ends a paragraph and comes before every text."""


@dataclass(frozen=True)
class Text:
    """One book's part in one split, as tokens: the paragraph token, then the book."""

    author: str
    ebook: int
    tokens: npt.NDArray[np.uint16]
    characters: int


def chunks_in(text: Text, chunk: int) -> int:
    """Count the chunks of `chunk` tokens, each with the token after it, in a text."""
    return max(0, (len(text.tokens) - 1) // chunk)


def read_description(corpus: Path) -> dict[str, Any]:
    """Read `corpus.json`, which `python -m train corpus` writes last. Raises `CorpusError`."""
    path = corpus / "corpus.json"
    if not path.is_file():
        raise CorpusError(f"{corpus} is not a corpus (it has no corpus.json): make it with `python -m train corpus`")
    try:
        description: dict[str, Any] = json.loads(path.read_bytes())
        advice = "make the corpus again with `python -m train corpus`, or use the version that made it"
        check_format(description, CORPUS, str(path), advice, CorpusError)
        for file in (file for book in description["books"] for file in book["files"].values()):
            if not file.keys() >= {"path", "sha256", "characters"}:
                raise KeyError("files")
        if not all(isinstance(author, str) for author in description["authors"]):
            raise TypeError("authors")
    except (ValueError, TypeError, KeyError, AttributeError):
        raise CorpusError(f"{path} is damaged: make the corpus again with `python -m train corpus`") from None
    return description


def read_paragraphs(path: Path) -> list[str]:
    """Read the paragraphs of a corpus file, without the empty lines between its chapters."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def load_texts(corpus: Path, tokenizer: Tokenizer, split: str) -> list[Text]:
    """Load every text of a split, encoded once and then memory-mapped from `corpus/tokens/`. Raises `CorpusError`."""
    name = hashlib.sha256(tokenizer.to_str().encode()).hexdigest()[:16]
    parts = [(book, book["files"][split]) for book in read_description(corpus)["books"] if split in book["files"]]
    texts = []
    for book, part in track(parts, f"encode {split}", "book"):
        shard = corpus / "tokens" / name / f"{part['sha256'][:32]}.npy"
        tokens = _read_shard(shard)
        if tokens is None:
            _check_unaltered(corpus / part["path"], part["sha256"])
            _write_shard(shard, _encode(read_paragraphs(corpus / part["path"]), tokenizer))
            tokens = np.load(shard, mmap_mode="r")
        texts.append(Text(book["author"], book["id"], tokens, part["characters"]))
    return texts


def _read_shard(path: Path) -> npt.NDArray[np.uint16] | None:
    """Read a text's tokens; None if the file is missing or damaged, and they must be encoded."""
    try:
        tokens: npt.NDArray[np.uint16] = np.load(path, mmap_mode="r")
    except (FileNotFoundError, ValueError, EOFError):
        return None
    return tokens


def _check_unaltered(path: Path, sha256: str) -> None:
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise CorpusError(f"{path} is not as corpus.json says: make the corpus again with `python -m train corpus`")


def _encode(paragraphs: Sequence[str], tokenizer: Tokenizer) -> npt.NDArray[np.uint16]:
    encodings = tokenizer.encode_batch_fast([paragraph + "\n" for paragraph in paragraphs])
    return np.fromiter((i for ids in ([PARAGRAPH], *(e.ids for e in encodings)) for i in ids), dtype=np.uint16)


def _write_shard(path: Path, tokens: npt.NDArray[np.uint16]) -> None:
    content = io.BytesIO()
    np.save(content, tokens)
    write_atomically(path, content.getvalue())
