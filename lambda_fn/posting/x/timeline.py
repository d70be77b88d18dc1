"""A page of an account's timeline, and how a text is found in it."""

import html
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from lambda_fn.errors import TimelineError
from lambda_fn.posting.x.answers import TWEET_ID
from lambda_fn.posting.x.exchange import Response
from lambda_fn.posting.x.problems import Conceal, Problem, read_json


@dataclass(frozen=True)
class TimelinePage:
    """Some tweets, newest first."""

    texts: Mapping[str, str]  # by id, as X shows them
    next_token: str | None  # asks for the page after this one; None: there is none

    @classmethod
    def parse(cls, answer: Response, conceal: Conceal) -> Self:
        """Read an answer to `GET /2/users/:id/tweets`; anything but a whole page is a `TimelineError`."""
        problem = Problem.parse(answer, conceal)
        if answer.status != 200:
            raise TimelineError(f"the timeline could not be read: {problem.explain()}")
        page = read_json(answer)
        if page is None:
            raise TimelineError("the timeline could not be read: X's answer is not a JSON object")
        if page.get("errors"):
            raise TimelineError(f"the timeline could not be read whole: {problem.quote or 'X reports errors in it'}")
        meta, data = page.get("meta"), page.get("data", [])
        # An empty page has no data, but it does say that it is one.
        if not isinstance(meta, dict) or not isinstance(data, list) or ("data" not in page and not _says_empty(meta)):
            raise _malformed()
        texts: dict[str, str] = {}
        for tweet in data:
            match tweet:
                case {"id": str(tweet_id), "text": str(text)} if TWEET_ID.fullmatch(tweet_id):
                    texts[tweet_id] = text
                case _:
                    raise _malformed()
        next_token = meta.get("next_token")
        if next_token is not None and (not isinstance(next_token, str) or not next_token):
            raise _malformed()
        return cls(texts, next_token)

    def find(self, text: str) -> str | None:
        """The id of the tweet with this text; None if it is not on this page."""
        return next((tweet_id for tweet_id, shown in self.texts.items() if same_text(text, shown)), None)


def same_text(text: str, shown: str) -> bool:
    """Whether X shows this text: it may escape it for HTML, compose characters, and change white space.

    same_text("“Ham  & eggs”", "“Ham &amp; eggs”") → True
    """
    return _folded(text) in (_folded(shown), _folded(html.unescape(shown)))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _says_empty(meta: Mapping[str, object]) -> bool:
    return meta.get("result_count") == 0


def _malformed() -> TimelineError:
    return TimelineError("the timeline could not be read: X's answer is not a page of tweets")
