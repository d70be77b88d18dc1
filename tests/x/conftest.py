"""A local X for each test, and an account on it."""

from collections.abc import Iterator

import pytest

from lambda_fn.posting.x.account import Twitter
from lambda_fn.posting.x.credentials import Credentials
from lambda_fn.posting.x.exchange import Timeouts
from peers.local_x import LocalX

SHORT = Timeouts(connect=2.0, read=0.4, total=2.0)


@pytest.fixture(scope="session")
def credentials() -> Credentials:
    return Credentials("Key0fTheApp", "Secret/Of+The=App", "77-TokenOfTheAccount", "SecretOfTheAccount")


@pytest.fixture
def x(credentials: Credentials) -> Iterator[LocalX]:
    with LocalX(credentials) as x:
        yield x


@pytest.fixture
def twitter(credentials: Credentials, x: LocalX) -> Twitter:
    return Twitter(credentials, x.url)


@pytest.fixture
def impatient(credentials: Credentials, x: LocalX) -> Twitter:
    """A caller that gives up after 0.4 seconds of silence, or 2 in all."""
    return Twitter(credentials, x.url, timeouts=SHORT)
