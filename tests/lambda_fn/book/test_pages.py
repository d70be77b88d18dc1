"""Pages that follow a story tweet by tweet are those that are made of it at once, whatever dies or meets on the way."""

import json
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

import pytest

from lambda_fn.book import pages
from lambda_fn.book.chapters import chapter_of
from lambda_fn.book.written import Written, to_json
from lambda_fn.errors import PageError, RecordError, SettingError, StorageError
from lambda_fn.log import Log
from lambda_fn.storage.s3_client import CONNECT_TIMEOUT, READ_TIMEOUT
from lambda_fn.story.record import DraftOutcome
from tests.lambda_fn.book.telling import Telling, a_draft, a_tweet
from tests.lambda_fn.book.test_html import Read
from tests.lambda_fn.office import Around, MemoryStore

FULL = os.environ.get("TRIALS") == "full"
NORMAL = ["main/page/000001.html", "main/page/feed.xml", "main/page/state.json"]


class Died(BaseException):
    """The process is no more."""


def counting(effects: list[str]) -> Around:
    def around(effect: str, do: Any) -> Any:
        effects.append(effect)
        return do()

    return around


def dying(number: int, when: str) -> Around:
    """Dies before or after the effect of this number."""
    effects: list[str] = []

    def around(effect: str, do: Any) -> Any:
        effects.append(effect)
        if len(effects) - 1 == number and when == "before":
            raise Died
        done = do()
        if len(effects) - 1 == number:
            raise Died
        return done

    return around


def meanwhile(number: int, what: Any) -> Around:
    """Lets something else happen before the effect of this number."""
    effects: list[str] = []

    def around(effect: str, do: Any) -> Any:
        effects.append(effect)
        if len(effects) - 1 == number:
            what()
        return do()

    return around


@cache
def _written_up_to(told: int) -> Telling:
    telling = Telling().tell(told)
    telling.make()
    return telling


def written_up_to(told: int) -> Telling:
    """A story of so many tweets, with its pages."""
    kept = _written_up_to(told)
    return Telling(MemoryStore(dict(kept.store.objects)), kept.story)


def links_of(found: dict[str, str]) -> Iterator[str]:
    for name, page in found.items():
        if name.endswith(".html"):
            yield from (str(link).partition("#")[0] for link in Read(page).links() if str(link)[:1] in "0if")


def test_pages_that_grow_with_the_story_are_those_made_of_it_at_once() -> None:
    telling = Telling()
    for number in range(1, 206):
        assert telling.tell().catch_up() == number
        if number in (1, 2, 3, 20, 21, 99, 100, 101, 102, 103, 200, 201, 202, 205):
            assert telling.pages == telling.made_anew()
    assert [*telling.pages] == ["000001.html", "000002.html", "000003.html", "feed.xml", "index.html", "state.json"]


def test_the_pages_tell_all_that_was_told_in_order() -> None:
    telling = written_up_to(230)
    told = [text for number in (1, 2, 3) for text in Read(telling.pages[f"{number:06d}.html"]).told]
    archive = [page.tweet.text for page in telling.stories().pages("main", 1, 230)]
    assert told == archive


@pytest.mark.parametrize(
    ("told", "requests"),
    [
        (50, ["000001.html"]),
        (100, ["000002.html", "000001.html", "index.html"]),
        (101, ["000002.html", "000001.html", "index.html"]),
        (102, ["000002.html"]),
        (1000, ["000011.html", "000010.html", "index.html"]),
        (1050, ["000011.html"]),
    ],
)
def test_one_tweet_takes_three_reads_and_three_writes_or_five(told: int, requests: list[str]) -> None:
    """Two of the reads are those of the record."""
    telling, effects = written_up_to(told).tell(), list[str]()
    telling.catch_up(counting(effects))
    reads = [effect for effect in effects if effect.startswith("read ")]
    assert reads == ["read main/story.json", f"read main/tweets/{told + 3:06d}.json", "read main/page/state.json"]
    assert effects[3:] == [f"put main/page/{name}" for name in (*requests, "feed.xml", "state.json")]


