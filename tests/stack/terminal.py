"""A terminal, for commands that ask."""

import os
import pty
import subprocess
import time
from collections.abc import Mapping, Sequence

from tests.stack.stack import ROOT


def typed(command: Sequence[str], environment: Mapping[str, str], *answers: str) -> tuple[str, int]:
    """What a terminal shows, and the exit status, when each answer is typed after a line that ends with a colon."""
    master, slave = pty.openpty()
    streams = {"stdin": slave, "stdout": slave, "stderr": slave}
    with subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True, **streams) as process:
        os.close(slave)
        shown, seen, waiting = b"", 0, list(answers)
        while True:
            try:
                shown += os.read(master, 4096)
            except OSError:  # the other side is closed
                break
            if shown[seen:].rstrip(b" ").endswith(b":"):
                seen = len(shown)
                time.sleep(0.2)  # getpass throws away what was typed before it turned the echo off
                os.write(master, f"{waiting.pop(0)}\n".encode() if waiting else b"\x04")
        status = process.wait(timeout=60)
    os.close(master)
    return shown.decode(), status
