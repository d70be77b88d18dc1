"""Names that are nearly one of ours: whoever wrote one meant that one, and would never hear that it was ignored."""

import re
import unicodedata
from collections.abc import Iterable


def plain(name: str) -> str:
    """A name without case, width and signs: plain("Dry-Run") → "dryrun"."""
    return re.sub(r"[\W_]", "", unicodedata.normalize("NFKC", name).casefold())


def ends(name: str) -> set[str]:
    """The words that a name begins or ends with, each plain: ends("randomSeed") → {"random", "seed", "randomseed"}."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unicodedata.normalize("NFKC", name))
    words = [plain(word) for word in re.split(r"[\W_]+", parted) if word]
    return {"".join(part) for i in range(len(words)) for part in (words[: i + 1], words[i:])}


def meant(name: str, ours: Iterable[str]) -> str | None:
    """The one of `ours` that is meant by another name: "dryRun", "dry-run" and "dry_rnu" → "dry_run"; None: none.

    Case and signs count for nothing, in a long name two slips, in a short one a single slip.
    """
    slips = {right: slips_in(name, right) for right in ours}
    nearest = min(slips, key=slips.__getitem__, default=None)
    if nearest is None or slips[nearest] > (2 if len(plain(nearest)) >= 10 else 1):
        return None
    return nearest


def slips_in(name: str, right: str) -> int:
    """How many letters of a name are not those of the right one, each plain; 3 stands for any more too."""
    return _slips(plain(name), plain(right))


def _slips(one: str, other: str) -> int:
    """How many letters were left out, added, taken for another or swapped (optimal string alignment distance)."""
    if abs(len(one) - len(other)) > 2:
        return 3  # or more: nobody needs to know
    before: list[int] = []
    last = list(range(len(other) + 1))
    for row, letter in enumerate(one, 1):
        line = [row]
        for column, there in enumerate(other, 1):
            cost = min(last[column] + 1, line[-1] + 1, last[column - 1] + (letter != there))
            if row > 1 and column > 1 and letter == other[column - 2] and one[row - 2] == there:
                cost = min(cost, before[column - 2] + 1)
            line.append(cost)
        before, last = last, line
    return last[-1]