def test_what_is_up_to_date_is_not_written_again() -> None:
    telling, effects = written_up_to(5), list[str]()
    assert telling.catch_up(counting(effects)) == 5
    assert [effect for effect in effects if effect.startswith("put")] == []


@pytest.mark.parametrize("told", [1, 50, 100, 101, 119])
@pytest.mark.parametrize("when", ["before", "after"])
def test_whatever_dies_the_next_tweet_mends_it_and_no_link_leads_nowhere(told: int, when: str) -> None:
    for number in range(8):
        telling = written_up_to(told).tell()
        try:
            telling.catch_up(dying(number, when))
        except Died:
            assert {*links_of(telling.pages)} <= {*telling.pages}
        else:
            assert number >= 6
        assert telling.tell().catch_up() == told + 2
        assert telling.pages == telling.made_anew()


@pytest.mark.parametrize("told", [50, 98, 99, 100, 101])
@pytest.mark.parametrize("second", ["a tweet", "all"])
def test_of_two_that_write_at_once_the_later_state_is_there_with_the_next_tweet(told: int, second: str) -> None:
    """The second begins and ends before each step of the first."""
    for number in range(9):
        telling = written_up_to(told).tell()

        def other(telling: Telling = telling) -> None:
            telling.tell()
            if second == "all":
                telling.make()
            else:
                telling.catch_up()

        telling.catch_up(meanwhile(number, other))
        if telling.story.sequence == told + 1:
            assert number >= 6
            continue
        telling.tell().catch_up()
        assert telling.pages == telling.made_anew()


def test_a_story_whose_pages_are_far_behind_catches_up_a_hundred_tweets_at_a_time() -> None:
    telling = Telling().tell(250)
    for expected in (100, 200, 253):
        telling.tell()
        effects: list[str] = []
        assert telling.catch_up(counting(effects)) == expected
        assert len(effects) <= 2 * pages.MOST + 10
    assert telling.pages == telling.made_anew()


def test_a_few_tweets_that_the_record_has_are_not_read_from_the_archive() -> None:
    telling, effects = written_up_to(95).tell(19), list[str]()
    assert telling.catch_up(counting(effects)) == 114
    assert [effect for effect in effects if "/tweets/" in effect] == ["read main/tweets/000116.json"]
    assert telling.pages == telling.made_anew()


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"format": 99}', b"\xff"])
def test_pages_of_which_nothing_is_known_are_made_anew(damage: bytes) -> None:
    telling = written_up_to(130)
    telling.store.objects["main/page/state.json"] = damage
    telling.tell().catch_up()
    telling.tell().catch_up()
    assert telling.pages == telling.made_anew()


def test_pages_of_another_story_that_the_record_knows_nothing_of_are_made_anew() -> None:
    telling = written_up_to(30).tell(40)
    others = tuple(replace(a_tweet(number), time=a_tweet(number).time + timedelta(days=1)) for number in range(1, 31))
    telling.store.objects["main/page/state.json"] = to_json(Written().and_then(others))
    assert telling.catch_up() == 70
    assert telling.pages == telling.made_anew()


def test_pages_of_another_story_under_the_same_name_are_made_anew() -> None:
    old, telling = written_up_to(30), Telling().tell(2)
    telling.store.objects["main/page/state.json"] = old.store.objects["main/page/state.json"]
    assert telling.catch_up() == 2
    assert Read(telling.pages["000001.html"]).told == [tweet.text for tweet in telling.story.recent]


def test_an_id_that_only_the_record_has_is_on_the_page() -> None:
    telling = Telling().tell(3)
    assert telling.story.recent[1].tweet_id
    page = json.loads(telling.store.objects["main/tweets/000002.json"])
    telling.store.objects["main/tweets/000002.json"] = json.dumps(page | {"tweet_id": None}).encode()
    telling.make()
    assert telling.story.recent[1].tweet_id in telling.pages["000001.html"]


