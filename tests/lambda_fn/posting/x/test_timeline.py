import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import TimelineError
from lambda_fn.posting.x.exchange import Response
from lambda_fn.posting.x.timeline import TimelinePage, same_text

TWEETS = [{"id": "12", "text": "“Ham &amp; eggs”"}, {"id": "11", "text": "It rained."}]
META = {"result_count": 2}


def read(content: object, status: int = 200) -> TimelinePage:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return TimelinePage.parse(Response(status, {}, body), lambda text: text)


def test_a_text_is_found_under_its_id() -> None:
    page = read({"data": TWEETS, "meta": META})
    assert [page.find(text) for text in ("It rained.", "“Ham & eggs”", "It snowed.")] == ["11", "12", None]


def test_a_page_without_tweets_holds_nothing() -> None:
    assert read({"meta": {"result_count": 0}}).find("It rained.") is None


def test_a_page_names_the_next() -> None:
    assert read({"data": TWEETS, "meta": {**META, "next_token": "abc"}}).next_token == "abc"
    assert read({"data": TWEETS, "meta": META}).next_token is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b'{"data": [',
        b"[]",
        {},
        {"data": TWEETS},
        {"data": None, "meta": META},
        {"data": {}, "meta": META},
        {"data": ["12"], "meta": META},
        {"data": [{"id": "12"}], "meta": META},
        {"data": [{"text": "It rained."}], "meta": META},
        {"data": [{"id": 12, "text": "It rained."}], "meta": META},
        {"data": [{"id": "x", "text": "It rained."}], "meta": META},
        {"data": TWEETS, "meta": []},
        {"data": TWEETS, "meta": {"next_token": 5}},
        {"data": TWEETS, "meta": {"next_token": ""}},
        {"meta": {}},
        {"meta": {"result_count": 2}},
    ],
    ids=range(18),
)
def test_what_is_no_page_of_tweets_is_an_error(content: object) -> None:
    with pytest.raises(TimelineError, match="the timeline could not be read: X's answer is not a "):
        read(content)


def test_a_page_that_carries_errors_is_an_error_even_where_it_holds_tweets() -> None:
    with pytest.raises(TimelineError, match="could not be read whole: Some posts are missing"):
        read({"data": TWEETS, "meta": META, "errors": [{"detail": "Some posts are missing."}]})


@pytest.mark.parametrize("status", [201, 204, 302, 400, 404, 500, 503])
def test_any_other_status_is_an_error(status: int) -> None:
    with pytest.raises(TimelineError, match=str(status)):
        read({"data": TWEETS, "meta": META}, status)


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "check the four keys"), (402, "buy some"), (403, "regenerate the access token")]
)
def test_an_error_says_what_to_do(status: int, advice: str) -> None:
    with pytest.raises(TimelineError, match=advice):
        read({"type": "https://api.x.com/2/problems/oauth1-permissions" if status == 403 else ""}, status)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ham & eggs <cheap>", "Ham &amp; eggs &lt;cheap&gt;"),
        ("Ham & eggs", "Ham & eggs"),
        ("Write &amp; for an ampersand", "Write &amp;amp; for an ampersand"),
        ("Write &amp; for an ampersand", "Write &amp; for an ampersand"),
        ("café", "cafe\u0301"),
        ("cafe\u0301", "café"),
        ("One.\nTwo.", " One. \u00a0 Two.\n"),
        ("“No”", "&#8220;No&#8221;"),
    ],
)
def test_a_text_is_the_same_however_x_writes_it(text: str, shown: str) -> None:
    assert same_text(text, shown)


@pytest.mark.parametrize(("text", "shown"), [("It rained.", "it rained."), ("It rained.", "It rained"), ("a b", "ab")])
def test_other_texts_are_not_the_same(text: str, shown: str) -> None:
    assert not same_text(text, shown)


@given(st.text(), st.sampled_from(["NFC", "NFD"]))
def test_every_text_is_the_same_after_what_x_does_to_it(text: str, form: str) -> None:
    shown = unicodedata.normalize(form, text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert same_text(text, "  " + shown.replace(" ", " \n"))
