"""The words of the training books: a model of sub-words can invent others, and the editor refuses those."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from export.errors import InputError
from export.run import WORDS, training_texts
from lambda_fn.prose.lexicon import words_of
from train.data import read_paragraphs

LARGE = 5_000_000
OFTEN = 5
"""In a corpus of more than `LARGE` words, one that comes less than `OFTEN` is mostly a misprint or a dialect's."""


def find_corpora(records: Sequence[Mapping[str, Any]], given: Sequence[Path]) -> list[Path] | None:
    """The folder of each record's texts: one of those given, or where it was then; None if one is gone.

    Raises `InputError` for a given folder that is no corpus of theirs.
    """
    found = [
        next((folder for folder in (*given, Path(record["corpus_folder"])) if _holds(folder, record)), None)
        for record in records
    ]
    for folder in given:
        if folder not in found:
            raise InputError(f"{folder} is not a corpus that the run learnt from")
    corpora = [folder for folder in found if folder is not None]
    return corpora if len(corpora) == len(records) else None


def collect_words(records: Sequence[Mapping[str, Any]], corpora: Sequence[Path]) -> bytes:
    """The words of the training texts in lower case, sorted, one a line; of a large corpus, those that come often.

    An unpacked bundle's words are those it had. Raises `InputError` for a text that has been altered.
    """
    known: set[str] = set()
    for record, corpus in zip(records, corpora, strict=True):
        words: Counter[str] = Counter()
        texts = [text for _, text in training_texts(record)]
        for text in tqdm(texts, desc="collect words", unit="book", disable=None, leave=False):
            _check_unaltered(corpus / text["path"], text["sha256"])
            for paragraph in read_paragraphs(corpus / text["path"]):
                words.update(words_of(paragraph))
        fewest = OFTEN if words.total() > LARGE else 1
        if "words_sha256" in record:  # of an unpacked bundle
            _check_unaltered(corpus / WORDS, record["words_sha256"])
            known.update((corpus / WORDS).read_text(encoding="utf-8").split())
        known |= {word for word, count in words.items() if count >= fewest}
    return "".join(f"{word}\n" for word in sorted(known)).encode("utf-8")


def _holds(folder: Path, record: Mapping[str, Any]) -> bool:
    files = [text["path"] for _, text in training_texts(record)]
    return all((folder / file).is_file() for file in (*files, *([WORDS] if "words_sha256" in record else ())))


def _check_unaltered(path: Path, expected: str) -> None:
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as problem:
        raise InputError(f"{path} cannot be read: {problem.strerror}") from problem
    if digest != expected:
        raise InputError(f"{path} is not the text that was learnt from (SHA-256 differs): make the corpus again")
