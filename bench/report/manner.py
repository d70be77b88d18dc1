"""What a reader notices first: words said too often, a cast that changes, openings that repeat, nothing but talk.

Each figure stands beside the same figure of a held-out book cut into tweets.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.report.cache import Result
from bench.report.copying import as_many_words, as_tweets, variety
from bench.report.figures import Criterion, percent, table
from bench.report.samples import LONG_STORY_SEED, tell
from bench.report.subject import Subject
from bench.report.words import words_of
from lambda_fn.prose.names import names_of

OVERUSED = ("not", "very", "was", "so")
"""Words that a model sampled below its own temperature says too often."""

MOST_OVERUSED = 1.5  # times the book's rate
FIRST_WORDS, LEAST_DIFFERENT = 5_000, 950
BEFORE = 20  # tweets in which a name was there before
NAMES, LEAST_KNOWN, LARGEST_PART = (60, 180), 0.5, 0.1  # in 100 tweets; share named before; of all names, one's share
MOST_SAME_STARTS = 0.02

_SPEECH = re.compile("“[^”\n]*”?")


@dataclass(frozen=True)
class Manner:
    """How some texts are told, one after another."""

    rates: dict[str, float]
    """Of each overused word in a thousand."""
    different: int | None
    """Different words among the first so many; None of fewer."""
    names: float
    """In a hundred texts."""
    known: float
    """Share of them that one of the texts before has."""
    largest: tuple[str, float]
    """The most frequent name, and its share of all."""
    speech: float
    """Share of the characters that stand between quotation marks."""


def manner(texts: Sequence[str]) -> Manner:
    """Measure texts in their order."""
    words = [word for text in texts for word in words_of(text)]
    counts, named = Counter(words), [names_of(text) for text in texts]
    names = Counter(name for found in named for name in found)
    known = sum(
        any(name in before for before in named[max(0, place - BEFORE) : place])
        for place, found in enumerate(named)
        for name in found
    )
    most, number = max(names.items(), key=lambda item: item[1], default=("none", 0))
    speech = sum(len(speech) for text in texts for speech in _SPEECH.findall(text))
    return Manner(
        rates={word: 1000 * counts[word] / max(1, len(words)) for word in OVERUSED},
        different=len(set(words[:FIRST_WORDS])) if len(words) >= FIRST_WORDS else None,
        names=100 * names.total() / max(1, len(texts)),
        known=known / max(1, names.total()),
        largest=(most, number / max(1, names.total())),
        speech=speech / max(1, sum(map(len, texts))),
    )


def measure(subject: Subject) -> Result:
    """The long story, beside as much of the first author's held-out book."""
    told = tell(subject, subject.authors[0], LONG_STORY_SEED, subject.counts.tweets, None)
    book = subject.held_out[0]
    sides = {"told": told, "book": as_many_words(as_tweets(book.paragraphs), sum(len(text.split()) for text in told))}
    starts = {name: variety(texts).same_start for name, texts in sides.items()}
    return {
        "title": book.title,
        **{name: asdict(manner(texts)) | {"starts": starts[name]} for name, texts in sides.items()},
    }


def section(found: Result, _out: Path) -> str:
    """Told text beside the book."""
    sides = [found["told"], found["book"]]
    rows = [
        *([f"“{word}”, in 1,000 words", *(f"{side['rates'][word]:.1f}" for side in sides)] for word in OVERUSED),
        [f"different words in the first {FIRST_WORDS:,}", *(side["different"] or "too few words" for side in sides)],
        ["names in 100 tweets", *(f"{side['names']:.0f}" for side in sides)],
        [f"of those, named in the {BEFORE} tweets before", *(percent(side["known"], 0) for side in sides)],
        ["the most frequent name, of all", *("{}, {:.0%}".format(*side["largest"]) for side in sides)],
        ["tweets that begin with the four words of an earlier one", *(percent(side["starts"]) for side in sides)],
        ["characters that are spoken", *(percent(side["speech"], 0) for side in sides)],
    ]
    return f"""## What a reader notices first

The same story as above, beside as many words of *{found["title"]}*, cut into texts of up to 280 characters. Names
are words with a capital that begin no sentence, and words after a title.

{table(["", "told", f"*{found['title']}*"], rows)}"""


def criteria(found: Result) -> list[Criterion]:
    """No word much more often than in the book; a rich vocabulary; a cast that stays and that nobody fills."""
    told, book = found["told"], found["book"]
    times = {word: told["rates"][word] / max(1e-9, book["rates"][word]) for word in OVERUSED}
    worst = max(OVERUSED, key=lambda word: times[word])
    name, part = told["largest"]
    different = told["different"]
    return [
        Criterion("“not”, “very”, “was”, “so”, against the book", f"at most {MOST_OVERUSED} times",
                  f"{times[worst]:.1f} times (“{worst}”)", times[worst] <= MOST_OVERUSED),
        Criterion(f"different words in {FIRST_WORDS:,}", f"at least {LEAST_DIFFERENT}",
                  str(different or "too few words"), different >= LEAST_DIFFERENT if different else None),
        Criterion("names in 100 tweets", "{} to {}".format(*NAMES), f"{told['names']:.0f}",
                  NAMES[0] <= told["names"] <= NAMES[1]),
        Criterion(f"names that one of the {BEFORE} tweets before has", f"at least {LEAST_KNOWN:.0%}",
                  percent(told["known"], 0), told["known"] >= LEAST_KNOWN),
        Criterion("the most frequent name, of all", f"at most {LARGEST_PART:.0%}", f"{part:.0%} ({name})",
                  part <= LARGEST_PART),
        Criterion("tweets that begin with the four words of an earlier one", f"at most {MOST_SAME_STARTS:.0%}",
                  percent(told["starts"]), told["starts"] <= MOST_SAME_STARTS),
    ]  # fmt: skip
