"""Looks for a sequence of crashes, faults and races that nobody thought of, with two invocations at once.

One thing happens at a time, in the order that hypothesis chooses.
"""

import os
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lambda_fn.posting.account import NotSent, Outcome, ParentGone, Refused, Stop, Unexplained, Unknown, Wait
from lambda_fn.posting.publishing import Answer
from lambda_fn.story.record import Draft
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.storyteller import joined
from tests.lambda_fn.office import NOON, RECORD, TIMEOUT, Around, Office
from tests.lambda_fn.quick import QuickTweetWriter
from tests.lambda_fn.stepping import Invocation

FULL = os.environ.get("TRIALS") == "full"
"""`make prove` runs the same trials at full counts."""

SECONDS = st.sampled_from([10.0, 25.0, 50.0, TIMEOUT + 1, 181.0, 181.0, 700.0])
GOALS = st.sampled_from(["find", "post", "create", "replace", "the end"])
FAILURES: list[Outcome | str] = [
    "lost",
    "late",
    Unknown("no answer came"),
    NotSent("no connection"),
    Stop("unauthorized"),
    Refused("not permitted"),
    Unexplained("in words that nobody knows"),
    ParentGone("deleted"),
]
ACCESSES = [("create", "json"), ("replace", "story.json"), ("read", "json")]

# Method → its arguments; those that bring the story on come more often than those that keep it back.
START = st.tuples(
    st.just("start"), st.sampled_from(["scheduled", "twice", "by hand"]), st.sampled_from(["read"]) | GOALS
)
MOVE = st.tuples(st.just("run_up_to"), st.integers(0, 1), st.just("") | GOALS)
WAIT = st.tuples(st.just("wait"), SECONDS)
OVERLAP = st.tuples(st.just("overlap"), GOALS, st.sampled_from([0.0, 25.0, 50.0]))
X_FAILS = st.tuples(st.just("x_fails"), st.lists(st.sampled_from(FAILURES), min_size=1, max_size=3))
_WEIGHTED = [
    *[START] * 4,
    *[MOVE] * 5,
    *[WAIT] * 3,
    *[OVERLAP] * 2,
    *[X_FAILS] * 2,
    st.tuples(st.just("die"), st.integers(0, 1), st.sampled_from(["die before", "die after"])),
    st.tuples(st.just("x_wants_to_be_left_alone"), SECONDS),
    st.tuples(st.just("the_timeline_can_be_read"), st.sampled_from([True, True, False])),
    st.tuples(st.just("the_timeline_wants_to_be_left_alone"), SECONDS),
    st.tuples(
        st.just("the_store_fails"),
        st.sampled_from(ACCESSES),
        st.sampled_from(["error", "lost", "unclear", "conflict", "busy", "late"]),
    ),
    st.tuples(st.just("late_writes_arrive")),
]
HAPPENINGS = st.integers(0, len(_WEIGHTED) - 1).flatmap(_WEIGHTED.__getitem__)  # `one_of` would drop repeats


