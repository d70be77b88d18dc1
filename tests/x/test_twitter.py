"""Posting, and what the network and X make of it; and that no secret shows."""

import logging
import re
import signal
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lambda_fn.errors import SettingError, TimelineError
from lambda_fn.posting.account import Duplicate, NotSent, ParentGone, Posted, Refused, Stop, Unknown, Wait
from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.posting.x.exchange import Timeouts
from peers.local_x import LocalX
from peers.x_faults import MAYBE_POSTED, Fault, Plan, Request, problem
from tests.x.account import TEXT, a_minute_ago, texts
from tests.x.certificates import self_signed
from tests.x.conftest import SHORT

STOPS = {
    Fault.UNAUTHORIZED: "check the four keys",
    Fault.NO_CREDITS: "no credits left",
    Fault.CREDITS_DEPLETED: "no credits left",
    Fault.READ_ONLY_TOKEN: "set the app's permissions to read and write, then regenerate",
    Fault.CLIENT_FORBIDDEN: "attach it to a project",
    Fault.NOT_AUTHORIZED: "does not let this account do that",
    Fault.PARENT_GONE: "deleted or not visible",
    Fault.FORBIDDEN: "Your account is suspended",
    Fault.INVALID: "X answered 400",
}


# Posting


def test_a_text_is_posted_as_it_is(x: LocalX, twitter: Twitter) -> None:
    outcome = twitter.post(TEXT)
    assert outcome == Posted(x.timeline[0].id)
    assert texts(x) == [TEXT]


def test_a_reply_names_the_tweet_before(x: LocalX, twitter: Twitter) -> None:
    first = x.add("It rained.")
    twitter.post("It snowed.", first.id)
    assert [post.reply_to for post in x.timeline] == [None, first.id]


def test_a_reply_to_a_deleted_tweet_says_so(x: LocalX, twitter: Twitter) -> None:
    first = x.add("It rained.")
    x.delete(first.id)
    assert isinstance(twitter.post("It snowed.", first.id), ParentGone)


def test_every_request_has_a_connection_of_its_own_and_names_the_program(x: LocalX, twitter: Twitter) -> None:
    twitter.post(TEXT)
    twitter.who_am_i()
    sent = [(request.headers["Connection"], request.headers["User-Agent"]) for request in x.requests]
    assert sent == [("close", "endless-novel")] * 2


@pytest.mark.parametrize("field", ["consumer_key", "consumer_secret", "access_token", "access_token_secret"])
def test_a_wrong_key_is_refused_for_real(x: LocalX, credentials: Credentials, field: str) -> None:
    keys = {name: getattr(credentials, name) for name in credentials.__dataclass_fields__}
    wrong = Credentials(**{**keys, field: keys[field] + "x"})
    assert isinstance(Twitter(wrong, x.url).post(TEXT), Stop)
    assert texts(x) == []


# What X answers


@pytest.mark.parametrize("fault", MAYBE_POSTED, ids=lambda fault: fault.name)
def test_an_answer_that_says_nothing_leaves_it_unknown(x: LocalX, twitter: Twitter, fault: Fault) -> None:
    x.faults.append(fault)
    assert isinstance(twitter.post(TEXT), Unknown)
    assert texts(x) == ([TEXT] if fault.value.accept else [])
    assert x.posts_asked == (0 if fault is Fault.CLOSE_UNREAD else 1)


@pytest.mark.parametrize("fault", STOPS, ids=lambda fault: fault.name)
def test_what_an_operator_must_act_on_stops(x: LocalX, twitter: Twitter, fault: Fault) -> None:
    x.faults.append(fault)
    outcome = twitter.post(TEXT)
    assert isinstance(outcome, Stop)
    assert STOPS[fault] in outcome.reason


@pytest.mark.parametrize("fault", [Fault.NOT_AUTHORIZED, Fault.PARENT_GONE], ids=lambda fault: fault.name)
def test_a_rule_on_replies_is_about_the_parent_where_there_is_one(x: LocalX, twitter: Twitter, fault: Fault) -> None:
    first = x.add("It rained.")
    x.faults.append(fault)
    assert isinstance(twitter.post(TEXT, first.id), ParentGone)


def test_a_text_that_x_has_already_is_a_duplicate(x: LocalX, twitter: Twitter) -> None:
    twitter.post(TEXT)
    assert isinstance(twitter.post(TEXT), Duplicate)
    assert texts(x) == [TEXT]


def test_a_text_that_x_does_not_want_is_refused(twitter: Twitter) -> None:
    assert isinstance(twitter.post("x" * 281), Refused)


def test_a_read_only_token_cannot_post_but_read(x: LocalX, twitter: Twitter) -> None:
    x.read_only = True
    assert isinstance(twitter.post(TEXT), Stop)
    assert twitter.who_am_i() == "endless_novel"


