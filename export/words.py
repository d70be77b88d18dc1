"""The words of the training books: a model of sub-words can invent others, and the editor refuses those."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from export.errors import InputError
from export.run import Run, read_file, training_texts
from lambda_fn.language.bundle import LEXICON
from lambda_fn.prose.words import words_of
from train.data import read_paragraphs
from train.long_work import track

LARGE = 5_000_000
OFTEN = 5
"""In a corpus of more than `LARGE` words, one that occurs less than `OFTEN` times is mostly a misprint or dialect."""


def find_corpora(run: Run, given: Sequence[Path]) -> list[Path | None]:
    """The folder with each record's texts: one that is given, or the one of then, or the run's own; None if gone.

    Raises `InputError` for a given folder that is no corpus of theirs.
    """
    found = []
    for record in run.records:
        places = (*given, Path(record["corpus_folder"]), run.folder)
        found.append(next((folder for folder in places if _holds(folder, record)), None))
    for folder in given:
        if folder not in found:
            raise InputError(f"{folder} is not a corpus that the run learnt from")
    return found


def collect_words(records: Sequence[Mapping[str, Any]], corpora: Sequence[Path]) -> bytes:
    """The words of the training texts in lower case, sorted, one a line; of a large corpus, the frequent ones.

    An unpacked bundle's words are those it had. Raises `InputError` for a text that has been altered.
    """
    known: set[str] = set()
    for record, corpus in zip(records, corpora, strict=True):
        words: Counter[str] = Counter()
        texts = [text for _, text in training_texts(record)]
        for text in track(texts, "collect words", "book"):
            check_unaltered(corpus / text["path"], text["sha256"])
            for paragraph in read_paragraphs(corpus / text["path"]):
                words.update(words_of(paragraph))
        fewest = OFTEN if words.total() > LARGE else 1
        if "words_sha256" in record:  # of an unpacked bundle
            check_unaltered(corpus / LEXICON, record["words_sha256"])
            known.update((corpus / LEXICON).read_text(encoding="utf-8").split())
        known |= {word for word, count in words.items() if count >= fewest}
    return "".join(f"{word}\n" for word in sorted(known)).encode("utf-8")


def _holds(folder: Path, record: Mapping[str, Any]) -> bool:
    if "words_sha256" in record:
        return record["words_sha256"] is not None and (folder / LEXICON).is_file()
    return all((folder / text["path"]).is_file() for _, text in training_texts(record))


def check_unaltered(path: Path, expected: str) -> None:
    """Raise `InputError` unless a file has this SHA-256."""
    if hashlib.sha256(read_file(path)).hexdigest() != expected:
        raise InputError(f"{path} is not the text that was learnt from (SHA-256 differs): make the corpus again")
