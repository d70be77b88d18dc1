"""Credentials in AWS Systems Manager, over HTTP: moto's server, and a peer that answers what moto never does."""

import json
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lambda_fn.errors import NotSentError, SettingError
from lambda_fn.posting.x.credentials import Credentials, load_credentials
from peers.aws import MotoServer

NAME = "/story/x"
KEYS = {"consumer_key": "Key", "consumer_secret": "Hidden1", "access_token": "77-T", "access_token_secret": "Hidden2"}


@pytest.fixture(scope="module")
def aws() -> Iterator[MotoServer]:
    with MotoServer() as aws:
        yield aws


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Points boto3 at an address."""

    def at(url: str) -> None:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": "eu-west-1",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }.items():
            monkeypatch.setenv(name, value)

    return at


@contextmanager
def answering(status: int, code: str, body: bytes | None = None) -> Iterator[str]:
    """The address of a peer that answers everything with one error of AWS's, or with this."""
    said = json.dumps({"__type": code, "message": "No."}).encode() if body is None else body

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def load() -> Credentials:
    return load_credentials({"X_CREDENTIALS": NAME, "X_CONSUMER_KEY": "not looked at"})


def store(aws: MotoServer, value: str) -> None:
    client = aws.client("ssm")
    client.put_parameter(Name=NAME, Value=value, Type="SecureString", Overwrite=True)
    client.close()


def test_credentials_are_read_from_a_secure_parameter_and_never_logged(
    aws: MotoServer, at: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    store(aws, json.dumps(KEYS))
    caplog.clear()  # of what storing them logged
    at(aws.url)
    assert load() == Credentials(**KEYS)
    assert "Hidden" not in caplog.text


def test_a_malformed_parameter_is_named_and_not_shown(aws: MotoServer, at: Callable[[str], None]) -> None:
    store(aws, "Hidden")
    at(aws.url)
    with pytest.raises(SettingError, match="the parameter /story/x must be a JSON object") as caught:
        load()
    assert "Hidden" not in str(caught.value)


def test_a_parameter_that_is_not_there_says_how_to_store_it(aws: MotoServer, at: Callable[[str], None]) -> None:
    aws.reset()
    at(aws.url)
    with pytest.raises(SettingError, match="there is no parameter /story/x: run `make credentials`"):
        load()


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (400, "AccessDeniedException", "it needs ssm:GetParameter on it, and kms:Decrypt on its key"),
        (400, "ValidationException", "AWS answered ValidationException"),
        (400, "InvalidKeyId", "AWS answered InvalidKeyId"),
        (403, "ExpiredTokenException", "AWS answered ExpiredTokenException"),
    ],
)
def test_what_somebody_has_to_mend_is_a_wrong_setting(
    at: Callable[[str], None], status: int, code: str, message: str
) -> None:
    with answering(status, code) as url:
        at(url)
        with pytest.raises(SettingError, match=message):
            load()


@pytest.mark.parametrize(("status", "code"), [(500, "InternalServerError"), (400, "ThrottlingException")])
def test_what_passes_by_itself_is_not_a_wrong_setting(at: Callable[[str], None], status: int, code: str) -> None:
    with answering(status, code) as url:
        at(url)
        with pytest.raises(NotSentError, match=f"AWS Systems Manager answered {code}"):
            load()


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{}", b"[]", b"null", b"5", b'"Hidden"', b"<html>Hidden</html>", b"{", b"\xff", b"[" * 5000),
        *(b'{"Parameter": null}', b'{"Parameter": {}}', b'{"Parameter": []}', b'{"Parameter": "Hidden"}'),
        *(b'{"Parameter": {"Value": null}}', b'{"Parameter": {"Value": 5}}', b'{"Parameter": {"Value": {"a": 1}}}'),
        b'{"Parameter": {"Name": "/story/x", "LastModifiedDate": "Hidden"}}',
    ],
)
def test_an_answer_without_a_value_is_not_a_wrong_setting(at: Callable[[str], None], body: bytes) -> None:
    with answering(200, "", body) as url:
        at(url)
        with pytest.raises(NotSentError, match="AWS Systems Manager's answer has no value in it") as caught:
            load()
    assert caught.value.__context__ is None


@pytest.mark.parametrize("value", ["", "null", "[]", "5", "{}", '{"consumer_key": null}', "Hidden"])
def test_a_value_of_another_kind_is_refused_without_showing_it(at: Callable[[str], None], value: str) -> None:
    with answering(200, "", json.dumps({"Parameter": {"Value": value}}).encode()) as url:
        at(url)
        with pytest.raises(SettingError, match=r"^the parameter /story/x") as caught:
            load()
    assert "Hidden" not in str(caught.value)


def test_a_service_that_is_not_reached_is_not_a_wrong_setting(at: Callable[[str], None]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        at(f"http://127.0.0.1:{listener.getsockname()[1]}")
        with pytest.raises(NotSentError, match="AWS Systems Manager was not reached"):
            load()


def test_an_endpoint_that_is_no_address_is_a_wrong_setting(at: Callable[[str], None]) -> None:
    at("nowhere")
    with pytest.raises(SettingError, match="the settings for AWS cannot be used"):
        load()
