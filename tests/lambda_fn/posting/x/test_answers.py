import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.posting.account import Duplicate, Outcome, ParentGone, Posted, Refused, Stop, Unexplained, Unknown, Wait
from lambda_fn.posting.x.answers import read_post
from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.posting.x.exchange import Response

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
QUARTER, DAY = timedelta(minutes=15), timedelta(days=1)
CREDENTIALS = Credentials("Key0fTheApp", "SecretOfTheApp", "77-TokenOfTheAccount", "SecretOfTheAccount")
SECRETS = ("Key0fTheApp", "SecretOfTheApp", "77-TokenOfTheAccount", "SecretOfTheAccount")
HOSTS = ["https://api.twitter.com/2/problems/", "https://api.x.com/2/problems/"]


def read(
    status: int, content: object = None, headers: dict[str, str] | None = None, *, replying: bool = False
) -> Outcome:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_post(Response(status, headers or {}, body), NOW, CREDENTIALS.conceal, replying=replying)


def forbidden(detail: str, kind: str = "about:blank", **more: Any) -> dict[str, Any]:
    return {"title": "Forbidden", "type": kind, "status": 403, "detail": detail, **more}


def reason(outcome: Outcome) -> str:
    assert not isinstance(outcome, Posted)
    return outcome.reason


@pytest.mark.parametrize("status", [200, 201])
def test_an_id_means_posted(status: int) -> None:
    assert read(status, {"data": {"id": "1445880548472328192", "text": "Hello"}}) == Posted("1445880548472328192")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b'{"data": {"id": "12',
        [],
        {},
        {"data": None},
        {"data": []},
        {"data": {}},
        {"data": {"id": ""}},
        {"data": {"id": 12}},
        {"data": {"id": "x1"}},
        {"data": {"id": "1" * 21}},
        {"data": {"id": "١٢"}},
        {"errors": [{"message": "no"}]},
        b"[" * 50_000,
    ],
    ids=range(15),
)
def test_success_without_an_id_is_unknown(content: object) -> None:
    assert isinstance(read(201, content), Unknown)


@pytest.mark.parametrize("status", [100, 202, 204, 301, 302, 307, 304, 408, 500, 502, 503, 504, 529, 599, 600])
def test_answers_that_say_nothing_of_the_post_are_unknown(status: int) -> None:
    outcome = read(status, b"<html>Over capacity</html>")
    assert isinstance(outcome, Unknown)
    assert str(status) in outcome.reason


def test_401_tells_the_operator_to_check_keys_and_clock() -> None:
    outcome = read(401, {"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank", "status": 401})
    assert outcome == Stop(
        "X did not accept the credentials (401 Unauthorized): check the four keys, and this machine's clock"
    )


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("kind", ["credits", "credits-depleted", "credits/"])
@pytest.mark.parametrize("status", [402, 403])
def test_no_credits_stop_and_tell_to_buy_some(host: str, kind: str, status: int) -> None:
    outcome = read(status, {"title": "x", "type": host + kind})
    assert isinstance(outcome, Stop)
    assert "no credits left: buy some" in outcome.reason


@pytest.mark.parametrize("content", [{"title": "CreditsDepleted"}, {}, b"<html>"], ids=["old title", "empty", "html"])
def test_402_is_about_credits_however_it_is_worded(content: object) -> None:
    outcome = read(402, content)
    assert isinstance(outcome, Stop)
    assert "no credits left" in outcome.reason


@pytest.mark.parametrize(
    ("date", "until"),
    [
        ("2026-08-10", datetime(2026, 8, 10, tzinfo=UTC)),
        ("2026-08-10T06:30:00Z", datetime(2026, 8, 10, 6, 30, tzinfo=UTC)),
        ("2026-08-10T06:30:00.000+02:00", datetime(2026, 8, 10, 4, 30, tzinfo=UTC)),
        ("2026-08-10T06:30:00", datetime(2026, 8, 10, 6, 30, tzinfo=UTC)),
        ("9999-12-31", NOW + timedelta(days=32)),
        ("9999-12-31T23:59:59-23:59", NOW + timedelta(days=32)),
        ("0001-01-01T00:00:00+23:59", NOW + DAY),
        ("2026-08-01", NOW + DAY),
        ("soon", NOW + DAY),
        ("", NOW + DAY),
        (1786000000, NOW + DAY),
        (None, NOW + DAY),
    ],
)
def test_a_spending_cap_waits_for_its_date_or_a_day(date: object, until: datetime) -> None:
    outcome = read(403, forbidden("The cap is reached.", title="SpendCapReached", reset_date=date))
    assert isinstance(outcome, Wait)
    assert outcome.until == until
    assert "spending cap" in outcome.reason


