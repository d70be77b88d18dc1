"""One bucket on moto's S3, and a road to it that can break: fixtures of the folders whose tests need S3."""

from collections.abc import Iterator

import pytest

from peers.aws import MotoServer
from peers.s3_proxy import S3Proxy

BUCKET = "stories-of-a-test"


@pytest.fixture(scope="module")
def aws() -> Iterator[MotoServer]:
    """A server of the module's own, with the bucket in it."""
    with MotoServer() as server:
        server.bucket(BUCKET)
        yield server


@pytest.fixture(scope="module")
def road(aws: MotoServer) -> Iterator[S3Proxy]:
    """A proxy before it."""
    with S3Proxy(aws.url) as proxy:
        yield proxy
