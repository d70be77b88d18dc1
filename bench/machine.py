"""On what machine something was measured."""

import importlib.metadata
import os
import platform
import time
from pathlib import Path
from typing import Any

LIBRARIES = ("numpy", "onnxruntime", "torch")


def about() -> dict[str, Any]:
    """The processor, how many cores of it there are for us, the day, and the versions of what was measured with."""
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "processor": processor(),
        "cores": len(affinity(0)) if affinity else os.cpu_count(),
        "date": time.strftime("%Y-%m-%d"),
        "versions": {
            "Python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
    }


def processor() -> str:
    """The processor's name and which of the instructions that matter here it has."""
    try:
        lines = dict(line.split(":", 1) for line in Path("/proc/cpuinfo").read_text().splitlines() if ":" in line)
    except OSError:
        return platform.machine()
    fields = {name.strip(): value.strip() for name, value in lines.items()}
    flags = fields.get("flags", "").split()
    known = [flag for flag in ("avx2", "avx_vnni", "avx512f", "avx512_vnni") if flag in flags]
    return f"{fields.get('model name', platform.machine())} ({', '.join(known)})"
