"""A process that hands the handler one event after another, as a container of Lambda does, and can watch it at work.

It reads orders from standard input and answers to the descriptor that is its argument, both one JSON value a line;
`Workshop` in `invocations.py` starts it and talks to it. Standard output is the handler's own.

An order: `environment`, all that is to be in it, and `event`; `seconds` until the invocation may be stopped. A
`watched` invocation tells of each effect, and may be killed at any. Of those: `ahead`, seconds that the clock is ahead;
`die`, null or the number of an effect and "before" or "after"; `timeouts` for X, or null; `count`, how many begin at
once. With `fork` each is a process of its own, forked off when all that takes long is done, from this process, which
has no threads; without, this process runs it, and remembers what was told.
"""

import contextlib
import gc
import hashlib
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from lambda_fn import app
from lambda_fn.errors import StoryError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.parts import open_store
from lambda_fn.posting.account import Outcome
from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import load_credentials
from lambda_fn.posting.x.exchange import TIMEOUTS, Timeouts
from lambda_fn.storage.bundles import local_bundle
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.s3_client import ATTEMPTS, Address
from lambda_fn.storage.store import Store
from lambda_fn.story.record import Story
from lambda_fn.writing.best_of import More, always
from lambda_fn.writing.storyteller import Storyteller, Voice
from lambda_fn.writing.tweet import Telling

READ_TIMEOUT = 120  # seconds that a client of S3 waits, where 200 invocations share a machine

Report = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Context:
    """What is used of Lambda's context."""

    end: float

    def get_remaining_time_in_millis(self) -> int:
        return int((self.end - time.monotonic()) * 1000)


class RememberingStoryteller(Storyteller):
    """A storyteller that remembers what follows on what: the same story goes on in the same way."""

    def __init__(self, model_uri: str) -> None:
        super().__init__(load_bundle(local_bundle(model_uri)))
        self._told: dict[str, Telling] = {}

    def next_telling(self, story: Story, voice: Voice, more: More = always) -> tuple[Telling, Story]:
        """See `Storyteller`."""
        before = self.under_this_bundle(story, voice)
        rejected = (before.draft.text, before.draft.attempt) if before.draft else None
        state = hashlib.sha256(b"".join(array.tobytes() for array in before.state.values())).hexdigest()
        recent = [tweet.text for tweet in before.recent]
        key = repr(
            (before.seed, before.sequence, before.token, state, recent, before.seen, before.openings, rejected, voice)
        )
        if key not in self._told:
            self._told[key] = super().next_telling(story, voice, more)[0]
        return self._told[key], before


storyteller_of = cache(RememberingStoryteller)


@cache
def store_of(uri: str) -> Store:
    """The store behind `STORY_URI`."""
    if not uri.startswith("s3://"):
        return open_store(uri)
    import boto3
    import requests_oauthlib  # noqa: F401 - so that no invocation has to
    from botocore.config import Config

    address = Address.parse(uri, "STORY_URI")
    retries = {"mode": "standard", "total_max_attempts": ATTEMPTS}
    client = boto3.session.Session().client("s3", config=Config(read_timeout=READ_TIMEOUT, retries=retries))
    return S3Store(client, address.bucket, address.prefix, tried=False)


@dataclass
class Effects:
    """The effects of one invocation, by name, in order; at one of them the process may be killed."""

    die: tuple[int, str] | None
    report: Report
    names: list[str] = field(default_factory=list)

    def around(self, name: str, do: Callable[[], Any]) -> Any:
        """Do it, unless the process is killed first."""
        number = len(self.names)
        self.names.append(name)
        self.report({"effect": name})
        if self.die == (number, "before"):
            os.kill(os.getpid(), signal.SIGKILL)
        try:
            return do()
        finally:
            if self.die == (number, "after"):
                os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True)
