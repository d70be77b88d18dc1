"""Files are written whole or not at all."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from train.files import write_atomically


def test_a_file_is_replaced_and_its_folders_are_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_a_write_that_fails_leaves_the_old_file_and_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


ROOT = Path(__file__).parents[2]

MEET = """
import sys, time
from pathlib import Path

folder, rank = Path(sys.argv[1]), int(sys.argv[2])
replace, met = Path.replace, []

def meet(path, target):
    "Both processes have filled their file before either puts it in place."
    if not met:
        met.append(target)
        (folder / f"here.{rank}").touch()
        deadline = time.monotonic() + 120
        while not (folder / f"here.{1 - rank}").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
    return replace(path, target)

Path.replace = meet
"""

WRITE = {
    "a file": "from train.files import write_atomically; write_atomically(folder / 'file', b'content')",
    "a checkpoint": "import torch; from train.checkpoint import save; save(folder / 'last', {'a': torch.ones(2)}, {})",
    "curves": """
from train.progress import draw_curves
from train.progress import LogRow
draw_curves([LogRow(step, step, 1.0, 1.0, 1.0, 1.0, 1.0) for step in (1, 2)], folder / "curves.png")
""",
    "a plot": """
from bench.report.figures import picture
with picture(folder / "plot.png", 4, 2) as axes:
    axes.barh(["one", "other"], [1.0, 2.0])
""",
    "tokens": """
from train.data import load_texts
from train.tokenizer import read_tokenizer
assert len(load_texts(folder, read_tokenizer(folder / "tokenizer.json"), "train")) == 3
""",
}


def start(program: str, *arguments: str | Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("what", WRITE)
def test_two_processes_that_write_the_same_at_once_do_not_meet(what: str, corpus: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(corpus, tmp_path / "folder", ignore=shutil.ignore_patterns("tokens"))
    processes = [start(MEET + WRITE[what], folder, rank) for rank in range(2)]
    said = [process.communicate(timeout=300)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert [path for path in folder.rglob("*") if path.name.endswith("partial")] == []


DIE = """
import os, signal, sys
from pathlib import Path
from train.files import write_atomically

os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)
write_atomically(Path(sys.argv[1]), b"half")
"""


def test_what_a_killed_process_left_is_removed_by_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "file"
    process = start(DIE, path)
    process.communicate(timeout=300)
    assert process.returncode == -signal.SIGKILL
    assert list(tmp_path.glob(".file.*.partial")), "the killed process left nothing"
    write_atomically(path, b"whole")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("name", [".file.partial", ".file.4711.partial"])
def test_what_an_earlier_version_left_is_removed_by_the_next_write(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"half")
    write_atomically(tmp_path / "file", b"whole")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


WAIT = """
import os, sys, time
from pathlib import Path
from train.files import write_atomically

path, fsync = Path(sys.argv[1]), os.fsync

def wait(descriptor):
    path.with_name("here").touch()
    while not path.with_name("go").exists():
        time.sleep(0.01)
    fsync(descriptor)

os.fsync = wait
write_atomically(path, b"slow")
"""


def test_what_another_process_is_writing_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    slow = start(WAIT, path)
    deadline = time.monotonic() + 300
    while not (tmp_path / "here").exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    write_atomically(path, b"quick")
    assert path.read_bytes() == b"quick"
    (tmp_path / "go").touch()
    assert (slow.communicate(timeout=300)[1], slow.returncode) == ("", 0)
    assert path.read_bytes() == b"slow"
