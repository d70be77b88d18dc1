"""The expanded template, deployed into moto's CloudFormation: what the services that moto knows make of it.

moto's S3 makes of a template's bucket its name and its encryption alone: test_template.py has the rest.
"""

import ast
import json

import pytest

from peers.aws import MotoServer
from tests.stack.stack import NAME, expanded

pytestmark = pytest.mark.timeout(600)

UNKNOWN_TO_MOTO = {
    *("AWS::Scheduler::Schedule", "AWS::Lambda::EventInvokeConfig"),
    *("AWS::CloudWatch::Alarm", "AWS::S3::BucketPolicy", "AWS::Logs::MetricFilter"),
}


@pytest.fixture(scope="module")
def moto():
    with MotoServer() as server:
        server.client("s3").create_bucket(
            Bucket="uploads", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        server.client("s3").put_object(Bucket="uploads", Key="package.zip", Body=b"PK\x05\x06" + bytes(18))
        yield server


@pytest.fixture(scope="module")
def stack(moto):
    """Deploys with parameters, and returns the outputs."""
    template = expanded()
    known = {
        name: resource for name, resource in template["Resources"].items() if resource["Type"] not in UNKNOWN_TO_MOTO
    }
    body = json.dumps({**template, "Resources": known})

    def deploy(name, **parameters):
        cloudformation = moto.client("cloudformation")
        given = [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()]
        cloudformation.create_stack(
            StackName=name, TemplateBody=body, Parameters=given, Capabilities=["CAPABILITY_IAM"]
        )
        (made,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        return {output["OutputKey"]: output["OutputValue"] for output in made["Outputs"]}

    return deploy


@pytest.fixture(scope="module")
def outputs(stack):
    return stack(NAME)


def test_the_bucket_is_encrypted(moto, outputs):
    found = moto.client("s3").get_bucket_encryption(Bucket=outputs["BucketName"])
    (rule,) = found["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"] == {"SSEAlgorithm": "AES256"}


def test_the_function_gets_its_settings_and_its_log(moto, outputs):
    function = moto.client("lambda").get_function_configuration(FunctionName=outputs["FunctionName"])
    variables = function["Environment"]["Variables"]
    assert (function["Runtime"], function["Timeout"], function["MemorySize"]) == ("python3.12", 60, 1769)
    assert variables["STORY_URI"] == outputs["StoryUri"] == f"s3://{outputs['BucketName']}/stories"
    (group,) = moto.client("logs").describe_log_groups(logGroupNamePrefix=outputs["LogGroupName"])["logGroups"]
    assert (group["logGroupName"], group["retentionInDays"]) == (f"/aws/lambda/{NAME}", 90)


def test_the_role_has_its_one_policy_and_no_other(moto, outputs):
    iam = moto.client("iam")
    role = moto.client("lambda").get_function_configuration(FunctionName=outputs["FunctionName"])["Role"]
    name = role.rpartition("/")[2]
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == []
    assert iam.list_role_policies(RoleName=name)["PolicyNames"] == ["story"]
    document = iam.get_role_policy(RoleName=name, PolicyName="story")["PolicyDocument"]  # moto: as Python shows it
    # It does not take a conditional statement away whose condition does not hold: it leaves an empty one.
    allowed = {each["Sid"]: each["Resource"] for each in ast.literal_eval(document)["Statement"] if each}
    assert allowed["KeepTheStory"] == f"arn:aws:s3:::{outputs['BucketName']}/stories/*"
    assert "FetchTheModel" not in allowed


def test_the_queue_is_encrypted_and_keeps_events_for_two_weeks(moto, outputs):
    queue = moto.client("sqs").get_queue_attributes(QueueUrl=outputs["GivenUpQueueUrl"], AttributeNames=["All"])
    assert queue["Attributes"]["MessageRetentionPeriod"] == "1209600"
    assert queue["Attributes"]["SqsManagedSseEnabled"] == "true"


def test_a_second_stack_stands_beside_the_first_with_what_it_was_told(moto, outputs, stack):
    second = stack(
        "night", StoryFolder="second", ModelFolder="dark", AlarmEmail="me@example.org", StoryPrompt="It was night,"
    )
    variables = moto.client("lambda").get_function_configuration(FunctionName="night")["Environment"]["Variables"]
    assert second["BucketName"] != outputs["BucketName"]
    assert variables["MODEL_URI"] == f"s3://{second['BucketName']}/models/dark/" == f"{second['ModelsUri']}dark/"
    assert variables["STORY_PROMPT"] == "It was night,"
    subscribed = moto.client("sns").list_subscriptions()["Subscriptions"]
    assert [(each["Protocol"], each["Endpoint"]) for each in subscribed] == [("email", "me@example.org")]
