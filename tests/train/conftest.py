"""A small corpus of invented sentences, as `python -m train corpus` would leave it."""

import hashlib
import itertools
import json
import random
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from train.__main__ import main

torch.set_num_threads(1)  # as processes that tests start have: with more, the same sums end in other last bits

_WHO = ("The captain", "Miss Lane", "Her uncle", "A stranger", "The old housekeeper", "My cousin")
_DID = ("walked to", "spoke of", "dreamt about", "had never seen", "wrote a long letter about", "returned to")
_WHAT = ("the harbour", "that winter", "the empty garden", "a ball", "the road to town", "her own heart")


def invent_paragraphs(count: int, seed: int) -> list[str]:
    """Paragraphs that a small model can learn something from."""
    choose = random.Random(seed)
    sentences = lambda: f"{choose.choice(_WHO)} {choose.choice(_DID)} {choose.choice(_WHAT)}."  # noqa: E731
    return [" ".join(sentences() for _ in range(choose.randint(1, 4))) for _ in range(count)]


def write_corpus(folder: Path, authors: dict[str, list[int]]) -> Path:
    """A corpus folder with a training and a validation text for every ebook."""
    books = []
    for author, ebooks in authors.items():
        for ebook in ebooks:
            files = {}
            for split, count in (("train", 120), ("validation", 30)):
                paragraphs = invent_paragraphs(count, seed=ebook * 2 + (split == "train"))
                path = folder / split / f"{ebook}.txt"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(
                    "\n".join(paragraphs[:10]) + "\n\n" + "\n".join(paragraphs[10:]) + "\n", encoding="utf-8"
                )
                files[split] = {
                    "path": f"{split}/{ebook}.txt",
                    "characters": sum(len(paragraph) + 1 for paragraph in paragraphs),
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
            books.append({"id": ebook, "author": author, "title": f"Book {ebook}", "files": files})
    description = {"manifest": "invented", "authors": list(authors), "books": books}
    (folder / "corpus.json").write_text(json.dumps(description), encoding="utf-8")
    return folder


SMALL = (
    "embedding=12", "hidden=20", "layers=2", "batch=4", "chunk=16", "warmup=5", "validate_every=10", "precision=fp32",
)  # fmt: skip
"""Settings of a run that takes a second, the same on every machine."""


def fit(corpus: Path, run: Path, *more: str, settings: tuple[str, ...] = SMALL) -> int:
    """`python -m train fit` with small settings."""
    pairs = [part for setting in settings for part in ("--set", setting)]
    return main(["fit", "--corpus", str(corpus), "--run", str(run), "--device", "cpu", *pairs, *more])


PIECE = ("--minutes", "0.01")
"""A dozen steps where time flies."""


@pytest.fixture
def time_flies(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tells a run to pause sees a clock that goes by 50 ms a look, however fast or slow the machine is."""
    looks = itertools.count()
    clock = SimpleNamespace(monotonic=lambda: 0.05 * next(looks))
    monkeypatch.setattr("train.processes.time", clock)
    monkeypatch.setattr("train.stage.time", clock)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two authors, three books, and a tokenizer of 300 tokens. For reading only."""
    folder = write_corpus(tmp_path_factory.mktemp("corpora") / "invented", {"Jane Austen": [1, 2], "A. Stranger": [3]})
    assert main(["tokenizer", "--corpus", str(folder), "--vocabulary", "300"]) == 0
    return folder


@pytest.fixture(scope="session")
def whole_run(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder of an uninterrupted run. For reading only."""
    run = tmp_path_factory.mktemp("runs") / "whole"
    assert fit(corpus, run, "--set", "passes=2") == 0
    return run
