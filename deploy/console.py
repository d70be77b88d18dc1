"""What both commands say and ask, and how they end: an error is one sentence and exit status 2."""

import sys
from collections.abc import Callable

from lambda_fn.errors import StoryError

NO_REGION = "no region is set: `aws configure` sets one, or AWS_REGION=eu-west-1 in the environment"
NO_CREDENTIALS = "no credentials of AWS are set: `aws configure` or `aws configure sso` sets them"


class DeployError(StoryError):
    """A step cannot be taken; the message says what is wrong and what to do."""


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def ask(question: str, default: str, accepts: Callable[[str], bool] = lambda _: True) -> str:
    """The answer to a question, the default if it is empty; asked again until `accepts` it."""
    while True:
        answer = input(f"{question} [{default}]: ").strip() or default
        if accepts(answer):
            return answer
        say(f"{answer!r} is not one.")


def agree(question: str) -> bool:
    """Whether the answer is yes; anything else is no."""
    return input(f"{question} [y/N]: ").strip().lower() in ("y", "yes")


def run(command: Callable[[], None], name: str) -> int:
    """Run a command, and make one sentence of what an operator has to act on; returns the exit status."""
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

    try:
        command()
    except StoryError as problem:
        return _fail(name, str(problem), 2)
    except ClientError as problem:
        error = problem.response.get("Error", {})
        said = f"{error.get('Code', 'an error')}: {error.get('Message', 'no reason given')}"
        return _fail(name, f"AWS refused {problem.operation_name} with {said}", 2)
    except NoRegionError:
        return _fail(name, NO_REGION, 2)
    except NoCredentialsError:
        return _fail(name, NO_CREDENTIALS, 2)
    except BotoCoreError as problem:
        return _fail(name, f"AWS cannot be asked: {problem}", 2)
    except (EOFError, KeyboardInterrupt):
        return _fail(name, "stopped; what was done so far stays, and the command can be given again", 130)
    return 0


def _fail(name: str, sentence: str, status: int) -> int:
    print(f"{name}: error: {sentence}", file=sys.stderr)
    return status
