import base64
import json
from collections.abc import Iterator
from dataclasses import MISSING, fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lambda_fn.errors import RecordError
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State
from lambda_fn.story.codec import from_json, to_json
from lambda_fn.story.record import Draft, Story, Tweet
from tests.lambda_fn.strategies import stories

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATE = State(
    {
        "h": np.array([[[0.5, -1.25]], [[3.0, 1e-40]]], dtype=np.float32),
        "c": np.array([[[1.0, 2.0]], [[-0.0, 3e38]]], dtype=np.float32),
    }
)
TWEET = Tweet(1, "“It rained,” said she.", True, "1234567890123456789", NOON)
DRAFT = Draft(
    claim="5f3a",
    slot="2026-11-22T18:00:00Z",
    text="It rained on.",
    paragraph=False,
    token=9,
    state=STATE,
    style={"Jane Austen": 1.0},
    sampling=Sampling(0.7, 0, 0.9),
    attempt=0,
    posts=1,
    doubtful=True,
    first_claimed_at=NOON,
    claimed_at=NOON,
    outcome="unknown",
    not_before=NOON,
)
STORY = Story("main", "ab" * 32, 1, None, 7, STATE, {"Jane Austen": 1.0}, 5, (TWEET,), (2**64 - 1,), DRAFT)

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def document() -> dict[str, Any]:
    """The record of `STORY` as JSON values."""
    parsed = json.loads(to_json(STORY))
    assert isinstance(parsed, dict)
    return parsed


def places(value: Any) -> Iterator[tuple[Any, str | int]]:
    """Every place in a JSON value, as what holds it and the key or index there."""
    for key, inner in list(value.items() if isinstance(value, dict) else enumerate(value)):
        yield value, key
        if isinstance(inner, dict | list):
            yield from places(inner)


def read(value: object) -> Story:
    return from_json(json.dumps(value).encode())


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(stories())
def test_a_record_is_read_as_it_was_written(story: Story) -> None:
    assert from_json(to_json(story)) == story


def test_a_record_from_before_refusals_were_counted_has_none() -> None:
    assert "refusals" not in document()["draft"]
    assert (read(document()).draft or DRAFT).refusals == 0


@pytest.mark.parametrize("refusals", [-1, 1.5, "1", None, True])
def test_a_number_of_refusals_that_is_none_is_an_error(refusals: object) -> None:
    spoilt = document()
    spoilt["draft"]["refusals"] = refusals
    with pytest.raises(RecordError, match="'refusals' must be an integer from 0 up"):
        read(spoilt)


def test_the_state_is_little_endian_float32_in_base64() -> None:
    numbers = np.frombuffer(base64.b64decode(document()["h"]), dtype="<f4")
    assert numbers.tolist() == STATE["h"].ravel().tolist()


def test_fingerprints_are_written_so_that_no_reader_rounds_them() -> None:
    assert document()["seen"] == ["ffffffffffffffff"]


def test_text_is_written_so_that_people_can_read_it() -> None:
    assert "“It rained,” said she." in to_json(STORY).decode()


@pytest.mark.parametrize("version", [0, 2, 99, "1", True, 1.0, None])
def test_another_format_is_refused_with_what_to_do(version: object) -> None:
    expected = "this program reads format 1: use the version that wrote it; put back what it was before, or dream anew$"
    with pytest.raises(RecordError, match=expected):
        from_json(json.dumps({"format": version}).encode(), anew="dream anew")


def test_the_error_says_which_record_it_was() -> None:
    with pytest.raises(RecordError, match=r"^/stories/main/story\.json is not JSON"):
        from_json(b"{", "/stories/main/story.json")


def test_every_field_is_required_by_name() -> None:
    """But a setting of sampling that was added, which has a default."""
    added = {field.name for field in fields(Sampling) if field.default is not MISSING}
    for number, (_, key) in enumerate(places(document())):
        spoilt = document()
        holder, _ = list(places(spoilt))[number]
        if isinstance(holder, dict) and holder not in (spoilt["style"], spoilt["draft"]["style"]) and key not in added:
            del holder[key]
            with pytest.raises(RecordError, match=f"has no field '{key}'"):
                read(spoilt)


def test_a_field_that_a_newer_program_added_is_passed_over_wherever_it_is() -> None:
    for number, _ in enumerate(places(document())):
        newer = document()
        holder, _ = list(places(newer))[number]
        if isinstance(holder, dict) and holder not in (newer["style"], newer["draft"]["style"]):
            holder["mood"] = "wistful"
            assert read(newer) == STORY


