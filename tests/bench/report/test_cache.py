"""Results that are kept."""

import json
from pathlib import Path

from bench.report.cache import Cache


def test_results_are_kept_until_what_they_depend_on_changes(tmp_path: Path) -> None:
    cache, made = Cache(tmp_path), []
    for settings in ({"a": 1}, {"a": 1}, {"a": 2}):
        cache.get("measure", settings, lambda: made.append(1) or {"made": len(made)})
    assert len(made) == 2


def test_a_damaged_result_is_measured_again(tmp_path: Path) -> None:
    Cache(tmp_path).get("measure", {}, lambda: {"value": 1})
    (path,) = tmp_path.iterdir()
    path.write_text("{")
    assert Cache(tmp_path).get("measure", {}, lambda: {"value": 2}) == {"value": 2}
    assert json.loads(path.read_text())["result"] == {"value": 2}
