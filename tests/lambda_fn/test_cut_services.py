"""What the build leaves of botocore's descriptions: all that the bot's calls need, and nothing else."""

import json
import shutil
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from lambda_fn.cut_services import OPERATIONS, cut, described

WHOLE = Path(botocore.__file__).parent / "data"
MODEL: dict[str, Any] = {
    "metadata": {"protocol": "json"},
    "documentation": "All of it.",
    "clientContextParams": {"Accelerate": {"type": "boolean", "documentation": "Faster."}},
    "operations": {
        "Get": {"input": {"shape": "GetInput"}, "errors": [{"shape": "Missing"}], "documentation": "Gets."},
        "Put": {"input": {"shape": "PutInput"}},
    },
    "shapes": {
        "GetInput": {"type": "structure", "members": {"documentation": {"shape": "Text"}, "more": {"shape": "Tree"}}},
        "PutInput": {"type": "structure", "members": {"tag": {"shape": "Tag"}}},
        "Tree": {"type": "list", "member": {"shape": "Tree", "documentation": "Itself."}},
        "Missing": {"type": "structure", "members": {}},
        "Text": {"type": "string"},
        "Tag": {"type": "string"},
    },
}


def test_an_operation_keeps_all_that_it_is_made_of_and_nothing_is_documented() -> None:
    assert described(MODEL, {"Get"}) == {
        "metadata": {"protocol": "json"},
        "documentation": "",
        "clientContextParams": {"Accelerate": {"type": "boolean", "documentation": ""}},
        "operations": {"Get": {**MODEL["operations"]["Get"], "documentation": ""}},
        "shapes": {
            "GetInput": MODEL["shapes"]["GetInput"],
            "Missing": MODEL["shapes"]["Missing"],
            "Text": MODEL["shapes"]["Text"],
            "Tree": {"type": "list", "member": {"shape": "Tree", "documentation": ""}},
        },
    }


def test_an_operation_that_the_service_does_not_have_is_an_error() -> None:
    with pytest.raises(KeyError, match="Fetch"):
        described(MODEL, {"Get", "Fetch"})


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """botocore's own folder after the cut."""
    data = tmp_path_factory.mktemp("data")
    for name in (*OPERATIONS, "sqs"):
        shutil.copytree(WHOLE / name, data / name)
    for path in WHOLE.glob("*.json"):
        shutil.copy(path, data)
    cut(data)
    return data


def client(data: Path, service: str, region: str) -> Any:
    session = Session()
    session.register_component("data_loader", Loader([str(data)], include_default_search_paths=False))
    return session.create_client(service, region, aws_access_key_id="a", aws_secret_access_key="b")


def test_other_services_are_gone(data: Path) -> None:
    assert {path.name for path in data.iterdir() if path.is_dir()} == {*OPERATIONS}
    endpoints = json.loads((data / "endpoints.json").read_bytes())
    assert {name for partition in endpoints["partitions"] for name in partition["services"]} <= {*OPERATIONS}


@pytest.mark.parametrize("service", OPERATIONS)
def test_a_client_has_these_operations_as_botocore_describes_them(data: Path, service: str) -> None:
    ours, theirs = (client(each, service, "eu-west-1").meta.service_model for each in (data, WHOLE))
    assert {*ours.operation_names} == OPERATIONS[service]
    for name in ours.operation_names:
        for part in ("input_shape", "output_shape"):
            our, their = getattr(ours.operation_model(name), part), getattr(theirs.operation_model(name), part)
            assert repr(our) == repr(their)
            assert our is None or [*our.members] == [*their.members]


@pytest.mark.parametrize("region", ["eu-west-1", "us-east-1", "aws-global", "cn-north-1", "us-gov-west-1", "xx-new-1"])
def test_every_region_is_found_where_it_was(data: Path, region: str) -> None:
    for service in OPERATIONS:
        ours, theirs = client(data, service, region), client(WHOLE, service, region)
        assert ours.meta.endpoint_url == theirs.meta.endpoint_url
        assert ours.meta.region_name == theirs.meta.region_name
        assert ours.meta.partition == theirs.meta.partition
