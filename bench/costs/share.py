"""A share of one core, as Lambda gives with its memory: 1,769 MB are one core, and below it is in proportion.

Where a control group may be made, the kernel keeps to the share, in periods of 20 ms. Elsewhere this file itself is the
command: it lets a process and all that this starts run for their share of each period, and stops them for the rest.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ONE_CORE = 1_769  # megabytes (https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html)
PERIOD = 20_000  # microseconds
CONTROL_GROUPS = Path("/sys/fs/cgroup")
STOPPED_PERIOD = 0.1  # seconds: a signal is not as quick as the kernel

QUOTA, SIGNALS = "a quota of the kernel's (cgroup)", "SIGSTOP and SIGCONT"


@contextmanager
def share_of_core(share: float) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield what is to stand before a command of one core to give it this share of that, and how it is kept to it."""
    group = None if share >= 1 else _make_group(share)
    try:
        if share >= 1:
            yield (), QUOTA
        elif group:
            enter = 'echo $$ > "$0" && exec "$@"'
            yield ("sh", "-c", enter, str(group / "cgroup.procs")), QUOTA
        else:
            yield (sys.executable, "-I", str(Path(__file__).resolve()), str(share)), SIGNALS
    finally:
        if group:
            _remove(group)


def _make_group(share: float) -> Path | None:
    """A control group of the first or the second version with a quota; None where none can be made."""
    quota = round(share * PERIOD)
    for parent, files in (
        (CONTROL_GROUPS / "cpu", {"cpu.cfs_period_us": str(PERIOD), "cpu.cfs_quota_us": str(quota)}),
        (CONTROL_GROUPS, {"cpu.max": f"{quota} {PERIOD}"}),
    ):
        group = parent / f"share-{os.getpid()}-{quota}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            for name, value in files.items():
                # Nothing is created: where a file is not there already, this is no control group of that version.
                with (group / name).open("r+") as file:
                    file.write(value)
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
        else:
            return group
    return None


def _remove(group: Path) -> None:
    """Remove a group once all that was in it has ended; what does not end in a second is not this one's business."""
    for _ in range(100):
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.01)


def run_for_share(share: float, command: Sequence[str]) -> int:
    """Run a command for its share of every period; returns its exit code."""
    with subprocess.Popen(command) as process:
        while process.poll() is None:
            _signal_all(signal.SIGCONT)
            time.sleep(share * STOPPED_PERIOD)
            _signal_all(signal.SIGSTOP)
            time.sleep((1 - share) * STOPPED_PERIOD)
        _signal_all(signal.SIGCONT)
        return process.returncode


def _signal_all(number: signal.Signals) -> None:
    """Send a signal to every process of this session but this one."""
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has just ended
            session = entry.read_text().rpartition(")")[2].split()[3]
            if int(session) == os.getsid(0) and int(entry.parent.name) != os.getpid():
                os.kill(int(entry.parent.name), number)


if __name__ == "__main__":
    sys.exit(run_for_share(float(sys.argv[1]), sys.argv[2:]))