@pytest.mark.parametrize(
    ("fault", "seconds"),
    [
        (Fault.RATE_LIMIT, 600),
        (Fault.RATE_LIMIT_WITHOUT_RESET, 900),
        (Fault.DAILY_LIMIT, 3600),
        (Fault.SPEND_CAP_WITHOUT_DATE, 86_400),
        (Fault.SPEND_CAP, 32 * 86_400),
    ],
    ids=["reset", "no reset", "daily", "no date", "far date"],
)
def test_a_limit_waits(x: LocalX, twitter: Twitter, fault: Fault, seconds: int) -> None:
    x.faults.append(fault)
    outcome = twitter.post(TEXT)
    assert isinstance(outcome, Wait)
    assert abs((outcome.until - datetime.now(UTC)).total_seconds() - seconds) < 30
    assert texts(x) == []


def test_a_spending_cap_waits_for_its_date(x: LocalX, twitter: Twitter) -> None:
    date = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
    x.faults.append(problem(403, "SpendCapReached", reset_date=f"{date:%FT%TZ}"))
    outcome = twitter.post(TEXT)
    assert isinstance(outcome, Wait)
    assert abs(outcome.until - date) < timedelta(seconds=1)


def test_the_clock_that_was_given_tells_until_when_to_wait(x: LocalX, credentials: Credentials) -> None:
    now = datetime(2031, 1, 1, tzinfo=UTC)
    x.faults.append(Fault.RATE_LIMIT_WITHOUT_RESET)
    outcome = Twitter(credentials, x.url, clock=lambda: now).post(TEXT)
    assert isinstance(outcome, Wait)
    assert outcome.until == now + timedelta(minutes=15)


# What the network does


def test_a_refused_connection_is_known_not_to_have_posted(x: LocalX, twitter: Twitter) -> None:
    with x.unreachable():
        assert twitter.post(TEXT) == NotSent("X was not reached, so nothing was posted: Connection refused")
    assert isinstance(twitter.post(TEXT), Posted)


def test_a_name_that_cannot_be_resolved_is_known_not_to_have_posted(credentials: Credentials) -> None:
    assert isinstance(Twitter(credentials, "http://x.invalid", timeouts=SHORT).post(TEXT), NotSent)


@pytest.mark.parametrize("url", ["http://a..b", "http://" + "a" * 64 + ".invalid"])
def test_an_address_that_cannot_be_called_is_known_not_to_have_posted(credentials: Credentials, url: str) -> None:
    assert isinstance(Twitter(credentials, url, timeouts=SHORT).post(TEXT), NotSent)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.x.com",
        "ftp://x.com",
        "https://me:secret@x.com",
        "https://x.com?a=secret",
        "https://[",
        "http://1:99999",
    ],
)
def test_what_is_no_address_is_refused_and_not_shown(credentials: Credentials, url: str) -> None:
    with pytest.raises(SettingError, match=r"X_API_URL must be an address such as https://api\.x\.com") as caught:
        Twitter(credentials, url)
    assert "secret" not in str(caught.value)


def test_a_certificate_that_nobody_trusts_is_known_not_to_have_posted(tmp_path: Path, credentials: Credentials) -> None:
    context, _ = self_signed(tmp_path)
    with LocalX(credentials, tls=context) as x:
        outcome = Twitter(credentials, x.url).post(TEXT)
        assert isinstance(outcome, NotSent)
        assert "its TLS certificate was refused" in outcome.reason
        assert x.posts_asked == 0


def test_a_peer_that_does_not_speak_tls_is_known_not_to_have_posted(x: LocalX, credentials: Credentials) -> None:
    assert isinstance(Twitter(credentials, x.url.replace("http", "https")).post(TEXT), NotSent)
    assert x.posts_asked == 0


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (None, Posted),
        (Fault.CLOSE_UNREAD, Unknown),
        (Fault.CLOSE_REFUSING, Unknown),
        (Fault.CLOSE_ACCEPTING, Unknown),
        (Fault.HALF_ACCEPTING, Unknown),
        (Fault.INTERNAL_ACCEPTING, Unknown),
        (Fault.VAGUE, Refused),
    ],
)
def test_over_tls_each_outcome_is_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: Credentials, fault: Fault | None, kind: type
) -> None:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with LocalX(credentials, tls=context) as x:
        if fault:
            x.faults.append(fault)
        assert isinstance(Twitter(credentials, x.url).post(TEXT), kind)


def test_a_peer_that_never_shakes_hands_is_known_not_to_have_posted(credentials: Credentials) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        outcome = Twitter(credentials, url, timeouts=Timeouts(connect=0.2, read=0.2, total=1)).post(TEXT)
    assert outcome == NotSent("X was not reached, so nothing was posted: it took too long")


