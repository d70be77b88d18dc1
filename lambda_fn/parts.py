"""The parts that a call works with, from its settings: the only place that puts them together."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from lambda_fn.language.bundle import Bundle, load_bundle
from lambda_fn.posting.account import Publisher
from lambda_fn.progress import Note, silent
from lambda_fn.settings import Settings
from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.bundles import local_bundle
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.s3_client import ATTEMPTS, Address, make_client


def open_store(uri: str, attempts: int = ATTEMPTS) -> FolderStore | S3Store:
    """The store behind `STORY_URI`: a folder, or s3://bucket/prefix. Neither reads nor writes it.

    `attempts`: how often S3 is asked that does not answer.
    Raises `SettingError` for another address, or if AWS's own settings are wrong.
    """
    if uri.startswith("s3://"):
        address = Address.parse(uri, "STORY_URI")
        return S3Store(make_client(attempts), address.bucket, address.prefix, tried=False)
    return FolderStore(folder_at(uri, "STORY_URI"))


def open_bundle(model_uri: str | None, note: Note = silent) -> Bundle:
    """The bundle of `MODEL_URI` (None: the shipped one), fetched if necessary, which is then noted.

    Raises `SettingError`, `BundleError`, `StorageError`.
    """
    return load_bundle(local_bundle(model_uri, note=note))


def open_account(
    settings: Settings,
    environment: Mapping[str, str],
    clock: Callable[[], datetime],
    parameters: Callable[[], Any] | None = None,
) -> Publisher:
    """The account that the environment has the keys for; `parameters` returns a client of SSM that the caller keeps.

    Raises what `load_credentials` does. What posts is imported here, so that telling starts fast.
    """
    from lambda_fn.posting.x.account import Twitter
    from lambda_fn.posting.x.credentials import load_credentials

    return Twitter(load_credentials(environment, parameters), settings.x_api_url, clock)
