"""Names that are nearly ours, in events and in the environment."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.settings import Settings
from lambda_fn.spelling import meant
from tests.lambda_fn.office import Office

ENVIRONMENT = {"STORY_URI": "/stories"}
NEARLY = {
    "dry_run": [
        *("dryRun", "dry-run", "DRY_RUN", "DryRun", "dryrun", "dry run", "dry", "dry_runs", "dryrn", "dr_yrun"),
        *("Dry_Run", " dry_run", "dry_run ", "dry_run\n", "_dry_run", "isDryRun", "dry_run_only", "--dry-run"),
        *("drun", "d_run", "ｄｒｙ＿ｒｕｎ", "dry\u200b_run", "dr_rum", "dryMode", "is_dry", "run-dry", "dryRunning"),
    ],
    "temperature": ["temprature", "Temperature", "temperture", "temprtaure", "temp", "TEMPERATURE"],
    "top_k": ["topK", "top-k", "topk", "TOP_K", "top"],
    "top_p": ["topP", "top-p", "topp", "tpo_p", "Top_P"],
    "style": ["style ", "Style", "styles", "stlye", "styel", "STORY_STYLE", "storyStyle", "STORY_STYEL"],
    "story": [
        "Story",
        "STORY",
        "sotry",
        "stroy",
        "storys",
        "story_name",
        "storyId",
        "storie",
        "stories",
        "my_story",
        "ＳＴＯＲＹ",
    ],
    "seed": ["seeds", "Seed", "sed", "sede", "STORY_SEED", "random_seed", "randomSeed", "seeded"],
    "slot": ["Slot", "slots", "solt", "slott"],
    "prompt": ["Prompt", "promt", "prompts", "propmt", "STORY_PROMPT", "storyPrompt", "prompt_text", "firstPrompt"],
    "rules_off": ["rulesOff", "RULES_OFF", "rules-off", "rule_off", "rules_of"],
    "words_never_told": ["wordsNeverTold", "WORDS_NEVER_TOLD", "words-never-told", "words_never_tol"],
    "thread": ["Thread", "threads", "tread", "thraed", "THREAD", "threaded", "threading", "as_thread"],
}
OF_THE_FUNCTION = {
    "X_API_URL": [
        "x_api_url",
        "X_API_URL",
        "xApiUrl",
        "x-api-url",
        "X_API_URI",
        "api_url",
        "x_api",
        "ｘ＿ａｐｉ＿ｕｒｌ",
    ],
    "AWS_ENDPOINT_URL": ["AWS_ENDPOINT_URL", "awsEndpointUrl"],
    "STORY_URI": ["story_uri", "STORY_URI", "storyUri", "storyURL", "folder"],
    "MODEL_URI": ["model_uri", "MODEL_URI", "modelUri", "model"],
    "RECONCILE_AFTER": ["reconcile_after", "RECONCILE_AFTER", "reconcileAfter", "reconcile_afer"],
    "X_CREDENTIALS": ["x_credentials", "X_CREDENTIALS", "xCredentials", "X_CREDENTIAL"],
    "X_CONSUMER_KEY": ["X_CONSUMER_KEY", "xConsumerKey"],
    "X_CONSUMER_SECRET": ["X_CONSUMER_SECRET", "x_consumer_secret"],
    "X_ACCESS_TOKEN": ["X_ACCESS_TOKEN", "xAccessToken"],
    "X_ACCESS_TOKEN_SECRET": ["X_ACCESS_TOKEN_SECRET", "x-access-token-secret"],
}
OF_AWS = str.split(
    """
    version id detail-type source account time region resources detail replay-name
    Records eventVersion eventSource awsRegion eventTime eventName userIdentity requestParameters responseElements s3
    TopicArn Subject Message MessageId MessageAttributes Timestamp Type UnsubscribeURL messageId receiptHandle body
    routeKey rawPath rawQueryString cookies headers requestContext isBase64Encoded pathParameters stageVariables
    httpMethod path queryStringParameters multiValueHeaders multiValueQueryStringParameters resource
    RequestType ResponseURL StackId RequestId ResourceType LogicalResourceId PhysicalResourceId ResourceProperties
    Execution State StateMachine Task Input Token Name RoleArn StartTime EnteredTime RetryCount Id taskToken context Map
    timestamp requestPayload responsePayload responseContext scheduled-time schedule-arn execution-id attempt-number
    alarmData alarmArn accountId awslogs triggerSource userPoolId userName callerContext request response
    sessionState bot inputs interpretations sessionId inputTranscript invocationSource messageVersion agent actionGroup
    apiPath parameters requestBody sessionAttributes promptSessionAttributes invocationId deliveryStreamArn records
    jobId tasks invocation StepFunctions window state shardId eventSourceARN isFinalInvokeForWindow ruleName
    configRuleName invokingEvent ruleParameters resultToken SecretId ClientRequestToken Step DeploymentId
    LifecycleEventHookExecutionId session connectionId type methodArn authorizationToken identity arguments info stash
    topic clientId payload status message event action mode colour note comment test user name count
    """
)


def resolve(event: dict[str, object]) -> Settings:
    return Settings.from_event(event, ENVIRONMENT)


@pytest.mark.parametrize(("right", "key"), [(right, key) for right, keys in NEARLY.items() for key in keys])
@pytest.mark.parametrize("value", [True, None], ids=["set", "null"])
def test_a_key_that_is_nearly_ours_is_refused_with_the_right_one(right: str, key: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"^the event has a key .*, which is no setting: write '{right}'$"):
        resolve({key: value})


@pytest.mark.parametrize(("right", "key"), [(right, key) for right, keys in OF_THE_FUNCTION.items() for key in keys])
@pytest.mark.parametrize("value", ["x", None], ids=["set", "null"])
def test_what_only_the_function_may_set_is_refused_in_an_event(right: str, key: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"an event cannot change {right}: set the variable of the function$"):
        resolve({key: value})


def test_a_key_that_is_nearly_ours_is_refused_beside_the_right_one() -> None:
    with pytest.raises(SettingError, match="dryRun"):
        resolve({"dry_run": False, "dryRun": True})


def test_nothing_is_posted_or_written_for_a_misspelt_dry_run() -> None:
    office = Office()
    with pytest.raises(SettingError):
        office.publish({"dryRun": True})
    assert (office.account.calls, office.store.objects) == ([], {})


@pytest.mark.parametrize("key", OF_AWS)
def test_what_aws_puts_into_events_is_ignored(key: str) -> None:
    assert resolve({key: "x"}) == resolve({})


@pytest.mark.parametrize("value", ["true", "false", "yes", "on", "", 1, 0, [], [True], {}, None])
def test_a_dry_run_that_is_neither_true_nor_false_is_refused(value: object) -> None:
    with pytest.raises(SettingError, match=r"^dry_run must be true or false, not "):
        resolve({"dry_run": value})


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.text()))
def test_no_event_raises_another_error(event: dict[str, object]) -> None:
    with contextlib.suppress(SettingError):
        assert not resolve(event).dry_run or event["dry_run"]


VARIABLES = {
    "STORY_STYEL": "STORY_STYLE",
    "STORYSTYLE": "STORY_STYLE",
    "story_style": "STORY_STYLE",
    "STORY_PROMT": "STORY_PROMPT",
    "STORY_SEEDS": "STORY_SEED",
    "STORY_URL": "STORY_URI",
    "Story_Uri": "STORY_URI",
    "MODELURI": "MODEL_URI",
    "DRYRUN": "DRY_RUN",
    "dry_run": "DRY_RUN",
    "DRY-RUN": "DRY_RUN",
    "DRY_RUNS": "DRY_RUN",
    "TOPP": "TOP_P",
    "TOPK": "TOP_K",
    "TEMPRATURE": "TEMPERATURE",
    "RECONCILE_AFER": "RECONCILE_AFTER",
    "X_API_URI": "X_API_URL",
    "X_CREDENTIAL": "X_CREDENTIALS",
}
OF_OTHERS = str.split(
    """
    API_URL VITE_API_URL NX_API_URL APP_API_URL X_API_KEY X_CONSUMER_KEY X_CONSUMER_SECRET X_ACCESS_TOKEN
    X_ACCESS_TOKEN_SECRET MODEL_URL MODEL_PATH TEMP TMP TEMPDIR TMPDIR TOP STYLE SEED STORY HISTORY HISTFILE PROMPT
    PROMPT_COMMAND THREADS NUM_THREADS OMP_NUM_THREADS AWS_REGION AWS_EXECUTION_ENV _HANDLER LAMBDA_TASK_ROOT PATH HOME
    PWD SHLVL TERM LANG USER LOGNAME COUNT PORT HOST MAKEFLAGS DISPLAY XDG_RUNTIME_DIR DRY RUN TEMPLATE STORYBOOK
    """
)


@pytest.mark.parametrize(("name", "right"), VARIABLES.items())
def test_a_variable_that_is_nearly_ours_is_refused_with_the_right_one(name: str, right: str) -> None:
    message = f"^the environment variable {name} is read by nobody: write {right}$"
    with pytest.raises(SettingError, match=message):
        Settings.resolve({}, {name: "x"})


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_that_is_nearly_ours_and_empty_is_not_set(name: str) -> None:
    assert Settings.resolve({}, {name: ""}) == Settings.resolve({}, {})


def test_a_variable_that_is_nearly_ours_may_stand_beside_the_right_one() -> None:
    assert Settings.resolve({}, {"DRYRUN": "1", "DRY_RUN": "on"}).dry_run


@pytest.mark.parametrize("name", OF_OTHERS)
def test_variables_of_others_are_ignored(name: str) -> None:
    assert Settings.resolve({}, {name: "x"}) == Settings.resolve({}, {})


def test_of_several_names_the_nearest_is_meant() -> None:
    assert meant("topk", ["top_p", "top_k"]) == "top_k"


@given(st.text(max_size=20))
def test_a_name_is_always_meant_by_itself(name: str) -> None:
    assert meant(name, ["", name]) in (name, "")
