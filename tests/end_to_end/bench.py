"""A story on S3 with all that its bot needs, for processes that know nothing but their environment."""

import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

from lambda_fn.posting.x.credentials import Credentials
from peers.aws import MotoServer
from peers.local_x import LocalX
from tests.bucket import BUCKET
from tests.end_to_end.invocations import CREDENTIALS, ROOT
from tests.end_to_end.places import Prefix

PARAMETER = "/story/x"
NUMBERS = itertools.count(1)
OTHERS = Credentials("AnotherKey", "AnotherSecret", "88-AnotherToken", "AnotherTokenSecret")
SLOT = "2026-11-22T12:00:00Z"


def as_parameter(credentials: Credentials) -> str:
    """What `make credentials` stores."""
    names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
    return json.dumps({name: getattr(credentials, name) for name in names})


def secrets_of(*all_of_them: Credentials) -> list[str]:
    """What must be seen nowhere."""
    return [value for credentials in all_of_them for value in json.loads(as_parameter(credentials)).values()]


class Bench:
    """A bucket with a story of its own, a parameter with the keys, an account, and the environment that names them."""

    def __init__(self, aws: MotoServer, x: LocalX, bundle: Path) -> None:
        self.aws, self.x = aws, x
        self.place = Prefix(aws.client("s3"), BUCKET)
        self.parameter = f"{PARAMETER}-{next(NUMBERS)}"
        self.store(as_parameter(CREDENTIALS))
        self.environment = {
            **aws.environment(),
            **{"STORY_URI": self.place.store.uri, "MODEL_URI": str(bundle), "STORY_PROMPT": "It was"},
            **{"X_CREDENTIALS": self.parameter, "X_API_URL": x.url, "STORY_SEED": "8"},
        }

    def store(self, value: str) -> None:
        """Put a value into the parameter."""
        client = self.aws.client("ssm")
        client.put_parameter(Name=self.parameter, Value=value, Type="SecureString", Overwrite=True)
        client.close()

    @property
    def timeline(self) -> list[str]:
        return [post.text for post in self.x.timeline]

    @property
    def told(self) -> list[str]:
        pages = sorted(key for key in self.place.content() if "/tweets/" in key)
        return [json.loads(self.place.content()[page])["text"] for page in pages]

    def run(self, *arguments: str, **changed: str | None) -> "subprocess.CompletedProcess[str]":
        """Run `python -m lambda_fn …`."""
        environment = {"PATH": os.environ["PATH"], "OMP_NUM_THREADS": "1", **self.environment, **changed}
        return subprocess.run(
            [sys.executable, "-m", "lambda_fn", *arguments],
            cwd=ROOT,
            env={name: value for name, value in environment.items() if value is not None},
            capture_output=True,
            text=True,
            check=False,
        )


def assert_nothing_happened(bench: Bench, message: str) -> None:
    assert bench.place.content() == {}
    assert bench.x.requests == []
    assert "\n" not in message
    assert len(message) < 400
