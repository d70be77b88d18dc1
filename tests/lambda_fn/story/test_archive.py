import json
from datetime import UTC, datetime

import pytest

from lambda_fn.errors import RecordError
from lambda_fn.language.sampling import Sampling
from lambda_fn.story.codec import page_from_json, page_to_json
from lambda_fn.story.record import Page, Tweet, page_key

PAGE = Page(
    Tweet(7, "“Oh…”\nShe went.", paragraph=True, tweet_id=None, time=datetime(2026, 1, 1, tzinfo=UTC)),
    bundle="0" * 64,
    style={"Jane Austen": 0.1, "Charles Dickens": 0.9},
    seed=2**63 - 1,
    sampling=Sampling(0.9, 40, 0.95),
)


def test_a_page_is_read_back_as_it_was() -> None:
    assert page_from_json(page_to_json(PAGE), page_key("main", 7), 7) == PAGE


def test_a_page_says_of_which_format_it_is() -> None:
    assert json.loads(page_to_json(PAGE))["format"] == 2


def test_a_page_without_a_number_is_read_as_the_first_format() -> None:
    older = json.loads(page_to_json(PAGE))
    del older["format"]
    assert page_from_json(json.dumps(older).encode(), page_key("main", 7), 7) == PAGE


def test_a_field_that_a_newer_program_added_to_a_page_is_passed_over() -> None:
    newer = {**json.loads(page_to_json(PAGE)), "mood": "wistful"}
    assert page_from_json(json.dumps(newer).encode(), page_key("main", 7), 7) == PAGE


@pytest.mark.parametrize("version", [0, 3, "2", True, 2.0, None])
def test_a_page_of_another_format_is_refused_with_what_to_do(version: object) -> None:
    page = json.dumps({**json.loads(page_to_json(PAGE)), "format": version}).encode()
    with pytest.raises(
        RecordError, match=r"000007\.json has format .*, but this program reads formats 1 to 2: use the"
    ):
        page_from_json(page, page_key("main", 7), 7)


def test_a_page_is_kept_under_its_number() -> None:
    assert page_key("main", 7) == "main/tweets/000007.json"


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (page_to_json(PAGE)[:-3], "main/tweets/000007.json is not JSON"),
        (page_to_json(PAGE).replace(b": 7", b": 8"), "'sequence' must be 7"),
        (page_to_json(PAGE).replace(b'"seed"', b'"sead"'), "field"),
        (page_to_json(PAGE).replace(b'"top_p": 0.95', b'"top_p": 2'), "top_p must be"),
        (page_to_json(PAGE).replace(b"0.1", b"0.5"), "'style' must be weights"),
    ],
)
def test_a_damaged_page_is_refused_by_name(data: bytes, complaint: str) -> None:
    with pytest.raises(RecordError, match=complaint):
        page_from_json(data, page_key("main", 7), 7)
