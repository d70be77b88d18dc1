"""From the sources to a story on X: `sam build`, AWS's emulator, moto's S3 and SSM, and a local X."""

import json

import pytest

from lambda_fn.posting.x.credentials import FIELDS, Credentials
from peers.aws import MotoServer
from peers.emulator import Emulator
from peers.local_x import LocalX
from tests.stack.stack import NAME, ROOT, resources

pytestmark = pytest.mark.timeout(1800)  # the first one waits for `sam build`

KEYS = Credentials("Key0fTheApp", "SecretOfTheApp", "77-TokenOfTheAccount", "SecretOfTheAccount")
BUCKET = f"{NAME}-storybucket"
STORY = "stories/main/story.json"


@pytest.fixture(scope="module")
def aws():
    """What the stack has before the first invocation: an empty bucket, and the credentials."""
    with MotoServer() as aws:
        aws.bucket(BUCKET)
        value = json.dumps({name: getattr(KEYS, name) for name in FIELDS})
        aws.client("ssm").put_parameter(Name="/endless-novel/x-credentials", Value=value, Type="SecureString")
        yield aws


@pytest.fixture(scope="module")
def x():
    with LocalX(KEYS) as x:
        yield x


@pytest.fixture(scope="module")
def container(lambda_package, aws, x):
    """Starts a new container with the environment that the template gives the function."""
    variables = resources()["StoryFunction"]["Properties"]["Environment"]["Variables"]
    given = {name: str(value) for name, value in variables.items()}
    environment = {**given, **aws.environment(), "X_API_URL": x.url}
    return lambda: Emulator(lambda_package, environment)


def stored(aws, key):
    return json.loads(aws.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())


def test_a_story_begins_goes_on_and_survives_its_containers(container, aws, x):
    """One story, told by two cold containers; the parts of this test happen one after the other."""
    with container() as function:
        first = function.invoke({"slot": "2026-12-01T06:00:00Z"})
        log = function.log
    assert not first.is_error, first.payload
    assert (first.payload["status"], first.payload["sequence"]) == ("posted", 1)
    assert first.payload["text"].startswith("It is a truth universally acknowledged,")
    assert [(post.id, post.text) for post in x.timeline] == [(first.payload["tweet_id"], first.payload["text"])]
    settled = [json.loads(line) for line in log.splitlines() if line.startswith('{"event": "settled"')]
    assert [(line["sequence"], line["tweet_id"]) for line in settled] == [(1, first.payload["tweet_id"])]

    before = stored(aws, STORY)
    assert (before["sequence"], before["draft"]) == (1, None)
    assert stored(aws, "stories/main/tweets/000001.json")["text"] == first.payload["text"]

    with container() as function:  # nothing of the first one is left but what S3 holds
        again = function.invoke({"slot": "2026-12-01T06:00:00Z"})
        second = function.invoke({"slot": "2026-12-01T12:00:00Z"})
        third = function.invoke({})
        said = function.log
    assert (again.payload["status"], len(x.timeline)) == ("already_told", 3)
    assert [(each.payload["status"], each.payload["sequence"]) for each in (second, third)] == [
        ("posted", 2),
        ("posted", 3),
    ]
    texts = [post.text for post in x.timeline]
    assert texts == [each.payload["text"] for each in (first, second, third)]
    assert len(set(texts)) == 3

    after = stored(aws, STORY)
    assert (after["sequence"], after["draft"], after["seed"]) == (3, None, before["seed"])
    assert [page["text"] for page in after["recent"]] == texts
    for secret in (KEYS.consumer_key, KEYS.consumer_secret, KEYS.access_token, KEYS.access_token_secret):
        assert secret not in log + said + json.dumps(after)


def test_what_a_rehearsal_gives_the_function_leads_it_to_the_local_peers(lambda_package, aws, x):
    """`events/rehearsal.json`, but for the ports, over what the template gives."""
    rehearsal = json.loads((ROOT / "events" / "rehearsal.json").read_text())["StoryFunction"]
    aws.bucket("endless-novel-rehearsal")
    variables = resources()["StoryFunction"]["Properties"]["Environment"]["Variables"]
    environment = {**aws.environment(), **variables, **rehearsal, "X_API_URL": x.url, "AWS_ENDPOINT_URL": aws.url}
    with Emulator(lambda_package, environment) as function:
        answer = function.invoke({"slot": "2026-11-01T06:00:00Z"})
    assert answer.payload["status"] == "posted", answer.payload
    assert x.timeline[-1].text == answer.payload["text"]


def test_a_container_killed_in_the_middle_of_a_post_costs_nothing(container, aws, x):
    """What it had claimed is in the record, and nobody posts it while somebody else may still be at it."""
    told = len(x.timeline)
    with container() as function:
        x.decide = lambda request: function.kill() if request.method == "POST" else None
        with pytest.raises(ConnectionError):
            function.invoke({})
        x.decide = None
    draft = stored(aws, STORY)["draft"]
    waiting = len(x.timeline)
    with container() as function:
        answer = function.invoke({})  # too young to be looked up: perhaps somebody is posting it still
    assert (answer.payload["status"], len(x.timeline)) == ("waiting", waiting)
    assert draft["text"] not in [post.text for post in x.timeline[:told]]
