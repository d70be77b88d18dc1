"""Very many invocations: all at once for one slot, and one after the other with every fifth failing."""

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from peers import s3_proxy
from peers.aws import MotoServer
from peers.local_x import LocalX
from peers.s3_proxy import S3Proxy
from peers.x_faults import MAYBE_POSTED, Fault
from tests.bucket import BUCKET
from tests.end_to_end.invocations import CREDENTIALS, MINUTES, Workshop, World, environment_of, nobody_there
from tests.end_to_end.places import Folder, Place, Prefix, quick_folder

FULL = os.environ.get("TRIALS") == "full"
"""`make prove` runs the same trials at full counts."""

NOON = "2026-11-22T12:00:00Z"
LOSERS = {"lost_race", "waiting", "already_told"}
X_FAULTS = (
    *MAYBE_POSTED,
    Fault.UNAUTHORIZED,
    Fault.NO_CREDITS,
    Fault.READ_ONLY_TOKEN,
    Fault.CLIENT_FORBIDDEN,
    Fault.FORBIDDEN,
    Fault.INVALID,
    Fault.RATE_LIMIT,
    Fault.RATE_LIMIT_WITHOUT_RESET,
)
"""All after which the story goes on with the same text, but for slow ones, and the spending cap: that is a month."""
S3_FAULTS = (
    s3_proxy.ERROR_BEFORE,
    s3_proxy.ERROR_AFTER,
    s3_proxy.DROP_BEFORE,
    s3_proxy.DROP_AFTER,
    s3_proxy.CONFLICT,
    s3_proxy.CONFLICT_AFTER,
    s3_proxy.ABORTED,
    s3_proxy.SLOW_DOWN,
    s3_proxy.HALF,
)
PATIENT = (60.0, 120.0, 300.0)  # seconds to connect, to read, in all: many at work at once are slow
TRIES = 3  # of a client of S3, until it gives up


@pytest.fixture(scope="module")
def workshop(aws: MotoServer) -> Iterator[Workshop]:
    with Workshop(aws.environment()) as workshop:
        yield workshop


@pytest.fixture
def x() -> Iterator[LocalX]:
    with LocalX(CREDENTIALS) as x:
        yield x


@pytest.fixture
def place(aws: MotoServer) -> Place:
    return Prefix(aws.client("s3"), BUCKET)


@pytest.fixture
def world(workshop: Workshop, x: LocalX, place: Place, bundle: Path) -> World:
    return World(workshop, x, place, environment_of(place, bundle))


def foresee(world: World, folder: Path) -> None:
    """Let the workshop tell what is going to be told, so that no time passes while many tell the same at once."""
    place = Folder(folder)
    bundle = Path(world.environment["MODEL_URI"])
    with LocalX(CREDENTIALS) as calm:
        World(world.workshop, calm, place, environment_of(place, bundle)).go_on(2, fork=False)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("begun", [False, True], ids=["new story", "story that has begun"])
def test_of_two_hundred_processes_with_one_slot_one_posts(world: World, begun: bool, tmp_path: Path) -> None:
    foresee(world, tmp_path)
    world.x.duplicates = "accept"
    world.environment["RECONCILE_AFTER"] = "86400"  # however slow the machine is, nobody looks up what is under way
    if begun:
        world.invoke({"slot": "2026-11-22T06:00:00Z"})
    lives = world.at_once(200 if FULL or not begun else 40, {"slot": NOON}, timeouts=PATIENT)
    assert {life.reason for life in lives if life.problem} == set()
    statuses = [life.status for life in lives]
    assert statuses.count("posted") == 1
    assert set(statuses) <= LOSERS | {"posted"}
    assert world.timeline == world.told
    assert len(world.told) == 1 + begun
    settled = [line for life in lives for line in life.log if line["event"] == "settled"]
    assert [line["sequence"] for line in settled] == [1 + begun]
    world.advance(60 * MINUTES)
    later = world.at_once(20, {"slot": NOON})
    assert {life.status for life in later} == {"already_told"}
    assert len(world.timeline) == 1 + begun


