"""The server's side of OAuth 1.0a: oauthlib verifies every request as X does."""

import threading

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, RequestValidator, ResourceEndpoint

from lambda_fn.posting.x.credentials import Credentials

UNKNOWN = "nobody"


# ruff: noqa: ARG002 - which arguments a validator gets is oauthlib's to say


class _OneAccount(RequestValidator):  # type: ignore[misc]  # oauthlib is published without types
    """Knows one app and one account; a nonce is good once."""

    enforce_ssl = False
    allowed_signature_methods = (SIGNATURE_HMAC_SHA1,)
    timestamp_lifetime = 300
    dummy_client = UNKNOWN
    dummy_access_token = UNKNOWN

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials
        self._used: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def check_client_key(self, client_key: str) -> bool:
        return bool(client_key)

    def check_access_token(self, request_token: str) -> bool:
        return bool(request_token)

    def check_nonce(self, nonce: str) -> bool:
        return 8 <= len(nonce) <= 100

    def validate_timestamp_and_nonce(
        self,
        client_key: str,
        timestamp: str,
        nonce: str,
        request: object,
        request_token: str | None = None,
        access_token: str | None = None,
    ) -> bool:
        with self._lock:
            if (timestamp, nonce) in self._used:
                return False
            self._used.add((timestamp, nonce))
            return True

    def validate_client_key(self, client_key: str, request: object) -> bool:
        return client_key == self._credentials.consumer_key

    def validate_access_token(self, client_key: str, token: str, request: object) -> bool:
        return token == self._credentials.access_token

    def validate_realms(
        self, client_key: str, token: str, request: object, uri: str | None = None, realms: object = None
    ) -> bool:
        return True

    def get_client_secret(self, client_key: str, request: object) -> str:
        return self._credentials.consumer_secret if client_key != UNKNOWN else UNKNOWN

    def get_access_token_secret(self, client_key: str, token: str, request: object) -> str:
        return self._credentials.access_token_secret if token != UNKNOWN else UNKNOWN


class Signatures:
    """Tells requests that the account's owner signed from all others."""

    def __init__(self, credentials: Credentials) -> None:
        self._endpoint = ResourceEndpoint(_OneAccount(credentials))

    def verify(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> bool:
        """Whether a request, its URL complete, has a signature that is right and new."""
        text = body.decode("utf-8", errors="replace")
        valid, _ = self._endpoint.validate_protected_resource_request(url, method, text, headers)
        return bool(valid)
