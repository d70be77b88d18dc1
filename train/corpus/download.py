"""Fetches ebooks from a mirror of Project Gutenberg, by the site's rules for programs.

The main site, www.gutenberg.org, is for people; programs use one of the mirrors of
https://www.gutenberg.org/MIRRORS.ALL and wait two seconds between requests
(https://www.gutenberg.org/policy/robot_access.html).
"""

import email.utils
import http.client
import re
import socket
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from train.corpus.decoding import decode_ebook
from train.corpus.options import DEFAULT_MIRROR, PAUSE
from train.errors import DownloadError, MissingEbookError, WrongEbookError

_LAYOUTS = (
    "cache/epub/{id}/pg{id}.txt",  # made by Project Gutenberg from the ebook's master: always UTF-8
    "{digits}/{id}/{id}-0.txt",  # the main collection: UTF-8, Latin-1, ASCII
    "files/{id}/{id}-0.txt",
    "{digits}/{id}/{id}-8.txt",
    "{digits}/{id}/{id}.txt",
    "files/{id}/{id}-8.txt",
    "files/{id}/{id}.txt",
)
_LONGEST_WAIT = 600.0
_EBOOK_NUMBER = re.compile(r"\[\s*(?:eBook|EText)\s*#\s*(\d+)\s*\]", re.IGNORECASE)
_END = re.compile(r"end of (?:the |this )?project gutenberg", re.IGNORECASE)


class _NotThereError(Exception):
    """This address has nothing: the next layout may."""


class _TryAgainError(Exception):
    """The mirror could not answer now; `wait` is how long it asks for, in seconds."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


def user_agent() -> str:
    """Name this program and its version to a mirror, as the rules for programs ask."""
    root = Path(__file__).resolve().parents[2]
    described = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    name, versioned = described["project"]["name"], root / described["tool"]["hatch"]["version"]["path"]
    version = re.findall(r'__version__ = "(.+)"', versioned.read_text(encoding="utf-8"))[0]
    return f"{name}/{version} (python -m train corpus; one ebook at a time, with a pause)"


class Mirror:
    """A mirror of Project Gutenberg, asked for one ebook at a time.

    base: its address (https://, http://, file://) or a folder. pause: seconds between two requests, by default 2 on the
    network and none for a folder. A request is tried `attempts` times, each for `timeout` seconds. `sleep` can be
    replaced, so that tests need not wait. Raises DownloadError for an address that cannot be a mirror.
    """

    def __init__(
        self,
        base: str = DEFAULT_MIRROR,
        pause: float | None = None,
        attempts: int = 5,
        timeout: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.base = (base if "://" in base else Path(base).resolve().as_uri()).rstrip("/")
        scheme, host = urllib.parse.urlsplit(self.base)[:2]
        if scheme not in ("https", "http", "file"):
            raise DownloadError(f"mirror '{base}': an address starts with https://, http:// or file://")
        if scheme != "file" and not host:
            raise DownloadError(f"mirror '{base}': the address names no host")
        if scheme == "file" and not _path(self.base).is_dir():
            raise DownloadError(f"mirror '{base}' is not a folder")
        self.pause = pause if pause is not None else 0.0 if scheme == "file" else PAUSE
        self.attempts, self.timeout, self._sleep = attempts, timeout, sleep
        self._layouts = list(_LAYOUTS)
        self._asked = False

    def fetch(self, ebook: int) -> str:
        """Return the text of an ebook as published, checked to be the whole of that ebook.

        Raises MissingEbookError, WrongEbookError, or DownloadError when the mirror cannot be reached.
        """
        wrong: WrongEbookError | None = None
        for layout in list(self._layouts):
            address = f"{self.base}/{layout.format(id=ebook, digits='/'.join(str(ebook)[:-1]) or '0')}"
            try:
                text = self._text(address, ebook)
            except _NotThereError:
                continue
            except WrongEbookError as error:
                wrong = wrong or error
                continue
            self._layouts.remove(layout)
            self._layouts.insert(0, layout)  # what worked is tried first from now on
            return text
        raise wrong or MissingEbookError(
            f"ebook {ebook} is not on the mirror {self.base}: check the number, or try another mirror"
        )

    def _text(self, address: str, ebook: int) -> str:
        if address.startswith("file:"):
            try:
                return check_ebook(_path(address).read_bytes(), ebook, address)
            except FileNotFoundError as error:
                raise _NotThereError from error
            except OSError as error:
                raise DownloadError(f"cannot read {address}: {error.strerror}") from error
        wait = self.pause if self._asked else 0.0
        attempt = 0
        while True:
            attempt += 1
            if wait:
                self._sleep(wait)
            self._asked = True
            try:
                return check_ebook(self._get(address), ebook, address)
            except _TryAgainError as error:
                wait = max(self.pause, 2.0**attempt if error.wait is None else error.wait)
                if attempt >= self.attempts:
                    raise DownloadError(f"cannot fetch {address} (tried {attempt} times): {error}") from error
                if wait > _LONGEST_WAIT:
                    raise DownloadError(f"{self.base} asks to wait {wait:.0f} seconds: try again later") from error

    def _get(self, address: str) -> bytes:
        """Return the whole of what an address answers."""
        headers = {"User-Agent": user_agent(), "Accept": "text/plain, */*;q=0.1"}
        try:
            request = urllib.request.Request(address, headers=headers)
            with urllib.request.urlopen(request, timeout=self.timeout) as answer:
                content: bytes = answer.read()
                length = answer.headers["Content-Length"]
        except urllib.error.HTTPError as error:
            if error.code in (404, 410):
                raise _NotThereError from error
            reason = f"the answer is {error.code} {error.reason}"
            if error.code in (408, 429) or error.code >= 500:
                raise _TryAgainError(reason, _seconds(error.headers["Retry-After"])) from error
            raise DownloadError(f"cannot fetch {address}: {reason}") from error
        except http.client.IncompleteRead as error:
            raise _TryAgainError(f"the answer broke off after {len(error.partial)} bytes") from error
        except urllib.error.URLError as error:
            if isinstance(error.reason, socket.gaierror):
                raise DownloadError(f"the mirror {self.base} cannot be found: is the network up?") from error
            raise _TryAgainError(str(error.reason)) from error
        except (OSError, http.client.HTTPException) as error:
            raise _TryAgainError(str(error) or type(error).__name__) from error
        if length is None and not _END.search(content[-30_000:].decode("utf-8", "replace")):
            raise _TryAgainError("the answer stops before the ebook's end")
        return content


def check_ebook(content: bytes, ebook: int, source: str) -> str:
    """Decode an ebook and make sure that it is this one: its header names Project Gutenberg and the number.

    Raises WrongEbookError, naming `source`.
    """
    text = decode_ebook(content, source)
    head = text[:20_000]
    if re.match(r"\s*<(?:!doctype|html|\?xml)", head, re.IGNORECASE):
        raise WrongEbookError(f"{source} is a web page, not the text of ebook {ebook}")
    number = _EBOOK_NUMBER.search(head)
    if number and int(number[1]) != ebook:
        raise WrongEbookError(f"{source} is not ebook {ebook}: its header says {number[1]}")
    if "project gutenberg" not in head.lower():
        raise WrongEbookError(f"{source} is not ebook {ebook}: it has no Project Gutenberg header")
    return text


def _path(address: str) -> Path:
    return Path(urllib.request.url2pathname(urllib.parse.urlsplit(address).path))


def _seconds(retry_after: str | None) -> float | None:
    """How long a Retry-After header asks to wait; it is a number of seconds or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    if retry_after.strip().isdigit():
        return float(retry_after)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
