"""Processes that die, and what goes on elsewhere meanwhile, for tests of publishing."""

from collections.abc import Callable
from typing import Any

import pytest

from lambda_fn.posting.account import Unknown
from tests.lambda_fn.office import Around, Office

PAGE_2 = "main/tweets/000002.json"
STALE = 181.0  # seconds: more than RECONCILE_AFTER


class Died(BaseException):
    """The process is no more: nothing catches this."""


def dying_at(effect: str, *, done: bool) -> Around:
    """The process dies when it comes to an effect: before it takes place, or just after."""

    def around(name: str, do: Callable[[], Any]) -> Any:
        if not name.startswith(effect):
            return do()
        if done:
            do()
        raise Died

    return around


def meanwhile(effect: str, what: Callable[[], object]) -> Around:
    """Something happens elsewhere when the process comes to an effect, once."""
    waiting = [what]

    def around(name: str, do: Callable[[], Any]) -> Any:
        if name.startswith(effect) and waiting:
            waiting.pop()()
        return do()

    return around


def die(office: Office, effect: str, *, done: bool, **event: object) -> None:
    with pytest.raises(Died):
        office.publish(event, dying_at(effect, done=done))


def leave_unknown(office: Office, plan: str = "lost", **event: object) -> None:
    """Leave a draft of which nobody knows whether it was posted, old enough to be looked up."""
    office.account.plans = [Unknown("no answer came") if plan == "nothing posted" else plan]
    assert office.publish(event).status == "unknown"
    office.clock.advance(STALE)
