"""What is measured of a package: its parts, and what plain pip makes of the same sources."""

import os
from pathlib import Path

import pytest

from bench import cold_start
from bench.cold_start import BUNDLE, Size, build_with_pip, sizes, total
from bench.errors import BenchError


def test_a_package_is_measured_by_part_and_the_bundle_apart(tmp_path: Path) -> None:
    noise = os.urandom(5000)
    for name, content in {
        "six.pyc": noise,
        "numpy/core/a.so": bytes(9000),
        "numpy/b.pyc": noise,
        "lambda_fn/app.py": noise,
        "lambda_fn/model/model.onnx": bytes(70_000),
        "lambda_fn/model/copies.bin": noise,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    parts = sizes(tmp_path)
    assert {part: size.unzipped for part, size in parts.items()} == {
        "lambda_fn": 5000, BUNDLE: 75_000, "numpy": 14_000, "six.pyc": 5000
    }  # fmt: skip
    assert all(5000 < size.zipped < 5600 for size in parts.values())  # noise stays, zeros go, names come on top


def test_parts_together_are_their_sums() -> None:
    assert total([Size(1, 2), Size(10, 20)]) == Size(11, 22)
    assert total([]) == Size(0, 0)


def test_sources_that_pip_cannot_build_are_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cold_start.sys, "executable", "/bin/false")
    with pytest.raises(BenchError, match=r"^the package could not be built with pip: error: /bin/false is not a Py"):
        build_with_pip(tmp_path / "built")
    assert not (tmp_path / "built").exists()