@pytest.mark.parametrize("status", [402, 403, 429])
@pytest.mark.parametrize("kind", ["spend-cap-reached", "SpendCapReached", "credits"])
def test_a_spending_cap_is_known_by_its_type_too(kind: str, status: int) -> None:
    assert isinstance(read(status, {"title": "x", "type": HOSTS[1] + kind, "reset_date": "2026-08-10"}), Wait)


@pytest.mark.parametrize(
    "content",
    [
        forbidden("You are not allowed to create a Tweet with duplicate content."),
        forbidden("You are not allowed to create a Post with duplicate content.", HOSTS[0] + "forbidden"),
        {"errors": [{"code": 187, "message": "Status is a duplicate."}]},
    ],
    ids=["today", "renamed", "old"],
)
@pytest.mark.parametrize("replying", [False, True])
def test_a_duplicate_is_told_apart(content: object, replying: bool) -> None:
    assert isinstance(read(403, content, replying=replying), Duplicate)


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("replying", [False, True])
def test_a_token_that_may_only_read_says_how_to_make_another(host: str, replying: bool) -> None:
    outcome = read(403, forbidden("No.", host + "oauth1-permissions"), replying=replying)
    assert isinstance(outcome, Stop)
    assert "set the app's permissions to read and write, then regenerate the access token" in outcome.reason


@pytest.mark.parametrize("host", HOSTS)
def test_an_app_without_a_project_says_to_attach_it(host: str) -> None:
    outcome = read(403, forbidden("No.", host + "client-forbidden", reason="client-not-enrolled"))
    assert isinstance(outcome, Stop)
    assert "attach it to a project" in outcome.reason


PARENTS = [
    (403, forbidden("No.", HOSTS[0] + "not-authorized-for-resource")),
    (403, forbidden("No.", HOSTS[1] + "not-authorized-for-resource")),
    (403, forbidden("You attempted to reply to a Tweet that is deleted or not visible to you.")),
    (400, {"errors": [{"message": "You attempted to reply to a Post that is deleted or not visible to you."}]}),
    (403, forbidden("Reply to this conversation is not allowed because you have not been mentioned.")),
]


@pytest.mark.parametrize(("status", "content"), PARENTS)
def test_a_parent_that_cannot_be_replied_to_is_told_apart_from_a_reason_to_stop(status: int, content: object) -> None:
    assert isinstance(read(status, content, replying=True), ParentGone)
    assert isinstance(read(status, content, replying=False), Stop)


@pytest.mark.parametrize("replying", [False, True])
def test_the_vague_403_gives_the_text_up(replying: bool) -> None:
    content = forbidden("You are not permitted to perform this action.")
    assert isinstance(read(403, content, replying=replying), Refused)


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 413, 415, 422, 451, 499])
@pytest.mark.parametrize("content", [{"title": "Odd", "detail": "Your account is locked."}, b"<html>", {}, None])
def test_other_refusals_stop_with_the_status(status: int, content: object) -> None:
    outcome = read(status, content, replying=True)
    assert isinstance(outcome, Stop)
    assert f"X answered {status}" in outcome.reason


@pytest.mark.parametrize("status", [400, 403, 406, 410, 413, 415, 422, 451, 499])
@pytest.mark.parametrize(
    "content",
    [
        {"title": "Odd", "detail": "We do not like it."},
        {"title": "Odd", "detail": "We do not like it.", "type": HOSTS[1] + "invalid-request"},
        {"errors": [{"code": 186, "message": "Tweet needs to be a bit shorter."}]},
        forbidden("You have exceeded the limit of 280 characters for posts."),
        forbidden("Your Tweet has too many hashtags."),
    ],
    ids=["new", "typed", "old", "length", "hashtags"],
)
def test_a_refusal_in_unknown_words_may_be_about_the_text(status: int, content: object) -> None:
    assert isinstance(read(status, content), Unexplained)


