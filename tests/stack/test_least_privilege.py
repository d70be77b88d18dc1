"""The function's own policy, taken from the expanded template and enforced by moto's IAM: enough, and nothing too much.

moto does not know which parameter, log or queue a request is about, so for those services it enforces the action alone
(test_template.py has their ARNs); for S3 it enforces bucket and key. It also answers 404 for a missing key to all,
where S3 answers 403 to those who may not list the bucket: `StrictS3` puts that right.
"""

import json
import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler

import pytest
from botocore.exceptions import ClientError

from lambda_fn.posting.x.credentials import FIELDS, Credentials
from peers.local_x import LocalX
from peers.s3_proxy import S3Proxy
from tests.stack.stack import NAME, ROOT, resources

pytestmark = pytest.mark.timeout(600)

KEYS = Credentials("Key", "Secret", "77-Token", "TokenSecret")
BUCKET = f"{NAME}-storybucket"
LOG, QUEUE = f"/aws/lambda/{NAME}", f"{NAME}-givenupevents"
FORBIDDEN = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
REFUSED = "not allowed|AccessDenied|not authorized|AWS answered 403"
PARAMETERS = {"ModelFolder": "night"}
SIDS = (
    *("LearnThatAKeyIsMissing", "KeepTheStory", "FetchTheModel", "ReadTheCredentials"),
    *("WriteTheLog", "HandOverWhatIsGivenUp"),
)

INVOKE = """
import json, pathlib, sys
from lambda_fn.storage import bundles as fetching
from lambda_fn.app import handler
# A /tmp of its own, as each container has.
fetching.local_bundle.__defaults__ = (pathlib.Path(sys.argv[1]), *fetching.local_bundle.__defaults__[1:])
class Context:
    def get_remaining_time_in_millis(self): return 60_000
print("\\n" + json.dumps(handler({}, Context())))
"""


class StrictS3(S3Proxy):
    """S3 as it answers for a missing key: 404 to those who may list the bucket, 403 to all others."""

    def __init__(self, target, may_list):
        super().__init__(target)
        self._may_list = may_list

    def _send_on(self, request: BaseHTTPRequestHandler, body: bytes):
        status, headers, content = super()._send_on(request, body)
        if status == 404 and request.command in ("GET", "HEAD") and not self._may_list():
            return 403, [("Content-Type", "application/xml")], FORBIDDEN
        return status, headers, content


@pytest.fixture
def aws(moto):
    """What the stack has, with nothing enforced yet."""
    moto.reset()
    moto.enforce_policies(after=10**9)
    moto.bucket(BUCKET)
    value = json.dumps({name: getattr(KEYS, name) for name in FIELDS})
    moto.client("ssm").put_parameter(Name="/endless-novel/x-credentials", Value=value, Type="SecureString")
    moto.client("logs").create_log_group(logGroupName=LOG)
    moto.client("sqs").create_queue(QueueName=QUEUE)
    for path in (ROOT / "lambda_fn" / "model").iterdir():
        moto.client("s3").put_object(Bucket=BUCKET, Key=f"models/night/{path.name}", Body=path.read_bytes())
    return moto


def statements():
    """The function's, by name."""
    (policy,) = resources(**PARAMETERS)["StoryRole"]["Properties"]["Policies"]
    return {each["Sid"]: each for each in policy["PolicyDocument"]["Statement"]}


def as_moto_knows(statement):
    """S3's statements as they are, the others for any resource."""
    of_s3 = "s3:" in str(statement["Action"])
    return statement if of_s3 else {**statement, "Resource": "*"}


