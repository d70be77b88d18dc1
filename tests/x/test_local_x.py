"""The local X must be as strict as the real one, or tests against it prove nothing."""

import json
import threading
import time
import urllib.request
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests_oauthlib import OAuth1

from lambda_fn.posting.account import Posted
from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import Credentials
from peers.local_x import LocalX
from peers.x_faults import Fault


@pytest.fixture
def keys(credentials: Credentials) -> list[str]:
    return [getattr(credentials, field.name) for field in fields(credentials)]


@pytest.fixture
def call(x: LocalX, keys: list[str]):
    """Makes a signed request, and returns status and answer."""

    def call(method: str, target: str, **content: Any) -> tuple[int, Any]:
        with requests.request(method, x.url + target, auth=OAuth1(*keys), timeout=10, **content) as answer:
            return answer.status_code, answer.json()

    return call


def test_a_post_without_a_signature_is_refused(x: LocalX) -> None:
    with requests.post(x.url + "/2/tweets", json={"text": "Hello"}, timeout=10) as answer:
        assert (answer.status_code, answer.json()["title"]) == (401, "Unauthorized")
    assert x.timeline == []


def test_a_signature_is_good_once(x: LocalX, keys: list[str]) -> None:
    request = requests.Request("POST", x.url + "/2/tweets", json={"text": "Hello"}, auth=OAuth1(*keys)).prepare()
    with requests.Session() as session:
        assert [session.send(request, timeout=10).status_code for _ in range(2)] == [201, 401]


@pytest.mark.parametrize("age", [-600, 600])
def test_a_signature_of_another_time_is_refused(x: LocalX, keys: list[str], age: int) -> None:
    sign = OAuth1(*keys, timestamp=str(int(time.time()) + age))
    with requests.post(x.url + "/2/tweets", json={"text": "Hello"}, auth=sign, timeout=10) as answer:
        assert answer.status_code == 401


@pytest.mark.parametrize("method", ["HMAC-SHA256", "PLAINTEXT"])
def test_only_hmac_sha1_is_accepted(x: LocalX, keys: list[str], method: str) -> None:
    sign = OAuth1(*keys, signature_method=method)
    with requests.post(x.url + "/2/tweets", json={"text": "Hello"}, auth=sign, timeout=10) as answer:
        assert answer.status_code == 401


def test_a_query_that_was_not_signed_is_refused(x: LocalX, keys: list[str]) -> None:
    request = requests.Request("GET", x.url + "/2/users/77/tweets?max_results=5", auth=OAuth1(*keys)).prepare()
    request.url = str(request.url).replace("=5", "=6")
    with requests.Session() as session:
        assert session.send(request, timeout=10).status_code == 401


@pytest.mark.parametrize(
    "content",
    [
        {},
        {"text": ""},
        {"text": 5},
        {"text": "Hello", "made": True},
        {"text": "Hello", "reply": {}},
        {"text": "Hello", "reply": {"in_reply_to_tweet_id": "1", "more": 1}},
        [],
    ],
)
def test_a_post_of_another_shape_is_invalid(call, content: object) -> None:
    status, answer = call("POST", "/2/tweets", json=content)
    assert (status, answer["title"]) == (400, "Invalid Request")


@pytest.mark.parametrize(("text", "status"), [("x" * 280, 201), ("x" * 281, 403), ("…" * 140, 201), ("…" * 141, 403)])
def test_a_post_weighs_280_at_most(call, text: str, status: int) -> None:
    assert call("POST", "/2/tweets", json={"text": text})[0] == status


def test_duplicates_are_refused_or_accepted_as_told(x: LocalX, call) -> None:
    statuses = [call("POST", "/2/tweets", json={"text": "Hello"})[0] for _ in range(2)]
    x.duplicates = "accept"
    statuses.append(call("POST", "/2/tweets", json={"text": "Hello"})[0])
    assert statuses == [201, 403, 201]


def test_a_reply_needs_its_parent(x: LocalX, call) -> None:
    post = x.add("Hello")
    reply = {"in_reply_to_tweet_id": post.id}
    assert call("POST", "/2/tweets", json={"text": "One", "reply": reply})[0] == 201
    x.delete(post.id)
    assert call("POST", "/2/tweets", json={"text": "Two", "reply": reply})[0] == 403


