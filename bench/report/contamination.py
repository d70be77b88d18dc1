"""Is a test book, or a piece of one, among the training books? A check over runs of 13 words (Brown et al. 2020)."""

import numpy as np

from bench.report.bits import Say
from bench.report.cache import Cache, Result
from bench.report.subject import Subject
from bench.report.words import is_among, run_hashes, word_hashes, words_of

RUN = 13
_SHOWN = 12


def measure_contamination(subject: Subject, cache: Cache, say: Say) -> Result:
    """For each held-out book how many of its runs of 13 words stand in a training book, and which."""

    def measure() -> Result:
        tests = []
        for book in subject.held_out:
            words = words_of(book.text)
            tests.append((book, words, run_hashes(word_hashes(words), RUN)))
        known = np.unique(np.concatenate([runs for _, _, runs in tests]))
        found: dict[int, set[str]] = {}
        for training in subject.books("train"):
            runs = run_hashes(word_hashes(words_of(training.text)), RUN)
            for run in np.unique(runs[is_among(runs, known)]).tolist():
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
    return cache.get("contamination", {"corpus": subject.corpus_identity, "run": RUN, "of": subject.seeds}, measure)
