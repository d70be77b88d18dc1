"""The filter by which the editor knows what stands in the training books: `python -m export add-copies`."""

import argparse
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from export.errors import InputError
from export.folder import FILES, replace_folder
from export.run import read_file, training_texts
from export.words import check_unaltered
from lambda_fn.language.bundle import COPIES, DESCRIPTION, Bundle, load_bundle, read_description
from lambda_fn.prose.copying import build
from lambda_fn.prose.words import words_of
from train.data import read_description as read_corpus
from train.data import read_paragraphs
from train.long_work import track


def collect_copies(records: Sequence[Mapping[str, Any]], corpora: Sequence[Path]) -> bytes:
    """The filter of all texts that the runs of these records learnt from, each in its corpus.

    Raises `InputError` for a text that has been altered.
    """
    texts = {
        corpus / text["path"]: text["sha256"]
        for record, corpus in zip(records, corpora, strict=True)
        for _, text in training_texts(record)
    }
    return build(_words(texts))


def add_copies(folder: Path, corpora: Sequence[Path]) -> Bundle:
    """Put the filter of its training books into a bundle, as it is otherwise; returns it.

    Raises `InputError` unless the corpora have the training text of every book that the bundle was trained on.
    """
    bundle = load_bundle(folder)
    wanted = set(bundle.trained_on)
    if not wanted:
        raise InputError(f"{folder} does not say which books it was trained on, so nobody can say what it copies")
    files: dict[Path, str] = {}
    for corpus in corpora:
        for book, text in training_texts({"corpus": read_corpus(corpus)}):
            if book["id"] in wanted:
                files[corpus / text["path"]] = text["sha256"]
                wanted.discard(book["id"])
    if wanted:
        raise InputError(
            f"{folder} was trained on {len(wanted)} ebooks that no --corpus has, such as {min(wanted)}: "
            "name the corpora that it learnt from"
        )
    content = {name: read_file(folder / name) for name in bundle.files} | {COPIES: build(_words(files))}
    before = read_file(folder / DESCRIPTION)
    _, hashes = read_description(before, str(folder / DESCRIPTION))
    description = json.loads(before)
    description["files"] = hashes | {COPIES: hashlib.sha256(content[COPIES]).hexdigest()}
    # A record may know the bundle by the hash of the description as it was.
    former = (*bundle.formerly, hashlib.sha256(before).hexdigest())
    description["formerly"] = list(dict.fromkeys(former))
    content[DESCRIPTION] = (json.dumps(description, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
    replace_folder(folder, content, FILES, load_bundle)
    return load_bundle(folder)


def _words(texts: Mapping[Path, str]) -> Iterator[list[str]]:
    """The words of each of some files, which have these SHA-256."""
    for path in track(list(texts), "read what may not be copied", "book"):
        check_unaltered(path, texts[path])
        yield [word for paragraph in read_paragraphs(path) for word in words_of(paragraph)]


def command(options: argparse.Namespace) -> None:
    """`python -m export add-copies`."""
    bundle = add_copies(options.bundle, options.corpus)
    size = (bundle.folder / COPIES).stat().st_size
    print(f"{options.bundle}: {COPIES} of {size / 1e6:.2f} MB, over {len(bundle.trained_on)} books")
