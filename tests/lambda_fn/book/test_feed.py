"""The feed, held against what RFC 4287 asks of one, section by section."""

import re
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest
from hypothesis import given

from lambda_fn.book.feed import feed
from lambda_fn.book.wording import Title, characters
from lambda_fn.story.record import Tweet
from tests.lambda_fn.book.telling import a_tweet
from tests.lambda_fn.book.test_html import HOSTILE, Read
from tests.lambda_fn.strategies import texts, tweets

ATOM = "{http://www.w3.org/2005/Atom}"
TITLE = Title("It is a truth", "Jane Austen")
# Of these an entry or a feed has exactly one (4.1.1, 4.1.2), and of the others here at most so many as they like.
ONE = {"id", "title", "updated"}
MAY = {"feed": ONE | {"author", "link", "entry"}, "entry": ONE | {"published", "link", "content"}}


def read(data: bytes) -> ElementTree.Element:
    """A feed, checked: raises `AssertionError` for what RFC 4287 forbids of all that is used here."""
    assert data.startswith(b'<?xml version="1.0" encoding="utf-8"?>\n')
    root = ElementTree.fromstring(data.decode("utf-8").partition("\n")[2])
    assert root.tag == f"{ATOM}feed"
    entries = root.findall(f"{ATOM}entry")
    for element in (root, *entries):
        names = [child.tag.removeprefix(ATOM) for child in element]
        assert {*names} <= MAY[element.tag.removeprefix(ATOM)]
        assert [names.count(name) for name in sorted(ONE)] == [1, 1, 1]
        # 3.3: a date is RFC 3339's, with an upper-case T and Z.
        for date in (element.findtext(f"{ATOM}{name}") for name in ("updated", "published")):
            if date is not None:
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date)
                assert datetime.fromisoformat(date)
        # 4.2.7: of alternates with the same type there is one at most; every link has an address.
        kinds = [(link.get("rel"), link.get("type")) for link in element.findall(f"{ATOM}link")]
        assert len(kinds) == len({*kinds})
        assert all(re.fullmatch(r"[!-~]+", link.get("href") or "") for link in element.findall(f"{ATOM}link"))
    # 4.1.1: entries without an author need the feed's; 3.2.1: who has a name.
    assert root.findtext(f"{ATOM}author/{ATOM}name")
    # 4.2.6: an id is an absolute IRI, and no two entries have the same.
    ids = [element.findtext(f"{ATOM}id") or "" for element in (root, *entries)]
    assert [uuid.UUID(each).urn for each in ids] == ids
    assert len({*ids}) == len(ids)
    return root


def entries_of(data: bytes) -> list[ElementTree.Element]:
    return read(data).findall(f"{ATOM}entry")


@given(tweets(1), tweets(2), texts)
def test_a_feed_is_valid_whatever_it_holds(first: Tweet, second: Tweet, words: str) -> None:
    root = read(feed(Title(words, words), first, [first, second]))
    assert root.findtext(f"{ATOM}title") == characters(words).replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_stays_text_for_who_reads_it_as_xml_and_then_as_html(hostile: str) -> None:
    tweet = replace(a_tweet(1), text=hostile, tweet_id=hostile)
    (entry,) = entries_of(feed(Title(hostile, hostile), tweet, [tweet]))
    content = entry.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    page = Read(content.text or "")
    assert [tag for tag, _ in page.tags] == ["p"]
    assert page.texts["p"] == characters(hostile)


def test_the_newest_comes_first_and_leads_to_its_place_and_its_post() -> None:
    told = [a_tweet(number) for number in range(99, 103)]
    found = entries_of(feed(TITLE, a_tweet(1), told))
    places = [entry.find(f"{ATOM}link[@rel='alternate']").get("href") for entry in found]  # type: ignore[union-attr]
    assert places == ["000002.html#t102", "000002.html#t101", "000001.html#t100", "000001.html#t99"]
    posts = [link.get("href") for entry in found for link in entry.findall(f"{ATOM}link[@rel='related']")]
    assert posts == [f"https://x.com/i/status/{tweet.tweet_id}" for tweet in reversed(told)]
    assert [entry.findtext(f"{ATOM}published") for entry in found][-1] == "2026-11-26T18:00:00Z"


def test_an_unposted_tweet_leads_to_its_place_alone() -> None:
    (entry,) = entries_of(feed(TITLE, a_tweet(1), [a_tweet(7)]))
    assert [link.get("rel") for link in entry.findall(f"{ATOM}link")] == ["alternate"]


def test_ids_stay_when_the_story_goes_on_and_are_another_storys_for_another_beginning() -> None:
    def ids(first: Tweet, *numbers: int) -> list[str | None]:
        root = read(feed(TITLE, first, [a_tweet(number) for number in numbers]))
        return [element.text for element in root.iter(f"{ATOM}id")]

    one = a_tweet(1)
    story, second = ids(one, 2)
    assert ids(one, 2, 3)[::2] == [story, second]
    for other in (replace(one, text="Another."), replace(one, time=one.time + timedelta(microseconds=1))):
        assert not {story, second} & {*ids(other, 2)}
