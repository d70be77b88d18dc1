"""`kill -9` before and after every effect of two invocations in a row, with each failure of X.

Whatever dies wherever, the account holds each sentence of the story once, in order, and the story stands where it
would stand if nothing had happened. Twice: where X takes duplicates and shows a post at once, so that only our own
care prevents a double; and where X refuses duplicates and its timeline shows nothing in time.
"""

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.aws import MotoServer
from peers.local_x import LocalX
from peers.x_faults import Fault
from tests.bucket import BUCKET
from tests.end_to_end.crashing import BOTH, NOTHING, UNLIKE, Failure, Pair, Undisturbed, failures
from tests.end_to_end.invocations import CREDENTIALS, Workshop, World, environment_of, nobody_there
from tests.end_to_end.places import Folder, Prefix, quick_folder
from tests.lambda_fn.stories import without_words

FULL = os.environ.get("TRIALS") == "full"
"""`make prove` runs the same trials at full counts."""

NEVER = 1e9  # seconds: no case takes so long
WORLDS: dict[str, dict[str, Any]] = {
    "takes-duplicates": {"duplicates": "accept", "visible_after": 0.0},
    "late-timeline": {"duplicates": "refuse", "visible_after": NEVER},
}
THREAD = {0: "off", 1: "on"}
"""Whether tweets reply to one another: in a story that begins with the pair, and in one that has a tweet already."""

CASES = [(1, failure) for failure in failures()] + [(0, failure) for failure in UNLIKE]
CASES += [(1, failure) for failure in UNLIKE if failure.when == BOTH]
ON_S3 = (NOTHING, Failure(Fault.CLOSE_ACCEPTING), Failure(Fault.CLOSE_REFUSING))
DEATHS = [None, *((number, when) for number in range(6) for when in ("before", "after"))]

Make = Callable[[str, int, Failure], Pair]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with quick_folder() as folder:
        yield folder


def makes_pairs(folder: Path, tiny_bundle: Path, place: Any, environment: dict[str, str]) -> Iterator[Make]:
    """What makes a pair in a world, at a start, with a failure."""
    bundle = without_words(tiny_bundle, folder / f"bundle-{len(list(folder.iterdir()))}")
    with (
        LocalX(CREDENTIALS) as x,
        LocalX(CREDENTIALS) as calm,
        Workshop(environment) as workshop,
        nobody_there() as nobody,
    ):
        settings = environment_of(place, bundle)
        nearby = Folder(folder)
        undisturbed = Undisturbed(World(workshop, calm, nearby, environment_of(nearby, bundle)))

        def make(name: str, start: int, failure: Failure) -> Pair:
            x.clear()
            x.decide = None
            x.duplicates, x.visible_after = WORLDS[name]["duplicates"], WORLDS[name]["visible_after"]
            world = World(workshop, x, place, {**settings, "THREAD": THREAD[start]})
            return Pair(world, nobody, start, failure, undisturbed)

        yield make


@pytest.fixture(scope="module")
def pair(folder: Path, tiny_bundle: Path) -> Iterator[Make]:
    yield from makes_pairs(folder, tiny_bundle, Folder(folder), {})


@pytest.fixture(scope="module")
def pair_on_s3(folder: Path, tiny_bundle: Path, aws: MotoServer) -> Iterator[Make]:
    yield from makes_pairs(folder, tiny_bundle, Prefix(aws.client("s3"), BUCKET), aws.environment())


def run(pair: Pair, request: pytest.FixtureRequest, *, everything: bool, name: str = "") -> None:
    """All cases, or one that the name chooses."""
    if everything:
        pair.run_all()
    else:
        choose = random.Random(name).choice
        pair.run_one(choose(DEATHS), choose(DEATHS))
    request.node.user_properties += [("crash cases", pair.cases), ("kills", pair.kills)]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize(("start", "failure"), CASES, ids=[f"{start}-{failure.name}" for start, failure in CASES])
def test_no_sentence_is_lost_or_doubled(
    pair: Make, start: int, failure: Failure, world: str, request: pytest.FixtureRequest
) -> None:
    crossing = (world == "late-timeline") == bool(start)
    everything = FULL or (failure == NOTHING and crossing)
    run(pair(world, start, failure), request, everything=everything, name=f"{failure.name} {world} {start}")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", THREAD)
@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("failure", ON_S3, ids=lambda failure: failure.name)
def test_no_sentence_is_lost_or_doubled_on_s3(
    pair_on_s3: Make, failure: Failure, world: str, start: int, request: pytest.FixtureRequest
) -> None:
    name = f"{failure.name} {world} {start}"
    run(pair_on_s3(world, start, failure), request, everything=FULL, name=name)
