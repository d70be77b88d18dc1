"""Until when X wants to be left alone, from whatever headers and words there are."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.posting.account import Duplicate, Outcome, Refused, Stop, Wait
from lambda_fn.posting.x.answers import read_post
from lambda_fn.posting.x.exchange import Response

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
WINDOW, APP, USER = "x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour"


def stamp(wait: timedelta) -> str:
    return str(int((NOW + wait).timestamp()))


def limit(name: str, wait: timedelta, remaining: str | None = "0") -> dict[str, str]:
    return {f"{name}-reset": stamp(wait)} | ({} if remaining is None else {f"{name}-remaining": remaining})


def read(status: int, headers: dict[str, str], detail: str = "", **more: Any) -> Outcome:
    body = json.dumps({"title": "x", "detail": detail, "type": "about:blank", **more}).encode()
    return read_post(Response(status, headers, body), NOW, lambda text: text, replying=False)


def wait(status: int, headers: dict[str, str], detail: str = "", **more: Any) -> timedelta:
    outcome = read(status, headers, detail, **more)
    assert isinstance(outcome, Wait)
    return outcome.until - NOW


@pytest.mark.parametrize("name", [WINDOW, APP, USER])
@pytest.mark.parametrize("remaining", ["0", "-1", " 0 ", "none", "", None])
def test_each_limit_of_which_nothing_remains_waits_for_its_reset(name: str, remaining: str | None) -> None:
    assert wait(429, limit(name, 5 * HOUR, remaining)) == 5 * HOUR


@pytest.mark.parametrize("days", [(APP,), (USER,), (APP, USER)])
def test_a_day_that_is_used_up_goes_before_a_window_that_ends_earlier(days: tuple[str, ...]) -> None:
    headers = limit(WINDOW, QUARTER, "99")
    for number, name in enumerate(days, 5):
        headers |= limit(name, number * HOUR)
    assert wait(429, headers) == (4 + len(days)) * HOUR


def test_the_latest_of_those_used_up_counts() -> None:
    assert wait(429, limit(WINDOW, QUARTER) | limit(APP, 5 * HOUR) | limit(USER, 3 * HOUR)) == 5 * HOUR


def test_a_day_of_which_something_remains_does_not_count() -> None:
    assert wait(429, limit(WINDOW, QUARTER) | limit(APP, 5 * HOUR, "7") | limit(USER, 3 * HOUR, "1")) == QUARTER


def test_where_something_remains_of_everything_the_window_counts() -> None:
    assert wait(429, limit(WINDOW, HOUR / 2, "3") | limit(APP, 5 * HOUR, "7")) == HOUR / 2


@pytest.mark.parametrize("name", [WINDOW, APP, USER])
@pytest.mark.parametrize(
    ("reset", "expected"),
    [
        (stamp(HOUR) + "000", HOUR),
        (stamp(HOUR) + ".500", HOUR + timedelta(milliseconds=500)),
        (stamp(40 * DAY), DAY),
        ("9" * 15, DAY),
        ("9" * 16, QUARTER),
        ("9" * 5000, QUARTER),
        (stamp(-HOUR), QUARTER),
        ("-" + stamp(HOUR), QUARTER),
        ("1e10", QUARTER),
        ("nan", QUARTER),
        ("inf", QUARTER),
        ("soon", QUARTER),
        (f"{stamp(HOUR)}, {stamp(2 * HOUR)}", QUARTER),
        ("٣٦٠٠", QUARTER),
        ("", QUARTER),
    ],
    ids=lambda value: str(value)[:20],
)
def test_an_odd_reset_is_bounded_or_none(name: str, reset: str, expected: timedelta) -> None:
    assert wait(429, {f"{name}-reset": reset, f"{name}-remaining": "0"}) == expected


def test_an_odd_reset_does_not_hide_another() -> None:
    assert wait(429, {f"{APP}-reset": "soon", f"{APP}-remaining": "0"} | limit(WINDOW, HOUR)) == HOUR


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        (format_datetime(NOW + HOUR, usegmt=True), HOUR),
        ("Sat, 01 Aug 2026 15:00:00 +0200", HOUR),
        (format_datetime(NOW - HOUR, usegmt=True), QUARTER),
        ("Sat, 01 Aug 9999 15:00:00 GMT", DAY),
        ("0", QUARTER),
        ("-5", QUARTER),
        ("999999999", DAY),
        ("Sat, 99 Aug 2026", QUARTER),
        ("whenever", QUARTER),
        ("", QUARTER),
    ],
)
def test_a_retry_after_is_seconds_or_a_date(value: str, expected: timedelta) -> None:
    assert wait(429, {"retry-after": value}) == expected


def test_a_retry_after_and_a_reset_are_both_waited_for() -> None:
    assert wait(429, {"retry-after": "60"} | limit(WINDOW, HOUR)) == HOUR
    assert wait(429, {"retry-after": "7200"} | limit(WINDOW, HOUR)) == 2 * HOUR


def test_420_is_a_limit_too() -> None:
    assert wait(420, limit(WINDOW, HOUR)) == HOUR


# A limit that is answered with 403

DAILY = [
    {"detail": "You have reached your daily limit for sending Tweets and messages."},
    {"errors": [{"code": 185, "message": "User is over daily status update limit."}]},
    {"title": "UsageCapExceeded", "detail": "Usage cap exceeded: Daily product cap"},
    {"type": "https://api.x.com/2/problems/usage-capped", "detail": "No."},
    {"type": "https://api.twitter.com/2/problems/rate-limit-exceeded", "detail": "No."},
]


@pytest.mark.parametrize("said", DAILY, ids=range(len(DAILY)))
def test_a_403_for_a_daily_limit_waits_for_its_reset_or_an_hour(said: dict[str, Any]) -> None:
    assert wait(403, limit(USER, 5 * HOUR), **said) == 5 * HOUR
    assert wait(403, {}, **said) == HOUR


@pytest.mark.parametrize("status", [400, 403, 409])
@pytest.mark.parametrize(
    "said",
    [
        {"detail": "Rate limit exceeded"},
        {"errors": [{"code": 88, "message": "Reworded."}]},
        {"errors": [{"code": 344, "message": "Reworded."}]},
        {"detail": "Your account is temporarily restricted. You have exceeded the number of posts for the day."},
        {"detail": "You have exceeded the number of allowed posts per day."},
        {"detail": "You have reached your posting limit for today."},
        {"detail": "You have exceeded your monthly quota."},
        {"detail": "Too many posts. Slow down."},
    ],
)
def test_a_limit_is_waited_for_whatever_status_tells_of_it(status: int, said: dict[str, Any]) -> None:
    assert wait(status, {}, **said) == HOUR
    assert wait(status, limit(USER, 5 * HOUR), **said) == 5 * HOUR


@pytest.mark.parametrize("detail", ["You are not permitted to perform this action.", "No more for today.", ""])
@pytest.mark.parametrize("name", [APP, USER])
def test_a_403_without_a_reason_waits_where_nothing_remains_of_the_day(detail: str, name: str) -> None:
    assert wait(403, limit(name, 5 * HOUR) | limit(WINDOW, QUARTER, "99"), detail) == 5 * HOUR
    assert wait(403, {f"{name}-remaining": "0"}, detail) == HOUR


def test_a_403_without_a_reason_is_no_limit_where_something_remains() -> None:
    headers = limit(APP, 5 * HOUR, "7") | limit(USER, 5 * HOUR, None) | limit(WINDOW, QUARTER)
    assert isinstance(read(403, headers, "You are not permitted to perform this action."), Refused)


def test_what_x_says_goes_before_what_remains_of_the_day() -> None:
    headers = limit(APP, 5 * HOUR)
    assert isinstance(read(403, headers, "You are not allowed to create a Tweet with duplicate content."), Duplicate)
    assert isinstance(read(403, headers, "Your account is suspended."), Stop)
    assert isinstance(read(403, headers, "daily limit", type="https://x/oauth1-permissions"), Stop)
    assert isinstance(read(401, headers), Stop)
    assert isinstance(read(402, headers), Stop)


NAMES = ["retry-after", *(f"{name}-{part}" for name in (WINDOW, APP, USER) for part in ("reset", "remaining"))]
VALUES = st.integers().map(str) | st.floats().map(str) | st.text(max_size=12) | st.dates().map(str)
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES)


@given(headers=HEADERS, status=st.sampled_from([420, 429]))
def test_whatever_the_headers_say_the_wait_is_of_a_day_at_most(headers: dict[str, str], status: int) -> None:
    assert timedelta(0) < wait(status, headers) <= DAY
