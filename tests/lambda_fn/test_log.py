import json
import subprocess
import sys
import time
from typing import Any

import pytest

from lambda_fn.log import Log


@pytest.fixture
def lines() -> list[str]:
    return []


def test_a_step_is_one_line_of_json(lines: list[str]) -> None:
    Log(lines.append)("posted", sequence=7, tweet_id="1000", text="“Oh!”\nsaid she")
    assert len(lines) == 1
    assert "\n" not in lines[0]
    expected = {"event": "posted", "sequence": 7, "tweet_id": "1000", "text": "“Oh!”\nsaid she"}
    assert json.loads(lines[0]) == expected


def test_text_is_logged_so_that_people_can_read_it(lines: list[str]) -> None:
    Log(lines.append)("posted", text="“Oh!”")
    assert "“Oh!”" in lines[0]


def test_what_a_log_is_about_is_in_every_line(lines: list[str]) -> None:
    log = Log(lines.append, function="story").about(story="main")
    log("claimed", sequence=1)
    log("posted")
    expected = [{"event": "claimed", "sequence": 1}, {"event": "posted"}]
    assert [json.loads(line) for line in lines] == [line | {"function": "story", "story": "main"} for line in expected]


def test_a_log_that_is_about_more_leaves_the_other_as_it_is(lines: list[str]) -> None:
    log = Log(lines.append)
    log.about(story="main")
    log("waiting")
    assert json.loads(lines[0]) == {"event": "waiting"}


def test_a_timed_step_is_logged_when_it_is_done_with_its_milliseconds(lines: list[str]) -> None:
    with Log(lines.append).timed("called", sequence=2) as details:
        assert lines == []
        time.sleep(0.02)
        details["outcome"] = "Posted"
    line = json.loads(lines[0])
    assert 20 <= line.pop("milliseconds") < 20_000
    assert line == {"event": "called", "sequence": 2, "outcome": "Posted"}


def test_a_timed_step_that_fails_is_not_logged_as_done(lines: list[str]) -> None:
    with pytest.raises(ValueError, match="no answer"), Log(lines.append).timed("called"):
        raise ValueError("no answer")
    assert lines == []


# What libraries say

BEFORE = """
import logging, sys, threading, warnings
from lambda_fn.log import Log, take_in_libraries
logging.getLogger().addHandler(logging.StreamHandler())  # as Lambda's runtime has its own
take_in_libraries(Log(print, story="main"))
"""


def said(program: str) -> list[dict[str, Any]]:
    """All that a process writes, which has to be JSON, a line each."""
    done = subprocess.run([sys.executable, "-c", BEFORE + program], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert "sesame" not in done.stdout
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_what_a_library_logs_is_one_line_that_says_where_and_not_what() -> None:
    lines = said("logging.getLogger('urllib3.connectionpool').warning('Failed: %s', 'sesame')")
    expected = {"event": "library", "story": "main", "level": "WARNING", "logger": "urllib3.connectionpool"}
    assert lines == [expected | {"file": "<string>", "line": 6}]


def test_an_error_that_a_library_logs_is_named() -> None:
    program = """
try:
    raise ValueError("sesame")
except ValueError:
    logging.getLogger("botocore").exception("sesame")
"""
    assert [(line["level"], line["kind"]) for line in said(program)] == [("ERROR", "ValueError")]


def test_what_a_library_logs_in_passing_is_not_logged() -> None:
    assert said("logging.getLogger('botocore').info('sesame'); logging.getLogger().debug('sesame')") == []


def test_a_warning_is_one_line_that_says_where_and_not_what() -> None:
    [line] = said("warnings.warn('the certificate of sesame is odd')")
    assert (line["event"], line["level"], line["kind"], line["line"]) == ("library", "WARNING", "UserWarning", 6)


def test_an_error_that_nobody_catches_is_one_line() -> None:
    program = """
def fail():
    raise OSError("sesame")
class Odd:
    def __del__(self):
        raise KeyError("sesame")
thread = threading.Thread(target=fail)
thread.start()
thread.join()
Odd()
"""
    assert [(line["level"], line["kind"]) for line in said(program)] == [("ERROR", "OSError"), ("ERROR", "KeyError")]


def test_libraries_taken_in_twice_are_logged_once() -> None:
    assert len(said("take_in_libraries(Log(print)); logging.getLogger('x').error('sesame')")) == 1
