"""The most memory that a process of its own ever held: no library of the bench is in it."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bench.errors import BenchError

ROOT = Path(__file__).parents[2]
_CODE = """
import atexit, runpy, sys
from pathlib import Path
def say():
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
        print(next(line.split()[1] for line in lines if line.startswith("VmHWM")), file=sys.stderr)
    except OSError:  # not Linux: a child's own maximum, in bytes on macOS
        import resource
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
atexit.register(say)
sys.argv = sys.argv[1:]
runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
"""


def peak_megabytes(module: str, *arguments: object, environment: Mapping[str, str] | None = None) -> float:
    """Run `python -m module …`; returns the most that it held at a time. Raises `BenchError` if it fails."""
    # What a parent held before it became the child counts for getrusage, but not for /proc.
    done = subprocess.run(
        [sys.executable, "-c", _CODE, module, *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"python -m {module} failed: {done.stderr.strip().splitlines()[-2:]}")
    return round(int(done.stderr.split()[-1]) / 1000 * 1.024, 1)
