"""A local X: an HTTP server with one account and its timeline, which verifies signatures and fails as told.

`with LocalX(credentials) as x:`, then `x.url`, `x.timeline`, `x.faults.append(Fault.LATE)`. For rehearsals by hand,
GET /control/timeline needs no signature: every post that was not deleted, oldest first, as id, text, reply_to, time.
"""

import html
import json
import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from ssl import SSLContext
from typing import Any, Literal, Self
from unicodedata import normalize
from urllib.parse import parse_qsl, urlsplit

from lambda_fn.posting.x.credentials import Credentials
from peers.x_faults import Fault, Plan, Request, problem
from peers.x_server import Server
from peers.x_signatures import Signatures

FIRST_ID = 1_800_000_000_000_000_001
HEAVY = re.compile("[^\x00-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
TIME = "%Y-%m-%dT%H:%M:%SZ"
INVALID = problem(400, "Invalid Request", "One or more parameters to your request was invalid.", "invalid-request")
NOT_FOUND = problem(404, "Not Found Error", "Could not find this.", "resource-not-found")
Decision = Fault | Plan | None


@dataclass(frozen=True)
class Post:
    """A text on the timeline."""

    id: str
    text: str
    reply_to: str | None
    time: datetime  # UTC


class LocalX:
    """X for one account. All attributes may be changed, and all methods called, from any thread at any time.

    `duplicates`: "refuse" a text that stands on the timeline, or "accept" it. `visible_after`: seconds until the
    timeline shows a post. `clock_ahead`: seconds that X's clock is ahead of the system's (signatures keep the
    system's). `delay`: seconds for slow faults. `read_only`: the token may not post. `show`: how the timeline
    writes a text. `faults` are used up by posts, `timeline_faults` by all that is read, one a request with a right
    signature; what `decide` says of a request goes before them.
    """

    def __init__(
        self,
        credentials: Credentials,
        *,
        duplicates: Literal["refuse", "accept"] = "refuse",
        visible_after: float = 0.0,
        clock_ahead: float = 0.0,
        delay: float = 0.5,
        read_only: bool = False,
        handle: str = "endless_novel",
        show: Callable[[str], str] = lambda text: html.escape(text, quote=False),
        decide: Callable[[Request], Decision] | None = None,
        tls: SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self.duplicates, self.visible_after, self.clock_ahead = duplicates, visible_after, clock_ahead
        self.delay, self.read_only, self.handle = delay, read_only, handle
        self.show, self.decide = show, decide
        self.faults: deque[Fault | Plan] = deque()
        self.timeline_faults: deque[Fault | Plan] = deque()
        self.requests: list[Request] = []
        self._user_id, self._signatures = credentials.user_id, Signatures(credentials)
        self._posts: list[Post] = []
        self._next_id = FIRST_ID
        self._lock = threading.RLock()
        self._tls, self._port = tls, port
        self._server: Server | None = None

    def __enter__(self) -> Self:
        self._server = Server(self, self._port, self._tls)
        self._port = self._server.server_port
        return self

    def __exit__(self, *_: object) -> None:
        if self._server:
            self._server.stop()
        self._server = None

    @property
    def url(self) -> str:
        """The base address of the API."""
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @contextmanager
    def unreachable(self) -> Iterator[None]:
        """Refuse all connections for a while, then listen again at the same address."""
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    @property
    def timeline(self) -> list[Post]:
        """Every post that was not deleted, oldest first, shown already or not."""
        with self._lock:
            return list(self._posts)

    @property
    def posts_asked(self) -> int:
        """How many requests to post were read, whatever came of them."""
        return sum(request.method == "POST" for request in list(self.requests))

    @property
    def now(self) -> datetime:
        """X's clock."""
        return datetime.now(UTC) + timedelta(seconds=self.clock_ahead)

    def add(self, text: str, reply_to: str | None = None, time: datetime | None = None) -> Post:
        """Put a post on the timeline."""
        with self._lock:
            post = Post(str(self._next_id), text, reply_to, time or self.now)
            self._next_id += 1
            self._posts.append(post)
            return post

    def delete(self, tweet_id: str) -> None:
        """Delete a post."""
        with self._lock:
            self._posts = [post for post in self._posts if post.id != tweet_id]

    def clear(self) -> None:
        """Forget all posts, faults and requests."""
        with self._lock:
            self._posts, self.requests = [], []
            self.faults.clear()
            self.timeline_faults.clear()

    def closes_unread(self, method: str, target: str) -> bool:
        """Whether this request is to be cut off before its body is read; uses that fault up."""
        with self._lock:
            if not target.startswith("/2/"):
                return False
            waiting = self.faults if method == "POST" else self.timeline_faults
            if waiting and _plan(waiting[0]).manner == "unread":
                waiting.popleft()
                return True
            return False

    def answer(self, request: Request) -> Plan:
        """What to answer, and how."""
        with self._lock:
            if (request.method, request.path) == ("GET", "/control/timeline"):
                return _json([asdict(post) | {"time": post.time.isoformat()} for post in self._posts])
            self.requests.append(request)
            if not self._signatures.verify(request.method, request.url, request.body, request.headers):
                return Fault.UNAUTHORIZED.value
            fault = self._fault(request)
            if fault and not fault.accept:
                if fault.status or fault.manner in ("nothing", "unread"):
                    return self._dated(fault)
                return replace(self._ordinary(request), manner=fault.manner)
            ordinary = self._ordinary(request)
            if fault is None:
                return ordinary
            if fault.status and ordinary.status in (200, 201):
                return self._dated(fault)
            return replace(ordinary, manner=fault.manner)

    def _fault(self, request: Request) -> Plan | None:
        decision = self.decide(request) if self.decide else None
        waiting = self.faults if request.method == "POST" else self.timeline_faults
        if decision is None and waiting:
            decision = waiting.popleft()
        return _plan(decision) if decision else None

    def _dated(self, plan: Plan) -> Plan:
        if plan.reset_in is None:
            return plan
        reset = int(self.now.timestamp() + plan.reset_in)
        return replace(plan, headers={**plan.headers, "x-rate-limit-reset": str(reset)})

    def _ordinary(self, request: Request) -> Plan:
        match request.method, request.path:
            case "POST", "/2/tweets":
                return self._post(request)
            case "GET", "/2/users/me":
                return _json({"data": {"id": self._user_id, "name": "A novel", "username": self.handle}})
            case "GET", path if path == f"/2/users/{self._user_id}/tweets":
                return self._read(request)
        return NOT_FOUND

    def _post(self, request: Request) -> Plan:
        if self.read_only:
            return Fault.READ_ONLY_TOKEN.value
        if request.headers.get("Content-Type") != "application/json":
            return INVALID
        try:
            content = json.loads(request.body)
        except ValueError:
            return INVALID
        match content:
            case {"text": str(text), **rest} if text.strip() and not rest:
                reply_to = None
            case {"text": str(text), "reply": {"in_reply_to_tweet_id": str(reply_to), **more}, **rest} if (
                text.strip() and not rest and not more
            ):
                if reply_to not in [post.id for post in self._posts]:
                    return Fault.PARENT_GONE.value
            case _:
                return INVALID
        text = normalize("NFC", text)
        if len(text) + len(HEAVY.findall(text)) > 280:
            return Fault.VAGUE.value
        if self.duplicates == "refuse" and _folded(text) in [_folded(post.text) for post in self._posts]:
            return Fault.DUPLICATE.value
        post = self.add(text, reply_to)
        return _json({"data": {"id": post.id, "text": text, "edit_history_tweet_ids": [post.id]}}, 201)

    def _read(self, request: Request) -> Plan:
        query = dict(parse_qsl(urlsplit(request.target).query, keep_blank_values=True))
        most, start = query.pop("max_results", "10"), query.pop("start_time", "1970-01-01T00:00:00Z")
        skip = query.pop("pagination_token", "0")
        try:
            since = datetime.strptime(start, TIME).replace(tzinfo=UTC)
            count, skipped = int(most), int(skip)
        except ValueError:
            return INVALID
        if query or not 5 <= count <= 100 or since > self.now:
            return INVALID
        until = self.now - timedelta(seconds=self.visible_after)
        shown = [post for post in reversed(self._posts) if since <= post.time <= until]
        page = shown[skipped : skipped + count]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
        if len(shown) > skipped + count:
            meta["next_token"] = str(skipped + count)
        data = [{"id": post.id, "text": self.show(post.text), "edit_history_tweet_ids": [post.id]} for post in page]
        return _json({"data": data, "meta": meta} if data else {"meta": meta})


def _plan(decision: Fault | Plan) -> Plan:
    return decision.value if isinstance(decision, Fault) else decision


def _json(content: object, status: int = 200) -> Plan:
    body = json.dumps(content).encode()
    return Plan(status=status, body=body, headers={"Content-Type": "application/json; charset=utf-8"})


def _folded(text: str) -> str:
    return " ".join(text.split())