@pytest.mark.parametrize("status", [400, 403, 422])
@pytest.mark.parametrize(
    "content",
    [b"", b"Forbidden", {}, None, [], {"detail": ""}, {"errors": [{"code": 999}]}, {"message": "Forbidden"}],
    ids=["empty", "text", "no fields", "null", "list", "no words", "unknown number", "another field"],
)
def test_a_refusal_without_words_may_be_about_the_text(status: int, content: object) -> None:
    """Else it would be posted again at every invocation, for ever."""
    assert isinstance(read(status, content), Unexplained)


CLOUDFLARE = {
    "type": "https://developers.cloudflare.com/support/errors/error-1010/",
    "title": "Error 1010: Access denied",
    "status": 403,
    "detail": "The site owner has blocked access based on your browser's signature.",
}


@pytest.mark.parametrize("status", [400, 403, 406, 409, 410, 413, 415, 422, 451, 499])
@pytest.mark.parametrize(
    "content",
    [b"<html>Attention Required! | Cloudflare</html>", b"\n<!DOCTYPE html>", CLOUDFLARE],
    ids=["page", "page after a line", "problem of another"],
)
def test_what_somebody_in_between_answers_is_not_about_the_text(status: int, content: object) -> None:
    outcome = read(status, content)
    assert type(outcome) is Stop
    assert "not its own: look whether a proxy or a firewall is in between" in outcome.reason


@pytest.mark.parametrize("status", [409, 411, 412, 414, 417, 418, 421, 423, 424, 425, 426, 428, 431])
def test_a_status_that_is_of_the_request_is_not_about_the_text(status: int) -> None:
    assert type(read(status, {"title": "Odd", "detail": "We do not like it."})) is Stop


NOT_THE_TEXT = [
    (32, "Could not authenticate you."),
    (37, "Not authorized to use this endpoint."),
    (63, "User has been suspended."),
    (64, "Your account is suspended and is not permitted to access this feature."),
    (87, "Client is not permitted to perform this action."),
    (89, "Invalid or expired token."),
    (92, "SSL is required."),
    (99, "Unable to verify your credentials."),
    (135, "Timestamp out of bounds."),
    (215, "Bad Authentication data."),
    (220, "Your credentials do not allow access to this resource."),
    (226, "This request looks like it might be automated. Please try again later."),
    (231, "User must verify login."),
    (239, "Bad guest token."),
    (251, "This endpoint has been retired and should not be used."),
    (261, "Application cannot perform write actions. Contact Support."),
    (326, "To protect our users from spam, this account is temporarily locked."),
    (348, "Client application is not permitted to access this resource."),
    (416, "Your application has been suspended."),
    (453, "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints."),
]


@pytest.mark.parametrize("status", [400, 403])
@pytest.mark.parametrize(("code", "message"), NOT_THE_TEXT)
def test_an_error_that_is_not_about_the_text_is_known_by_its_code(status: int, code: int, message: str) -> None:
    assert type(read(status, {"errors": [{"code": code, "message": message}]})) is Stop
    assert type(read(status, {"errors": [{"code": code, "message": "Reworded."}]})) is Stop
    assert type(read(status, {"errors": [{"code": str(code), "message": "Reworded."}]})) is Stop


@pytest.mark.parametrize(
    "detail",
    [
        *(message for code, message in NOT_THE_TEXT if code != 239),
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.",
        "This account is temporarily restricted.",
        "Your account has been limited.",
        "You are not permitted to use OAuth2 on this endpoint",
        "When authenticating requests to the X API v2 endpoints, you must use keys from a developer App.",
        "Your account is in read-only mode.",
        "Please verify your account to go on.",
        "Your request was flagged for unusual activity.",
    ],
)
@pytest.mark.parametrize("status", [400, 403])
def test_a_refusal_that_is_not_about_the_text_is_known_by_its_words(status: int, detail: str) -> None:
    assert type(read(status, forbidden(detail))) is Stop


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (32, "check the four keys, and this machine's clock"),
        (453, "look in X's developer console"),
        (226, "log in to the account and look"),
    ],
)
def test_what_is_not_about_the_text_says_what_to_do(code: int, advice: str) -> None:
    assert advice in reason(read(403, {"errors": [{"code": code, "message": "Reworded."}]}))


