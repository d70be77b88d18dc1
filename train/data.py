"""Token shards of a corpus, and the batches that a training run reads from them."""

import hashlib
import io
import json
from collections.abc import Iterator, Sequence
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


@dataclass(frozen=True)
class Batch:
    """One truncation of back-propagation through time, for every row."""

    tokens: npt.NDArray[np.int64]
    """`(batch, chunk + 1)`: what is read, and one further on, what is to be foretold."""
    authors: npt.NDArray[np.int64]
    """`(batch,)`: the index of each row's author."""
    goes_on: npt.NDArray[np.bool_]
    """`(batch,)`: whether the row goes on with the text it held before; elsewhere the state starts at zeros."""


def read_description(corpus: Path) -> dict[str, Any]:
    """`corpus.json`, which `python -m train corpus` writes last."""
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
    """The paragraphs of a corpus file, without the empty lines between its chapters."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]


def load_texts(corpus: Path, tokenizer: Tokenizer, split: str) -> list[Text]:
    """Every text of a split, encoded once and from then on memory-mapped from `corpus/tokens/`."""
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
    """A text's tokens, None if they have to be made: they are not there, or not whole."""
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


def chunks_in(text: Text, chunk: int) -> int:
    """How many chunks of `chunk` tokens, each with the token after it, a text has."""
    return max(0, (len(text.tokens) - 1) // chunk)


class Batches:
    """The batches of one pass over some texts, the same for the same seed and pass; every pass has as many.

    Texts are shuffled, each is cut into chunks (what is over, less than one chunk, is left out; where the cuts fall
    changes from pass to pass), and the chunks are dealt in order to `rows` readers, who read side by side.
    `portions` `(texts,)` says of how many chunks of each text a pass consists, all if None; the next pass goes on
    where this one left the text, round and round.
    """

    def __init__(
        self, texts: Sequence[Text], authors: Sequence[str], rows: int, chunk: int, seed: int, number: int,
        portions: Sequence[int] | npt.NDArray[np.int64] | None = None,
    ) -> None:  # fmt: skip
        generator = np.random.default_rng([seed, number])
        self._texts, self._chunk = texts, chunk
        author_of = np.array([authors.index(text.author) for text in texts], dtype=np.int64)
        dealt = [np.empty((0, 2), dtype=np.int64)]
        for index in generator.permutation(len(texts)).tolist():
            whole = chunks_in(texts[index], chunk)
            portion = whole if portions is None else min(whole, int(portions[index]))
            spare = max(0, len(texts[index].tokens) - 1 - whole * chunk)
            offset = int(generator.integers(spare + 1)) if number else 0
            begin = _begin(seed, index, whole) + number * portion if portion < whole else 0
            starts = offset + (begin + np.arange(portion)) % max(1, whole) * chunk
            dealt.append(np.stack([np.full_like(starts, index), starts], axis=1))
        chunks = np.concatenate(dealt)
        self._steps = len(chunks) // rows
        if not self._steps:
            raise CorpusError(
                f"{len(chunks) * chunk} tokens are too few for one batch of {rows} rows of {chunk}: "
                "give more text or smaller rows"
            )
        chunks = chunks[: self._steps * rows].reshape(rows, self._steps, 2).swapaxes(0, 1)
        self.text, self.start = chunks[:, :, 0], chunks[:, :, 1]
        """`(steps, batch)`: which text each row reads, and from which of its tokens."""
        self.author = author_of[self.text]
        """`(steps, batch)`: the author of that text."""
        self.goes_on = np.zeros(self.text.shape, dtype=np.bool_)
        """`(steps, batch)`: whether the row goes on where it stopped a step ago."""
        self.goes_on[1:] = (self.text[1:] == self.text[:-1]) & (self.start[1:] == self.start[:-1] + chunk)

    def __len__(self) -> int:
        """Steps in the pass."""
        return self._steps

    def __getitem__(self, step: int) -> Batch:
        if not 0 <= step < self._steps:
            raise IndexError(step)
        places = zip(self.text[step].tolist(), self.start[step].tolist(), strict=True)
        rows = [self._texts[text].tokens[start : start + self._chunk + 1].astype(np.int64) for text, start in places]
        return Batch(np.stack(rows), self.author[step], self.goes_on[step])

    def __iter__(self) -> Iterator[Batch]:
        return (self[step] for step in range(self._steps))


def _begin(seed: int, text: int, chunks: int) -> int:
    """The chunk with which the first pass over a part of a text begins."""
    return int(np.random.default_rng([seed, text, chunks]).integers(chunks))


def sample_evenly(texts: Sequence[Text], tokens: int) -> list[Text]:
    """The beginning of every text, in proportion to its length, `tokens` in all: a slice to validate on."""
    whole = sum(len(text.tokens) for text in texts)
    share = min(1.0, tokens / whole) if whole else 1.0
    cut = [(text, max(2, int(len(text.tokens) * share))) for text in texts]
    return [
        Text(text.author, text.ebook, text.tokens[:length], round(text.characters * length / len(text.tokens)))
        for text, length in cut
    ]
