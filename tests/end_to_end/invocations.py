"""Invocations as processes that die where a test wants, and their world: an account, a store, a clock."""

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import to_json
from lambda_fn.story.record import Story
from peers.local_x import LocalX
from tests.end_to_end.places import Place

ROOT = Path(__file__).resolve().parents[2]
CREDENTIALS = Credentials("Key0fTheApp", "Secret/Of+The=App", "77-TokenOfTheAccount", "SecretOfTheAccount")
KEYS = {
    "X_CONSUMER_KEY": CREDENTIALS.consumer_key,
    "X_CONSUMER_SECRET": CREDENTIALS.consumer_secret,
    "X_ACCESS_TOKEN": CREDENTIALS.access_token,
    "X_ACCESS_TOKEN_SECRET": CREDENTIALS.access_token_secret,
}
SEED = 8
TIMEOUT = 60.0  # seconds that an invocation has, as in template.yaml
PATIENCE = 600.0  # seconds that a watched one has, where 200 of them share a machine
MINUTES = 60.0
DAYS = 86_400.0

Death = tuple[int, str]
"""The number of the effect at which a process is killed, and "before" or "after"."""


@dataclass(frozen=True)
class Life:
    """What became of an invocation."""

    effects: tuple[str, ...]  # those that it began
    log: tuple[dict[str, Any], ...]
    killed: bool
    status: str | None  # of its answer
    answer: dict[str, Any] | None
    problem: str | None  # the name of the error that it raised
    reason: str | None

    @classmethod
    def read(cls, reported: Mapping[str, Any]) -> Self:
        """What the workshop tells of it; an error that is no `StoryError` fails the test."""
        lines = reported["lines"]
        last: dict[str, Any] = lines[-1] if lines else {}
        assert "broken" not in last, last["broken"]
        assert reported["killed"] or "answer" in last or "problem" in last, f"it ended early: {lines}"
        answer = last.get("answer")
        return cls(
            effects=tuple(line["effect"] for line in lines if "effect" in line),
            log=tuple(line["log"] for line in lines if "log" in line),
            killed=reported["killed"],
            status=answer["status"] if answer else None,
            answer=answer,
            problem=last.get("problem"),
            reason=last.get("reason"),
        )

    @property
    def deaths(self) -> Iterator[Death]:
        """Each moment at which it could have been killed: before and after every effect."""
        return ((number, when) for number in range(len(self.effects)) for when in ("before", "after"))

    def posts_begun(self, death: Death | None) -> int:
        """How many posts it began, if it was to die like this."""
        died_before = self.killed and death is not None and death[1] == "before" and self.effects[-1] == "post"
        return self.effects.count("post") - died_before


