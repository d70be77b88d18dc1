"""The parts that a call is made of, from its settings: the only place that puts them together."""

from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.s3 import S3Store
from lambda_fn.storage.s3_client import Address, make_client


def open_store(uri: str) -> FolderStore | S3Store:
    """The store behind `STORY_URI`: a folder, or s3://bucket/prefix. Neither reads nor writes it.

    Raises `SettingError` for another address, or if AWS's own settings are wrong.
    """
    if uri.startswith("s3://"):
        address = Address.parse(uri, "STORY_URI")
        return S3Store(make_client(), address.bucket, address.prefix, tried=False)
    return FolderStore(folder_at(uri, "STORY_URI"))
