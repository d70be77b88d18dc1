"""Ask for the four keys of X, check them, and store them where the function looks: `make credentials`.

They are typed without echo, or read from a pipe, one a line. They go to X in a signature, to AWS as one encrypted
parameter (an SSM SecureString), and nowhere else: not to the screen, not into an error, not into a list of processes.
"""

import argparse
import getpass
import json
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

from deploy.console import DeployError, agree, run, say
from lambda_fn.errors import SettingError
from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import FIELDS, Credentials
from lambda_fn.settings import DEFAULT_X_API_URL
from lambda_fn.storage.aws import session

DEFAULT_PARAMETER = "/endless-novel/x-credentials"
# What X's developer portal calls them, in the order of FIELDS.
PROMPTS = ("API key", "API key secret", "Access token", "Access token secret")


def store_credentials(parameter: str, environment: Mapping[str, str], *, overwrite: bool = False) -> None:
    """Ask for the keys, check them with one signed request, and store them under this name.

    Raises `StoryError` and botocore's errors; nothing is stored then.
    """
    client = session().client("ssm")
    exists = is_stored(client, parameter)  # first of all: who cannot store anything need not look for keys
    if exists and not overwrite:
        if not sys.stdin.isatty():
            raise DeployError(f"there are credentials under {parameter} already; --overwrite replaces them")
        if not agree(f"There are credentials under {parameter} already. Replace them?"):
            say("They stay as they are.")
            return
    credentials = _ask()
    say(f"These are the keys of @{account(credentials, environment)}.")
    value = json.dumps({name: getattr(credentials, name) for name in FIELDS})
    client.put_parameter(
        Name=parameter,
        Description="OAuth 1.0a keys of X, for the endless novel",
        Type="SecureString",
        Value=value,
        Overwrite=exists,
    )
    say(f"They are stored under {parameter}.")


def is_stored(client: Any, parameter: str) -> bool:
    """Whether there is a parameter of this name; its value is not asked for in the clear."""
    from botocore.exceptions import ClientError

    try:
        client.get_parameter(Name=parameter, WithDecryption=False)
    except ClientError as problem:
        if problem.response.get("Error", {}).get("Code") == "ParameterNotFound":
            return False
        raise
    return True


def account(credentials: Credentials, environment: Mapping[str, str]) -> str:
    """Whose keys these are, by one signed request; raises `PublishError` with what to do."""
    return Twitter(credentials, environment.get("X_API_URL") or DEFAULT_X_API_URL).who_am_i()


def _ask() -> Credentials:
    if sys.stdin.isatty():
        say("The four keys of X, as its developer portal shows them; nothing shows while you type or paste.")
        values = [getpass.getpass(f"{prompt}: ") for prompt in PROMPTS]
    else:
        values = sys.stdin.read().splitlines()
        if len(values) != len(FIELDS):
            named = ", ".join(PROMPTS)
            raise DeployError(f"standard input must have four lines ({named}), not {len(values)}")
    given = dict(zip(FIELDS, (value.strip() for value in values), strict=True))
    try:
        return Credentials.parse(json.dumps(given), "what you gave")
    except SettingError as problem:
        sentence = str(problem)
        for field, prompt in zip(FIELDS, PROMPTS, strict=True):
            sentence = re.sub(rf"what you gave: {field}\b", f"the {prompt}", sentence)
        raise DeployError(sentence) from None


def main() -> int:
    """The command; returns its exit status."""
    parser = argparse.ArgumentParser(prog="make credentials", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--parameter",
        default=os.environ.get("X_CREDENTIALS") or DEFAULT_PARAMETER,
        help="the name to store them under (default: %(default)s)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace what is stored there, without asking")
    options = parser.parse_args()
    return run(
        lambda: store_credentials(options.parameter, os.environ, overwrite=options.overwrite), "make credentials"
    )


if __name__ == "__main__":
    sys.exit(main())
