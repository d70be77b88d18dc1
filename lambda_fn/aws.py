"""The account and region that AWS's own settings name."""

import os
from typing import Any


def session() -> Any:
    """A session of boto3, which by itself knows AWS_DEFAULT_REGION only; AWS_REGION goes first."""
    import boto3  # loaded where it is needed: it takes a quarter of a second

    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
