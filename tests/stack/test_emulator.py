"""The package under AWS's own emulator, and what other tests may expect of it."""

import json

import pytest

from peers.emulator import Emulator
from tests.stack.stack import ROOT

pytestmark = pytest.mark.timeout(1800)  # the first one waits for `sam build`


def event(name):
    return json.loads((ROOT / "events" / f"{name}.json").read_text())


@pytest.fixture(scope="module")
def local(lambda_package, tmp_path_factory):
    """The function with the settings of `events/local.json`, its story in a folder of its own."""
    variables = event("local")["StoryFunction"]
    story = tmp_path_factory.mktemp("story")
    with Emulator(lambda_package, variables | {"STORY_URI": str(story)}) as function:
        yield function


class TestSampleEvents:
    @pytest.mark.parametrize("name", ["dry_run", "blend"])
    def test_tell_a_tweet_and_keep_nothing_before_anything_is_deployed(self, local, name):
        answers = [local.invoke(event(name)) for _ in range(2)]
        assert [answer.is_error for answer in answers] == [False, False]
        assert [(each.payload["status"], each.payload["sequence"]) for each in answers] == [("dry_run", 1)] * 2

    def test_of_the_schedule_needs_credentials_and_says_so(self, local):
        answer = local.invoke(event("schedule"))
        assert answer.is_error
        assert answer.payload["errorMessage"].startswith("there are no credentials for X: set X_CREDENTIALS")

    def test_of_the_schedule_is_what_the_scheduler_sends(self):
        assert list(event("schedule")) == ["slot"]

    @pytest.mark.parametrize("name", ["local", "rehearsal"])
    def test_the_environment_file_names_only_variables_of_the_template(self, name):
        text = (ROOT / "template.yaml").read_text()
        assert [variable for variable in event(name)["StoryFunction"] if f"          {variable}:" not in text] == []


class TestEmulator:
    def test_says_what_the_handler_logged_and_how_long_it_took(self, local):
        before = len(local.durations()[1])
        local.invoke(event("dry_run"))
        init, invoke = local.durations()
        assert '{"event": "answered", "story": "main", "status": "dry_run", "sequence": 1}' in local.log
        assert (len(init), len(invoke)) == (1, before + 1)

    def test_says_what_memory_the_function_has_needed(self, local):
        """ONNX Runtime's and numpy's libraries alone are more than 30 MB, and nothing here needs a gigabyte."""
        local.invoke(event("dry_run"))
        before = local.peak_memory()
        local.invoke(event("dry_run"))
        assert 30e6 < before <= local.peak_memory() < 1e9

    def test_keeps_a_container_warm(self, local):
        local.invoke(event("dry_run"))
        assert local.log.count("INIT START") == 1

    def test_ends_with_everything_in_it_when_it_is_killed(self, lambda_package, tmp_path):
        with Emulator(lambda_package, {"STORY_URI": str(tmp_path)}) as function:
            function.invoke(event("dry_run"))
            function.kill()
            with pytest.raises(ConnectionError):
                function.invoke(event("dry_run"))

    @pytest.mark.usefixtures("lambda_package")
    def test_reports_a_handler_that_cannot_be_imported(self, tmp_path):
        (tmp_path / "lambda_fn").mkdir()
        (tmp_path / "lambda_fn" / "app.py").write_text("import nowhere\n")
        with Emulator(tmp_path, {}) as function:
            answer = function.invoke({})
        assert answer.is_error
        assert answer.payload["errorType"] == "Runtime.ImportModuleError"

    @pytest.mark.usefixtures("lambda_package")
    def test_ends_an_invocation_that_takes_longer_than_the_functions_timeout(self, tmp_path):
        (tmp_path / "lambda_fn").mkdir()
        (tmp_path / "lambda_fn" / "app.py").write_text("import time\ndef handler(event, context): time.sleep(30)\n")
        with Emulator(tmp_path, {}, timeout=1) as function:
            answer = function.invoke({})
        assert answer.is_error
        assert "timed out after 1.00 seconds" in answer.payload["errorMessage"]