@pytest.mark.parametrize("status", [401, 402, 404, 405, 407])
@pytest.mark.parametrize("content", [{"title": "Odd", "detail": "We do not like it."}, b"<html>", {}, None])
def test_what_a_status_says_is_not_about_the_text(status: int, content: object) -> None:
    assert type(read(status, content)) is Stop


@pytest.mark.parametrize(
    "detail",
    [
        "Your account is suspended and is not permitted to access this feature.",
        "To protect our users from spam, this account is temporarily locked. Log in to unlock your account.",
        "This account has been deactivated.",
    ],
)
def test_an_account_that_may_not_post_is_not_about_the_text(detail: str) -> None:
    assert type(read(403, forbidden(detail))) is Stop


def test_a_refusal_quotes_x() -> None:
    assert read(403, forbidden("Your account is suspended.")) == Stop(
        "X answered 403 Forbidden (X says: Your account is suspended.)"
    )


@pytest.mark.parametrize(
    ("reset", "until"),
    [
        (str(int(NOW.timestamp()) + 300), NOW + timedelta(seconds=300)),
        (f" {int(NOW.timestamp()) + 1} ", NOW + timedelta(seconds=1)),
        (str(int(NOW.timestamp()) + 86_400), NOW + DAY),
        (str(int(NOW.timestamp()) + 86_401), NOW + DAY),
        ("9" * 15, NOW + DAY),
        ("9" * 400, NOW + QUARTER),
        (str(int(NOW.timestamp())), NOW + QUARTER),
        (str(int(NOW.timestamp()) - 5), NOW + QUARTER),
        ("0", NOW + QUARTER),
        ("-5", NOW + QUARTER),
        ("1e10", NOW + QUARTER),
        ("soon", NOW + QUARTER),
        ("", NOW + QUARTER),
        (None, NOW + QUARTER),
    ],
)
def test_a_rate_limit_waits_for_its_reset_or_a_quarter_of_an_hour(reset: str | None, until: datetime) -> None:
    outcome = read(429, b"", {} if reset is None else {"x-rate-limit-reset": reset})
    assert isinstance(outcome, Wait)
    assert outcome.until == until


def test_words_of_x_are_one_short_line() -> None:
    told = reason(read(403, forbidden("No\r\n\x1b[31m" + "way \u202e" * 300)))
    assert told.isprintable()
    assert "X says: No [31mway way" in told
    assert len(told.partition("X says: ")[2]) == 200 + len(")")


@given(
    status=st.integers(100, 599),
    title=st.sampled_from(["Forbidden", "SpendCapReached", *SECRETS]),
    detail=st.lists(
        st.sampled_from([*SECRETS, "duplicate content", 'oauth_signature="Sig/nature=", ', " ", "x" * 190])
    ),
    replying=st.booleans(),
)
def test_no_outcome_shows_a_secret_that_x_echoes(status: int, title: str, detail: list[str], replying: bool) -> None:
    content = {"title": title, "detail": "".join(detail), "errors": [{"message": SECRETS[1], "detail": title}]}
    outcome = repr(read(status, content, replying=replying))
    assert not any(secret in outcome for secret in (*SECRETS, "Sig/nature"))


@given(status=st.integers(100, 999), body=st.binary() | st.text().map(str.encode), replying=st.booleans())
def test_any_answer_is_read_as_one_outcome(status: int, body: bytes, replying: bool) -> None:
    kind = type(read(status, body, {"x-rate-limit-reset": body.decode("latin-1")}, replying=replying))
    maybe_posted = not 400 <= status < 500 or status == 408
    assert (kind is Unknown) == maybe_posted


NAMES = st.sampled_from(["title", "detail", "type", "errors", "message", "reset_date", "data", "id", "other"])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["SpendCapReached", "credits"]),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(NAMES, children, max_size=5),
    max_leaves=8,
)


@given(status=st.sampled_from([400, 401, 402, 403, 404, 429]), content=json_values, replying=st.booleans())
def test_a_refusal_of_any_shape_is_known_not_to_be_posted(status: int, content: Any, replying: bool) -> None:
    assert not isinstance(read(status, content, replying=replying), Posted | Unknown)
