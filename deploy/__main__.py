"""The bot onto AWS, step by step: `make deploy`, which builds the package first.

It can be stopped anywhere and given again: what is done already is not asked for again. Nothing is posted before
credentials of X are stored, and were accepted by X.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from deploy.console import NO_CREDENTIALS, NO_REGION, DeployError, agree, ask, run, say
from deploy.credentials import account, is_stored, store_credentials
from lambda_fn.posting.x.credentials import load_credentials
from lambda_fn.storage.aws import session

ROOT = Path(__file__).resolve().parents[1]
# Not the script `sam`: its first line holds the path of this folder, in which some signs could not stand.
SAM = (ROOT / ".venv" / "sam" / "bin" / "python", "-m", "samcli")
# Asked for when there is no stack yet; all others have defaults that anybody can begin with.
QUESTIONS: dict[str, tuple[str, str, Callable[[str], bool]]] = {
    "Schedule": (
        "When are tweets told: cron(...) or rate(...)?",
        "cron(0 0/6 * * ? *)",
        lambda answer: re.fullmatch(r"(cron|rate)\(.+\)", answer) is not None,
    ),
    "TimeZone": ("In which time zone is that?", "UTC", lambda answer: answer in (available_timezones() or {answer})),
    "AlarmEmail": (
        "To which e-mail address are alarms sent (none: nowhere)?",
        "none",
        lambda answer: answer == "none" or re.fullmatch(r"[^@\s]+@[^@\s]+", answer) is not None,
    ),
}
STALL = (
    "After how many hours without a tweet shall the alarm go off (more than two intervals, at most 168)?",
    "168",
    lambda answer: answer.isdecimal() and 1 <= int(answer) <= 168,
)


class Deployment:
    """One stack, in the account and region that boto3's own settings name."""

    def __init__(self, stack: str, sam: tuple[Path, *tuple[str, ...]]) -> None:
        """`sam` is the command. Raises `DeployError` or botocore's errors if AWS cannot be asked in anybody's name."""
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9-]{0,63}", stack):  # it is the function's name, too
            raise DeployError(f"a stack's name is up to 64 of A-Z, a-z, 0-9 and -, a letter first, not {stack!r}")
        self._stack, self._sam = stack, sam
        self._session = session()
        self._region = self._session.region_name
        if self._region is None:
            raise DeployError(NO_REGION)
        if self._session.get_credentials() is None:
            raise DeployError(NO_CREDENTIALS)

    def check(self) -> None:
        """What can be known before a package is built: AWS knows whose credentials these are."""
        self._account()

    def everything(self) -> None:
        """All steps, from wherever this stack stands."""
        if not self._sam[0].exists():
            raise DeployError(f"AWS's tools are not installed in {self._sam[0].parents[1]}: `make tools` does that")
        say(f"This goes to account {self._account()}, region {self._region}.")
        self._put_up()
        outputs = self._outputs()
        if not is_stored(self._client("ssm"), outputs["CredentialsName"]):
            store_credentials(outputs["CredentialsName"], os.environ)
        # Also those stored long ago: they may have been revoked since.
        keys = load_credentials({"X_CREDENTIALS": outputs["CredentialsName"]})
        say(f"X accepts the credentials: it will post as @{account(keys, os.environ)}.")
        if outputs["ScheduleIs"] == "DISABLED":
            self._begin(outputs["FunctionName"])
        else:
            say("The schedule is on.")

    def _put_up(self) -> None:
        """Create the stack, after a few questions, or update it with the parameters that it has."""
        chosen: dict[str, str] = {}
        if not self._outputs():
            chosen = {name: ask(*question) for name, question in QUESTIONS.items()}
            if chosen["AlarmEmail"] == "none":
                del chosen["AlarmEmail"]
            if chosen["Schedule"] != QUESTIONS["Schedule"][1]:
                chosen["StallHours"] = ask(*STALL)
            # Another bot posts to another account.
            chosen["CredentialsParameter"] = f"/{self._stack}/x-credentials"
        self._sam_deploy(**chosen)
        if not self._outputs():
            raise DeployError("nothing was put up; `make deploy` begins again")

    def _begin(self, function: str) -> None:
        """Tell a tweet now, if that is wanted, and turn the schedule on, if that is."""
        from botocore.config import Config

        if agree("The schedule is off. Tell one tweet now, to see it work?"):
            # Not answered is not "not told": boto3 would invoke it again, and again.
            once = Config(read_timeout=90, retries={"total_max_attempts": 1})
            client = self._session.client("lambda", region_name=self._region, config=once)
            answer = client.invoke(FunctionName=function, Payload=b"{}")
            said = answer["Payload"].read().decode()
            if "FunctionError" in answer:
                raise DeployError(f"the function failed: {said}")
            say(said)
        if agree("Turn the schedule on?"):
            self._sam_deploy("--no-confirm-changeset", ScheduleState="ENABLED")
            say("The schedule is on.")
        else:
            say("It stays off; `make deploy` asks again.")

    def _outputs(self) -> dict[str, str]:
        """The stack's outputs, {} if there is no such stack."""
        from botocore.exceptions import ClientError

        try:
            (stack,) = self._client("cloudformation").describe_stacks(StackName=self._stack)["Stacks"]
        except ClientError as problem:
            if problem.response.get("Error", {}).get("Code") == "ValidationError":  # that is: it does not exist
                return {}
            raise
        return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}

    def _sam_deploy(self, *flags: str, **parameters: str) -> None:
        command = [*map(str, self._sam), "deploy", "--stack-name", self._stack, "--region", str(self._region), *flags]
        if parameters:
            command += ["--parameter-overrides", *(f'{name}="{value}"' for name, value in parameters.items())]
        if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
            raise DeployError("`sam deploy` did not succeed; it says why above")

    def _account(self) -> str:
        return str(self._client("sts").get_caller_identity()["Account"])

    def _client(self, service: str) -> Any:
        return self._session.client(service, region_name=self._region)


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="make deploy", description=__doc__.partition("\n")[0])
    parser.add_argument("--stack", default="endless-novel", help="the stack's name (default: %(default)s)")
    parser.add_argument("--sam", type=Path, help="the sam to use (default: the one of `make tools`)")
    parser.add_argument("--check", action="store_true", help="only say whether AWS can be asked")
    options = parser.parse_args()

    def deploy() -> None:
        deployment = Deployment(options.stack, (options.sam,) if options.sam else SAM)
        (deployment.check if options.check else deployment.everything)()

    return run(deploy, "make deploy")


if __name__ == "__main__":
    sys.exit(main())
