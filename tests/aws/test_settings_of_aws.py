"""What AWS's own settings mean here where they are empty."""

import pytest

from lambda_fn.storage.aws import session

VARIABLES = ("AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE", "AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE", "AWS_REGION")


@pytest.mark.parametrize("name", VARIABLES)
def test_an_empty_one_is_not_given(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    given = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_DEFAULT_REGION": "eu-west-1", name: ""}
    for variable, value in given.items():
        monkeypatch.setenv(variable, value)
    assert session().client("s3").meta.endpoint_url == "https://s3.eu-west-1.amazonaws.com"
