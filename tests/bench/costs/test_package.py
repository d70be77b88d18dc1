"""The package by part, and what a month of it costs."""

from pathlib import Path

import pytest

from bench.costs import month, package
from bench.costs.subject import Subject
from bench.errors import BenchError


def write(folder: Path, sizes: dict[str, int]) -> Path:
    for name, size in sizes.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"\0" * size)
    return folder


@pytest.fixture
def built(subject: Subject, tmp_path: Path) -> Subject:
    """A package of a bot of one file, with a bundle, and pip's."""
    ours = {"lambda_fn/app.py": 20_000, "lambda_fn/model/model.onnx": 3_000_000, "numpy/core.so": 1_500_000}
    subject.package = write(tmp_path / "ours", ours)
    subject.pip_package = write(tmp_path / "pip", {**ours, "numpy/tests.so": 4_000_000, "six.py": 30_000})
    return subject


def test_every_part_is_there_and_those_that_are_small_stand_together(built: Subject, tmp_path: Path) -> None:
    found = package.measure(built)
    unzipped = {each["part"]: (each["ours"]["unzipped"], each["pip"]["unzipped"]) for each in found["parts"]}
    assert unzipped == {
        "numpy": (1.5, 5.5),
        "lambda_fn/model (the bundle)": (3.0, 3.0),
        "the rest": (0.02, 0.05),
        "without the bundle": (1.52, 5.55),
        "together": (4.52, 8.55),
    }
    assert package.bare(found)["unzipped"] == 1.52
    assert "| without the bundle | 1.5 | " in package.section(found, tmp_path)
    assert (tmp_path / package.PICTURE).stat().st_size > 0


def test_what_is_too_large_is_said(built: Subject) -> None:
    found = package.measure(built)
    found["parts"][-2]["ours"] = {"unzipped": 95.2, "zipped": 32.4}
    assert [(each.found, each.met) for each in package.criteria(found)] == [("95.2 MB", False), ("32.4 MB", True)]


def test_without_a_package_it_says_what_makes_one(subject: Subject, tmp_path: Path) -> None:
    found = package.measure(subject)
    assert found["missing"].endswith("is no package; `make build` makes one")
    assert "Not measured: " in package.section(found, tmp_path)
    assert [each.met for each in package.criteria(found)] == [None, None]


def invocation(init: float, first: float, megabytes: float = 150.0) -> dict[str, object]:
    return {"init": (init, init, init), "first": (first, first, first), "megabytes": megabytes}


def test_a_month_is_its_gigabyte_seconds_and_requests(subject: Subject, tmp_path: Path) -> None:
    settings = [
        {"memory": 128, "ours": invocation(9.0, 9.0)},
        {"memory": 512, "ours": invocation(2.0, 1.9999)},
        {"memory": 1_024, "ours": invocation(1.0, 1.1)},
    ]
    subject.found["cold"] = {"settings": settings}
    found = month.measure(subject)
    assert [each["gigabyte_seconds"] for each in found["settings"]] == [2.25, 2.0, 2.1]
    assert found["settings"][1]["dollars"] == pytest.approx(121.667 * (2 * 0.0000166667 + 0.0000002), abs=1e-5)
    assert [each["fits"] for each in found["settings"]] == [False, True, True]
    assert month.cheapest(found)["memory"] == 512
    assert month.fastest(found)["memory"] == 1_024
    assert "512 MB are the cheapest" in " ".join(month.section(found, tmp_path).split())


def test_a_month_needs_a_cold_invocation_first(subject: Subject) -> None:
    with pytest.raises(BenchError, match="cold has to be measured first"):
        month.measure(subject)
