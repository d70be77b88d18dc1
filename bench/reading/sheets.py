"""`python -m bench pairs`: sheets of pairs from two stories, the same places of both, in a hidden order."""

import argparse
import hashlib
import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.errors import BenchError
from train.files import write_atomically

KEY = "key.json"
SIDES = "AB"

PAIRS = """\
Each pair is two passages from novels. Read both, then say which one you would rather go on reading: the one that makes
more sense, sounds more like a person telling something, and makes you want to know what comes next. Judge each pair by
itself. There is no tie. Write one line a pair, the number and the letter, such as `1 A`.
"""
FEEDS = """\
Each pair is two stories, told in short posts. Read both, then say which one you would follow, and in a sentence each
what happens in it. Judge each pair by itself. There is no tie. Write one line a pair, the number, the letter and your
sentences, such as `1 A In A …; in B …`.
"""


@dataclass(frozen=True)
class Pair:
    """Two passages from the same place of two stories."""

    place: int  # of the first tweet, counted from 0
    first: str  # the side, A or B, on which the first story stands
    passages: tuple[str, str]  # of the first story, of the second

    def on(self, side: str) -> str:
        """The passage on a side."""
        return self.passages[0 if side == self.first else 1]


def run(options: argparse.Namespace) -> str:
    """Write sheets and their key; returns the sheets' paths. Raises BenchError."""
    for name in ("tweets", "pairs", "sheets"):
        if getattr(options, name) < 1:
            raise BenchError(f"--{name} {getattr(options, name)}: it must be 1 or more")
    stories = [read_story(path) for path in (options.first, options.second)]
    if (options.out / KEY).exists():
        raise BenchError(f"{options.out} has sheets already: give another folder, for who reads them needs their key")
    pairs = make_pairs(stories[0], stories[1], options.tweets, options.pairs, options.seed)
    key = {
        "stories": [
            {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in (options.first, options.second)
        ],
        "seed": options.seed,
        "pairs": [asdict(pair) for pair in pairs],
    }
    write_atomically(options.out / KEY, json.dumps(key, ensure_ascii=False, indent=1).encode("utf-8") + b"\n")
    sheets = []
    size = -(-len(pairs) // options.sheets)
    for number, start in enumerate(range(0, len(pairs), size), start=1):
        sheets.append(options.out / f"sheet-{number}.md")
        text = sheet(pairs[start : start + size], start + 1, FEEDS if options.feeds else PAIRS)
        write_atomically(sheets[-1], text.encode("utf-8"))
    return "\n".join(map(str, sheets))


def read_story(path: Path) -> list[str]:
    """The tweets that `tell --json` printed, in order. Raises BenchError."""
    try:
        texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BenchError(f"{path} is no story: it must hold what `python -m lambda_fn tell --json` prints") from problem
    if not all(isinstance(text, str) for text in texts):
        raise BenchError(f"{path} is no story: a tweet's text must be text")
    return texts


def make_pairs(first: Sequence[str], second: Sequence[str], tweets: int, count: int, seed: int) -> list[Pair]:
    """So many pairs of passages of so many tweets, no tweet twice, spread over the stories; `seed` hides the order.

    A story's first tweet is left out: it begins with the prompt, which both have; and so are passages that are equal.
    Raises BenchError if the stories are too short.
    """
    numbers = random.Random(seed)
    places = range(1, min(len(first), len(second)) - tweets + 1, tweets)
    passages = {
        place: ("\n".join(first[place : place + tweets]), "\n".join(second[place : place + tweets])) for place in places
    }
    told = [place for place, (one, other) in passages.items() if one != other]
    if len(told) < count:
        raise BenchError(f"the stories have {len(told)} places with {tweets} tweets each: {count} pairs need more")
    chosen = sorted(numbers.sample(told, count))
    # As many on either side, so that a reader's liking for a side decides nothing.
    sides = [SIDES[number % 2] for number in range(count)]
    numbers.shuffle(sides)
    return [Pair(place, side, passages[place]) for place, side in zip(chosen, sides, strict=True)]


def sheet(pairs: Sequence[Pair], start: int, question: str) -> str:
    """What a reader sees of pairs that are numbered from `start`, in Markdown."""
    parts = [question]
    for number, pair in enumerate(pairs, start=start):
        parts += [f"## {number}\n", *(f"**{side}**\n\n{_quoted(pair.on(side))}\n" for side in SIDES)]
    return "\n".join(parts)


def _quoted(passage: str) -> str:
    return "\n>\n".join(f"> {line}" for line in passage.splitlines())
