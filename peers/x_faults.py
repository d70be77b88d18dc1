"""What a local X is asked, and how it may fail: every row of the table of X's answers, and what a network adds."""

import json
from dataclasses import dataclass, field
from enum import Enum, unique
from typing import Any, Literal
from urllib.parse import urlsplit

Manner = Literal["whole", "nothing", "unread", "half", "late", "drip", "drip_headers"]
PROBLEMS = "https://api.twitter.com/2/problems/"  # X uses this host and api.x.com


@dataclass(frozen=True)
class Plan:
    """What to do with one request.

    `accept`: a post goes on the timeline first. `manner`: the answer is sent whole; not at all, after the request
    was read ("nothing") or before ("unread"); cut in its middle ("half"); after `LocalX.delay` seconds ("late");
    byte by byte with that delay, its body or already its headers. `status` None stands for the ordinary answer.
    """

    accept: bool = False
    manner: Manner = "whole"
    status: int | None = None
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    reset_in: float | None = None  # seconds from now that the header x-rate-limit-reset names; None: no such header


@dataclass(frozen=True)
class Request:
    """What a request was."""

    scheme: str
    method: str
    target: str  # path and query
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def url(self) -> str:
        """The whole address, as the client must have signed it."""
        return f"{self.scheme}://{self.headers['Host']}{self.target}"


def problem(status: int, title: str, detail: str = "", kind: str | None = None, **more: Any) -> Plan:
    """An answer as X words it; `kind` is the last part of its `type`."""
    address = PROBLEMS + kind if kind else "about:blank"
    content = {"title": title, "type": address, "status": status, "detail": detail, **more}
    return Plan(status=status, body=json.dumps(content).encode(), headers={"Content-Type": "application/problem+json"})


def accepted(plan: Plan) -> Plan:
    """The same, but the post was made."""
    return Plan(True, plan.manner, plan.status, plan.body, plan.headers, plan.reset_in)


_HTML = b"<!DOCTYPE html><html><head><title>X / Over capacity</title></head><body>Back soon.</body></html>"
_UNAVAILABLE = Plan(status=503, body=_HTML, headers={"Content-Type": "text/html"})
_INTERNAL = problem(500, "Internal Server Error", "Something is broken.")
_TIMEOUT = problem(408, "Request Timeout")
_BAD_GATEWAY = Plan(status=502)
_LIMIT = problem(429, "Too Many Requests", "Too Many Requests")
_PARTIAL = {"errors": [{"title": "Service Unavailable", "detail": "Some posts are missing.", "type": "about:blank"}]}


@unique
class Fault(Enum):
    """Named plans. What the outcome of a post is for its caller is in the comment."""

    # The network: unknown, whether or not the post was made.
    CLOSE_UNREAD = Plan(manner="unread")
    CLOSE_REFUSING = Plan(manner="nothing")
    CLOSE_ACCEPTING = Plan(accept=True, manner="nothing")
    HALF_ACCEPTING = Plan(accept=True, manner="half")
    LATE = Plan(accept=True, manner="late")  # posted, if the caller is patient
    LATE_REFUSING = Plan(manner="late", status=500)
    DRIP = Plan(accept=True, manner="drip")  # posted, if the caller is patient
    DRIP_HEADERS = Plan(accept=True, manner="drip_headers")

    # Answers that say nothing: unknown.
    REQUEST_TIMEOUT = _TIMEOUT
    REQUEST_TIMEOUT_ACCEPTING = accepted(_TIMEOUT)
    INTERNAL = _INTERNAL
    INTERNAL_ACCEPTING = accepted(_INTERNAL)
    BAD_GATEWAY = _BAD_GATEWAY
    BAD_GATEWAY_ACCEPTING = accepted(_BAD_GATEWAY)
    UNAVAILABLE = _UNAVAILABLE
    UNAVAILABLE_ACCEPTING = accepted(_UNAVAILABLE)
    WITHOUT_ID = Plan(status=201, body=b'{"data": {}}')
    WITHOUT_ID_ACCEPTING = accepted(Plan(status=201, body=b'{"data": {}}'))
    GARBAGE = Plan(status=200, body=b"\x00{]")
    GARBAGE_ACCEPTING = accepted(Plan(status=201, body=b'{"data": {"id": "12'))
    OVERSIZED_ACCEPTING = accepted(Plan(status=201, body=b'{"data": {"id": "1"}}' + b" " * 2_000_000))
    REDIRECT = Plan(status=307, headers={"Location": "/2/tweets"})

    # Answers that say that nothing was posted.
    UNAUTHORIZED = problem(401, "Unauthorized", "Unauthorized")  # stop
    NO_CREDITS = problem(402, "Payment Required", "No credits are left.", "credits-depleted")  # stop
    CREDITS_DEPLETED = problem(402, "CreditsDepleted", "No credits are left.", "credits")  # stop
    SPEND_CAP = problem(403, "SpendCapReached", "The cap is reached.", "credits", reset_date="2999-01-01")  # wait
    SPEND_CAP_WITHOUT_DATE = problem(403, "SpendCapReached", "The cap is reached.", "spend-cap-reached")  # wait
    DUPLICATE = problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")  # duplicate
    READ_ONLY_TOKEN = problem(403, "Forbidden", "The app lacks OAuth 1.0a permissions.", "oauth1-permissions")  # stop
    CLIENT_FORBIDDEN = problem(403, "Client Forbidden", "The app has no project.", "client-forbidden")  # stop
    NOT_AUTHORIZED = problem(403, "Forbidden", "Not authorized.", "not-authorized-for-resource")  # parent gone, or stop
    PARENT_GONE = problem(403, "Forbidden", "You attempted to reply to a Tweet that is deleted or not visible to you.")
    VAGUE = problem(403, "Forbidden", "You are not permitted to perform this action.")  # refused
    FORBIDDEN = problem(403, "Forbidden", "Your account is suspended.")  # stop
    INVALID = problem(400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request")
    RATE_LIMIT = Plan(status=429, body=_LIMIT.body, reset_in=600)  # wait
    RATE_LIMIT_WITHOUT_RESET = _LIMIT  # wait
    DAILY_LIMIT = problem(403, "Forbidden", "You have reached your daily limit for posts.")  # wait

    # Answers of a timeline that are not to be trusted.
    PARTIAL = Plan(status=200, body=json.dumps({"data": [], "meta": {"result_count": 0}, **_PARTIAL}).encode())
    EMPTY_OBJECT = Plan(status=200, body=b"{}")


MAYBE_POSTED = (
    Fault.CLOSE_UNREAD,
    Fault.CLOSE_REFUSING,
    Fault.CLOSE_ACCEPTING,
    Fault.HALF_ACCEPTING,
    Fault.REQUEST_TIMEOUT,
    Fault.REQUEST_TIMEOUT_ACCEPTING,
    Fault.INTERNAL,
    Fault.INTERNAL_ACCEPTING,
    Fault.BAD_GATEWAY,
    Fault.BAD_GATEWAY_ACCEPTING,
    Fault.UNAVAILABLE,
    Fault.UNAVAILABLE_ACCEPTING,
    Fault.WITHOUT_ID,
    Fault.WITHOUT_ID_ACCEPTING,
    Fault.GARBAGE,
    Fault.GARBAGE_ACCEPTING,
    Fault.OVERSIZED_ACCEPTING,
    Fault.REDIRECT,
)
"""The faults after which a caller cannot know whether the text was posted, however long it waits."""
