"""A share of a core: no process gets more than it may."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.costs import share

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="as Lambda, Linux")

BUSY = """
import time
began = time.monotonic()
while time.monotonic() - began < 1: pass
print(time.process_time() / (time.monotonic() - began))
"""


def part_of_a_core(command: tuple[str, ...]) -> float:
    done = subprocess.run(
        [*command, sys.executable, "-S", "-c", BUSY], capture_output=True, text=True, check=True, start_new_session=True
    )
    return float(done.stdout)


@pytest.mark.parametrize("groups", [True, False], ids=["the kernel", "signals"])
def test_a_command_has_its_share_and_no_more(groups: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not groups:
        monkeypatch.setattr(share, "CONTROL_GROUPS", tmp_path)
    with share.share_of_core(0.2) as (command, how):
        if groups and how == share.SIGNALS:
            pytest.skip("no control group may be made here")
        assert how == (share.QUOTA if groups else share.SIGNALS)
        assert 0 < part_of_a_core(command) < 0.6


def test_a_whole_core_is_no_share() -> None:
    with share.share_of_core(1.0) as (command, _):
        assert command == ()


def test_no_control_group_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    groups: list[Path] = []
    monkeypatch.setattr(share, "_remove", lambda group: (groups.append(group), group.rmdir()))
    with share.share_of_core(0.5):
        pass
    assert not [group for group in groups if group.exists()]


def test_the_exit_code_of_a_stopped_command_is_its_own() -> None:
    command = [sys.executable, "-I", share.__file__, "0.5", sys.executable, "-c", "raise SystemExit(3)"]
    assert subprocess.run(command, check=False, start_new_session=True).returncode == 3
