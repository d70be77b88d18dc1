"""The template, expanded by AWS's own translator: what is asked of the stack, property by property."""

import json
import subprocess

import pytest

from lambda_fn import settings
from lambda_fn.language.sampling import SAMPLING_SETTINGS
from tests.stack.stack import NAME, ROOT, SAM, TEMPLATE, arn, check_parameter, expanded, need_sam, resources

QUEUE = arn("AWS::SQS::Queue", f"{NAME}-givenupevents")
FUNCTION = arn("AWS::Lambda::Function", NAME)


def properties(name, **parameters):
    return resources(**parameters)[name]["Properties"]


def statements(**parameters):
    (policy,) = properties("StoryRole", **parameters)["Policies"]
    return {each["Sid"]: (each["Action"], each["Resource"]) for each in policy["PolicyDocument"]["Statement"]}


@pytest.mark.timeout(600)
def test_sam_finds_nothing_to_complain_of():
    need_sam()
    command = [SAM / "python", "-m", "samcli", "validate", "--lint", "--template", TEMPLATE, "--region", "eu-west-1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class TestFunction:
    def test_runs_the_handler_on_python_3_12_and_x86_64(self):
        function = properties("StoryFunction")
        assert function["Handler"] == "lambda_fn.app.handler"
        assert function["Runtime"] == "python3.12"
        assert function["Architectures"] == ["x86_64"]

    def test_is_over_before_another_invocation_looks_for_its_tweet(self):
        assert properties("StoryFunction")["Timeout"] == 60 < settings.RECONCILE_AFTER

    def test_reserves_nothing_of_a_new_accounts_ten_invocations(self):
        assert "ReservedConcurrentExecutions" not in properties("StoryFunction")

    def test_is_told_where_its_story_and_its_credentials_are(self):
        variables = properties("StoryFunction")["Environment"]["Variables"]
        assert variables["STORY_URI"] == f"s3://{NAME}-storybucket/stories"
        assert variables["X_CREDENTIALS"] == "/endless-novel/x-credentials"
        assert variables["ORT_DISABLE_TELEMETRY"] == "1"

    def test_tells_with_the_bundle_that_ships_unless_a_folder_is_named(self):
        shipped = properties("StoryFunction")["Environment"]["Variables"]
        own = properties("StoryFunction", ModelFolder="night")["Environment"]["Variables"]
        assert shipped["MODEL_URI"] == ""
        assert own["MODEL_URI"] == f"s3://{NAME}-storybucket/models/night/"

    def test_its_own_settings_stand_for_the_defaults_of_the_code(self):
        """All empty variables are defaults, but the prompt, which is written out."""
        variables = properties("StoryFunction")["Environment"]["Variables"]
        said = settings.Settings.resolve({}, variables)
        unsaid = settings.Settings.resolve({}, {"STORY_URI": variables["STORY_URI"]})
        assert {**vars(said), "given": None} == {**vars(unsaid), "given": None}

    def test_parameters_reach_the_settings_they_name(self):
        function = properties(
            "StoryFunction", Temperature="0.5", TopK="40", TopP="0.9", Thread="on", StoryStyle="Jane Austen=1"
        )
        found = settings.Settings.resolve({}, function["Environment"]["Variables"])
        assert found.own_sampling == {"temperature": 0.5, "top_k": 40, "top_p": 0.9}
        assert found.thread
        assert found.style == {"Jane Austen": 1.0}

    def test_every_setting_of_sampling_is_a_parameter(self):
        """Called as the variable is, TopP for TOP_P."""
        usual = {name: str(setting.usual) for name, setting in SAMPLING_SETTINGS.items()}
        parameters = {name.title().replace("_", ""): value for name, value in usual.items()}
        variables = properties("StoryFunction", **parameters)["Environment"]["Variables"]
        assert {name: variables.get(settings.VARIABLES[name]) for name in usual} == usual

    def test_writes_pages_only_if_it_is_told_to(self):
        def page(**parameters):
            variables = properties("StoryFunction", **parameters)["Environment"]["Variables"]
            return settings.Settings.resolve({}, variables).page

        assert (page(), page(StoryPage="on")) == (False, True)

    def test_every_variable_is_one_that_the_code_reads(self):
        read = {*settings.VARIABLES.values(), "STORY_URI", "STORY_PAGE", "MODEL_URI", "X_CREDENTIALS", "X_API_URL"}
        read |= {"AWS_ENDPOINT_URL", "ORT_DISABLE_TELEMETRY"}  # by boto3, and by ONNX Runtime
        assert properties("StoryFunction")["Environment"]["Variables"].keys() <= read


class TestSchedule:
    def test_hands_over_its_slot_and_nothing_else(self):
        target = properties("StoryFunctionNextTweet")["Target"]
        assert json.loads(target["Input"]) == {"slot": "<aws.scheduler.scheduled-time>"}
        assert target["Arn"] == FUNCTION

    def test_is_off_until_somebody_turns_it_on(self):
        assert properties("StoryFunctionNextTweet")["State"] == "DISABLED"
        assert properties("StoryFunctionNextTweet", ScheduleState="ENABLED")["State"] == "ENABLED"

    def test_tells_every_six_hours_and_can_be_told_when_and_where(self):
        usual = properties("StoryFunctionNextTweet")
        other = properties("StoryFunctionNextTweet", Schedule="rate(12 hours)", TimeZone="Europe/London")
        assert usual["ScheduleExpression"] == "cron(0 0/6 * * ? *)"
        assert other["ScheduleExpression"] == "rate(12 hours)"
        assert other["ScheduleExpressionTimezone"] == "Europe/London"

    def test_an_event_it_cannot_hand_over_goes_to_the_queue_before_the_next_one(self):
        target = properties("StoryFunctionNextTweet")["Target"]
        assert target["DeadLetterConfig"] == {"Arn": QUEUE}
        assert target["RetryPolicy"] == {"MaximumRetryAttempts": 10, "MaximumEventAgeInSeconds": 3600}

    def test_may_call_the_function_and_give_up_to_the_queue_and_nothing_else(self):
        policies = properties("StoryFunctionNextTweetRole")["Policies"]
        allowed = [statement for policy in policies for statement in policy["PolicyDocument"]["Statement"]]
        assert [(each["Action"], each["Resource"]) for each in allowed] == [
            ("lambda:InvokeFunction", FUNCTION),
            ("sqs:SendMessage", QUEUE),
        ]

    def test_has_a_name_that_no_second_stack_has(self):
        assert "Name" not in properties("StoryFunctionNextTweet")


class TestFailures:
    def test_an_event_is_tried_three_times_within_an_hour_and_then_kept(self):
        invocations = properties("StoryFunctionEventInvokeConfig")
        assert invocations["MaximumRetryAttempts"] == 2
        assert invocations["MaximumEventAgeInSeconds"] == 3600
        assert invocations["DestinationConfig"] == {"OnFailure": {"Destination": QUEUE}}

    def test_the_queue_keeps_an_event_for_two_weeks_and_encrypts_it(self):
        queue = properties("GivenUpEvents")
        assert (queue["MessageRetentionPeriod"], queue["SqsManagedSseEnabled"]) == (14 * 24 * 3600, True)

    def test_an_event_that_was_given_up_raises_the_alarm(self):
        alarm = properties("GivenUpAlarm")
        assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/SQS", "ApproximateNumberOfMessagesVisible")
        assert alarm["Dimensions"] == [{"Name": "QueueName", "Value": f"{NAME}-givenupevents"}]
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)

    def test_hours_without_a_tweet_raise_the_alarm_and_no_data_is_no_tweet(self):
        alarm = properties("StallAlarm", ScheduleState="ENABLED", StallHours=30)
        assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 3600, 30)
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert alarm["TreatMissingData"] == "breaching"

    def test_a_story_that_is_paused_raises_no_alarm(self):
        assert properties("StallAlarm", ScheduleState="DISABLED")["TreatMissingData"] == "notBreaching"

    def test_the_alarm_counts_what_the_log_says_of_settled_tweets(self):
        counted, alarm = properties("TweetsTold"), properties("StallAlarm")
        assert counted["FilterPattern"] == '{ $.event = "settled" }'
        assert counted["LogGroupName"] == properties("StoryLog")["LogGroupName"]
        (metric,) = counted["MetricTransformations"]
        assert metric == {"MetricNamespace": NAME, "MetricName": "TweetsTold", "MetricValue": "1"}
        assert (alarm["Namespace"], alarm["MetricName"]) == (NAME, "TweetsTold")

    def test_no_stall_is_longer_than_cloudwatch_can_look_back(self):
        with pytest.raises(ValueError, match="from 1 to 168"):
            check_parameter("StallHours", 169)

    def test_alarms_go_to_an_address_if_there_is_one(self):
        silent, loud = resources(), resources(AlarmEmail="me@example.org")
        assert "AlarmTopic" not in silent
        assert "AlarmActions" not in silent["StallAlarm"]["Properties"]
        topic = arn("AWS::SNS::Topic", f"{NAME}-alarmtopic")
        assert [loud[name]["Properties"]["AlarmActions"] for name in ("StallAlarm", "GivenUpAlarm")] == [[topic]] * 2
        (subscription,) = loud["AlarmTopic"]["Properties"]["Subscription"]
        assert subscription == {"Protocol": "email", "Endpoint": "me@example.org"}