WRONG: dict[str, list[object]] = {
    "story": [3, "", "Main", "a/b", "a" * 41, "main\n"],
    "bundle": [None, "", "AB" * 32, "ab" * 31],
    "sequence": [-1, 2, 0, 1.0, "1", True, None],
    "slot": [3, "", "x" * 201],
    "token": [-1, 1.0, "7", None, 10**9],
    "layers": [0, 3, None, "2", 1001],
    "h": [
        None,
        "",
        "!!!!",
        "AAAA",
        "é",
        "AAAAAAAAAAAAAAAAAAAAAA=\n=",
        base64.b64encode(np.float32([0, np.nan] * 2).tobytes()).decode(),
    ],
    "c": [
        "AAAAAAAAAAA=",
        base64.b64encode(np.float32([0, np.inf] * 2).tobytes()).decode(),
        base64.b64encode(bytes(32)).decode(),
    ],
    "style": [
        None,
        {},
        {"Jane Austen": 0.5},
        {"A": 2, "B": -1},
        {"A": "1"},
        {"A": float("nan")},
        {"A": True},
    ],
    "seed": [-1, 2**63, 0.5, "5", None],
    "recent": [None, [], {}, [None], [{}]],
    "seen": [None, [5], ["ffff"], ["FFFFFFFFFFFFFFFF"], ["0" * 16] * 1001],
    "openings": [None, [5], ["ffff"], ["FFFFFFFFFFFFFFFF"], ["0" * 16] * 31],
    "draft": [3, [], {}],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_refused(name: str, value: object) -> None:
    with pytest.raises(RecordError, match=f"'{name}'|layers|recent|draft|style"):
        read(document() | {name: value})


WRONG_IN_TWEET: dict[str, list[object]] = {
    "sequence": [0, 2, "1"],
    "text": ["", " \n", None, "x" * 281, "\ud800"],
    "paragraph": [0, None, "true"],
    "tweet_id": [5, ""],
    "time": [None, 0, "yesterday", "2026-11-22", "2026-11-22T12:00:00", "2026-11-22T12:00:00+01:00"],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_IN_TWEET.items() for value in values]
)
def test_a_wrong_value_in_a_tweet_is_refused(name: str, value: object) -> None:
    spoilt = document()
    spoilt["recent"][0][name] = value
    with pytest.raises(RecordError, match=f"recent.*'{name}'|'recent'"):
        read(spoilt)


WRONG_IN_DRAFT: dict[str, list[object]] = {
    "claim": [None, "", 5],
    "slot": [5],
    "text": ["", None],
    "paragraph": [None],
    "token": [-1],
    "h": ["AAAAAAAAAAA="],
    "attempt": [-1, None],
    "posts": [-1, 1.5],
    "first_claimed_at": [None, "now"],
    "claimed_at": [None, "now"],
    "outcome": ["posted", 3, ""],
    "not_before": ["soon", 3],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name, values in WRONG_IN_DRAFT.items() for value in values]
)
def test_a_wrong_value_in_the_draft_is_refused(name: str, value: object) -> None:
    spoilt = document()
    spoilt["draft"][name] = value
    with pytest.raises(RecordError, match="'draft' of the story's record"):
        read(spoilt)


@given(place=st.integers(0, 10**6), value=anything)
def test_any_altered_record_is_refused_or_is_another_valid_one(place: int, value: object) -> None:
    spoilt = document()
    every = list(places(spoilt))
    holder, key = every[place % len(every)]
    holder[key] = value
    try:
        story = read(spoilt)
    except RecordError:
        return
    assert from_json(to_json(story)) == story


@given(place=st.integers(0, 10**6), byte=st.integers(0, 255))
def test_any_altered_byte_is_refused_or_makes_another_valid_record(place: int, byte: int) -> None:
    data = bytearray(to_json(STORY))
    data[place % len(data)] = byte
    try:
        story = from_json(bytes(data))
    except RecordError:
        return
    assert from_json(to_json(story)) == story


@given(st.integers(0, 10**6))
def test_a_record_cut_short_is_refused(end: int) -> None:
    data = to_json(STORY).rstrip()
    with pytest.raises(RecordError, match="is not JSON"):
        from_json(data[: end % len(data)])


@given(anything)
def test_any_other_json_is_refused(value: object) -> None:
    with pytest.raises(RecordError):
        read(value)


@given(st.binary())
def test_any_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(RecordError):
        from_json(data)


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"format": ' + b"9" * 5000 + b"}"], ids=["deep", "long"])
def test_json_that_the_parser_gives_up_on_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="is not JSON"):
        from_json(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": State({**STATE, "c": STATE["c"] * np.float32(np.nan)})},
        {"seed": -1},
        {"style": {"Jane Austen": 0.5}},
        {"recent": (replace(TWEET, text="\ud800"),)},
        {"recent": (replace(TWEET, time=datetime(2026, 11, 22)),)},
        {"recent": (replace(TWEET, time=datetime(2026, 11, 22, tzinfo=timezone(timedelta(hours=1)))),)},
        {"seen": (-1,)},
        {"openings": (0,) * 31},
        {"story": "Not a name"},
    ],
    ids=["state", "seed", "style", "text", "no time zone", "another time zone", "fingerprint", "openings", "name"],
)
def test_a_record_that_could_not_be_read_again_is_not_written(changes: dict[str, object]) -> None:
    with pytest.raises(RecordError):
        to_json(replace(STORY, **changes))
