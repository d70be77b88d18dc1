"""The account and region that AWS's own settings name."""

import os
from typing import Any


def session() -> Any:
    """A session of boto3, which by itself knows AWS_DEFAULT_REGION only; AWS_REGION has precedence."""
    import boto3  # loaded where it is needed: it takes a quarter of a second

    # Empty is "not given", as it is of our own settings; botocore would look for a profile that has no name.
    for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
        del os.environ[name]
    return boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