class TestBucket:
    def test_nobody_else_can_read_it(self):
        bucket = properties("StoryBucket")
        blocked = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
        assert bucket["PublicAccessBlockConfiguration"] == dict.fromkeys(blocked, True)
        assert bucket["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
        (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}

    def test_keeps_old_versions_for_a_month(self):
        bucket = properties("StoryBucket")
        assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
        (rule,) = bucket["LifecycleConfiguration"]["Rules"]
        assert rule["Status"] == "Enabled"
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
        assert "ExpirationInDays" not in rule

    @pytest.mark.parametrize("name", ["StoryBucket", "StoryBucketPolicy"])
    def test_stays_when_the_stack_goes(self, name):
        kept = resources()[name]
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")

    def test_one_distribution_reads_the_pages_and_nothing_else_if_it_is_named(self):
        distribution = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE"
        policy = properties("StoryBucketPolicy", PageDistribution=distribution)["PolicyDocument"]
        _, allowed = policy["Statement"]
        assert allowed == {
            "Sid": "OneDistributionReadsThePages",
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": f"{arn('AWS::S3::Bucket', f'{NAME}-storybucket')}/stories/main/page/*",
            "Condition": {"StringEquals": {"AWS:SourceArn": distribution}},
        }

    @pytest.mark.parametrize("wrong", ["EDFDVBD6EXAMPLE", "*", "arn:aws:cloudfront::123456789012:distribution/*"])
    def test_what_is_no_distribution_is_refused(self, wrong):
        with pytest.raises(ValueError, match="PageDistribution"):
            check_parameter("PageDistribution", wrong)

    def test_is_reached_only_over_tls(self):
        (statement,) = properties("StoryBucketPolicy")["PolicyDocument"]["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        whole = arn("AWS::S3::Bucket", f"{NAME}-storybucket")
        assert statement["Resource"] == [whole, f"{whole}/*"]


class TestPermissions:
    def test_are_for_exactly_the_keys_and_the_parameter_it_uses(self):
        bucket = arn("AWS::S3::Bucket", f"{NAME}-storybucket")
        assert statements(StoryFolder="second", CredentialsParameter="/novel/keys") == {
            "LearnThatAKeyIsMissing": ("s3:ListBucket", bucket),
            "KeepTheStory": (["s3:GetObject", "s3:PutObject"], f"{bucket}/second/*"),
            "ReadTheCredentials": ("ssm:GetParameter", "arn:aws:ssm:eu-west-1:123456789012:parameter/novel/keys"),
            "WriteTheLog": (
                ["logs:CreateLogStream", "logs:PutLogEvents"],
                arn("AWS::Logs::LogGroup", f"/aws/lambda/{NAME}"),
            ),
            "HandOverWhatIsGivenUp": ("sqs:SendMessage", QUEUE),
        }

    def test_are_the_same_with_pages_which_are_in_the_storys_folder(self):
        assert statements(StoryPage="on") == statements()

    def test_include_a_models_folder_only_if_one_is_used(self):
        bucket = arn("AWS::S3::Bucket", f"{NAME}-storybucket")
        expected = statements() | {"FetchTheModel": ("s3:GetObject", f"{bucket}/models/night/*")}
        assert statements(ModelFolder="night") == expected

    def test_a_story_cannot_be_kept_among_the_models(self):
        with pytest.raises(ValueError, match="StoryFolder"):
            check_parameter("StoryFolder", "models")

    def test_the_function_has_no_other_role_or_policy(self):
        role = properties("StoryRole")
        assert role.keys() == {"AssumeRolePolicyDocument", "Policies"}
        assert properties("StoryFunction")["Role"] == arn("AWS::IAM::Role", f"{NAME}-storyrole")


class TestLog:
    def test_is_kept_as_long_as_said_and_is_the_functions(self):
        assert properties("StoryLog", LogRetentionDays=14)["RetentionInDays"] == 14
        assert properties("StoryFunction")["LoggingConfig"] == {"LogGroup": f"/aws/lambda/{NAME}"}


def test_there_is_nothing_else_in_the_stack():
    kinds = sorted(resource["Type"] for resource in expanded()["Resources"].values())
    assert kinds == [
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::Alarm",
        "AWS::IAM::Role",
        "AWS::IAM::Role",
        "AWS::Lambda::EventInvokeConfig",
        "AWS::Lambda::Function",
        "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter",
        "AWS::S3::Bucket",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::Topic",
        "AWS::SQS::Queue",
        "AWS::Scheduler::Schedule",
    ]
