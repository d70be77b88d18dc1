"""The handler as a process, with nothing but its environment: S3, SSM and X over HTTP."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from peers.aws import MotoServer
from peers.local_x import LocalX
from peers.s3_proxy import ERROR_BEFORE, S3Proxy
from peers.x_faults import Fault, Plan, Request
from tests.end_to_end.bench import OTHERS, SLOT, Bench, as_parameter, assert_nothing_happened, secrets_of
from tests.end_to_end.invocations import CREDENTIALS, Workshop, nobody_there


@pytest.fixture(scope="module")
def warm(aws: MotoServer) -> Iterator[Workshop]:
    """A container that has served others before: each test gives it an environment of its own."""
    with Workshop(aws.environment()) as container:
        yield container


@pytest.fixture
def container(warm: Workshop, bench: Bench) -> Workshop:
    warm.environment = bench.environment
    return warm


def lines_since(container: Workshop, before: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in container.output.removeprefix(before).splitlines()]


def test_a_cold_container_posts_and_logs_json_and_no_secret(bench: Bench) -> None:
    with Workshop(bench.environment) as container:
        result = container.invoke({"slot": SLOT})
        log, output = container.log, container.output
    assert result.answer
    posted = bench.x.timeline[0]
    expected = {"status": "posted", "story": "main", "sequence": 1, "text": posted.text, "tweet_id": posted.id}
    assert result.answer == expected | {"reason": None}
    assert bench.told == bench.timeline == [posted.text]
    assert [line["event"] for line in log] == ["told", "claimed", "called", "posted", "settled", "answered"]
    assert {line["story"] for line in log} == {"main"}
    assert {line["sequence"] for line in log} == {1}
    assert [line["tweet_id"] for line in log if line["event"] in ("posted", "settled")] == [posted.id] * 2
    assert all(line["milliseconds"] >= 0 for line in log if line["event"] in ("told", "called"))
    kept = b"".join(bench.place.content().values()).decode()
    assert [secret for secret in secrets_of(CREDENTIALS) if secret in output + kept + json.dumps(result.answer)] == []


def test_the_next_invocation_goes_on_and_a_slot_is_told_once(container: Workshop, bench: Bench) -> None:
    results = [container.invoke(event).answer for event in ({"slot": SLOT}, {"slot": SLOT}, {})]
    assert [result and (result["status"], result["sequence"]) for result in results] == [
        ("posted", 1),
        ("already_told", 1),
        ("posted", 2),
    ]
    assert bench.timeline == bench.told
    assert len(bench.told) == 2


def test_pages_are_written_after_each_tweet_if_the_function_is_told_to(container: Workshop, bench: Bench) -> None:
    container.invoke({})
    assert not any("/page/" in key for key in bench.place.content())
    before = container.output
    for sequence in (2, 3):
        posted = container.invoke({}, STORY_PAGE="on").answer
        assert posted
        assert (posted["status"], posted["sequence"]) == ("posted", sequence)
    paged = [line["sequence"] for line in lines_since(container, before) if line["event"] == "paged"]
    assert paged == [2, 3]
    chapter = bench.place.content()["main/page/000001.html"].decode()
    assert [post.id in chapter for post in bench.x.timeline] == [True] * 3
    made = bench.run("page", STORY_PAGE="on")
    assert (made.returncode, made.stdout) == (0, f"{bench.place.store.uri}/main/page/index.html\n")
    assert bench.place.content()["main/page/000001.html"].decode() == chapter


def test_a_dry_run_writes_no_pages(container: Workshop, bench: Bench) -> None:
    container.invoke({})
    before = bench.place.content()
    assert container.invoke({"dry_run": True}, STORY_PAGE="on").answer
    assert bench.place.content() == before


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_pages_that_cannot_be_written_cost_no_tweet_and_follow_with_the_next(
    container: Workshop, bench: Bench, road: S3Proxy, method: str
) -> None:
    road.clear()
    road.decide = lambda done, path: ERROR_BEFORE if done == method and "/page/" in path else None
    before = container.output
    posted = container.invoke({"slot": SLOT}, STORY_PAGE="on", AWS_ENDPOINT_URL_S3=road.url).answer
    assert posted
    assert (posted["status"], bench.timeline, bench.told) == ("posted", [posted["text"]], [posted["text"]])
    *_, settled, failed, answered = lines_since(container, before)
    assert (settled["event"], failed["event"], answered["event"]) == ("settled", "not_paged", "answered")
    assert failed["error"] == ("StorageError" if method == "GET" else "UnclearWrite")
    assert "/main/page/" in failed["reason"]
    road.clear()
    again = container.invoke({"slot": SLOT}, STORY_PAGE="on").answer  # Lambda may deliver an event twice
    assert again
    assert again["status"] == "already_told"
    assert posted["tweet_id"] in bench.place.content()["main/page/000001.html"].decode()


def test_an_event_cannot_switch_pages_on(container: Workshop, bench: Bench) -> None:
    result = container.invoke({"page": True})
    assert result.problem == "SettingError"
    assert result.reason
    assert "an event cannot change STORY_PAGE" in result.reason
    assert_nothing_happened(bench, result.reason)


def test_a_dry_run_writes_nothing_and_needs_no_credentials(container: Workshop, bench: Bench) -> None:
    container.invoke({})
    before, asked = bench.place.content(), len(bench.x.requests)
    dry = container.invoke({"dry_run": True}, X_CREDENTIALS=None)
    also = container.invoke({}, DRY_RUN="on", X_CREDENTIALS=None)
    assert dry == also
    assert dry.answer
    assert (dry.answer["status"], dry.answer["sequence"]) == ("dry_run", 2)
    assert bench.place.content() == before
    assert len(bench.x.requests) == asked
    told = container.invoke({}).answer
    assert told
    assert told["text"] == dry.answer["text"]


def test_a_dry_run_of_a_new_story_writes_nothing(container: Workshop, bench: Bench) -> None:
    dry = container.invoke({"dry_run": True}, X_CREDENTIALS=None).answer
    assert dry
    assert dry["text"].startswith("It was")
    assert bench.place.content() == {}


MALFORMED = {
    "no JSON": "not {json",
    "no object": '["a", "b"]',
    "a field missing": '{"consumer_key": "Sesame1"}',
    "a field too many": as_parameter(CREDENTIALS)[:-1] + ', "bearer": "Sesame2"}',
    "a number": as_parameter(CREDENTIALS).replace('"Key0fTheApp"', "31415926"),
    "a token without an account": as_parameter(CREDENTIALS).replace("77-Token", "Sesame3-Token"),
}


@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_parameter_is_one_sentence_before_any_side_effect(
    container: Workshop, bench: Bench, malformed: str
) -> None:
    before = container.output
    bench.store(MALFORMED[malformed])
    result = container.invoke({})
    assert result.problem == "SettingError"
    assert result.reason
    assert result.reason.startswith(f"the parameter {bench.parameter}")
    said = container.output.removeprefix(before)
    hidden = [*secrets_of(CREDENTIALS), "Sesame", "31415926"]
    assert [secret for secret in hidden if secret in said + result.reason] == []
    assert_nothing_happened(bench, result.reason)


WRONG = {
    "no bucket": ({}, {"STORY_URI": None}, r"STORY_URI must say where the story is kept"),
    "an empty bucket": ({}, {"STORY_URI": "s3://"}, r"STORY_URI must be s3://bucket/prefix"),
    "another scheme": ({}, {"STORY_URI": "https://example.org/"}, r"STORY_URI must be"),
    "pages perhaps": ({}, {"STORY_PAGE": "maybe"}, r"STORY_PAGE must be on or off"),
    "no such parameter": ({}, {"X_CREDENTIALS": "/no/such"}, r"X_CREDENTIALS: there is no parameter /no/such"),
    "no credentials": ({}, {"X_CREDENTIALS": None}, r"there are no credentials for X"),
    "an unknown style": ({}, {"STORY_STYLE": "Nobody"}, r"STORY_STYLE: unknown author 'Nobody'"),
    "an unknown style in the event": ({"style": "Nobody"}, {}, r"style: unknown author 'Nobody'"),
    "a style of another type": ({"style": 7}, {}, r"style must be"),
    "a story of another type": ({"story": ["main"]}, {}, r"story must be"),
    "a story with a slash": ({"story": "../main"}, {}, r"story must be"),
    "a slot of another type": ({"slot": 20261122}, {}, r"slot must be"),
    "dry_run as text": ({"dry_run": "yes"}, {}, r"dry_run must be true or false"),
    "a temperature as text": ({"temperature": "hot"}, {}, r"temperature must be"),
    "a temperature of 0": ({"temperature": 0}, {}, r"temperature must be"),
    "a whole number as a fraction": ({"top_k": 1.5}, {}, r"top_k must be"),
    "a variable that is no number": ({}, {"TOP_P": "much"}, r"TOP_P must be"),
    "reconcile_after as text": ({}, {"RECONCILE_AFTER": "soon"}, r"RECONCILE_AFTER must be"),
    "an address that is none": ({}, {"X_API_URL": "api.x.com"}, r"X_API_URL must be"),
    "an event that is a list": ([], {}, r"the event must be a JSON object"),
    "an event that is a text": ("tell", {}, r"the event must be a JSON object"),
    "no event": (None, {}, r"the event must be a JSON object"),
    "a bundle that is not there": ({}, {"MODEL_URI": "/no/such/bundle"}, r"/no/such/bundle"),
    "credentials under no name": ({}, {"X_CREDENTIALS": "two words"}, r"X_CREDENTIALS must be the name of a parameter"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_setting_is_one_sentence_before_any_side_effect(container: Workshop, bench: Bench, wrong: str) -> None:
    event, changed, sentence = WRONG[wrong]
    before = container.output
    result = container.invoke(event, **changed)
    assert result.problem in ("SettingError", "BundleError")
    assert result.reason
    assert sentence in result.reason
    line = lines_since(container, before)[-1]
    assert (line["event"], line["reason"]) == ("failed", result.reason)
    assert_nothing_happened(bench, result.reason)


def test_a_bucket_that_is_not_there_is_one_sentence(container: Workshop, bench: Bench) -> None:
    result = container.invoke({}, STORY_URI="s3://no-such-bucket-of-ours/story")
    assert result.problem == "StorageError"
    assert result.reason
    assert result.reason.endswith("there is no such bucket")
    assert bench.x.requests == []


def test_a_warm_container_keeps_its_client_and_the_model(bench: Bench, bundle: Path, tmp_path: Path) -> None:
    model = Path(shutil.copytree(bundle, tmp_path / "model"))
    with Workshop(bench.environment | {"MODEL_URI": str(model)}) as container, nobody_there() as nobody:
        assert container.invoke({}).answer
        shutil.rmtree(model)
        # A client made now would find nobody.
        again = container.invoke({}, AWS_ENDPOINT_URL_S3=nobody)
    assert again.answer, again.reason
    assert (again.answer["status"], again.answer["sequence"]) == ("posted", 2)


def test_a_warm_container_reads_the_record_anew(container: Workshop, bench: Bench) -> None:
    assert container.invoke({}).answer
    told = bench.run("tell", "--post")
    assert told.returncode == 0, told.stderr
    third = container.invoke({}).answer
    assert third
    assert third["sequence"] == 3
    assert bench.timeline == bench.told
    bench.place.restore({})
    first = container.invoke({}).answer
    assert first
    assert first["sequence"] == 1


def test_credentials_that_were_changed_are_used_at_once(container: Workshop, bench: Bench) -> None:
    assert container.invoke({}).answer
    with LocalX(OTHERS) as other:
        before = container.output
        refused = container.invoke({}, X_API_URL=other.url)
        assert refused.problem == "NotSentError"
        assert refused.reason
        assert "401" in refused.reason
        bench.store(as_parameter(OTHERS))
        posted = container.invoke({}, X_API_URL=other.url).answer
        assert posted
        assert [post.text for post in other.timeline] == [posted["text"]]
    assert posted["sequence"] == 2
    said = container.output.removeprefix(before) + refused.reason
    assert [secret for secret in secrets_of(CREDENTIALS, OTHERS) if secret in said] == []


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault.UNAUTHORIZED, "NotSentError", "401"),
        (Fault.NO_CREDITS, "NotSentError", "no credits left"),
        (Fault.READ_ONLY_TOKEN, "NotSentError", "read and write"),
        (Fault.CLIENT_FORBIDDEN, "NotSentError", "attach it to a project"),
    ],
)
def test_what_an_operator_must_act_on_fails_the_invocation(
    container: Workshop, bench: Bench, fault: Fault, error: str, words: str
) -> None:
    bench.x.faults.append(fault)
    before = container.output
    result = container.invoke({})
    assert result.problem == error
    assert result.reason
    assert words in result.reason
    assert [secret for secret in secrets_of(CREDENTIALS) if secret in container.output + result.reason] == []
    assert lines_since(container, before)[-1]["reason"] == result.reason
    posted = container.invoke({}).answer
    assert posted
    assert (posted["status"], posted["sequence"]) == ("posted", 1)
    assert bench.timeline == bench.told


def test_x_that_cannot_be_reached_fails_the_invocation_and_lambdas_retry_posts(
    container: Workshop, bench: Bench
) -> None:
    with nobody_there() as nobody:
        result = container.invoke({"slot": SLOT}, X_API_URL=nobody)
    assert result.problem == "NotSentError"
    posted = container.invoke({"slot": SLOT}).answer
    assert posted
    assert posted["status"] == "posted"
    assert bench.timeline == bench.told == [posted["text"]]


def test_what_a_library_warns_of_is_a_line_of_json_without_what_it_says(bench: Bench, tmp_path: Path) -> None:
    # A version of this that requests does not know is what it warns of when it is loaded.
    (tmp_path / "chardet.py").write_text('__version__ = "99.77.99"')
    with Workshop(bench.environment | {"PYTHONPATH": str(tmp_path)}) as container:
        assert container.invoke({}).answer
        warned = [line for line in container.log if line["event"] == "library"]
        assert [(line["level"], line["kind"]) for line in warned] == [("WARNING", "RequestsDependencyWarning")]
        assert "99.77.99" not in container.output


@pytest.mark.parametrize("status", [403, 429, 500, 201])
def test_headers_in_which_x_echoes_what_it_was_sent_reach_nobody(
    container: Workshop, bench: Bench, status: int
) -> None:
    def echo(request: Request) -> Plan:
        odd = f"odd\r\n{request.headers['Authorization']}\r\n {CREDENTIALS.consumer_secret}"
        return Plan(status=status, headers={"X-Odd": odd, "X-Key": CREDENTIALS.access_token})

    before = container.output
    bench.x.decide = echo
    try:
        result = container.invoke({})
    finally:
        bench.x.decide = None
    said = container.output.removeprefix(before)
    assert all(json.loads(line)["event"] for line in said.splitlines())
    assert "oauth_signature" not in said
    assert [secret for secret in secrets_of(CREDENTIALS) if secret in said + str(result)] == []