def test_a_connection_that_comes_too_late_posts_nothing(x: LocalX, credentials: Credentials) -> None:
    """Connecting has to leave as much time as the answer may take."""
    outcome = Twitter(credentials, x.url, timeouts=Timeouts(connect=1, read=5, total=5)).post(TEXT)
    assert isinstance(outcome, NotSent)
    assert x.posts_asked == 0


def test_a_late_answer_counts_for_the_patient(x: LocalX, credentials: Credentials) -> None:
    x.delay = 0.3
    x.faults.append(Fault.LATE)
    assert isinstance(Twitter(credentials, x.url, timeouts=Timeouts(2, 2, 5)).post(TEXT), Posted)


def test_a_late_answer_is_unknown_to_the_impatient(x: LocalX, impatient: Twitter) -> None:
    x.delay = 60
    x.faults.append(Fault.LATE)
    start = time.monotonic()
    assert isinstance(impatient.post(TEXT), Unknown)
    assert time.monotonic() - start < 30
    while not x.timeline and time.monotonic() - start < 30:
        time.sleep(0.01)  # who gives up may be faster than X
    assert texts(x) == [TEXT]


@pytest.mark.parametrize("fault", [Fault.DRIP, Fault.DRIP_HEADERS], ids=lambda fault: fault.name)
def test_an_answer_that_comes_byte_by_byte_ends_with_the_time_for_all_of_it(
    x: LocalX, credentials: Credentials, fault: Fault
) -> None:
    x.delay = 0.2  # never silent for long; the whole of it takes half a minute
    x.faults.append(fault)
    start = time.monotonic()
    assert isinstance(Twitter(credentials, x.url, timeouts=Timeouts(2, 1.5, 3.5)).post(TEXT), Unknown)
    assert 3.4 < time.monotonic() - start < 15


def test_both_limits_leave_the_function_its_time() -> None:
    twitter = Twitter(Credentials("a", "b", "1-c", "d"))
    assert (twitter.post_limit, twitter.find_limit) == (20.0, 20.0)


def late_handshake(listener: socket.socket, context: ssl.SSLContext) -> bytes:
    """All that a waiting client sends once its TLS handshake is completed."""
    received = b""
    connection, _ = listener.accept()
    connection.settimeout(5)
    with context.wrap_socket(connection, server_side=True) as secure:
        while more := secure.recv(65_536):
            received += more
    return received


def test_whoever_gave_up_before_the_body_went_never_posts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: Credentials
) -> None:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        outcome = Twitter(credentials, url, timeouts=Timeouts(connect=5, read=0.3, total=0.5)).post(TEXT)
        received = late_handshake(listener, context)
    assert isinstance(outcome, NotSent)
    assert received.startswith(b"POST /2/tweets")
    assert received.endswith(b"\r\n\r\n")  # the headers, and no body


def test_whoever_is_interrupted_before_the_body_went_never_posts_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, credentials: Credentials
) -> None:
    context, certificate = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            twitter = Twitter(credentials, f"https://127.0.0.1:{listener.getsockname()[1]}")
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with pytest.raises(KeyboardInterrupt):
                twitter.post(TEXT)
            assert late_handshake(listener, context).endswith(b"\r\n\r\n")
    finally:
        signal.signal(signal.SIGALRM, before)


# Secrets


def test_no_outcome_error_or_log_shows_a_secret(
    x: LocalX, twitter: Twitter, credentials: Credentials, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever X answers, and even if it echoes all it knows and was sent."""
    caplog.set_level(logging.DEBUG)
    secrets = [getattr(credentials, name) for name in credentials.__dataclass_fields__]
    told: list[str] = [repr(twitter)]
    echoes = [
        problem(status, " ".join(secrets), f"{said} {' '.join(secrets)}", errors=[{"message": secrets[0]}])
        for status in (400, 401, 402, 403, 404, 408, 429, 500)
        for said in ("", "duplicate content", "You are not permitted to perform this action.")
    ]
    for fault in [*[fault for fault in Fault if "DRIP" not in fault.name], *echoes]:
        x.faults.append(fault)
        x.timeline_faults.append(fault)
        told.append(repr(twitter.post(f"Text {len(told)}.")))
        try:
            twitter.find("Nothing.", a_minute_ago())
        except TimelineError as error:
            told.append(str(error))
    for line in [*told, *caplog.messages]:
        assert not any(secret in line for secret in secrets), line


def test_an_authorization_header_that_x_echoes_is_not_shown(x: LocalX, twitter: Twitter) -> None:
    echoed: list[str] = []

    def echo(request: Request) -> Plan:
        echoed.append(request.headers["Authorization"])
        return problem(403, "Forbidden", f"Bad header: {echoed[0]}")

    x.decide = echo
    outcome = twitter.post(TEXT)
    signature = re.findall('"([^"]{10,})"', echoed[0])
    assert len(signature) > 4
    assert not any(part in repr(outcome) for part in signature if part not in ("HMAC-SHA1", "1.0"))