def sign_in(aws, allowed):
    """The environment of a process that has the function's role, with these statements; enforced from now on."""
    document = resources(**PARAMETERS)["StoryRole"]["Properties"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [as_moto_knows(each) for each in allowed]})
    iam = aws.client("iam")
    role = iam.create_role(RoleName="story", AssumeRolePolicyDocument=json.dumps(document["AssumeRolePolicyDocument"]))[
        "Role"
    ]
    iam.put_role_policy(RoleName="story", PolicyName="story", PolicyDocument=policy)
    session = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="function")["Credentials"]
    aws.enforce_policies()
    return {
        "AWS_ACCESS_KEY_ID": session["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }


def client(aws, service, keys):
    named = dict(zip(("aws_access_key_id", "aws_secret_access_key", "aws_session_token"), keys.values(), strict=True))
    return aws.client(service, **named)


def may_list(aws, keys):
    try:
        client(aws, "s3", keys).list_objects_v2(Bucket=BUCKET, MaxKeys=1)
    except ClientError:
        return False
    return True


def invoke(aws, x, keys, cache, **parameters):
    """One run of the handler in a process of its own, with these keys; raises `AssertionError` if it fails."""
    variables = resources(**parameters)["StoryFunction"]["Properties"]["Environment"]["Variables"]
    with StrictS3(aws.url, lambda: may_list(aws, keys)) as s3:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "X_", "STORY_"))},
            **{name: str(value) for name, value in variables.items()},
            **aws.environment(),
            **keys,
            "AWS_ENDPOINT_URL_S3": s3.url,
            "AWS_MAX_ATTEMPTS": "1",
            "X_API_URL": x.url,
        }
        command = [sys.executable, "-c", INVOKE, str(cache)]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["status"] == "posted", answer
    return answer["sequence"]


def whole_life(aws, x, allowed, folder):
    """All that the function's role is for, from the first run on; returns the number of the last tweet."""
    keys = sign_in(aws, allowed)
    invoke(aws, x, keys, folder)
    invoke(aws, x, keys, folder)
    told = invoke(aws, x, keys, folder, **PARAMETERS)
    # What Lambda does in this role's name.
    logs = client(aws, "logs", keys)
    logs.create_log_stream(logGroupName=LOG, logStreamName="one")
    logs.put_log_events(logGroupName=LOG, logStreamName="one", logEvents=[{"timestamp": 0, "message": "{}"}])
    client(aws, "sqs", keys).send_message(QueueUrl=f"{aws.url}/123456789012/{QUEUE}", MessageBody="{}")
    return told


def test_the_policy_is_enough_for_first_run_ordinary_run_and_another_model(aws, tmp_path):
    with LocalX(KEYS) as x:
        assert whole_life(aws, x, statements().values(), tmp_path) == 3
        assert len(x.timeline) == 3


def test_the_same_policy_is_enough_to_write_pages_and_they_are_in_the_storys_folder(aws, tmp_path):
    with LocalX(KEYS) as x:
        keys = sign_in(aws, statements().values())
        for told in (1, 2):
            assert invoke(aws, x, keys, tmp_path, StoryPage="on") == told
    s3 = client(aws, "s3", keys)
    found = s3.list_objects_v2(Bucket=BUCKET, Prefix="stories/main/page/")["Contents"]
    names = ["000001.html", "feed.xml", "index.html", "state.json"]
    assert [item["Key"] for item in found] == [f"stories/main/page/{name}" for name in names]
    state = s3.get_object(Bucket=BUCKET, Key="stories/main/page/state.json")["Body"].read()
    assert len(json.loads(state)["tweets"]) == 2


def test_every_statement_has_its_turn_below():
    assert set(SIDS) == statements().keys()


@pytest.mark.parametrize("missing", SIDS)
def test_without_any_one_statement_something_fails(aws, tmp_path, missing):
    left = [each for name, each in statements().items() if name != missing]
    with (
        LocalX(KEYS) as x,
        pytest.raises((AssertionError, ClientError), match=REFUSED),
    ):
        whole_life(aws, x, left, tmp_path)


@pytest.mark.parametrize("key", ["other/main/story.json", "models/night/bundle.json", "models/other/bundle.json"])
def test_no_key_outside_the_storys_folder_can_be_written(aws, key):
    keys = sign_in(aws, statements().values())
    with pytest.raises(ClientError, match="AccessDenied"):
        client(aws, "s3", keys).put_object(Bucket=BUCKET, Key=key, Body=b"")


def test_nothing_can_be_deleted(aws):
    aws.client("s3").put_object(Bucket=BUCKET, Key="stories/main/story.json", Body=b"")
    keys = sign_in(aws, statements().values())
    with pytest.raises(ClientError, match="AccessDenied"):
        client(aws, "s3", keys).delete_object(Bucket=BUCKET, Key="stories/main/story.json")