def test_with_too_little_time_nothing_is_asked_and_nothing_written() -> None:
    telling, effects = written_up_to(5).tell(), list[str]()
    before = telling.pages
    with pytest.raises(PageError, match="too little time left to write the pages: they follow with the next tweet"):
        telling.catch_up(counting(effects), lambda: 11.9)
    assert (effects, telling.pages) == ([], before)


def test_a_request_that_is_not_answered_at_first_is_within_the_time_that_must_be_left() -> None:
    assert CONNECT_TIMEOUT + READ_TIMEOUT < pages.TIME_TO_ASK


def test_time_that_runs_out_on_the_way_stops_it_and_the_next_tweet_mends_it() -> None:
    telling = written_up_to(100).tell()
    left = iter([60.0, 60.0, 50.0, 40.0, 11.9])
    with pytest.raises(PageError):
        telling.catch_up(time_left=lambda: next(left))
    assert telling.pages != telling.made_anew()
    telling.tell().catch_up()
    assert telling.pages == telling.made_anew()


@pytest.mark.parametrize("name", ["000001.html", "feed.xml", "state.json"])
def test_what_goes_wrong_after_a_tweet_is_told_is_logged_by_name_and_not_raised(name: str) -> None:
    telling, lines = written_up_to(5).tell(), list[str]()
    telling.store.faults["put", name] = "error"
    pages.keep_up(telling.store, "main", lambda: 60.0, Log(lines.append))
    assert [json.loads(line) for line in lines] == [
        {"event": "not_paged", "error": "StorageError", "reason": f"main/page/{name} cannot be written"}
    ]
    pages.keep_up(telling.tell().store, "main", lambda: 60.0, Log(lines.append))
    assert json.loads(lines[-1]) | {"milliseconds": 0} == {"event": "paged", "sequence": 7, "milliseconds": 0}
    assert telling.pages == telling.made_anew()


def test_a_fault_of_this_program_is_logged_and_not_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    telling, lines = written_up_to(5).tell(), list[str]()
    monkeypatch.setattr(pages, "chapter_page", lambda *_: 1 / 0)
    pages.keep_up(telling.store, "main", lambda: 60.0, Log(lines.append))
    assert json.loads(lines[0])["error"] == "ZeroDivisionError"


def test_the_command_raises_what_goes_wrong() -> None:
    telling = Telling().tell(3)
    telling.store.faults["put", "feed.xml"] = "error"
    with pytest.raises(StorageError, match=r"feed\.xml cannot be written"):
        telling.make()
    del telling.store.objects["main/tweets/000002.json"]
    with pytest.raises(RecordError, match=r"^main/tweets/000002\.json is missing from memory$"):
        telling.make()


def test_of_a_story_without_a_tweet_there_are_no_pages() -> None:
    telling = Telling()
    with pytest.raises(SettingError, match="there is no story 'main' of which a tweet is told"):
        telling.make()
    telling.record()
    with pytest.raises(SettingError, match="there is no story 'main' of which a tweet is told"):
        telling.make()


def test_drafts_are_shown_on_the_last_page_and_only_when_asked_for() -> None:
    telling = Telling().tell(105)
    telling.record(draft=a_draft("It never rained.", DraftOutcome.REJECTED))
    telling.make()
    assert not any("It never rained." in page for page in telling.pages.values())
    telling.make(drafts=True)
    assert [name for name, page in telling.pages.items() if "It never rained." in page] == ["000002.html"]
    telling.tell().catch_up()
    assert not any("It never rained." in page for page in telling.pages.values())


@pytest.mark.parametrize("told", [10_000 if FULL else 1000])
def test_a_story_of_ten_thousand_tweets_is_paged_in_under_ten_seconds(told: int) -> None:
    telling = Telling().tell(told)
    start = time.process_time()
    assert telling.make() == told
    assert time.process_time() - start < 10
    assert len(telling.pages) == chapter_of(told) + 3
    assert max(len(page) for page in telling.pages.values()) < 200_000
