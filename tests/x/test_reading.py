"""Looking for a text on the timeline, and asking whose account it is."""

import time
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest

from lambda_fn.errors import LimitError, PublishError, TimelineError
from lambda_fn.posting.account import Posted
from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.posting.x.exchange import Timeouts
from peers.local_x import LocalX
from peers.x_faults import Fault, Plan
from tests.x.account import TEXT, a_minute_ago, closed_port

# Looking


def test_a_posted_text_is_found(twitter: Twitter) -> None:
    twitter.post("It rained.")
    outcome = twitter.post(TEXT)
    assert isinstance(outcome, Posted)
    assert twitter.find(TEXT, a_minute_ago()) == outcome.tweet_id


def test_a_text_that_was_not_posted_is_not_found(twitter: Twitter) -> None:
    assert twitter.find(TEXT, a_minute_ago()) is None
    twitter.post("It rained.")
    assert twitter.find(TEXT, a_minute_ago()) is None


@pytest.mark.parametrize(
    "show",
    [
        lambda text: text,
        lambda text: unicodedata.normalize("NFD", text),
        lambda text: "  ".join(text.split(" ")) + "\n",
        lambda text: text.replace("&", "&amp;").replace("“", "&ldquo;"),
    ],
)
def test_a_text_is_found_however_x_writes_it(x: LocalX, twitter: Twitter, show) -> None:
    post = x.add(TEXT)
    x.show = show
    assert twitter.find(TEXT, a_minute_ago()) == post.id


def test_a_text_is_found_on_a_later_page(x: LocalX, twitter: Twitter) -> None:
    post = x.add(TEXT)
    for number in range(250):
        x.add(f"Number {number}.")
    assert twitter.find(TEXT, a_minute_ago()) == post.id
    assert [request.path for request in x.requests] == ["/2/users/77/tweets"] * 3


def test_a_timeline_that_does_not_end_is_an_error(x: LocalX, twitter: Twitter) -> None:
    for number in range(1001):
        x.add(f"Number {number}.")
    with pytest.raises(TimelineError, match="more than 10 pages"):
        twitter.find(TEXT, a_minute_ago())


def test_what_is_older_is_not_looked_at(x: LocalX, twitter: Twitter) -> None:
    since = datetime.now(UTC) - timedelta(hours=1)
    x.add(TEXT, time=since - timedelta(seconds=5))
    assert twitter.find(TEXT, since) is None
    post = x.add(TEXT, time=since)
    assert twitter.find(TEXT, since.astimezone()) == post.id


def test_a_post_that_the_timeline_does_not_show_yet_is_found_later(x: LocalX, twitter: Twitter) -> None:
    x.visible_after = 3600
    twitter.post(TEXT)
    assert twitter.find(TEXT, a_minute_ago()) is None
    x.clock_ahead = 3601
    assert twitter.find(TEXT, a_minute_ago()) == x.timeline[0].id


@pytest.mark.parametrize("fault", [fault for fault in Fault if "DRIP" not in fault.name and fault is not Fault.LATE])
def test_a_timeline_that_was_not_read_whole_is_an_error(x: LocalX, twitter: Twitter, fault: Fault) -> None:
    x.add(TEXT)
    x.timeline_faults.append(fault)
    with pytest.raises(TimelineError, match="the timeline could not be read") as caught:
        twitter.find(TEXT, a_minute_ago())
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("fault", "seconds"), [(Fault.RATE_LIMIT, 600), (Fault.RATE_LIMIT_WITHOUT_RESET, 900), (Fault.DAILY_LIMIT, 3600)]
)
def test_a_timeline_that_is_not_to_be_read_yet_says_when_it_is(
    x: LocalX, twitter: Twitter, fault: Fault, seconds: int
) -> None:
    x.timeline_faults.append(fault)
    with pytest.raises(LimitError, match="the timeline could not be read: X takes no more requests") as caught:
        twitter.find(TEXT, a_minute_ago())
    assert abs((caught.value.until - datetime.now(UTC)).total_seconds() - seconds) < 30


def test_a_later_page_that_is_not_to_be_read_yet_says_when_it_is(x: LocalX, twitter: Twitter) -> None:
    for number in range(101):
        x.add(f"Number {number}.")
    x.decide = lambda _: Fault.RATE_LIMIT if len(x.requests) == 2 else None
    with pytest.raises(LimitError):
        twitter.find(TEXT, a_minute_ago())


@pytest.mark.parametrize("fault", [Fault.UNAUTHORIZED, Fault.NO_CREDITS, Fault.SPEND_CAP, Fault.VAGUE, Fault.INTERNAL])
def test_what_is_no_limit_on_requests_is_no_reason_to_wait(x: LocalX, twitter: Twitter, fault: Fault) -> None:
    x.timeline_faults.append(fault)
    with pytest.raises(TimelineError) as caught:
        twitter.find(TEXT, a_minute_ago())
    assert not isinstance(caught.value, LimitError)


def test_an_error_on_a_later_page_is_an_error(x: LocalX, twitter: Twitter) -> None:
    for number in range(101):
        x.add(f"Number {number}.")
    x.decide = lambda _: Fault.INTERNAL if len(x.requests) == 2 else None
    with pytest.raises(TimelineError, match="X answered 500"):
        twitter.find(TEXT, a_minute_ago())


def test_looking_ends_with_its_time_over_all_pages(x: LocalX, credentials: Credentials) -> None:
    for number in range(900):
        x.add(f"Number {number}.")
    x.delay = 2
    x.decide = lambda _: Fault.LATE
    start = time.monotonic()
    with pytest.raises(TimelineError, match="it took too long"):
        Twitter(credentials, x.url, timeouts=Timeouts(3, 3, 3)).find(TEXT, a_minute_ago())
    assert time.monotonic() - start < 15  # all the pages would take 18


def test_looking_where_nobody_listens_is_an_error(credentials: Credentials) -> None:
    with pytest.raises(TimelineError, match="Connection refused"):
        Twitter(credentials, f"http://127.0.0.1:{closed_port()}").find(TEXT, a_minute_ago())


def test_a_time_to_come_is_none_to_look_from(x: LocalX, twitter: Twitter) -> None:
    """As X has it: whoever asks for one learns nothing."""
    x.clock_ahead = -7200
    with pytest.raises(TimelineError, match="X answered 400"):
        twitter.find(TEXT, a_minute_ago())


# Who it is


def test_the_account_is_named_by_its_handle(twitter: Twitter) -> None:
    assert twitter.who_am_i() == "endless_novel"


@pytest.mark.parametrize(
    ("fault", "advice"),
    [
        (Fault.UNAUTHORIZED, "check the four keys"),
        (Fault.CLIENT_FORBIDDEN, "attach it to a project"),
        (Fault.INTERNAL, "X answered 500"),
        (Fault.GARBAGE, "check X_API_URL"),
        (Fault.CLOSE_REFUSING, "the connection was closed"),
        (Plan(status=200, body=b'{"data": {"id": "78", "username": "me"}}'), "not of the account"),
    ],
)
def test_an_account_that_cannot_be_asked_says_what_to_do(
    x: LocalX, twitter: Twitter, fault: Fault | Plan, advice: str
) -> None:
    x.timeline_faults.append(fault)
    with pytest.raises(PublishError, match=advice):
        twitter.who_am_i()
