"""Pairs of invocations that are killed at any of their effects, while X fails in one of its ways."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from typing import Any

from peers.local_x import LocalX
from peers.x_faults import Fault, Plan, Request
from tests.end_to_end.invocations import Death, Life, Moment, World

SLOW = (Fault.LATE, Fault.LATE_REFUSING, Fault.DRIP, Fault.DRIP_HEADERS)
REFUSING = (Fault.VAGUE, Fault.DUPLICATE)  # they give a text up
FAILING_TIMELINE = (
    Fault.CLOSE_UNREAD,
    Fault.CLOSE_REFUSING,
    Fault.HALF_ACCEPTING,
    Fault.LATE,
    Fault.DRIP,
    Fault.UNAUTHORIZED,
    Fault.NOT_AUTHORIZED,
    Fault.RATE_LIMIT,
    Fault.INTERNAL,
    Fault.UNAVAILABLE,
    Fault.GARBAGE,
    Fault.PARTIAL,
    Fault.EMPTY_OBJECT,
)
ONE_OF_EACH = (
    Fault.CLOSE_ACCEPTING,
    Fault.CLOSE_REFUSING,
    Fault.UNAUTHORIZED,
    Fault.RATE_LIMIT,
    Fault.SPEND_CAP,
    Fault.DUPLICATE,
    Fault.VAGUE,
)
SHORT = (0.5, 0.12, 0.3)  # seconds to connect, to read and in all, where X is slow
LENGTH = 3  # tweets that a story has more when it is looked at than when the pair began
BOTH = (1, 2)


@dataclass(frozen=True)
class Failure:
    """How X fails while a pair of invocations runs."""

    posts: Fault | None = None
    timeline: Fault | None = None  # of the first look at it
    unreachable: bool = False
    when: tuple[int, ...] = (1,)  # which posts of the pair meet it; `unreachable`: which invocations

    @property
    def name(self) -> str:
        """For the name of a test."""
        kind = "UNREACHABLE" if self.unreachable else self.posts.name if self.posts else "NONE"
        place = "" if kind == "NONE" else "-" + "+".join(map(str, self.when))
        return f"{kind}{place}" + (f"-timeline-{self.timeline.name}" if self.timeline else "")

    @property
    def is_slow(self) -> bool:
        """Whether X is slower than its callers wait."""
        return self.posts in SLOW or self.timeline in SLOW


NOTHING = Failure()
UNLIKE = (
    *(NOTHING, Failure(unreachable=True), Failure(unreachable=True, when=BOTH)),
    *(Failure(fault, when=when) for fault in ONE_OF_EACH for when in ((1,), BOTH)),
)
"""Failures that differ in what they mean, also such as both invocations meet."""


def failures() -> Iterator[Failure]:
    """Every way in which X fails, at either post of a pair; and every way in which its timeline does."""
    yield NOTHING
    for when in ((1,), (2,)):
        yield Failure(unreachable=True, when=when)
        yield from (Failure(fault, when=when) for fault in Fault if fault not in (Fault.PARTIAL, Fault.EMPTY_OBJECT))
    for timeline in FAILING_TIMELINE:
        yield from (Failure(posts, timeline) for posts in (None, Fault.CLOSE_ACCEPTING, Fault.CLOSE_REFUSING))


@dataclass
class Refusals:
    """What X refuses: whoever refuses a text refuses it each time. Decides for a `LocalX`.

    A duplicate is one: somebody posted the same text a day ago.
    """

    x: LocalX
    fault: Fault
    when: tuple[int, ...]
    texts: tuple[str, ...] = ()
    posts: int = 0

    def __call__(self, request: Request) -> Fault | None:
        """Called by X, one request at a time."""
        if request.method != "POST":
            return None
        text = json.loads(request.body)["text"]
        self.posts += 1
        if text in self.texts:
            return self.fault
        if self.posts not in self.when or text in [post.text for post in self.x.timeline]:
            return None
        self.texts += (text,)
        if self.fault == Fault.DUPLICATE:
            self.x.add(text, time=self.x.now - timedelta(days=1))
        return self.fault


@dataclass
class Undisturbed:
    """Stories to which nothing happens, except that X refuses texts."""

    world: World
    found: dict[tuple[int, frozenset[str]], dict[str, Any]] = field(default_factory=dict)

    def standing(self, sequence: int, refused: frozenset[str]) -> dict[str, Any]:
        """Where such a story stands."""
        if (sequence, refused) not in self.found:
            self.world.go_back(Moment({}, (), 0.0))
            self.world.x.decide = Refusals(self.world.x, Fault.VAGUE, (), tuple(refused))
            self.world.go_on(sequence, fork=False)
            self.found[sequence, refused] = self.world.standing
        return self.found[sequence, refused]


@dataclass(frozen=True)
class Middle:
    """What is between two invocations."""

    moment: Moment
    posts: tuple[Fault | Plan, ...]  # faults that still wait, as do those of the timeline
    timeline: tuple[Fault | Plan, ...]
    refusals: Refusals | None


@dataclass
class Pair:
    """Two invocations of a story of so many tweets, one after the other, and all the ways in which they may end."""

    world: World
    nobody: str  # an address that refuses connections
    start: int
    failure: Failure
    undisturbed: Undisturbed
    cases: int = 0
    kills: int = 0
    deaths: dict[int, Death | None] = field(default_factory=dict)  # of the first and the second in this case

    def run_all(self) -> None:
        """Each death of the first invocation, and none, with each of the second, and none."""
        life = self._first(None)
        self._run_seconds()
        for death in life.deaths:
            self._check_killed(self._first(death))
            self._run_seconds()

    def run_one(self, first: Death | None, second: Death | None) -> None:
        """One case; an invocation that does not come to the effect at which it was to die lives on."""
        self._first(first)
        self._second(self._middle(), second)
        self._finish()

    def _run_seconds(self) -> None:
        middle = self._middle()
        life = self._second(middle, None)
        met = self._is_met(life)
        self._finish()
        # Where X did not come to fail in this way, another failure has the same cases.
        for death in life.deaths if met else ():
            self._check_killed(self._second(middle, death))
            self._finish()

    def _check_killed(self, life: Life) -> None:
        assert life.killed or self.failure.is_slow  # how far one comes in a short time differs

    @cached_property
    def _beginning(self) -> Moment:
        self._clear()
        self.world.go_back(Moment({}, (), 0.0))
        self.world.go_on(self.start)
        return self.world.save()

    def _first(self, death: Death | None) -> Life:
        self.world.go_back(self._beginning)
        posts, timeline, refusals = [], [], None
        if self.failure.posts in REFUSING:
            refusals = Refusals(self.world.x, self.failure.posts, self.failure.when)
        elif self.failure.posts:
            posts = [self.failure.posts if post in self.failure.when else Plan() for post in range(1, 1 + max(BOTH))]
            posts = posts[: max(self.failure.when)]
        if self.failure.timeline:
            timeline = [self.failure.timeline]
        self._arm(Middle(self._beginning, tuple(posts), tuple(timeline), refusals))
        return self._invoke(1, death)

    def _second(self, middle: Middle, death: Death | None) -> Life:
        self.world.go_back(middle.moment)
        self._arm(middle)
        return self._invoke(2, death)

    def _invoke(self, number: int, death: Death | None) -> Life:
        world, failure, slow = self.world, self.failure, self.failure.is_slow
        world.x.delay = 0.1 if Fault.DRIP in (failure.posts, failure.timeline) else 1.0
        self.deaths[number] = death
        asked = world.x.posts_asked
        x_url = self.nobody if failure.unreachable and number in failure.when else None
        life = world.invoke(x_url=x_url, die=death, timeouts=SHORT if slow else None)
        if slow:  # whoever is killed or gives up may be faster than X, which begins to read
            end = time.monotonic() + 3
            while world.x.posts_asked < asked + life.posts_begun(death) and time.monotonic() < end:
                time.sleep(0.005)
        self.kills += life.killed
        return life

    def _is_met(self, second: Life) -> bool:
        x, failure = self.world.x, self.failure
        if failure.unreachable:
            return max(failure.when) == 1 or bool({"post", "find"} & set(second.effects))
        if isinstance(x.decide, Refusals):
            return x.decide.posts >= max(failure.when)
        return not x.faults and not x.timeline_faults

    def _finish(self) -> None:
        """Let all be well again, the story go on, and look at what came of it."""
        self._clear()
        world, refusals = self.world, self.world.x.decide
        if isinstance(refusals, Refusals):
            world.x.decide = replace(refusals, when=())
        sequence = self.start + LENGTH
        world.go_on(sequence)
        told = world.told
        refused = frozenset(refusals.texts if isinstance(refusals, Refusals) else ()) - set(told)
        shown = [text for text in world.timeline if text not in refused]
        assert len(told) == sequence, f"{self.deaths}: {len(told)} tweets in the archive, not {sequence}"
        assert shown == told, f"{self.deaths}: the account has {shown}, the archive {told}"
        expected = self.undisturbed.standing(sequence, refused)
        wrong = [name for name, value in world.standing.items() if value != expected[name]]
        assert not wrong, f"{self.deaths}: {wrong} are not those of a story to which nothing happened"
        self.cases += 1

    def _middle(self) -> Middle:
        x = self.world.x
        refusals = replace(x.decide) if isinstance(x.decide, Refusals) else None
        return Middle(self.world.save(), tuple(x.faults), tuple(x.timeline_faults), refusals)

    def _arm(self, middle: Middle) -> None:
        self._clear()
        self.world.x.faults.extend(middle.posts)
        self.world.x.timeline_faults.extend(middle.timeline)
        self.world.x.decide = replace(middle.refusals) if middle.refusals else None

    def _clear(self) -> None:
        self.world.x.faults.clear()
        self.world.x.timeline_faults.clear()
