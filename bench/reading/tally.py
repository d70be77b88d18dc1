"""`python -m bench tally`: what readers said of sheets, counted."""

import argparse
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.errors import BenchError
from bench.reading.sheets import KEY, SIDES
from bench.report.figures import Share, table

_VERDICT = re.compile(r"(\d+)[.:]?\s+\**([AB])\b")


def run(options: argparse.Namespace) -> str:
    """How often the second story was preferred, by reader and altogether, as a table. Raises BenchError."""
    key = _read_key(options.folder)
    pairs = key["pairs"]
    paths = sorted(options.folder.glob("verdicts*.txt"))
    if not paths:
        raise BenchError(f"{options.folder} has no verdicts: a reader's go into a file such as verdicts-1.txt")
    readings = {path.stem: read_verdicts(path, len(pairs)) for path in paths}
    shares = {name: preferred(verdicts, pairs) for name, verdicts in readings.items()}
    total = Share(sum(share.hits for share in shares.values()), sum(share.count for share in shares.values()))
    most = _by_majority(readings, pairs)
    rows = [[name, share.count, share.hits, share] for name, share in shares.items()]
    rows += [["all verdicts", total.count, total.hits, total], ["pairs, by majority", most.count, most.hits, most]]
    second = key["stories"][1]["file"]
    return table(["reader", "verdicts", f"for {second}", "share (95 % interval)"], rows).rstrip()


def read_verdicts(path: Path, count: int) -> dict[int, str]:
    """A reader's choice, A or B, by the number of the pair: one a line, as `1 A`. Raises BenchError."""
    verdicts: dict[int, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        found = _VERDICT.match(line.strip())
        number = int(found[1]) if found else 0
        if not found or not 1 <= number <= count:
            raise BenchError(f"{path}: {line.strip()[:60]!r} must be a pair's number, 1 to {count}, and A or B")
        if number in verdicts:
            raise BenchError(f"{path}: pair {number} has two verdicts")
        verdicts[number] = found[2]
    return verdicts


def preferred(verdicts: Mapping[int, str], pairs: list[Any]) -> Share:
    """How often the second story was preferred."""
    return Share(sum(side != pairs[number - 1]["first"] for number, side in verdicts.items()), len(verdicts))


def _by_majority(readings: Mapping[str, Mapping[int, str]], pairs: list[Any]) -> Share:
    """Of the pairs on which readers did not part evenly, those in which most preferred the second story."""
    for_second = [0, 0]  # decided for it, decided
    for number, pair in enumerate(pairs, start=1):
        sides = [verdicts[number] for verdicts in readings.values() if number in verdicts]
        one, other = (sides.count(side) for side in SIDES)
        if one != other:
            liked = SIDES[0] if one > other else SIDES[1]
            for_second[0] += liked != pair["first"]
            for_second[1] += 1
    return Share(*for_second)


def _read_key(folder: Path) -> Any:
    path = folder / KEY
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise BenchError(f"{path} cannot be read: `python -m bench pairs` writes it with the sheets") from problem