class Publishing(RuleBasedStateMachine):
    """Two invocations, an account and a store that fail, and a clock."""

    refuses_duplicates: ClassVar[bool]
    delay: ClassVar[float]

    @initialize(thread=st.booleans())
    def open(self, thread: bool) -> None:
        self.office = Office()
        self.office.environment["THREAD"] = "on" if thread else "off"
        self.office.account.refuses_duplicates = self.refuses_duplicates
        self.office.account.delay = self.delay
        self.alive: list[Invocation] = []
        self.slots = 0
        self.sequence = 0
        self.draft: Draft | None = None
        self.slots_told: list[str] = []
        self.refused = False  # whether X has ever refused a text
        self.archived: list[bytes] = []
        self.seen: object = None

    # What happens

    @rule(happening=HAPPENINGS)
    def happen(self, happening: tuple[Any, ...]) -> None:
        """One rule for all: of several, hypothesis leaves some out, and without `start` nothing happens."""
        name, *details = happening
        getattr(self, name)(*details)

    def start(self, kind: str, goal: str) -> None:
        if len(self.alive) == 2:
            self._finish(self.alive[0])
        self.slots += kind == "scheduled"
        # Few enough that none is a day ahead of the clock: such a slot keeps no other from being told.
        slot = (NOON + timedelta(minutes=6 * self.slots)).isoformat()
        self._run_up_to(self._start({} if kind == "by hand" else {"slot": slot}), goal)

    def run_up_to(self, which: int, goal: str) -> None:
        if self.alive:
            invocation = self._choose(which)
            self._go_on(invocation)
            self._run_up_to(invocation, goal)

    def overlap(self, goal: str, seconds: float) -> None:
        """One waits somewhere while another runs to its end; nobody has died yet."""
        while self.alive:
            self._finish(self.alive[0])
        self._run_up_to(self._start({}), goal)
        self.office.clock.advance(seconds)
        self._finish(self._start({}))

    def die(self, which: int, order: str) -> None:
        if self.alive:
            self._go_on(self._choose(which), order)

    def wait(self, seconds: float) -> None:
        """Time passes; who has had no more of it is stopped where it is."""
        self.office.clock.advance(seconds)
        for invocation in list(self.alive):
            if self.office.clock() >= invocation.deadline:
                self._go_on(invocation, "die before")
        self.office.account.arrive()

    def x_fails(self, plans: list[Outcome | str]) -> None:
        self.office.account.plans = [*plans]

    def x_wants_to_be_left_alone(self, seconds: float) -> None:
        self.office.account.plans = [Wait(self.office.clock() + timedelta(seconds=seconds), "too many requests")]

    def the_timeline_can_be_read(self, readable: bool) -> None:
        self.office.account.unreadable = not readable

    def the_timeline_wants_to_be_left_alone(self, seconds: float) -> None:
        self.office.account.unreadable_until = self.office.clock() + timedelta(seconds=seconds)

    def the_store_fails(self, access: tuple[str, str], fault: str) -> None:
        self.office.store.faults.clear()
        self.office.store.faults[access] = fault

    def late_writes_arrive(self) -> None:
        self.office.store.arrive()

    # What holds at any time: after each effect, not only after each rule

    @invariant()
    def the_story_is_whole(self) -> None:
        # What is as it was has been looked at.
        seen = (dict(self.office.store.objects), self.texts)
        if seen != self.seen:
            self.seen = seen
            self._check_timeline()
            self._check_archive()
            self._check_record()

    def _check_timeline(self) -> None:
        assert len(set(self.texts)) == len(self.texts), "a text is on the timeline twice"
        told, story = self.office.told, self.office.recorded
        flying = [story.draft.text] if story and story.draft and story.sequence == len(told) else []
        assert self.texts in (told, told + flying), "the timeline is another than the story"

    def _check_archive(self) -> None:
        store = self.office.store
        pages = [store.objects[key] for key in sorted(store.objects) if key != RECORD]
        assert pages[: len(self.archived)] == self.archived, "the archive has changed"
        self.archived = pages

    def _check_record(self) -> None:
        story, pages = self.office.recorded, self.office.pages
        if story is None:
            return
        assert self.sequence <= story.sequence <= len(pages) <= story.sequence + 1, "the record went back, or too far"
        assert [tweet.text for tweet in story.recent] == self.office.told[: story.sequence][-20:]
        text = "".join(joined(page.tweet) for page in pages[: story.sequence])
        assert Position(story.token, story.state) == _read(text[1:]), "the state is not that of the story"
        if story.sequence > self.sequence and self.draft and self.draft.slot:
            self.slots_told.append(self.draft.slot)
            assert self.slots_told == sorted(set(self.slots_told)), "a slot was told twice, or after a later one"
        if story.draft:
            begun = [text for text, _ in self.office.account.calls].count(story.draft.text)
            assert begun <= story.draft.posts, "a post was made without a claim"
            self.refused |= story.draft.attempt > 0
        self.sequence, self.draft = story.sequence, story.draft

    def teardown(self) -> None:
        """In the end everything works again."""
        if hasattr(self, "office"):
            self._stop_all()
            try:
                self._check_that_the_story_goes_on()
            finally:
                self._stop_all()

    def _stop_all(self) -> None:
        while self.alive:
            self.alive.pop().go_on("die before")

    def _check_that_the_story_goes_on(self) -> None:
        """Nothing is lost, and nothing comes twice."""
        office = self.office
        office.store.arrive()
        office.store.faults.clear()
        office.account.plans, office.account.unreadable = [], False
        before = len(self.texts)
        for _ in range(2):  # the first settles what is in flight
            office.clock.advance(1000)
            office.account.arrive()
            self._finish(self._start({}))
        assert office.story.draft is None
        assert self.texts == office.told
        assert len(self.texts) > before
        self._check_record()
        if not self.refused:
            assert self.texts == [*_undisturbed(len(self.texts))]

    # How it is done

    @property
    def texts(self) -> list[str]:
        return self.office.account.texts

    def _choose(self, which: int) -> Invocation:
        return self.alive[which % len(self.alive)]

    def _start(self, event: dict[str, object]) -> Invocation:
        end = self.office.clock() + timedelta(seconds=TIMEOUT)

        def time_left() -> float:
            return (end - self.office.clock()).total_seconds()

        def run(around: Around) -> Answer:
            return self.office.publish(event, around, time_left)

        invocation = Invocation(run, self.office.clock())
        self.alive.append(invocation)
        return invocation

    def _run_up_to(self, invocation: Invocation, goal: str) -> None:
        while invocation.at and not invocation.at.startswith(goal):
            self._go_on(invocation)

    def _finish(self, invocation: Invocation) -> None:
        while invocation.at:
            self._go_on(invocation)

    def _go_on(self, invocation: Invocation, order: str = "go on") -> None:
        try:
            invocation.go_on(order)
        finally:
            if invocation.at is None:
                self.alive.remove(invocation)
        self.the_story_is_whole()
        answer = invocation.answer
        if answer and answer.status in ("posted", "recovered", "already_told"):
            assert answer.text == self.office.told[answer.sequence - 1], "the answer is not true"


def _read(text: str) -> Position:
    teller = QuickTweetWriter()
    return teller.after(text, teller.beginning(), None)


@cache
def _undisturbed(count: int) -> tuple[str, ...]:
    """The texts of a story that nothing happened to."""
    office = Office()
    for _ in range(count):
        office.publish()
    return tuple(office.told)


class OnlyOurOwnCarePreventsADouble(Publishing):
    """X takes duplicates, and shows a tweet at once."""

    refuses_duplicates = False
    delay = 0


class TheTimelineIsLate(Publishing):
    """X refuses duplicates, and shows a tweet long after it was posted."""

    refuses_duplicates = True
    delay = 400


class TheTimelineShowsNothing(Publishing):
    """X refuses duplicates, and its timeline is never up to date."""

    refuses_duplicates = True
    delay = 10**9


for machine in (OnlyOurOwnCarePreventsADouble, TheTimelineIsLate, TheTimelineShowsNothing):
    machine.TestCase.settings = settings(
        max_examples=1000 if FULL else 70,
        stateful_step_count=60,
        derandomize=not FULL,  # the suite is the same each time; `make prove` looks for more
        suppress_health_check=list(HealthCheck),
    )

TestDuplicatesAccepted = OnlyOurOwnCarePreventsADouble.TestCase
TestTimelineLate = TheTimelineIsLate.TestCase
TestTimelineBlind = TheTimelineShowsNothing.TestCase
