"""`make deploy` at a terminal, against moto and a local X; a stand-in for sam makes the stack that moto then shows."""

import json
import shlex
import subprocess
import sys

import pytest

from lambda_fn.posting.x.credentials import FIELDS
from tests.stack.conftest import KEYS, copy
from tests.stack.stack import ROOT
from tests.stack.terminal import typed

pytestmark = pytest.mark.timeout(600)

NAME = "/endless-novel/x-credentials"
LINES = [getattr(KEYS, name) for name in FIELDS]

# Notes how it was called, and makes a stack with the outputs that the template has, or changes it.
SAM = f"""import boto3, json, os, pathlib, sys
from botocore.exceptions import ClientError
calls = pathlib.Path(__file__).with_name("calls")
calls.open("a").write(json.dumps(sys.argv[1:]) + "\\n")
if "DECLINED" in os.environ:
    sys.exit(0)  # as sam does when the change set is not wanted
stack = sys.argv[sys.argv.index("--stack-name") + 1]
state = "ENABLED" if 'ScheduleState="ENABLED"' in sys.argv else "DISABLED"
values = {{"FunctionName": stack, "CredentialsName": {NAME!r}, "ScheduleIs": state}}
template = {{
    "Resources": {{"Queue": {{"Type": "AWS::SQS::Queue"}}}},
    "Outputs": {{name: {{"Value": value}} for name, value in values.items()}},
}}
client = boto3.client("cloudformation", region_name=sys.argv[sys.argv.index("--region") + 1])
try:
    client.create_stack(StackName=stack, TemplateBody=json.dumps(template))
except ClientError:
    if state == "ENABLED":
        client.update_stack(StackName=stack, TemplateBody=json.dumps(template))
"""


@pytest.fixture
def deploy(tmp_path, environment):
    """Runs the command with answers typed; returns what the terminal shows, the status, and how sam was called."""
    sam = tmp_path / "sam"
    # No first line can hold the path of an interpreter with a space in it.
    sam.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(tmp_path / "sam.py")])} "$@"\n')
    sam.chmod(0o755)
    (tmp_path / "sam.py").write_text(SAM)
    calls = tmp_path / "calls"

    def run(*answers, **changes):
        calls.write_text("")
        changed = {name: value for name, value in (environment | changes).items() if value}
        command = [sys.executable, "-m", "deploy", "--sam", str(sam)]
        shown, status = typed(command, changed, *answers)
        return shown, status, [json.loads(line) for line in calls.read_text().splitlines()]

    return run


def parameters(call):
    return call[call.index("--parameter-overrides") + 1 :] if "--parameter-overrides" in call else []


def stored(aws):
    return aws.client("ssm").get_parameter(Name=NAME, WithDecryption=True)["Parameter"]


def test_the_first_time_it_asks_puts_up_takes_the_keys_and_turns_the_schedule_on(deploy, aws):
    shown, status, calls = deploy("", "Europe/London", "me@example.org", *LINES, "n", "y")
    assert status == 0, shown
    assert [parameters(call) for call in calls] == [
        [
            'Schedule="cron(0 0/6 * * ? *)"',
            'TimeZone="Europe/London"',
            'AlarmEmail="me@example.org"',
            f'CredentialsParameter="{NAME}"',
        ],
        ['ScheduleState="ENABLED"'],
    ]
    assert "account 123456789012, region eu-west-1" in shown
    assert json.loads(stored(aws)["Value"]) == dict(zip(FIELDS, LINES, strict=True))
    assert [line for line in LINES if line in shown] == []


def test_of_a_schedule_of_ones_own_it_asks_when_to_sound_the_alarm(deploy):
    shown, status, calls = deploy("rate(1 day)", "", "", "50", *LINES, "", "")
    assert status == 0, shown
    assert 'StallHours="50"' in parameters(calls[0])


def test_a_wrong_schedule_or_time_zone_is_asked_for_again(deploy):
    shown, status, calls = deploy("every day", "rate(1 day)", "Mars/Olympus", "UTC", "", "50", *LINES, "", "")
    assert status == 0, shown
    assert parameters(calls[0])[:2] == ['Schedule="rate(1 day)"', 'TimeZone="UTC"']


@pytest.mark.usefixtures("aws")
def test_a_change_set_that_is_declined_is_one_sentence(deploy):
    shown, status, _ = deploy("", "", "", DECLINED="1")
    assert status == 2
    assert "nothing was put up" in shown
    assert "Traceback" not in shown


def test_a_region_may_be_named_in_either_variable(deploy):
    shown, status, _ = deploy("", "", "", *LINES, "", "", AWS_DEFAULT_REGION="", AWS_REGION="eu-west-1")
    assert status == 0, shown


def test_the_schedule_stays_off_unless_the_answer_is_yes(deploy):
    shown, status, calls = deploy("", "", "", *LINES, "", "")
    assert status == 0, shown
    assert [call for call in calls if 'ScheduleState="ENABLED"' in call] == []


def test_nothing_is_turned_on_when_x_refuses_the_keys(deploy, aws):
    shown, status, calls = deploy("", "", "", "Other", *LINES[1:])
    assert status == 2
    assert "401" in shown
    assert ['ScheduleState="ENABLED"'] not in [parameters(call) for call in calls]
    assert aws.client("ssm").describe_parameters()["Parameters"] == []


def test_given_again_it_asks_only_for_what_is_missing(deploy, x):
    deploy("", "", "", *LINES, "n", "n")
    x.requests.clear()
    shown, status, calls = deploy("n", "y")
    assert status == 0, shown
    assert [parameters(call) for call in calls] == [[], ['ScheduleState="ENABLED"']]
    assert [request.path for request in x.requests] == ["/2/users/me"]
    shown, status, calls = deploy()
    assert (status, [parameters(call) for call in calls]) == (0, [[]])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no credentials of AWS are set"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no region is set"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "AWS cannot be asked"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_done(deploy, change, sentence):
    shown, status, calls = deploy(**change)
    assert (status, calls) == (2, [])
    assert f"make deploy: error: {sentence}" in shown


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "no credentials of AWS are set"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": ""}, "no region is set"),
        ({"AWS_PROFILE": "nobody"}, "AWS cannot be asked: The config profile (nobody) could not be found"),
        ({"STACK": "my_novel"}, "a stack's name is up to 64 of A-Z, a-z, 0-9 and -, a letter first, not 'my_novel'"),
    ],
)
def test_make_says_what_is_missing_before_it_builds(environment, tmp_path, change, sentence):
    for name in ("deploy", "lambda_fn", "Makefile"):
        copy(ROOT / name, tmp_path / name)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for stamp in ("python-checked", "runtime-installed"):
        (tmp_path / ".venv" / stamp).touch()
    kept = {name: value for name, value in (environment | change).items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(["make", "deploy"], cwd=tmp_path, env=kept, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"make deploy: error: {sentence}")
    assert not (tmp_path / ".aws-sam").exists()
    assert not (tmp_path / ".venv" / "sam").exists()


def test_without_awss_tools_it_says_how_to_get_them(environment, tmp_path):
    command = [sys.executable, "-m", "deploy", "--sam", str(tmp_path / "bin" / "sam")]
    shown, status = typed(command, environment)
    assert status == 2
    assert "`make tools` does that" in shown


def test_a_deployment_that_fails_ends_it(deploy, tmp_path):
    (tmp_path / "sam").write_text("#!/bin/sh\nexit 1\n")
    shown, status, _ = deploy("", "", "")
    assert status == 2
    assert "`sam deploy` did not succeed; it says why above" in shown
