"""An account on X as a story needs it: posts a text, finds one, says whose account it is (OAuth 1.0a)."""

import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from lambda_fn.errors import LimitError, PublishError, SettingError, TimelineError
from lambda_fn.posting.account import NotSent, Outcome, Unknown
from lambda_fn.posting.x.answers import read_post
from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.posting.x.exchange import TIMEOUTS, Failure, Response, Timeouts, exchange
from lambda_fn.posting.x.limits import limit_end
from lambda_fn.posting.x.problems import Problem, read_json
from lambda_fn.posting.x.timeline import TimelinePage
from lambda_fn.settings import DEFAULT_X_API_URL

MOST_PAGES = 10  # of 100 tweets each: far more than a story posts while one tweet is in doubt
LARGEST_PAGE = 1_048_576  # bytes
_ADDRESS = re.compile(
    r"https?://(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?)(:[0-9]+)?(/[A-Za-z0-9._~/-]*)?"
)
_HANDLE = re.compile(r"[A-Za-z0-9_]+")


class Twitter:
    """One account. Every call makes its own connection; nothing is retried.

    `post_limit` and `find_limit` are the seconds that these two calls may take at most.
    """

    def __init__(
        self,
        credentials: Credentials,
        api_url: str = DEFAULT_X_API_URL,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        timeouts: Timeouts = TIMEOUTS,
    ) -> None:
        """Touches nothing on the network. Raises `SettingError` for an address that is none."""
        from requests_oauthlib import OAuth1  # loaded where it is needed: telling without posting does not need it

        if not _is_address(api_url):
            raise SettingError(f"X_API_URL must be an address such as {DEFAULT_X_API_URL}, without a user or a query")
        for name in ("oauthlib", "requests_oauthlib"):
            logging.getLogger(name).setLevel(logging.WARNING)  # below that they log keys and signatures
        logging.getLogger("urllib3").setLevel(logging.ERROR)  # below that it logs what a peer has sent
        self.post_limit = self.find_limit = timeouts.total
        self._credentials, self._clock, self._timeouts = credentials, clock, timeouts
        self._api_url = api_url.rstrip("/")
        self._sign = OAuth1(
            credentials.consumer_key,
            credentials.consumer_secret,
            credentials.access_token,
            credentials.access_token_secret,
        )

    def post(self, text: str, reply_to: str | None = None) -> Outcome:
        """Post a text, as a reply to a tweet if its id is given; returns what is true then, and never raises."""
        content: dict[str, object] = {"text": text}
        if reply_to is not None:
            content["reply"] = {"in_reply_to_tweet_id": reply_to}
        body = json.dumps(content).encode()
        answer = exchange("POST", f"{self._api_url}/2/tweets", self._sign, body=body, timeouts=self._timeouts)
        if isinstance(answer, Failure):
            if answer.begun:
                return Unknown(f"X was asked to post, but no whole answer came: {answer.reason}")
            return NotSent(f"X was not reached, so nothing was posted: {answer.reason}")
        return read_post(answer, self._clock(), self._credentials.conceal, replying=reply_to is not None)

    def find(self, text: str, since: datetime) -> str | None:
        """The id under which a text stands on the account's timeline since a moment, None if it does not.

        `since` has a time zone. Raises `TimelineError` unless the timeline could be read as far back as that; that is a
        `LimitError` if X takes no more requests for now.
        """
        deadline = time.monotonic() + self._timeouts.total
        parameters = {"max_results": "100", "start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"}
        for _ in range(MOST_PAGES):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimelineError("the timeline could not be read: it took too long")
            path = f"/2/users/{self._credentials.user_id}/tweets"
            answer = self._get(path, parameters, replace(self._timeouts, total=left))
            if isinstance(answer, Failure):
                raise TimelineError(f"the timeline could not be read: {answer.reason}")
            problem = Problem.parse(answer, self._credentials.conceal)
            if until := limit_end(answer, problem, self._clock()):
                raise LimitError(f"the timeline could not be read: {problem.explain()}", until)
            page = TimelinePage.parse(answer, self._credentials.conceal)
            tweet_id = page.find(text)
            if tweet_id or page.next_token is None:
                return tweet_id
            parameters["pagination_token"] = page.next_token
        raise TimelineError(f"the timeline since {since:%Y-%m-%d %H:%M} UTC has more than {MOST_PAGES} pages")

    def who_am_i(self) -> str:
        """The account's handle, without the "@". Raises `PublishError` with what to do."""
        answer = self._get("/2/users/me", {}, self._timeouts)
        if isinstance(answer, Failure):
            raise PublishError(f"X was not reached: {answer.reason}")
        if answer.status != 200:
            raise PublishError(Problem.parse(answer, self._credentials.conceal).explain())
        match read_json(answer):
            case {"data": {"id": self._credentials.user_id, "username": str(handle)}} if _HANDLE.fullmatch(handle):
                return handle
            case {"data": {"id": str(), "username": str()}}:
                raise PublishError("the access token is not of the account whose number it begins with: copy it again")
        raise PublishError("X did not say whose account it is: check X_API_URL")

    def _get(self, path: str, parameters: dict[str, str], timeouts: Timeouts) -> Response | Failure:
        return exchange(
            "GET", self._api_url + path, self._sign, parameters=parameters, largest=LARGEST_PAGE, timeouts=timeouts
        )


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(_ADDRESS.fullmatch(url) and parts.hostname and (parts.port is None or parts.port > 0))
    except ValueError:  # a port out of range, or brackets around no address
        return False
