"""What people see: of a story, under headings and wrapped on a terminal; of stories and authors, a list."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lambda_fn import __main__ as command
from lambda_fn.display import under_heading
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.sampling import Sampling
from lambda_fn.settings import SHIPPED_MODEL
from lambda_fn.story.record import Page, Tweet
from tests.lambda_fn.stories import Shelf

ROOT = Path(__file__).parents[2]
TEXT = "It was a very long and a very dark night, and it rained.\n“Who is there?” said she; but there was nobody."
HEADING = re.compile(r"(\d+) · \d{4}-\d\d-\d\d \d\d:\d\d UTC")


def page(text: str = TEXT, tweet_id: str | None = None) -> Page:
    tweet = Tweet(7, text, True, tweet_id, datetime(2026, 11, 22, 18, 0, 30, tzinfo=UTC))
    return Page(tweet, "0" * 64, {"Jane Austen": 1.0}, 7, Sampling(0.75, 0, 0.95))


@pytest.fixture(scope="module")
def told(wordless: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a story of three tweets and one of one: never write to it."""
    shelf = Shelf(tmp_path_factory.mktemp("told"), wordless)
    shelf.tell(3, seed=7)
    shelf.tell(1, seed=8, story="night", style="Jane Austen=0.75,Charles Dickens=0.25")
    return shelf.folder


@pytest.fixture
def shelf(shelf: Shelf, told: Path) -> Shelf:
    shutil.copytree(told, shelf.folder)
    return shelf


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What a command prints, which goes well and has nothing else to say."""
    assert command.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out


def on_terminal(*arguments: str, columns: int, **environment: str) -> list[str]:
    """The lines that a command prints on a terminal so wide."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "lambda_fn", *arguments],
        cwd=ROOT,
        env=os.environ | {"COLUMNS": str(columns), "TERM": "xterm"} | environment,
        stdout=theirs,
    ) as process:
        os.close(theirs)
        data = b""
        while True:
            try:
                data += os.read(ours, 4096)
            except OSError:  # nobody holds the other end any more
                break
    os.close(ours)
    assert process.returncode == 0
    return data.decode("utf-8").replace("\r\n", "\n").splitlines()


def test_a_tweet_stands_under_its_number_and_time() -> None:
    assert under_heading(page(), None, dim=False) == f"7 · 2026-11-22 18:00 UTC\n{TEXT}"


def test_a_posted_tweet_stands_under_its_address_too() -> None:
    shown = under_heading(page(tweet_id="1860000000000000001"), None, dim=False)
    assert shown.startswith("7 · 2026-11-22 18:00 UTC · https://x.com/i/status/1860000000000000001\n")


@pytest.mark.parametrize("width", [20, 33, 57, 80, 500])
def test_a_wrapped_tweet_keeps_its_lines_and_its_words(width: int) -> None:
    _, *lines = under_heading(page(), width, dim=False).split("\n")
    assert max(map(len, lines)) <= min(width, 80)
    assert " ".join(lines) == TEXT.replace("\n", " ")
    assert any(line.startswith("“Who is") for line in lines)


@pytest.mark.usefixtures("shelf")
def test_on_a_terminal_a_story_is_shown_under_quiet_headings_and_wrapped() -> None:
    lines = on_terminal("show", columns=40)
    headings = [line for line in lines if line.startswith("\x1b[2m") and line.endswith("\x1b[0m")]
    assert [match[1] for match in map(HEADING.search, headings) if match] == ["1", "2", "3"]
    assert [lines[lines.index(heading) - 1] for heading in headings[1:]] == ["", ""]
    assert max(len(line) for line in lines if line not in headings) <= 40


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_where_nothing_can_be_dim_a_heading_is_plain(environment: dict[str, str]) -> None:
    assert HEADING.fullmatch(on_terminal("show", columns=40, **environment)[0])


@pytest.mark.usefixtures("shelf")
def test_telling_prints_the_tweets_alone_on_a_terminal_too(capsys: pytest.CaptureFixture[str]) -> None:
    told = on_terminal("tell", columns=20)
    assert "\n".join(told) + "\n" == run(capsys, "show", "--last", "1")


ODD = "It was\x1b]0;x\x07 a\x1b[31m\r\x08\x9b2J\x7f night\u202e.\tSo 👨\u200d👩\nit was."
WRITTEN_OUT = r"It was\u001b]0;x\u0007 a\u001b[31m\u000d\u0008\u009b2J\u007f night\u202e.\u0009So"


def edited(shelf: Shelf) -> None:
    """Somebody writes into a page what a terminal obeys."""
    path = shelf.folder / "night/tweets/000001.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"text": ODD}))


@pytest.mark.parametrize("arguments", [[], ["--json"]], ids=["text", "json"])
def test_what_a_terminal_would_obey_is_written_out_on_one(shelf: Shelf, arguments: list[str]) -> None:
    edited(shelf)
    lines = on_terminal("show", "--story", "night", *arguments, columns=500, NO_COLOR="1")
    said = "\n".join(lines)
    assert not [character for character in said if (character != "\n" and character < " ") or character in "\x7f\x9b"]
    assert r"\u001b]0;x\u0007" in said
    assert "👨\u200d👩" in said


