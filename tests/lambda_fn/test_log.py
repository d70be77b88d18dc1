import json
import time

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
