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
def test_what_has_no_effect_on_posting_is_noted_before_the_first_tweet(kept: Bench) -> None:
    kept.run("tell", "--post")
    told = kept.run("tell", "--post", "--style", "Charles Dickens=2", STORY_SEED="9")
    assert told.returncode == 0
    aside = "" if kept.environment["STORY_URI"].startswith("s3://") else "`reset --story main`, or "
    assert told.stderr.splitlines() == [
        "note: the weights of --style sum to 2, so they were scaled to Charles Dickens",
        "note: --style holds for this call alone: story 'main' keeps its own, Jane Austen",
        "note: STORY_SEED=9 has no effect: story 'main' has already begun, with the seed 8: "
        f"{aside}begin another with --story NAME",
    ]


@pytest.mark.timeout(600)
def test_the_stories_that_are_kept_are_listed(kept: Bench) -> None:
    assert kept.run("stories").stderr.startswith("note: there are no stories in ")
    kept.run("tell", "--post")
    kept.x.faults.append(Fault.CLOSE_ACCEPTING)
    kept.run("tell", "--post", "--story", "night")
    listed = kept.run("stories", "--json")
    assert listed.returncode == 0, listed.stderr
    stories = map(json.loads, listed.stdout.splitlines())
    assert [(story["story"], story["tweets"], story["outcome"]) for story in stories] == [
        ("main", 1, None),
        ("night", 0, "unknown"),
    ]


@pytest.mark.timeout(600)
def test_keys_beside_the_parameter_that_names_them_are_noted(bench: Bench) -> None:
    told = bench.run("tell", "--post", X_CONSUMER_KEY="key")
    note = "note: X_CONSUMER_KEY has no effect: X_CREDENTIALS names the parameter that is used\n"
    assert (told.returncode, told.stderr) == (0, note)


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
    kept.x.faults.append(Fault.INVALID)
    failed = kept.run("tell", "--post")
    assert (failed.returncode, failed.stderr) == (
        1,
        "error: X answered 400 Bad Request (X says: One or more parameters to your request was invalid.) "
        "(the tweet is kept, and the next invocation posts it)\n",
    )
    dropped = kept.run("settle", "--drop")
    assert dropped.stdout == "tweet 3 is given up: the next invocation tells another text\n"
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