def test_a_wrapped_tweet_shows_what_a_terminal_would_obey() -> None:
    _, *lines = under_heading(page(ODD), 500, dim=False).split("\n")
    assert " ".join(lines) == f"{WRITTEN_OUT} 👨\u200d👩 it was."


def test_off_a_terminal_a_page_is_shown_as_it_is(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    edited(shelf)
    assert run(capsys, "show", "--story", "night") == f"{ODD}\n"


@pytest.mark.usefixtures("shelf")
def test_off_a_terminal_the_tweets_are_shown_alone_and_unbroken(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = [page.tweet.text for page in shelf.show()]
    assert run(capsys, "show") == "\n\n".join(texts) + "\n"


@pytest.mark.usefixtures("shelf")
def test_headings_can_be_asked_for_off_a_terminal(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    pages = [under_heading(page, None, dim=False) for page in shelf.show()]
    assert run(capsys, "show", "--headings") == "\n\n".join(pages) + "\n"


@pytest.mark.parametrize(("last", "shown"), [("1", [3]), ("2", [2, 3]), ("3", [1, 2, 3]), ("9", [1, 2, 3])])
@pytest.mark.usefixtures("shelf")
def test_only_the_end_of_a_story_can_be_shown(last: str, shown: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    lines = run(capsys, "show", "--json", "--last", last).splitlines()
    assert [json.loads(line)["sequence"] for line in lines] == shown


@pytest.mark.usefixtures("shelf")
def test_pages_before_those_that_are_shown_are_not_read(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    (shelf.folder / "main/tweets/000001.json").unlink()
    assert run(capsys, "show", "--last", "2")


def test_stories_are_listed_in_columns(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    identity = load_bundle(shelf.bundle).identity[:12]
    assert run(capsys, "stories").splitlines() == [
        f"main   3 tweets  2026-01-01 00:02 UTC  Jane Austen                            {identity}",
        f"night  1 tweet   2026-01-01 00:03 UTC  Jane Austen=0.75,Charles Dickens=0.25  {identity}",
    ]


def test_stories_are_listed_for_programs(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    main, night = map(json.loads, run(capsys, "stories", "--json").splitlines())
    assert night == {
        **{"story": "night", "tweets": 1, "time": "2026-01-01T00:03:00Z", "seed": 8},
        **{"style": {"Jane Austen": 0.75, "Charles Dickens": 0.25}, "bundle": load_bundle(shelf.bundle).identity},
        **{"in_flight": False, "outcome": None, "problem": None},
    }
    assert main["tweets"] == 3


@pytest.mark.parametrize(
    ("outcome", "said"),
    [("unknown", "in flight (unknown)"), ("not_sent", "in flight (not sent)"), (None, "in flight (claimed)")],
)
def test_a_tweet_in_flight_is_listed(
    shelf: Shelf, outcome: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path, now = shelf.folder / "night/story.json", "2026-01-01T00:00:00Z"
    record = json.loads(path.read_text())
    state = {name: record[name] for name in ("token", "h", "c", "style")}
    times = {"first_claimed_at": now, "claimed_at": now, "not_before": None}
    draft = {"claim": "x", "slot": None, "text": "It was.", "paragraph": False, "outcome": outcome, **state, **times}
    draft |= {"temperature": 0.7, "top_k": 0, "top_p": 0.9, "attempt": 0, "posts": 1, "doubtful": False}
    path.write_text(json.dumps(record | {"draft": draft}))
    assert run(capsys, "stories").splitlines()[1].endswith(f"  tweet 2 is {said}")
    listed = json.loads(run(capsys, "stories", "--json").splitlines()[1])
    assert (listed["in_flight"], listed["outcome"]) == (True, outcome)


def test_a_story_that_cannot_be_read_is_listed_with_the_reason(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    (shelf.folder / "main/story.json").write_text("{")
    main, night = run(capsys, "stories").splitlines()
    assert main.startswith("main   cannot be read: the record main/story.json is not JSON")
    assert night.startswith("night  1 tweet ")
    assert "is not JSON" in json.loads(run(capsys, "stories", "--json").splitlines()[0])["problem"]


def test_a_folder_without_a_record_is_no_story(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    (shelf.folder / "notes").mkdir()
    assert len(run(capsys, "stories").splitlines()) == 2


@pytest.mark.usefixtures("shelf")
def test_where_there_are_no_stories_a_note_says_how_to_begin_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["stories", "--folder", str(tmp_path / "none")]) == 0
    assert capsys.readouterr() == ("", f"note: there are no stories in {tmp_path / 'none'}: `tell` begins one\n")
    assert not (tmp_path / "none").exists()


@pytest.mark.usefixtures("shelf")
def test_the_authors_of_a_bundle_are_listed_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "authors") == "Jane Austen\nCharles Dickens\n"
    shipped = load_bundle(SHIPPED_MODEL)
    assert run(capsys, "authors", "--model", str(SHIPPED_MODEL)).splitlines() == list(shipped.authors)


@pytest.mark.usefixtures("shelf")
def test_the_authors_of_a_bundle_are_listed_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert [json.loads(line) for line in run(capsys, "authors", "--json").splitlines()] == [
        {"author": "Jane Austen", "bundle": "wordless"},
        {"author": "Charles Dickens", "bundle": "wordless"},
    ]
