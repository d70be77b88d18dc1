"""A bench for each test, over servers that a module shares."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from peers.aws import MotoServer
from peers.local_x import LocalX
from tests.bucket import aws, road
from tests.end_to_end.bench import Bench
from tests.end_to_end.invocations import CREDENTIALS
from tests.lambda_fn.stories import without_words

__all__ = ["aws", "road"]


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_words(tiny_bundle, tmp_path_factory.mktemp("handler") / "bundle")


@pytest.fixture(scope="module")
def shared_x() -> Iterator[LocalX]:
    with LocalX(CREDENTIALS) as x:
        yield x


@pytest.fixture
def bench(aws: MotoServer, shared_x: LocalX, bundle: Path) -> Bench:
    shared_x.clear()
    return Bench(aws, shared_x, bundle)
