"""On what machine something was measured."""

import platform
from pathlib import Path


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