@pytest.mark.parametrize("number", range(4))
def test_who_comes_while_another_is_at_work_waits(
    workshop: Workshop, x: LocalX, bundle: Path, tmp_path: Path, number: int
) -> None:
    place = Folder(tmp_path)
    world = World(workshop, x, place, environment_of(place, bundle))
    # One that was killed a moment ago leaves what one leaves that is still at work.
    assert world.at_once(1, {"slot": NOON}, die=(number, "after"))[0].killed
    content = place.content()
    life = world.at_once(1, {"slot": NOON})[0]
    assert life.status == ("already_told" if number == 3 else "waiting")
    assert place.content() == content
    assert life.effects == ()


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("duplicates", ["accept", "refuse"])
@pytest.mark.parametrize("posted", [False, True], ids=["not posted", "posted"])
@pytest.mark.parametrize("count", [2, 10])
@pytest.mark.parametrize("where", ["folder", "S3"])
def test_of_those_that_find_the_same_stale_draft_at_once_one_posts(
    workshop: Workshop, world: World, tmp_path: Path, where: str, count: int, posted: bool, duplicates: str
) -> None:
    if where == "folder":
        place = Folder(tmp_path)
        world = World(workshop, world.x, place, environment_of(place, Path(world.environment["MODEL_URI"])))
    world.x.duplicates = duplicates
    world.x.visible_after = 0.0 if duplicates == "accept" else 1e9
    post = 1 if where == "folder" else 2  # after the claim, and on S3 the trial of its conditions
    assert world.invoke(die=(post, "after" if posted else "before")).killed
    assert len(world.timeline) == posted
    world.advance(10 * MINUTES)
    lives = world.at_once(count, timeouts=PATIENT)
    statuses = [life.status for life in lives]
    assert {status for status in statuses if status} & {"posted", "recovered"}
    assert world.timeline[:1] == world.told[:1]
    assert world.timeline == world.told
    assert len(set(world.timeline)) == len(world.timeline)
    tellers = {line["sequence"] for life in lives for line in life.log if line["event"] == "settled"}
    assert tellers == set(range(1, len(world.told) + 1))


class Trouble:
    """Every fifth invocation fails: X, or S3 at a request drawn at random, or `kill -9` at an effect."""

    def __init__(self, world: World, road: S3Proxy, seed: int) -> None:
        self.world, self.road, self.random = world, road, random.Random(seed)
        self.counts = {"X": 0, "the timeline": 0, "S3": 0, "kill -9": 0, "refused": 0}

    def invoke(self, nobody: str) -> None:
        """One invocation, with trouble or without."""
        x, draw = self.world.x, self.random
        x.faults.clear()
        x.timeline_faults.clear()
        self.road.clear()
        kind = draw.choice(sorted(self.counts)) if draw.random() < 0.2 else "none"
        if kind in self.counts:
            self.counts[kind] += 1
        x_url, die = None, None
        match kind:
            case "X":
                x.faults.append(draw.choice(X_FAULTS))
            case "the timeline":
                x.faults.append(draw.choice(MAYBE_POSTED))
                x.timeline_faults.append(draw.choice((Fault.PARTIAL, Fault.INTERNAL, Fault.GARBAGE)))
            case "S3":
                fault, times = draw.choice(S3_FAULTS), draw.randint(1, TRIES)
                method = draw.choice(("PUT", "PUT", "GET"))
                for _ in range(draw.randint(0, 4 if method == "PUT" else 2)):
                    self.road.next(s3_proxy.slow(0), lambda asked, _: asked == method)
                self.road.next(fault, lambda asked, _: asked == method, times)
            case "kill -9":
                die = (draw.randrange(5), draw.choice(("before", "after")))
            case "refused":
                x_url = nobody
        self.world.invoke(x_url=x_url, die=die)


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(
    ("duplicates", "visible_after"), [("accept", 0.0), ("refuse", 1e9)], ids=["takes duplicates", "late timeline"]
)
def test_with_every_fifth_failing_at_random_the_story_is_the_undisturbed_one(
    aws: MotoServer,
    road: S3Proxy,
    bundle: Path,
    x: LocalX,
    duplicates: str,
    visible_after: float,
    request: pytest.FixtureRequest,
) -> None:
    count = 1000 if FULL else 60
    place = Prefix(aws.client("s3"), BUCKET)
    with (
        quick_folder() as folder,
        LocalX(CREDENTIALS) as calm,
        nobody_there() as nobody,
        Workshop(aws.environment() | {"AWS_ENDPOINT_URL": road.url}) as workshop,
    ):
        x.duplicates, x.visible_after = duplicates, visible_after
        world = World(workshop, x, place, environment_of(place, bundle))
        trouble = Trouble(world, road, seed=count)
        for _ in range(count):
            trouble.invoke(nobody)
        x.faults.clear()
        x.timeline_faults.clear()
        road.clear()
        world.go_on(world.sequence + 1)
        nearby = Folder(folder)
        undisturbed = World(workshop, calm, nearby, environment_of(nearby, bundle))
        undisturbed.go_on(world.sequence)
        request.node.user_properties += [(f"failures of {kind}", number) for kind, number in trouble.counts.items()]
        assert world.timeline == world.told == undisturbed.told
        assert world.standing == undisturbed.standing
        assert len(world.told) > count * 0.7
