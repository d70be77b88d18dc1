"""When a slot has its tweet already."""

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.posting.slots import already_told, moment
from tests.lambda_fn.office import NOON, Office

SIX = "2026-11-22T06:00:00Z"
SPELT_OTHERWISE = [
    "2026-11-22T06:00:00+00:00",
    "2026-11-22T06:00:00-00:00",
    "2026-11-22T06:00:00.000Z",
    "2026-11-22T06:00:00,0Z",
    "2026-11-22T06:00:00.000000000Z",
    "2026-11-22t06:00:00z",
    "2026-11-22 06:00:00Z",
    "2026-11-22T06:00Z",
    "2026-11-22T06Z",
    "20261122T060000Z",
    "2026-11-22T07:00:00+01:00",
    "2026-11-22T11:30:00+0530",
    "2026-11-21T22:00:00-08",
    "2026-11-22T06:00:00",
    " 2026-11-22T06:00:00Z\n",
    "2026-11-22 06:00:00 UTC",
    "2026-11-22T06:00:00UTC",
    "2026-11-22 06:00:00 GMT",
    "2026-11-22 06:00:00 +0000 UTC",
    "2026-11-22T06:00:00Z[UTC]",
    "2026-11-22T06:00:00[Etc/UTC]",
    "2026-11-22T06:00:00+00:00[UTC]",
    "2026-11-22T07:00:00+01:00[Europe/Paris]",
    "2026-11-22T06:00:00\N{MINUS SIGN}00:00",
    "2026-326T06:00:00Z",
    "2026326T060000Z",
    "2026-W47-7T06:00:00Z",
    "2026-11-22T7:00:00+01:00",
    "2026-11-22 6:00",
    "Sun, 22 Nov 2026 06:00:00 GMT",
    "22 Nov 2026 07:00:00 +0100",
    "Sunday, 22-Nov-26 06:00:00 GMT",
    "1795327200",
    "1795327200000",
]


@pytest.mark.parametrize("other", SPELT_OTHERWISE)
def test_a_moment_is_told_once_however_it_is_spelt(other: str) -> None:
    assert (already_told(other, SIX, NOON), already_told(SIX, other, NOON)) == (True, True)


@pytest.mark.parametrize("other", SPELT_OTHERWISE)
def test_an_event_that_spells_its_slot_otherwise_posts_nothing(other: str) -> None:
    office = Office()
    first = office.publish({"slot": SIX})
    assert office.publish({"slot": other}).status == "already_told"
    assert office.account.texts == [first.text]


@pytest.mark.parametrize("end", ["2026-11-21T24:00:00Z", "2026-11-21T24:00", "20261121T24Z", "2026-11-22T01:00+01:00"])
def test_the_end_of_a_day_is_the_beginning_of_the_next(end: str) -> None:
    assert moment(end) == moment("2026-11-22T00:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        *("7", "2026", "slot 1795327200", "179532720", "17953272000", "2026-366T06:00Z", "2026-000T06:00Z"),
        *("2026-11-22T06:00:00[Europe/Paris]", "2026-11-22 06:00 CET", "Sun, 22 Nov 2026", "22 Nov 2026 06:00 XYZ"),
        *("2026-11-22T24:01Z", "2026-11-22T25:00Z", "UTC", "noon UTC", "Sun, 32 Nov 2026 06:00:00 GMT"),
    ],
)
def test_what_names_no_moment_for_certain_is_a_text(text: str) -> None:
    assert moment(text) is None


@given(st.integers(-14 * 60, 14 * 60), st.sampled_from(["seconds", "milliseconds", "microseconds"]))
def test_every_time_zone_spells_the_same_moment(minutes: int, timespec: str) -> None:
    there = NOON.astimezone(timezone(timedelta(minutes=minutes)))
    assert moment(there.isoformat(timespec=timespec)) == NOON


@pytest.mark.parametrize("other", ["2026-11-22T06:00:01Z", "2026-11-22T06:00:00.001Z", "2026-11-22T06:00:00-01:00"])
def test_a_later_moment_is_another_slot(other: str) -> None:
    assert not already_told(other, SIX, NOON)


def test_a_slot_far_in_the_future_is_told_once_too() -> None:
    assert already_told("2031-01-01T00:00:00+00:00", "2031-01-01T00:00:00Z", NOON)
    assert not already_told(SIX, "2031-01-01T00:00:00Z", NOON)


@pytest.mark.parametrize(("one", "other"), [("noon", "Noon"), ("slot 7", "slot 07"), ("noon", SIX), ("25:00", SIX)])
def test_slots_that_are_no_times_are_the_same_only_if_their_texts_are(one: str, other: str) -> None:
    assert already_told(one, one, NOON)
    assert not already_told(one, other, NOON)
    assert not already_told(other, one, NOON)


def test_telling_by_hand_is_never_told_already() -> None:
    assert not already_told(None, SIX, NOON)
    assert not already_told(SIX, None, NOON)


@pytest.mark.parametrize("far", ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"])
def test_a_moment_that_no_calendar_here_has_is_a_text(far: str) -> None:
    assert moment(far) is None
    assert not already_told(far, SIX, NOON)
    assert already_told(far, far, NOON)


@given(st.text(), st.text())
def test_any_two_slots_can_be_compared(one: str, other: str) -> None:
    assert already_told(one, other, datetime.max.replace(tzinfo=NOON.tzinfo) - timedelta(days=2)) in (True, False)
