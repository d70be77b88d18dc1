"""The best of several candidates for a tweet: the one that the model finds likeliest, with what readers said added.

Sampled hotter than a single tweet could be, candidates differ, and the likeliest of them is the most coherent. Who are
named counts as well: a story whose cast changes with every tweet is not followed.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from lambda_fn.errors import StuckError
from lambda_fn.prose.names import names_of
from lambda_fn.story.record import Tweet
from lambda_fn.writing.tweet import Telling

NEW_NAME = 0.2  # nats a token that each name costs which no recent tweet has
KNOWN_NAME = 0.1  # nats a token that a name is worth which one has
OFTEN, WORN_NAME = 2, 0.1  # nats a token that a name costs for each recent tweet that has it, after so many
BARE_SPEECH = 0.15  # nats a token that each paragraph of nothing but speech costs, after the first

More = Callable[[], bool]
"""Whether there is time for a further candidate."""

_BARE_SPEECH = re.compile("“[^”]*”")


def always() -> bool:
    """There is time: what is told depends on the seed alone."""
    return True


def within(seconds: float, time_left: Callable[[], float], needed: float) -> More:
    """There is time for so many seconds from now, and while one as slow as the slowest leaves what is needed after."""
    start = last = time_left()
    slowest = 0.0

    def more() -> bool:
        nonlocal last, slowest
        before, last = last, time_left()
        slowest = max(slowest, before - last)
        return last > start - seconds and last - slowest > needed

    return more


def best_of(tell: Callable[[int], Telling], count: int, recent: Sequence[Tweet], more: More = always) -> Telling:
    """Tell candidates, numbered from 0, and return the best; the first that is best of equals.

    No further one is told when `more` says that there is no time; one is tried in any case. `recent`: those before.
    The steps, tries and refusals of the best are those of all. Raises `StuckError` when none of them could be told.
    """
    told: list[Telling | StuckError] = []
    for number in range(count):
        if number and not more():
            break
        try:
            told.append(tell(number))
        except StuckError as stuck:
            told.append(stuck)
    return best_told(told, recent)


def best_told(told: Sequence[Telling | StuckError], recent: Sequence[Tweet]) -> Telling:
    """The best of candidates, in the order of their numbers: see `best_of`."""
    best, problem, steps, tries = None, None, 0, 0
    refusals: Counter[str] = Counter()
    for candidate in told:
        if isinstance(candidate, StuckError):
            problem = candidate
            continue
        steps, tries = steps + candidate.steps, tries + candidate.tries
        refusals.update(candidate.refusals)
        if not best or merit(candidate, recent) > merit(best, recent):
            best = candidate
    if not best:
        raise problem or ValueError("no candidate was asked for")
    return replace(best, candidates=len(told), steps=steps, tries=tries, refusals=dict(refusals))


def merit(telling: Telling, recent: Sequence[Tweet]) -> float:
    """How good a candidate is, in nats a token; the higher, the better. `recent`: the tweets before."""
    before = Counter(name for tweet in recent for name in set(names_of(tweet.text)))
    named = set(names_of(telling.text))
    bare = sum(bool(_BARE_SPEECH.fullmatch(paragraph)) for paragraph in telling.text.split("\n"))
    return (
        -telling.surprise
        - NEW_NAME * len(named - before.keys())
        + KNOWN_NAME * any(0 < before[name] <= OFTEN for name in named)
        - WORN_NAME * sum(max(0, before[name] - OFTEN) for name in named)
        - BARE_SPEECH * max(0, bare - 1)
    )
