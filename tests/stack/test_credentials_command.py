"""`make credentials`, as somebody runs it: typed at a terminal or piped in, against a local X and moto's SSM."""

import json
import subprocess
import sys

import pytest

from tests.stack.conftest import KEYS
from tests.stack.stack import ROOT
from tests.stack.terminal import typed

pytestmark = pytest.mark.timeout(600)

NAME = "/endless-novel/x-credentials"
VALUES = {
    "consumer_key": KEYS.consumer_key,
    "consumer_secret": KEYS.consumer_secret,
    "access_token": KEYS.access_token,
    "access_token_secret": KEYS.access_token_secret,
}
COMMAND = [sys.executable, "-m", "deploy.credentials"]


def stored(aws, name=NAME):
    found = aws.client("ssm").get_parameter(Name=name, WithDecryption=True)["Parameter"]
    assert found["Type"] == "SecureString"
    return json.loads(found["Value"])


def names(aws):
    return [each["Name"] for each in aws.client("ssm").describe_parameters()["Parameters"]]


def piped(environment, *lines, arguments=()):
    given = "".join(f"{line}\n" for line in lines)
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False
    )


def test_four_lines_of_a_pipe_are_checked_and_stored_encrypted(environment, aws, x):
    done = piped(environment, *VALUES.values())
    assert (done.returncode, done.stderr) == (0, "")
    assert "@endless_novel" in done.stdout
    assert stored(aws) == VALUES
    assert [(request.method, request.path) for request in x.requests] == [("GET", "/2/users/me")]


def test_what_is_typed_is_not_shown(environment, aws):
    shown, status = typed(COMMAND, environment, *VALUES.values())
    assert status == 0, shown
    assert stored(aws) == VALUES
    assert [value for value in VALUES.values() if value in shown] == []


def test_the_function_reads_what_was_stored(environment):
    piped(environment, *VALUES.values())
    code = "import os; from lambda_fn.posting.x.credentials import load_credentials as l; print(l(os.environ).user_id)"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, cwd=ROOT, env=environment | {"X_CREDENTIALS": NAME}, capture_output=True, text=True, check=True
    )
    assert done.stdout == "77\n"


def test_keys_that_x_refuses_are_not_stored(environment, aws):
    wrong = VALUES | {"consumer_secret": "AnotherSecret"}
    done = piped(environment, *wrong.values())
    assert done.returncode == 2
    assert done.stderr.startswith("make credentials: error: ")
    assert len(done.stderr.splitlines()) == 1
    assert names(aws) == []
    assert [value for value in wrong.values() if value in done.stdout + done.stderr] == []


def test_a_malformed_key_is_named_before_x_is_asked(environment, aws, x):
    done = piped(environment, *(VALUES | {"access_token": "no-number"}).values())
    assert done.returncode == 2
    assert "error: the Access token must begin with the number of the account" in done.stderr
    assert "no-number" not in done.stderr
    assert (names(aws), x.requests) == ([], [])


def test_too_few_lines_are_refused(environment, aws):
    done = piped(environment, "one", "two")
    assert done.returncode == 2
    assert "must have four lines (API key, API key secret, Access token, Access token secret), not 2" in done.stderr
    assert names(aws) == []


def test_stored_credentials_are_replaced_only_when_that_is_said(environment, aws):
    aws.client("ssm").put_parameter(Name=NAME, Value="{}", Type="SecureString")
    refused = piped(environment, *VALUES.values())
    assert refused.returncode == 2
    assert "--overwrite replaces them" in refused.stderr
    assert stored(aws) == {}
    assert piped(environment, *VALUES.values(), arguments=["--overwrite"]).returncode == 0
    assert stored(aws) == VALUES


@pytest.mark.parametrize(("answer", "kept"), [("n", {}), ("y", VALUES)])
def test_at_a_terminal_it_asks_before_it_replaces_them(environment, aws, answer, kept):
    aws.client("ssm").put_parameter(Name=NAME, Value="{}", Type="SecureString")
    shown, status = typed(COMMAND, environment, answer, *VALUES.values())
    assert status == 0, shown
    assert stored(aws) == kept


def test_they_go_under_the_name_that_the_environment_says(environment, aws):
    piped(environment | {"X_CREDENTIALS": "/second/novel"}, *VALUES.values())
    assert names(aws) == ["/second/novel"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no credentials of AWS are set: `aws configure`"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no region is set: `aws configure`"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS cannot be asked: Could not connect to the endpoint URL"),
        ({"X_API_URL": "http://127.0.0.1:9"}, "X was not reached"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence(environment, aws, change, sentence):
    done = piped({name: value for name, value in (environment | change).items() if value}, *VALUES.values())
    assert done.returncode == 2
    assert done.stderr.startswith("make credentials: error: ")
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert names(aws) == []


def test_no_secret_stands_in_a_list_of_processes(environment, x):
    """Seen from inside the one request, when everything is known."""
    lists = []

    def look(_):
        lists.append(subprocess.run(["ps", "-eww", "-o", "args"], capture_output=True, text=True, check=True).stdout)

    x.decide = look
    assert piped(environment, *VALUES.values()).returncode == 0
    assert [value for value in VALUES.values() if value in lists[0]] == []
    assert "deploy.credentials" in lists[0]
