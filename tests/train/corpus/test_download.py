"""Fetching ebooks, from folders and from mirrors that misbehave (a server on this machine plays them)."""

import http.server
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.train.corpus.invented import as_published, invent_chapters
from train.corpus.download import DEFAULT_MIRROR, Mirror, check_ebook, user_agent
from train.errors import DownloadError, MissingEbookError, WrongEbookError

EBOOK = as_published(1234, "The Lamp", invent_chapters(2, seed=1))


@dataclass(frozen=True)
class Answer:
    """What the server says once: a status, a body, headers; `cut` sends less of the body than was announced."""

    status: int = 200
    body: bytes = EBOOK.encode()
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    length: bool = True


class Server:
    """A mirror whose answers are written down beforehand: a list for each path, the last of it repeated."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, str]] = []

    def answer(self, path: str, *answers: Answer) -> None:
        self.answers[path] = list(answers)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            played.requests.append((self.path, self.headers["User-Agent"]))
            queue = played.answers.get(self.path, [Answer(404, b"not here")])
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.length:
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body[: answer.cut])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        played = Server(f"http://127.0.0.1:{listening.server_port}/mirror")
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield played
        listening.shutdown()
        thread.join()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def mirror(server: Server, waits: list[float]) -> Mirror:
    return Mirror(server.address, sleep=waits.append)


MODERN = "/mirror/cache/epub/1234/pg1234.txt"
OLD = "/mirror/1/2/3/1234/1234-8.txt"


def test_an_ebook_comes_as_it_was_published(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer())
    assert mirror.fetch(1234) == EBOOK


def test_a_request_names_the_program_and_its_version(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer())
    mirror.fetch(1234)
    assert server.requests == [(MODERN, user_agent())]
    assert re.match(r"endless-novel/\d+\.\d+\.\d+ \(", user_agent())


def test_the_first_request_does_not_wait_and_the_next_ones_do(
    server: Server, mirror: Mirror, waits: list[float]
) -> None:
    server.answer(MODERN, Answer())
    for _ in range(3):
        mirror.fetch(1234)
    assert waits == [2.0, 2.0]


def test_an_older_layout_is_found_and_tried_first_from_then_on(server: Server, mirror: Mirror) -> None:
    server.answer(OLD, Answer())
    mirror.fetch(1234)
    before = len(server.requests)
    mirror.fetch(1234)
    assert [path for path, _ in server.requests[before:]] == [OLD]


def test_an_ebook_with_one_digit_is_looked_for_under_zero(server: Server, mirror: Mirror) -> None:
    server.answer("/mirror/0/7/7-0.txt", Answer(body=EBOOK.replace("#1234", "#7").encode()))
    assert "[eBook #7]" in mirror.fetch(7)


def test_an_ebook_that_no_layout_has_is_missing(server: Server, mirror: Mirror) -> None:
    with pytest.raises(MissingEbookError, match=rf"ebook 99999 is not on the mirror {server.address}"):
        mirror.fetch(99999)


def test_a_busy_mirror_is_given_the_time_it_asks_for(server: Server, mirror: Mirror, waits: list[float]) -> None:
    server.answer(MODERN, Answer(429, b"slow down", {"Retry-After": "17"}), Answer())
    assert mirror.fetch(1234) == EBOOK
    assert waits == [17.0]


def test_a_date_to_try_again_is_understood(server: Server, mirror: Mirror, waits: list[float]) -> None:
    server.answer(MODERN, Answer(503, b"", {"Retry-After": "Mon, 01 Jan 2001 00:00:00 GMT"}), Answer())
    assert mirror.fetch(1234) == EBOOK
    assert waits == [2.0]


def test_a_failing_mirror_is_asked_less_and_less_often(server: Server, mirror: Mirror, waits: list[float]) -> None:
    server.answer(MODERN, Answer(503), Answer(500), Answer(502), Answer())
    assert mirror.fetch(1234) == EBOOK
    assert waits == [2.0, 4.0, 8.0]


def test_a_mirror_that_goes_on_failing_is_given_up(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(503))
    with pytest.raises(DownloadError, match=r"cannot fetch .*pg1234\.txt \(tried 5 times\): the answer is 503"):
        mirror.fetch(1234)
    assert len(server.requests) == 5


def test_a_mirror_that_asks_for_an_hour_is_not_waited_for(server: Server, mirror: Mirror, waits: list[float]) -> None:
    server.answer(MODERN, Answer(429, b"", {"Retry-After": "3600"}))
    with pytest.raises(DownloadError, match="asks to wait 3600 seconds: try again later"):
        mirror.fetch(1234)
    assert waits == []


def test_a_refusal_is_not_tried_again(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(403))
    with pytest.raises(DownloadError, match="the answer is 403"):
        mirror.fetch(1234)
    assert len(server.requests) == 1


def test_an_answer_shorter_than_announced_is_fetched_again(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(cut=900), Answer())
    assert mirror.fetch(1234) == EBOOK


def test_an_answer_that_always_breaks_off_is_an_error(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(cut=900))
    with pytest.raises(DownloadError, match="the answer broke off after 900 bytes"):
        mirror.fetch(1234)


def test_an_answer_without_a_length_must_reach_the_ebooks_end(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(length=False, cut=900), Answer(length=False))
    assert mirror.fetch(1234) == EBOOK


def test_a_web_page_is_not_an_ebook(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(body=b"<!DOCTYPE html><html>Are you a robot? Project Gutenberg</html>"))
    with pytest.raises(WrongEbookError, match="is a web page, not the text of ebook 1234"):
        mirror.fetch(1234)


def test_another_ebook_is_not_this_one(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(body=EBOOK.replace("#1234", "#4321").encode()))
    with pytest.raises(WrongEbookError, match="is not ebook 1234: its header says 4321"):
        mirror.fetch(1234)


def test_a_wrong_answer_in_one_layout_does_not_hide_the_ebook_in_another(server: Server, mirror: Mirror) -> None:
    server.answer(MODERN, Answer(body=b"<html>gone</html>"))
    server.answer(OLD, Answer())
    assert mirror.fetch(1234) == EBOOK


def test_a_mirror_that_nobody_plays_cannot_be_reached(waits: list[float]) -> None:
    mirror = Mirror("http://127.0.0.1:9", attempts=2, sleep=waits.append)
    with pytest.raises(DownloadError, match=r"tried 2 times"):
        mirror.fetch(1234)


def test_a_folder_is_a_mirror_that_needs_no_pause(tmp_path: Path, waits: list[float]) -> None:
    path = tmp_path / "cache/epub/1234/pg1234.txt"
    path.parent.mkdir(parents=True)
    path.write_text(EBOOK, encoding="utf-8")
    for base in (tmp_path.as_uri(), str(tmp_path), f"{tmp_path.as_uri()}/"):
        mirror = Mirror(base, sleep=waits.append)
        assert mirror.fetch(1234) == EBOOK
    assert waits == []


def test_a_folder_with_a_space_in_its_name_is_a_mirror(tmp_path: Path) -> None:
    path = tmp_path / "my books" / "files/1234/1234-0.txt"
    path.parent.mkdir(parents=True)
    path.write_text(EBOOK, encoding="utf-8")
    assert Mirror((tmp_path / "my books").as_uri()).fetch(1234) == EBOOK


def test_an_ebook_that_is_not_in_the_folder_is_missing(tmp_path: Path) -> None:
    with pytest.raises(MissingEbookError, match="ebook 5 is not on the mirror"):
        Mirror(str(tmp_path)).fetch(5)


@pytest.mark.parametrize("base", ["ftp://example.org", "file:///no/such/folder", "http://", "no-such-folder"])
def test_an_address_that_cannot_be_a_mirror_is_refused(base: str) -> None:
    with pytest.raises(DownloadError, match=rf"mirror '{base}'"):
        Mirror(base)


def test_the_default_mirror_is_one_for_programs_and_asked_every_two_seconds() -> None:
    mirror = Mirror()
    assert (mirror.base, mirror.pause) == (DEFAULT_MIRROR, 2.0)
    assert "www.gutenberg.org" not in DEFAULT_MIRROR


def latin(text: str) -> bytes:
    return text.replace("Language: English", "Language: English\n\nCharacter set encoding: ISO-8859-1").encode(
        "latin-1"
    )


@pytest.mark.parametrize("encode", [str.encode, latin, lambda text: b"\xef\xbb\xbf" + text.encode()])
def test_an_ebook_is_decoded_as_its_bytes_and_its_header_say(encode: Callable[[str], bytes]) -> None:
    text = EBOOK.replace("The Lamp", "The Café")
    assert "The Café" in check_ebook(encode(text), 1234, "here")


def test_eight_bit_text_of_no_named_encoding_is_read() -> None:
    content = EBOOK.replace("The Lamp", "The Café").encode("latin-1")
    assert "Title: The Café" in check_ebook(content, 1234, "here")


def test_an_ebook_that_is_no_text_is_refused() -> None:
    with pytest.raises(WrongEbookError, match="here is no text"):
        check_ebook(b"PK\x03\x04" + bytes(range(256)) * 8, 1234, "here")
