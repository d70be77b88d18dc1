"""A bucket on moto's S3, and a road to it that can break."""

from collections.abc import Iterator

import pytest

from peers.aws import MotoServer
from peers.s3_proxy import S3Proxy

BUCKET = "bucket-of-a-test"


@pytest.fixture(scope="module")
def aws() -> Iterator[MotoServer]:
    with MotoServer() as server:
        server.bucket(BUCKET)
        yield server


@pytest.fixture(scope="module")
def road(aws: MotoServer) -> Iterator[S3Proxy]:
    with S3Proxy(aws.url) as proxy:
        yield proxy