class Workshop:
    """Runs the handler in a process, see `workshop.py`: `with Workshop(environment) as workshop: workshop.invoke({})`.

    The process has this environment, and PATH and OMP_NUM_THREADS.
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        """`environment` may be changed between two events."""
        self.environment = dict(environment or {})

    def __enter__(self) -> Self:
        self._output = tempfile.TemporaryFile()
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.end_to_end.workshop", str(writing)],
            cwd=ROOT,
            env=self._whole_environment({}),
            stdin=subprocess.PIPE,
            stdout=self._output,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[writing],
        )
        os.close(writing)
        self._results = os.fdopen(reading)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._results.close()
        self._output.close()

    def invoke(self, event: object, **changed: str | None) -> Life:
        """Hand an event over, with these changes to the environment for it alone (None: not there)."""
        return self._order(event, changed, seconds=TIMEOUT, watched=False, fork=False)[0]

    def run(
        self,
        environment: Mapping[str, str],
        event: Mapping[str, Any],
        *,
        ahead: float = 0.0,
        die: Death | None = None,
        timeouts: Sequence[float] | None = None,
        count: int = 1,
        fork: bool = True,
    ) -> list[Life]:
        """Run watched invocations, all at once; returns when the last has ended."""
        how = {"ahead": ahead, "die": die, "timeouts": timeouts, "count": count, "fork": fork}
        return self._order(event, environment, seconds=PATIENCE, watched=True, **how)

    @property
    def output(self) -> str:
        """All that was written so far to standard output and standard error."""
        descriptor = self._output.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size, 0).decode()

    @property
    def log(self) -> list[dict[str, Any]]:
        """The output so far, which has to be one JSON object a line."""
        return [json.loads(line) for line in self.output.splitlines()]

    def _order(self, event: object, changed: Mapping[str, str | None], **how: Any) -> list[Life]:
        order = {"event": event, "environment": self._whole_environment(changed), **how}
        assert self._process.stdin
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._results.readline()
        assert line, f"the workshop has ended:\n{self.output}"
        return [Life.read(reported) for reported in json.loads(line)]

    def _whole_environment(self, changed: Mapping[str, str | None]) -> dict[str, str]:
        whole = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **self.environment, **changed}
        return {name: value for name, value in whole.items() if value is not None}


@dataclass(frozen=True)
class Moment:
    """A world at one moment."""

    objects: Mapping[str, bytes]
    posts: tuple[str, ...]  # ids
    ahead: float


@dataclass
class World:
    """A story, the account that it is posted to, and a clock that a test sets forward for both."""

    workshop: Workshop
    x: LocalX
    place: Place
    environment: dict[str, str]
    ahead: float = 0.0
    lives: list[Life] = field(default_factory=list)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.ahead += seconds
        self.x.clock_ahead = self.ahead

    def invoke(self, event: Mapping[str, Any] | None = None, *, x_url: str | None = None, **how: Any) -> Life:
        """Run one invocation, ten minutes after the one before; `how`: see `Workshop.run`."""
        self.advance(10 * MINUTES)
        return self.at_once(1, event, x_url=x_url, **how)[0]

    def at_once(
        self, count: int, event: Mapping[str, Any] | None = None, *, x_url: str | None = None, **how: Any
    ) -> list[Life]:
        """Run so many invocations now, all at once."""
        environment = {**self.environment, "X_API_URL": x_url or self.x.url}
        lives = self.workshop.run(environment, event or {}, ahead=self.ahead, count=count, **how)
        self.lives += lives
        return lives

    def go_on(self, sequence: int, **how: Any) -> None:
        """Run quiet invocations until so many tweets are told; none of them may fail."""
        for _ in range(2 * sequence + 4):
            if self.sequence >= sequence:
                return
            life = self.invoke(**how)
            assert life.problem is None, f"a quiet invocation failed: {life.reason}"
            if life.status == "waiting":
                self.advance(33 * DAYS)
        raise AssertionError(f"the story stopped at tweet {self.sequence} of {sequence}: {self.lives[-1]}")

    def save(self) -> Moment:
        """All of this world, to go back to."""
        return Moment(self.place.content(), tuple(post.id for post in self.x.timeline), self.ahead)

    def go_back(self, moment: Moment) -> None:
        """Undo what has happened since a moment."""
        self.place.restore(moment.objects)
        for post in self.x.timeline:
            if post.id not in moment.posts:
                self.x.delete(post.id)
        self.ahead = moment.ahead
        self.advance(0)
        self.lives.clear()

    @property
    def story(self) -> Story | None:
        """The story as recorded."""
        found = Stories(self.place.store).read("main")
        return found[0] if found else None

    @property
    def sequence(self) -> int:
        """How many tweets the record knows."""
        return self.story.sequence if self.story else 0

    @property
    def told(self) -> list[str]:
        """The texts of the archive, in order."""
        found: list[str] = []
        while page := Stories(self.place.store).page("main", len(found) + 1):
            found.append(page.tweet.text)
        return found

    @property
    def timeline(self) -> list[str]:
        """The texts on the account, in order."""
        return [post.text for post in self.x.timeline]

    @property
    def standing(self) -> dict[str, Any]:
        """Where the story stands, without what differs from run to run: ids and times."""
        assert self.story, "nothing is recorded"
        record = json.loads(to_json(self.story))
        record["recent"] = [(tweet["text"], tweet["paragraph"]) for tweet in record["recent"]]
        return {name: value for name, value in record.items() if name != "slot"}


def environment_of(place: Place, bundle: Path, **more: str) -> dict[str, str]:
    """The settings of a story with a short prompt, which an untrained model can go on from."""
    settings = {"STORY_URI": place.store.uri, "MODEL_URI": str(bundle), "STORY_PROMPT": "It was"}
    return {**settings, "STORY_SEED": str(SEED), **KEYS, **more}


@contextmanager
def nobody_there() -> Iterator[str]:
    """An address that refuses connections."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and does not listen
        yield f"http://127.0.0.1:{taken.getsockname()[1]}"
