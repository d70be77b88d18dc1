"""A corpus of two invented authors, each with a book a split, and styles that are easy to tell apart."""

import hashlib
import json
import random
from pathlib import Path

AUTHORS = ("Jane Austen", "Charles Dickens")
TITLES = {"train": "Learnt", "validation": "Tried", "test": "Held Out"}

_OPENINGS = {
    "Jane Austen": ("She was very happy, and she knew that her sister was so too.", "“Dear me!” said Emma."),
    "Charles Dickens": ("He was a dusty clerk, and he pulled his hat over his face.", "“Fog!” cried the clerk."),
}
_WHO = {"Jane Austen": ("Emma", "Miss Lane", "Her aunt"), "Charles Dickens": ("The clerk", "Old Tom", "A beadle")}
_WHAT = {
    "Jane Austen": ("walked to the garden", "was quite delighted with the ball", "smiled at her sister"),
    "Charles Dickens": ("shuffled down the dirty street", "counted the rusty coins", "coughed in the fog"),
}


def paragraphs(author: str, count: int, seed: int) -> list[str]:
    """Paragraphs in an author's manner; the first holds a sentence to flip a pronoun in."""
    choose = random.Random(f"{author} {seed}")
    sentences = [f"{choose.choice(_WHO[author])} {choose.choice(_WHAT[author])}." for _ in range(3 * count)]
    return [" ".join(_OPENINGS[author]), *(" ".join(sentences[3 * n : 3 * n + 3]) for n in range(count))]


def write_corpus(folder: Path) -> Path:
    """A corpus folder as `python -m train corpus` leaves it."""
    books = []
    for number, author in enumerate(AUTHORS):
        for place, split in enumerate(TITLES):
            ebook = 10 * number + place + 1
            lines = paragraphs(author, 60 if split == "train" else 12, seed=place)
            path = folder / split / f"{ebook}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            file = {
                "path": f"{split}/{ebook}.txt",
                "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                "characters": sum(len(line) + 1 for line in lines),
            }
            books.append({"id": ebook, "author": author, "title": TITLES[split], "files": {split: file}})
    description = {"name": "invented", "authors": list(AUTHORS), "books": books}
    (folder / "corpus.json").write_text(json.dumps(description), encoding="utf-8")
    return folder