class WatchedStore:
    """A store whose writes are effects, and the trial of S3's conditions before the first of them."""

    store: Store
    effects: Effects

    @property
    def uri(self) -> str:
        return self.store.uri

    def read(self, key: str) -> tuple[bytes, str] | None:
        return self.store.read(key)

    def create(self, key: str, data: bytes) -> str:
        self._try_conditions()
        return self.effects.around(f"create {key}", lambda: self.store.create(key, data))

    def replace(self, key: str, data: bytes, etag: str) -> str:
        self._try_conditions()
        return self.effects.around(f"replace {key}", lambda: self.store.replace(key, data, etag))

    def put(self, key: str, data: bytes) -> None:
        self.effects.around(f"put {key}", lambda: self.store.put(key, data))

    def _try_conditions(self) -> None:
        if isinstance(self.store, S3Store) and not self.store.tried:
            self.effects.around("try conditions", self.store.try_conditions)


class WatchedTwitter:
    """A publisher whose calls are effects."""

    def __init__(self, twitter: Twitter, effects: Effects) -> None:
        self.post_limit, self.find_limit = twitter.post_limit, twitter.find_limit
        self._twitter, self._effects = twitter, effects

    def post(self, text: str, reply_to: str | None = None) -> Outcome:
        return self._effects.around("post", lambda: self._twitter.post(text, reply_to))

    def find(self, text: str, since: datetime) -> str | None:
        return self._effects.around("find", lambda: self._twitter.find(text, since))


def watch(order: dict[str, Any], report: Report) -> None:
    """Give the handler a clock and parts whose effects are reported, at one of which the process may be killed."""
    effects = Effects(tuple(order["die"]) if order["die"] else None, report)
    ahead = timedelta(seconds=order["ahead"])
    timeouts = Timeouts(*order["timeouts"]) if order["timeouts"] else TIMEOUTS
    app._now = lambda: datetime.now(UTC) + ahead
    app._print = lambda line: report({"log": json.loads(line)})
    app._store = lambda uri: WatchedStore(store_of(uri), effects)
    app._storyteller = storyteller_of
    app.open_account = lambda settings, environment, clock, _: WatchedTwitter(
        Twitter(load_credentials(environment), settings.x_api_url, clock, timeouts), effects
    )


def invoke(order: dict[str, Any], report: Report) -> None:
    """One invocation of the handler."""
    os.environ.clear()
    os.environ.update(order["environment"])
    if order["watched"]:
        watch(order, report)
    try:
        answer = app.handler(order["event"], Context(time.monotonic() + order["seconds"]))
    except StoryError as problem:
        report({"problem": type(problem).__name__, "reason": str(problem)})
    else:
        report({"answer": answer})


def begin(order: dict[str, Any], gate: tuple[int, int]) -> tuple[int, int]:
    """Fork an invocation off, which begins when all have let go of the gate; returns its process and its reports."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        return process, reading
    status = 1
    try:
        gc.disable()
        os.close(gate[1])
        os.read(gate[0], 1)
        invoke(order, lambda line: _write_line(writing, line))
        status = 0
    except BaseException:
        _write_line(writing, {"broken": traceback.format_exc()})
    finally:
        os._exit(status)


def _write_line(descriptor: int, line: dict[str, Any]) -> None:
    data = json.dumps(line).encode() + b"\n"
    while data:
        data = data[os.write(descriptor, data) :]


def run(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Do as ordered; returns for each process what it reported, and whether it was killed."""
    if not order["fork"]:
        lines: list[dict[str, Any]] = []
        try:
            invoke(order, lines.append)
        except Exception:
            lines.append({"broken": traceback.format_exc()})
        return [{"lines": lines, "killed": False}]
    store_of(order["environment"]["STORY_URI"])
    storyteller_of(order["environment"]["MODEL_URI"])
    gc.collect()
    gc.freeze()  # a collection in a new process would make it copy all that there is
    gate = os.pipe()
    started = [begin(order, gate) for _ in range(order["count"])]
    for descriptor in gate:
        os.close(descriptor)
    ended = []
    for process, reading in started:
        with open(reading, "rb") as reports:  # noqa: PTH123 - a descriptor
            lines = [json.loads(line) for line in reports]
        _, status = os.waitpid(process, 0)
        ended.append({"lines": lines, "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL})
    return ended


def main(descriptor: int) -> None:
    """Answer orders until standard input ends."""
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt), os.fdopen(descriptor, "w") as results:
        for order in sys.stdin:
            print(json.dumps(run(json.loads(order))), file=results, flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
