"""When X takes requests again: limits on requests in a quarter of an hour and in a day, and the spending cap.

Every moment is bounded, whatever X, or a proxy in between, writes: a header that makes no sense is ignored.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from lambda_fn.posting.x.exchange import Response
from lambda_fn.posting.x.problems import Problem

DEFAULT_WAIT = timedelta(minutes=15)  # X's window for rate limits
DEFAULT_DAILY_WAIT = timedelta(hours=1)  # X counts a day in smaller steps
LONGEST_WAIT = timedelta(hours=24)
DEFAULT_CAP_WAIT = timedelta(hours=24)
LONGEST_CAP_WAIT = timedelta(days=32)  # X's spending caps are monthly

_TOO_MANY = (420, 429)
_NO_LIMIT = (401, 402, 404, 405, 407)  # their meaning does not depend on words
_WINDOW = "x-rate-limit"
_DAYS = ("x-app-limit-24hour", "x-user-limit-24hour")
_SECONDS = re.compile(r"[0-9]{1,15}(\.[0-9]{1,9})?")
_NO_SECONDS_BUT_MILLISECONDS = 1e11  # seconds since 1970: the year 5138


def limit_end(answer: Response, problem: Problem, now: datetime) -> datetime | None:
    """When a limit on requests ends, if that is why X refused; else None.

    `problem` is the same answer, read. Later than `now`, and at most a day.
    """
    named = answer.status not in (*_TOO_MANY, *_NO_LIMIT) and problem.is_limit
    if answer.status not in _TOO_MANY and not named:
        return None
    ends = [*_used_up(answer.headers, (_WINDOW, *_DAYS)), *_retry_after(answer.headers, now)]
    return _latest(ends, now) or _latest(_moments(answer.headers, _WINDOW), now) or now + _default(daily=named)


def used_up_day_end(answer: Response, now: datetime) -> datetime | None:
    """When a daily limit ends that is used up, according to the headers; None if they name none."""
    remaining = [answer.headers.get(f"{name}-remaining", "") for name in _DAYS]
    if not any(_is_zero(value) for value in remaining):
        return None
    names = tuple(name for name, value in zip(_DAYS, remaining, strict=True) if _is_zero(value))
    return _latest(_used_up(answer.headers, names), now) or now + DEFAULT_DAILY_WAIT


def spend_cap_end(problem: Problem, now: datetime) -> datetime:
    """When a spending cap ends: its `reset_date`, an ISO 8601 date or time, in UTC unless it says otherwise."""
    if not isinstance(problem.reset_date, str):
        return now + DEFAULT_CAP_WAIT
    try:
        date = datetime.fromisoformat(problem.reset_date.strip())
    except ValueError:
        return now + DEFAULT_CAP_WAIT
    date = date if date.tzinfo else date.replace(tzinfo=UTC)
    return now + min(date - now, LONGEST_CAP_WAIT) if date > now else now + DEFAULT_CAP_WAIT


def _used_up(headers: Mapping[str, str], names: tuple[str, ...]) -> Iterator[float]:
    """The resets of the limits that are used up, or that do not say how much remains."""
    for name in names:
        remaining = headers.get(f"{name}-remaining", "")
        if _is_zero(remaining) or not _SECONDS.fullmatch(remaining.strip()):
            yield from _moments(headers, name)


def _is_zero(remaining: str) -> bool:
    return bool(re.fullmatch(r"0+|-[0-9]+", remaining.strip()))


def _moments(headers: Mapping[str, str], name: str) -> Iterator[float]:
    """The reset of a limit, in seconds since 1970, if there is one that is a number."""
    value = headers.get(f"{name}-reset", "").strip()
    if _SECONDS.fullmatch(value):
        yield float(value) / (1000 if float(value) > _NO_SECONDS_BUT_MILLISECONDS else 1)


def _retry_after(headers: Mapping[str, str], now: datetime) -> Iterator[float]:
    """A `retry-after`, which is a number of seconds from now or a date of HTTP, in seconds since 1970."""
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        yield now.timestamp() + float(value)
        return
    try:
        date = parsedate_to_datetime(value)
        yield (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):  # no date
        return


def _latest(moments: "Iterator[float] | list[float]", now: datetime) -> datetime | None:
    """The latest of some moments, in seconds since 1970, that are in the future; bounded."""
    waits = [wait for moment in moments if (wait := moment - now.timestamp()) > 0]
    return now + timedelta(seconds=min(max(waits), LONGEST_WAIT.total_seconds())) if waits else None


def _default(*, daily: bool) -> timedelta:
    return DEFAULT_DAILY_WAIT if daily else DEFAULT_WAIT
