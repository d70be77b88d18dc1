"""Does a story keep what the editor promises? Many tweets told with the bundle's settings, judged without the editor.

What they are judged by is written here once more, and simpler; copies are looked for in the books, not in the filter.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.report.cache import Result, digest
from bench.report.copying import quotes_closed
from bench.report.figures import Criterion, percent, table
from bench.report.subject import Subject, say
from bench.report.words import word_hashes, words_of
from lambda_fn import commands
from lambda_fn.prose.decency import rule_against
from lambda_fn.prose.length import LONGEST, weighted_length
from lambda_fn.prose.rules import AS_ALWAYS
from lambda_fn.settings import Settings
from train.corpus.repeats import RUN, distinct, hashes_of_runs, is_among

SEED = 300
"""Of the first of the stories; the next have the next numbers."""
STORY = 1_000  # tweets of a story: within as many no text comes twice
OPENED = 50  # tweets that must begin differently

_WHOLE = re.compile("[.!?][”’)]*")
_LINKABLE = re.compile(r"[@＠#＃$]\w|://|\w\.[^\W\d_]{2,}")


def measure(subject: Subject) -> Result:
    """Tell the stories, and judge them."""
    stories = [_told(subject, number, min(STORY, subject.counts.promised - start))
               for number, start in enumerate(range(0, subject.counts.promised, STORY))]  # fmt: skip
    texts = [[tweet["text"] for tweet in story] for story in stories]

    def make() -> Result:
        say("promises: reading the training books")
        return {
            "copied": copied(
                [text for story in texts for text in story], (book.text for book in subject.books("train"))
            )
        }

    about = {"tweets": digest("\n\n".join(map(repr, texts))), "corpus": subject.corpus_identity, "run": RUN}
    tries = [tweet["tries"] for story in stories for tweet in story]
    refusals = sum((Counter(tweet["refusals"]) for story in stories for tweet in story), Counter())
    return {
        "tweets": len(tries), "tries": sum(tries), "most_tries": max(tries), "refusals": dict(refusals.most_common()),
        "broken": dict(sum((Counter(broken(story)) for story in texts), Counter())),
        **subject.cache.get("promises", about, make),
    }  # fmt: skip


def _told(subject: Subject, number: int, count: int) -> list[dict[str, Any]]:
    """The tweets of one story, with how each came about."""

    def make() -> Result:
        say(f"promises: telling {count} tweets")
        with TemporaryDirectory() as folder:
            environment = {"STORY_URI": folder, "MODEL_URI": str(subject.bundle.resolve())}
            explained: commands.Explained = {}
            # Each of several candidates passes the same editor: one is enough to judge it by.
            settings = Settings.resolve({"seed": SEED + number, "candidates": 1}, environment)
            pages = list(commands.tell(settings, count, explained=explained))
            how = [explained[page.tweet.sequence].telling for page in pages]
        return {"tweets": [{"text": one.text, "tries": one.tries, "refusals": dict(one.refusals)} for one in how]}

    about = {"bundle": subject.identity, "seed": SEED + number, "count": count}
    tweets: list[dict[str, Any]] = subject.cache.get("promised", about, make)["tweets"]
    return tweets


PROMISES = {
    "length": "over 280 as X counts them",
    "cut": "that break off",
    "linkable": "with what could be read as a link, a mention or a tag",
    "list": "with a slur, or a word of the list",
    "same": f"that are one of the {STORY:,} before, word for word",
    "opening": f"that begin with the four words of one of the {OPENED} before",
    "quotes": "with a quotation mark that does not close",
}


def broken(texts: Sequence[str]) -> dict[str, int]:
    """How many tweets of one story break each of `PROMISES`."""
    starts = [tuple(words_of(text)[:4]) for text in texts]
    found = {
        "length": [weighted_length(text) > LONGEST for text in texts],
        "cut": [not _WHOLE.fullmatch(text[len(text.rstrip(".!?”’)")) :]) for text in texts],
        "linkable": [bool(_LINKABLE.search(text)) for text in texts],
        "list": [any(rule_against(word, AS_ALWAYS) for word in words_of(text)) for text in texts],
        "same": [text in texts[max(0, place - STORY) : place] for place, text in enumerate(texts)],
        "opening": [
            len(start) == 4 and start in starts[max(0, place - OPENED) : place] for place, start in enumerate(starts)
        ],
        "quotes": [len(set(quotes_closed([text]))) > 1 or text.count("“") != text.count("”") for text in texts],
    }
    return {name: sum(cases) for name, cases in found.items()}


def copied(texts: Sequence[str], books: Iterable[str]) -> int:
    """How many texts have 13 words in a row that stand in a book, case and punctuation aside."""
    runs = [hashes_of_runs(word_hashes(words_of(text)), RUN) for text in texts]
    known = distinct(np.concatenate([*runs, np.empty(0, dtype=np.uint64)]))
    found: set[int] = set()
    for book in books:
        hashes = hashes_of_runs(word_hashes(words_of(book)), RUN)
        found.update(hashes[is_among(hashes, known)].tolist())
    return sum(not found.isdisjoint(run.tolist()) for run in runs)


def section(found: Result, _out: Path) -> str:
    """What was promised and kept, and what it took."""
    tweets, tries = found["tweets"], found["tries"]
    kept = [[f"tweets {what}", str(found["broken"].get(name, 0))] for name, what in PROMISES.items()]
    kept.append(["tweets with 13 words in a row of a training book", str(found["copied"])])
    refused = [[f"`{rule}`", f"{number:,}", percent(number / tries, 2)] for rule, number in found["refusals"].items()]
    return f"""## What is promised

{tweets:,} tweets, told with the bundle’s own settings but one candidate each, in stories of up to {STORY:,}, seeds from
{SEED}, and judged without the editor: copies in the books themselves.

{table(["", f"of {tweets:,}"], kept)}
They took {tries:,} tries at a passage, {tries / tweets:.1f} a tweet, {found["most_tries"]} at most. What refused them:

{table(["rule", "tries", "of all"], refused)}"""


def criteria(found: Result) -> list[Criterion]:
    """Every promise is kept; an opening may come again where a story would be stuck otherwise."""
    number = sum(count for name, count in found["broken"].items() if name != "opening") + found["copied"]
    what = f"of {found['tweets']:,} told tweets, those that break a promise of the editor"
    return [Criterion(what, "none", str(number), number == 0)]
