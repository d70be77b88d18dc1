"""The four keys of an account on X: from one parameter of AWS Systems Manager, or from the environment.

No message names a value, and no error carries one, neither in its cause nor in its context.
"""

import logging
import re
from collections.abc import Callable, Mapping
from contextlib import closing, nullcontext
from dataclasses import dataclass, fields
from typing import Any, Self
from urllib.parse import quote

from lambda_fn.errors import NotSentError, SettingError
from lambda_fn.fields import TwiceError, read_json
from lambda_fn.storage.aws import session

PARAMETER = "X_CREDENTIALS"  # the environment variable that names the parameter
_VALUE = re.compile(r"[!-~]+")  # as in a header: printable ASCII, no white space
_TOKEN = re.compile(r"[0-9]{1,20}-[!-~]+")
_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,1011}")  # of a parameter, or its ARN
_SIGNING = re.compile(r"""oauth_\w+["']?\s*[=:]\s*("[^"]*"|'[^']*'|[^\s,&]*)""")
_BUSY = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded"}


@dataclass(frozen=True, repr=False)
class Credentials:
    """What signs requests for one app and one account (OAuth 1.0a)."""

    consumer_key: str
    consumer_secret: str
    access_token: str
    access_token_secret: str

    @classmethod
    def parse(cls, text: str, where: str) -> Self:
        """Read a JSON object with the four fields; `where` says in a `SettingError` what the text is."""
        twice, value = False, None
        try:
            value = read_json(text)
        except TwiceError:
            twice = True
        except (ValueError, RecursionError):
            pass  # raised below, outside this handler: the error would carry the text
        if twice:
            raise SettingError(f"{where} has a field twice")
        if not isinstance(value, dict):
            raise SettingError(f"{where} must be a JSON object with the fields {', '.join(FIELDS)}")
        if not value.keys() <= set(FIELDS):
            raise SettingError(f"{where} has other fields than {', '.join(FIELDS)}")
        return cls._checked(value, {name: f"{where}: {name}" for name in FIELDS})

    @classmethod
    def _checked(cls, values: Mapping[str, object], names: Mapping[str, str]) -> Self:
        """Check the four values, which messages call by these names."""
        checked = {}
        for field, name in names.items():
            value = values.get(field)
            if value is None or value == "":
                raise SettingError(f"{name} is missing")
            if not isinstance(value, str) or not _VALUE.fullmatch(value):
                raise SettingError(f"{name} must be printable ASCII without white space, as X shows it")
            checked[field] = value
        if not _TOKEN.fullmatch(checked["access_token"]):
            raise SettingError(f'{names["access_token"]} must begin with the number of the account and a "-"')
        return cls(**checked)

    @property
    def user_id(self) -> str:
        """The number of the account, decimal digits."""
        return self.access_token.partition("-")[0]

    def conceal(self, text: str) -> str:
        """A text from outside without the four values, and without anything that looks like a signature."""
        text = _SIGNING.sub("…", text)
        for field in FIELDS:
            value = getattr(self, field)
            text = text.replace(value, "…").replace(quote(value, safe=""), "…")
        return text

    def __repr__(self) -> str:
        return f"Credentials(user_id={self.user_id!r})"


FIELDS = tuple(field.name for field in fields(Credentials))
VARIABLES = {field: f"X_{field.upper()}" for field in FIELDS}


def load_credentials(environment: Mapping[str, str], client: Callable[[], Any] | None = None) -> Credentials:
    """The credentials that the environment names: the parameter, or else the four variables.

    `client` gives a client of AWS Systems Manager that the caller keeps; without it one is made and closed.
    Raises `SettingError` if there are none or they are malformed, with what to do; `NotSentError` if the
    parameter cannot be read just now.
    """
    name = environment.get(PARAMETER)
    if name:
        if not _NAME.fullmatch(name):  # perhaps the keys themselves: not shown
            raise SettingError(f"{PARAMETER} must be the name of a parameter of AWS Systems Manager, such as /story/x")
        with nullcontext(client()) if client else closing(parameter_client()) as manager:
            return Credentials.parse(_parameter(manager, name), f"the parameter {_shown(name)}")
    values = {field: environment.get(variable) for field, variable in VARIABLES.items()}
    if not any(values.values()):
        raise SettingError(
            f"there are no credentials for X: set {PARAMETER} to the name of a parameter (`make credentials` stores "
            f"one), or {', '.join(VARIABLES.values())}"
        )
    return Credentials._checked(values, VARIABLES)


def parameter_client() -> Any:
    """A client of AWS Systems Manager that gives up within 20 seconds; raises `SettingError`."""
    from botocore.config import Config  # loaded where it is needed
    from botocore.exceptions import BotoCoreError

    logging.getLogger("botocore.parsers").setLevel(logging.WARNING)  # below that it logs what it reads
    config = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
    try:
        return session().client("ssm", config=config)
    except (BotoCoreError, ValueError) as problem:  # a ValueError: an endpoint that is no address
        raise SettingError(f"{PARAMETER}: the settings for AWS cannot be used: {problem}") from None


def _parameter(client: Any, name: str) -> str:
    """The decrypted value of a parameter."""
    from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
    from botocore.parsers import ResponseParserError

    value: object = None
    try:
        value = client.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ClientError as problem:
        code = str(problem.response.get("Error", {}).get("Code", ""))
        status = problem.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 500)
        raise _refused(_shown(name), code, status) from None
    except (ConnectionError, HTTPClientError) as problem:
        raise NotSentError(
            f"the credentials for X could not be read: AWS Systems Manager was not reached ({type(problem).__name__})"
        ) from None
    except BotoCoreError as problem:
        raise SettingError(f"{PARAMETER}: the parameter {_shown(name)} cannot be read: {problem}") from None
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, ResponseParserError):
        pass  # an answer that is not AWS's: raised below, outside this handler, for the error might carry it
    if not isinstance(value, str):
        raise NotSentError("the credentials for X could not be read: AWS Systems Manager's answer has no value in it")
    return value


def _shown(name: str) -> str:
    """A parameter's name, unless it could be a key that was put in its place."""
    return name if name.startswith(("/", "arn:")) else f"that {PARAMETER} names"


def _refused(name: str, code: str, status: int) -> SettingError | NotSentError:
    if code in ("ParameterNotFound", "ParameterVersionNotFound"):
        return SettingError(f"{PARAMETER}: there is no parameter {name}: run `make credentials` to store it")
    if code.startswith("AccessDenied"):
        return SettingError(
            f"{PARAMETER}: AWS does not allow reading the parameter {name}: it needs ssm:GetParameter on it, and "
            "kms:Decrypt on its key"
        )
    if status >= 500 or code in _BUSY:
        return NotSentError(f"the credentials for X could not be read: AWS Systems Manager answered {code or status}")
    return SettingError(f"{PARAMETER}: the parameter {name} cannot be read: AWS answered {code}")
