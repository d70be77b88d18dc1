"""What X says when it does not do as asked, and what there is to do about it.

X describes a problem as JSON: `title`, `detail`, and a `type` that is an address, under one of two hosts. Only the
last part of that tells problems apart. Older answers have a list of `errors`, each with a `message`.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self

from lambda_fn.posting.x.exchange import Answer

LONGEST_QUOTE = 200  # characters of X's own words that a message shows
Conceal = Callable[[str], str]  # takes secrets out of somebody else's words


def read_json(answer: Answer) -> dict[str, object] | None:
    """The JSON object that an answer carries, None if it carries anything else."""
    try:
        value = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


@dataclass(frozen=True)
class Problem:
    """Why X did not do as asked."""

    status: int
    kinds: frozenset[str]  # titles and last parts of types: lower case, letters and digits only
    words: str  # details, or what stands for them, lower case, to look for phrases in
    quote: str  # the same on one line, shortened, without secrets; may be empty
    reset_date: object  # as X wrote it, None if it did not

    @classmethod
    def read(cls, answer: Answer, conceal: Conceal) -> Self:
        """Read an answer, whatever it holds."""
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
            words="\n".join(sayings).lower(),
            quote=_one_line(conceal(": ".join(sayings))),
            reset_date=found.get("reset_date"),
        )

    def is_a(self, kind: str) -> bool:
        """Whether X calls it this, in a title or at the end of a type, however it spells that."""
        return any(name.startswith(_letters(kind)) for name in self.kinds)

    def says(self, *phrases: str) -> bool:
        """Whether X's words hold one of these phrases, given in lower case."""
        return any(phrase in self.words for phrase in phrases)

    @property
    def is_spend_cap(self) -> bool:
        """Whether the account has reached its spending cap; X may call that a problem with credits too."""
        return self.is_a("spend-cap") or (self.is_a("credits") and self.reset_date is not None)

    @property
    def is_limit(self) -> bool:
        """Whether X says that there were too many requests or posts; no limit is what cannot pass by itself."""
        if any(self.is_a(kind) for kind in ("credits", "oauth1-permissions", "client-forbidden")):
            return False
        named = any(self.is_a(kind) for kind in ("usage-cap", "rate-limit", "too-many-requests", "daily-limit"))
        return named or self.says(
            "daily limit", "over daily", "daily status update limit", "daily tweet limit", "daily post limit",
            "24 hour limit", "24-hour limit", "rate limit exceeded", "too many requests", "usage cap exceeded",
        )  # fmt: skip

    @property
    def is_of_the_account(self) -> bool:
        """Whether X says that the account may not post at all, whatever the text."""
        states = ("suspended", "locked", "temporarily locked", "deactivated")
        return self.says(*(f"account {verb} {state}" for state in states for verb in ("is", "has been")))

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
        return f"X answered {self.status}{_phrase(self.status)}"


def _text(entry: dict[str, object], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))


def _one_line(text: str) -> str:
    """Without control characters and whatever else cannot be shown, at most `LONGEST_QUOTE` characters."""
    text = " ".join("".join(character if character.isprintable() else " " for character in text).split())
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
