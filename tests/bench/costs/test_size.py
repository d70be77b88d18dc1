"""Growth with the model."""

from pathlib import Path
from typing import Any

from bench.costs import size


def test_larger_models_are_larger_and_take_longer_to_make_a_token(found: dict[str, Any], tmp_path: Path) -> None:
    small, large = found["size"]["models"]
    assert small["parameters"] < large["parameters"]
    assert small["file_megabytes"] < large["file_megabytes"]
    assert min(small["milliseconds"], small["load_seconds"], small["times_floor"][1]) > 0
    page = size.section(found["size"], tmp_path)
    assert page.count(" M | ") == 2
    assert (tmp_path / size.PICTURE).stat().st_size > 0
