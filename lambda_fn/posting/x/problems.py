"""What X says when it refuses a request, and what to do about it.

X describes a problem as JSON: `title`, `detail`, and a `type` that is an address, under one of two hosts. Only the
last part of that distinguishes problems. Older answers have a list of `errors`, each with a `code` and a `message`.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from lambda_fn.posting.x.causes import LASTING, Cause, is_limit, name_cause
from lambda_fn.posting.x.exchange import Response

LONGEST_QUOTE = 200  # characters of X's own words that a message shows
Conceal = Callable[[str], str]  # removes secrets from a text that came from outside
_ADDRESS = re.compile(r"\w+://")
_ADDRESS_OF_X = re.compile(r"https?://(?:[\w-]+\.)*(?:x|twitter)\.com(?:[/:?#]|$)", re.IGNORECASE)


def read_json(answer: Response) -> dict[str, object] | None:
    """The JSON object that an answer carries, None if it carries anything else."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True)
class Problem:
    """Why X refused a request."""

    status: int
    kinds: frozenset[str]  # titles and last parts of types: lower case, letters and digits only
    codes: frozenset[int]  # of the older answers
    words: str  # details, or what stands for them, lower case, to look for phrases in
    quote: str  # the same on one line, shortened, without secrets; may be empty
    reset_date: object  # as X wrote it, None if it did not
    is_of_another: bool  # whether a proxy or a firewall has answered in place of X

    @classmethod
    def parse(cls, answer: Response, conceal: Conceal) -> Self:
        """Read an answer of any content."""
        found = read_json(answer) or {}
        errors = found.get("errors")
        entries = [found, *(entry for entry in (errors if isinstance(errors, list) else []) if isinstance(entry, dict))]
        kinds, words = [], []
        for entry in entries:
            title, kind = _text(entry, "title"), _text(entry, "type").rstrip("/").rpartition("/")[2]
            kinds += [title, kind]
            words += [_text(entry, "detail") or _text(entry, "message") or title]
        sayings = list(dict.fromkeys(" ".join(word.split()) for word in words if word.strip()))
        return cls(
            status=answer.status,
            kinds=frozenset(_letters(kind) for kind in kinds if _letters(kind)),
            codes=frozenset(code for entry in entries if (code := _code(entry)) is not None),
            words="\n".join(sayings).lower(),
            quote=_one_line(conceal(": ".join(sayings))),
            reset_date=found.get("reset_date"),
            is_of_another=answer.body.lstrip().startswith(b"<") or _is_address_of_another(_text(found, "type")),
        )

    def is_a(self, kind: str) -> bool:
        """Whether X calls it this, in a title or at the end of a type, in any spelling."""
        return any(name.startswith(_letters(kind)) for name in self.kinds)

    def says(self, *phrases: str) -> bool:
        """Whether X's words contain one of these phrases, given in lower case."""
        return any(phrase in self.words for phrase in phrases)

    @property
    def is_spend_cap(self) -> bool:
        """Whether the account has reached its spending cap; X may call that a problem with credits too."""
        return self.is_a("spend-cap") or (self.is_a("credits") and self.reset_date is not None)

    @property
    def is_lasting(self) -> bool:
        """Whether X names a problem that only its owner can solve, whatever else it says."""
        return any(self.is_a(kind) for kind in LASTING)

    @property
    def is_limit(self) -> bool:
        """Whether X says that there were too many requests or posts."""
        if self.is_lasting or self.cause is Cause.AUTOMATION:
            return False
        named = any(self.is_a(kind) for kind in ("usage-cap", "rate-limit", "too-many-requests", "daily-limit"))
        return named or is_limit(self.codes, self.words)

    @property
    def is_duplicate(self) -> bool:
        """Whether X says that the account has the text already."""
        return 187 in self.codes or self.says("duplicate content", "is a duplicate")

    @property
    def cause(self) -> Cause | None:
        """What X names as the cause, other than the text; None if that is not recognized."""
        return name_cause(self.kinds, self.codes, self.words)

    def explain(self) -> str:
        """What is wrong and what to do, as one sentence."""
        advice = self._advice()
        if self.quote.lower() in advice.lower():
            return advice
        return f"{advice} (X says: {self.quote})"

    def _advice(self) -> str:
        if self.status == 401:
            return "X did not accept the credentials (401 Unauthorized): check the four keys, and this machine's clock"
        if self.is_spend_cap:
            return "the X account has reached its spending cap: raise it in X's developer console, or wait"
        if self.status == 402 or self.is_a("credits"):
            return "the X account has no credits left: buy some in X's developer console"
        if self.is_a("oauth1-permissions"):
            return (
                "the access token does not allow this: set the app's permissions to read and write, then regenerate "
                "the access token and store it again"
            )
        if self.is_a("client-forbidden"):
            return "the app may not use this part of X's API: attach it to a project in X's developer console"
        if self.is_a("not-authorized-for-resource"):
            return "X does not let this account do that: look whether it is locked, suspended or protected"
        if self.status == 404:
            return "X answered 404 Not Found: check X_API_URL"
        if self.status in (420, 429) or self.is_limit:
            return f"X takes no more requests for now ({self.status})"
        return self._advice_on_cause() or f"X answered {self.status}{_phrase(self.status)}"

    def _advice_on_cause(self) -> str:
        answered = f"X answered {self.status}{_phrase(self.status)}"
        if self.cause is Cause.CREDENTIALS:
            return f"{answered}: it did not accept the credentials: check the four keys, and this machine's clock"
        if self.cause is Cause.APP:
            return f"{answered}: look in X's developer console what the app may do, and whether it is suspended"
        if self.cause is Cause.AUTOMATION:
            return f"{answered}: it takes the posts for unwanted automation: log in to the account and look"
        if 400 <= self.status < 500 and self.status != 408 and self.is_of_another:
            return f"{answered}, in words that are not its own: look whether a proxy or a firewall is in between"
        return ""


def _text(entry: dict[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _code(entry: dict[str, object]) -> int | None:
    """The number of an error, which may be a string."""
    value = entry.get("code")
    if isinstance(value, str) and re.fullmatch("[0-9]{1,6}", value):
        return int(value)
    return value if isinstance(value, int) else None


def _is_address_of_another(kind: str) -> bool:
    """Whether a problem's type is an address that is not of X: other services describe problems in the same way."""
    return bool(_ADDRESS.match(kind)) and not _ADDRESS_OF_X.match(kind)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _one_line(text: str) -> str:
    """Without characters that cannot be shown, at most `LONGEST_QUOTE` of them."""
    text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
