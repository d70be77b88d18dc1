"""The commands that post, preview and settle, as processes, on a story in a folder and on S3."""

import json
from pathlib import Path

import pytest

from peers.x_faults import Fault
from tests.end_to_end.bench import Bench, assert_nothing_happened
from tests.end_to_end.invocations import KEYS


@pytest.fixture(params=["folder", "S3"])
def kept(request: pytest.FixtureRequest, bench: Bench, tmp_path: Path) -> Bench:
    """The bench, with its story in a folder or on S3."""
    if request.param == "folder":
        bench.environment |= {"STORY_URI": str(tmp_path / "story"), **KEYS}
        for name in list(bench.environment):
            if name.startswith("AWS_") or name == "X_CREDENTIALS":
                del bench.environment[name]
    return bench


@pytest.mark.timeout(600)
def test_telling_and_posting_previewing_and_showing(kept: Bench) -> None:
    preview = kept.run("preview", "--count", "2")
    assert preview.returncode == 0, preview.stderr
    assert kept.x.requests == []
    told = kept.run("tell", "--post", "--count", "2", "--json")
    assert (told.returncode, told.stderr) == (0, "")
    tweets = [json.loads(line) for line in told.stdout.splitlines()]
    assert [(tweet["sequence"], tweet["text"], tweet["tweet_id"]) for tweet in tweets] == [
        (number, post.text, post.id) for number, post in enumerate(kept.x.timeline, 1)
    ]
    assert preview.stdout == "\n\n".join(kept.timeline) + "\n"
    shown = kept.run("show")
    assert shown.stdout == preview.stdout


@pytest.mark.timeout(600)
def test_an_owner_settles_what_nobody_can_look_up(kept: Bench) -> None:
    kept.x.faults.append(Fault.CLOSE_ACCEPTING)
    failed = kept.run("tell", "--post")
    assert (failed.returncode, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: tweet 1 is not posted (unknown): ")
    [post] = kept.x.timeline
    settled = kept.run("settle", "--posted", post.id)
    assert (settled.returncode, settled.stderr) == (0, "")
    assert settled.stdout == "tweet 1 is part of the story: the next invocation tells the one after it\n"
    kept.x.faults.append(Fault.CLOSE_REFUSING)
    assert kept.run("tell", "--post").returncode == 1
    settled = kept.run("settle", "--not-posted")
    assert settled.stdout == "tweet 2 counts as not posted: the next invocation posts it\n"
    told = kept.run("tell", "--post")
    assert told.returncode == 0, told.stderr
    nothing = kept.run("settle", "--not-posted")
    assert nothing.returncode == 2
    assert nothing.stderr.startswith("error: story 'main' has no tweet in flight")
    assert kept.run("show").stdout == "\n\n".join(kept.timeline) + "\n"
    assert len(kept.timeline) == 2


@pytest.mark.timeout(600)
def test_a_command_without_credentials_says_so_and_does_nothing(bench: Bench) -> None:
    done = bench.run("tell", "--post", X_CREDENTIALS=None)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: there are no credentials for X")
    assert_nothing_happened(bench, done.stderr.strip())
