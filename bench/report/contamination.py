"""Is a test book, or a piece of one, among the training books? A check over runs of 13 words (Brown et al. 2020)."""

from pathlib import Path

import numpy as np

from bench.report.cache import Result
from bench.report.figures import Criterion, table
from bench.report.subject import Subject, say
from bench.report.words import word_hashes, words_of
from train.corpus.repeats import RUN, distinct, hashes_of_runs, is_among

_SHOWN = 12


def measure(subject: Subject) -> Result:
    """For each held-out book how many of its runs of 13 words stand in a training book, and which."""

    def make() -> Result:
        tests = []
        for book in subject.held_out:
            words = words_of(book.text)
            tests.append((book, words, hashes_of_runs(word_hashes(words), RUN)))
        known = distinct(np.concatenate([runs for _, _, runs in tests]))
        found: dict[int, set[str]] = {}
        for training in subject.books("train"):
            runs = hashes_of_runs(word_hashes(words_of(training.text)), RUN)
            for run in distinct(runs[is_among(runs, known)]).tolist():
                found.setdefault(run, set()).add(training.title)
        rows = []
        for book, words, runs in tests:
            places = [place for place, run in enumerate(runs.tolist()) if run in found]
            rows.append({
                "author": book.author, "title": book.title, "runs": len(runs), "shared": len(places),
                "examples": [
                    {"text": " ".join(words[place : place + RUN]), "in": sorted(found[int(runs[place])])[:3]}
                    for place in places[:: max(1, -(-len(places) // _SHOWN))]
                ],
            })  # fmt: skip
        return {"books": rows}

    say("contamination: reading the training books")
    about = {"corpus": subject.corpus_identity, "run": RUN, "of": subject.seeds}
    return subject.cache.get("contamination", about, make)


def section(found: Result, _out: Path) -> str:
    """What test books and training books share."""
    rows = [[book["title"], f"{book['runs']:,}", book["shared"]] for book in found["books"]]
    examples = [
        f"- *{book['title']}*: “{one['text']}” (in {', '.join(one['in'])})\n"
        for book in found["books"]
        for one in book["examples"]
    ]
    return f"""## Nothing of a test book in the training books

Runs of 13 words of each test book, case and punctuation aside, and how many of them stand in any training book:

{table(["", "runs", "shared"], rows)}
{"Some of what they share:" if examples else ""}

{"".join(examples)}"""


def criteria(found: Result) -> list[Criterion]:
    """What is measured on is unseen."""
    shared, runs = (sum(book[name] for book in found["books"]) for name in ("shared", "runs"))
    what = "runs of 13 words of a test book in the training books"
    return [Criterion(what, "none", f"{shared} of {runs:,}", shared == 0)]
