"""Part of the build, not of the bot: cut botocore's descriptions of AWS down to what the bot asks of it.

    python cut_services.py FOLDER/botocore/data

Every cold start reads them: those of S3 and SSM whole are most of the time and memory that their clients take. Nothing
else is left out but the documentation. In any other installation boto3 finds its own, whole.
"""

import gzip
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OPERATIONS = {
    # What the bot calls; botocore itself looks where a bucket is, and opens a session with a directory bucket.
    "s3": {"GetObject", "PutObject", "ListObjectsV2", "HeadBucket", "CreateSession"},
    "ssm": {"GetParameter"},
    # What botocore calls for credentials that a profile, or a web identity, leads to.
    "sts": {"AssumeRole", "AssumeRoleWithWebIdentity"},
}


def cut(data: Path) -> None:
    """Leave of botocore's folder `data` what these operations need."""
    for folder in [path for path in data.iterdir() if path.is_dir() and path.name not in OPERATIONS]:
        shutil.rmtree(folder)
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    for partition in endpoints["partitions"]:
        partition["services"] = {name: of for name, of in partition["services"].items() if name in OPERATIONS}
    _write(data / "endpoints.json", endpoints)
    for service, operations in OPERATIONS.items():
        (packed,) = (data / service).glob("*/service-2.json.gz")
        _write(packed.with_suffix(""), described(json.loads(gzip.decompress(packed.read_bytes())), operations))
        packed.unlink()
        for examples in (data / service).glob("*/examples-1.json"):
            examples.unlink()


def described(model: dict[str, Any], operations: set[str]) -> dict[str, Any]:
    """A service's description with these operations alone, and the shapes that they are made of.

    Raises `KeyError` if the service has no such operation.
    """
    kept = {name: model["operations"][name] for name in sorted(operations)}
    shapes: dict[str, Any] = {}
    left = [*_shapes(kept)]
    while left:
        name = left.pop()
        if name not in shapes:
            shapes[name] = model["shapes"][name]
            left += _shapes(shapes[name])
    return dict(_undocumented({**model, "operations": kept, "shapes": {name: shapes[name] for name in sorted(shapes)}}))


def _shapes(node: Any) -> Iterator[str]:
    """The names of the shapes that a part of a description refers to."""
    if isinstance(node, dict):
        if isinstance(node.get("shape"), str):
            yield node["shape"]
        for value in node.values():
            yield from _shapes(value)
    elif isinstance(node, list):
        for value in node:
            yield from _shapes(value)


def _undocumented(node: Any) -> Any:
    """The same with every documentation empty: botocore asks for it in places."""
    if isinstance(node, dict):
        return {
            name: "" if name == "documentation" and isinstance(value, str) else _undocumented(value)
            for name, value in node.items()
        }
    return [_undocumented(value) for value in node] if isinstance(node, list) else node


def _write(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    cut(Path(sys.argv[1]))