@pytest.mark.parametrize(
    "query",
    ["max_results=4", "max_results=101", "max_results=x", "start_time=yesterday", "page=2", "pagination_token=x"],
)
def test_a_query_of_another_shape_is_invalid(call, query: str) -> None:
    assert call("GET", f"/2/users/77/tweets?{query}")[0] == 400


def test_the_timeline_has_the_newest_first_page_by_page(x: LocalX, call) -> None:
    for number in range(7):
        x.add(f"Number {number} & more")
    first = call("GET", "/2/users/77/tweets?max_results=5")[1]
    second = call("GET", f"/2/users/77/tweets?max_results=5&pagination_token={first['meta']['next_token']}")[1]
    assert [tweet["text"][:8] for tweet in first["data"] + second["data"]] == [f"Number {n}" for n in range(6, -1, -1)]
    assert first["data"][0]["text"] == "Number 6 &amp; more"
    assert "next_token" not in second["meta"]


def test_the_timeline_shows_what_was_posted_since_a_moment_and_is_visible(x: LocalX, call) -> None:
    now = datetime.now(UTC)
    for minutes in (30, 20, 10):
        x.add(f"{minutes} minutes ago", time=now - timedelta(minutes=minutes))
    x.visible_after = 15 * 60
    answer = call("GET", f"/2/users/77/tweets?start_time={now - timedelta(minutes=25):%Y-%m-%dT%H:%M:%SZ}")[1]
    assert [tweet["text"] for tweet in answer["data"]] == ["20 minutes ago"]


def test_nobody_elses_timeline_is_there(call) -> None:
    assert call("GET", "/2/users/78/tweets")[0] == 404


def test_a_wrong_signature_uses_no_fault_up(x: LocalX) -> None:
    x.faults.append(Fault.INTERNAL)
    requests.post(x.url + "/2/tweets", json={"text": "Hello"}, timeout=10).close()
    assert list(x.faults) == [Fault.INTERNAL]


def test_posts_and_reads_have_faults_of_their_own(x: LocalX, twitter: Twitter) -> None:
    x.timeline_faults.append(Fault.INTERNAL)
    assert isinstance(twitter.post("Hello"), Posted)
    assert list(x.timeline_faults) == [Fault.INTERNAL]


def test_hundreds_at_once_are_all_answered(x: LocalX, credentials: Credentials) -> None:
    outcomes = []

    def post(number: int) -> None:
        outcomes.append(Twitter(credentials, x.url).post(f"Number {number}."))

    threads = [threading.Thread(target=post, args=(number,)) for number in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {type(outcome) for outcome in outcomes} == {Posted}
    assert len({post.text for post in x.timeline}) == 200


def test_stopping_leaves_no_thread_even_while_an_answer_is_slow(credentials: Credentials) -> None:
    before = set(threading.enumerate())
    with LocalX(credentials, delay=60) as x:
        x.faults.append(Fault.LATE)
        caller = threading.Thread(target=Twitter(credentials, x.url).post, args=("Hello",))
        caller.start()
        while not x.timeline:
            time.sleep(0.01)
    caller.join(5)
    left = {thread for thread in threading.enumerate() if thread.name != "exchange"}
    assert left <= before


def test_its_timeline_can_be_read_without_a_signature(x: LocalX) -> None:
    hello = x.add("Hello")
    x.delete(x.add("Deleted").id)
    reply = x.add("Hello again", reply_to=hello.id)
    with urllib.request.urlopen(f"{x.url}/control/timeline", timeout=10) as answer:
        shown = json.load(answer)
    times = [post.time.isoformat() for post in (hello, reply)]
    assert shown == [
        {"id": hello.id, "text": "Hello", "reply_to": None, "time": times[0]},
        {"id": reply.id, "text": "Hello again", "reply_to": hello.id, "time": times[1]},
    ]
    assert x.requests == []


@pytest.mark.parametrize(("method", "path"), [("GET", "requests"), ("POST", "timeline"), ("POST", "clear")])
def test_nothing_else_is_there_without_a_signature(x: LocalX, method: str, path: str) -> None:
    x.add("Hello")
    with requests.request(method, f"{x.url}/control/{path}", timeout=10) as answer:
        assert answer.status_code == 401
    assert [post.text for post in x.timeline] == ["Hello"]
