"""Putting a folder in place: the old one or the new one, whole, whatever happens on the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from export.errors import InputError, ParityError
from export.folder import replace_folder

OLD = {"a.txt": b"old", "b.txt": b"old too"}
NEW = {"a.txt": b"new", "c.txt": b"new too"}
NAMES = frozenset(("a.txt", "b.txt", "c.txt"))
MOMENTS = 17  # changes to the disk that replacing the folder takes

# Stands for the power going off: the process is gone before its nth change to the disk, and cleans nothing up.
DIE_AT = """
import os, pathlib, shutil, sys
from pathlib import Path
from export.folder import replace_folder

left = int(sys.argv[2])
def dying(function):
    def wrapped(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os._exit(9)
        return function(*arguments, **options)
    return wrapped

for owner, names in ((os, ["fsync"]), (Path, ["mkdir", "rename", "replace", "open"]), (shutil, ["rmtree"])):
    for name in names:
        setattr(owner, name, dying(getattr(owner, name)))
replace_folder(Path(sys.argv[1]), {"a.txt": b"new", "c.txt": b"new too"}, frozenset("a.txt b.txt c.txt".split()), id)
"""


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def refuse(_: Path) -> None:
    raise ParityError("no")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "bundle"
    folder.mkdir()
    for name, data in OLD.items():
        (folder / name).write_bytes(data)
    return folder


def test_the_root_is_no_place_for_a_bundle() -> None:
    with pytest.raises(InputError, match="name a folder in it"):
        replace_folder(Path("/"), NEW, NAMES, id)


def test_a_new_folder_holds_just_the_files(tmp_path: Path) -> None:
    replace_folder(tmp_path / "models" / "bundle", NEW, NAMES, id)
    assert content(tmp_path / "models" / "bundle") == NEW


def test_an_older_folder_is_replaced_and_nothing_else_is_left(folder: Path) -> None:
    replace_folder(folder, NEW, NAMES, id)
    assert (content(folder), [path.name for path in folder.parent.iterdir()]) == (NEW, ["bundle"])


def test_the_check_sees_all_files_before_the_older_folder_is_touched(folder: Path) -> None:
    seen: list[dict[str, bytes]] = []
    replace_folder(folder, NEW, NAMES, lambda partial: seen.extend((content(partial), content(folder))))
    assert seen == [NEW, OLD]


def test_a_check_that_refuses_leaves_everything_as_it_was(folder: Path) -> None:
    with pytest.raises(ParityError):
        replace_folder(folder, NEW, NAMES, refuse)
    assert (content(folder), [path.name for path in folder.parent.iterdir()]) == (OLD, ["bundle"])


def test_a_folder_with_other_things_in_it_is_left_alone(folder: Path) -> None:
    (folder / "thesis.doc").write_bytes(b"years of work")
    with pytest.raises(InputError, match=r"holds thesis\.doc, which does not belong there"):
        replace_folder(folder, NEW, NAMES, id)
    assert content(folder) == OLD | {"thesis.doc": b"years of work"}


def test_a_file_in_the_folders_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "bundle").write_bytes(b"a file")
    with pytest.raises(InputError, match="is not a folder"):
        replace_folder(tmp_path / "bundle", NEW, NAMES, id)
    assert (tmp_path / "bundle").read_bytes() == b"a file"


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError, match="cannot be written"):
        replace_folder(tmp_path / "file" / "bundle", NEW, NAMES, id)


@pytest.mark.parametrize("changes", range(MOMENTS))
def test_killed_at_any_moment_the_old_or_the_new_folder_is_there_whole(folder: Path, changes: int) -> None:
    """A later run that writes nothing, since its check refuses, shows what could be saved."""
    subprocess.run([sys.executable, "-c", DIE_AT, str(folder), str(changes)], check=False)
    with pytest.raises(ParityError):
        replace_folder(folder, NEW, NAMES, refuse)
    assert content(folder) in (OLD, NEW)


@pytest.mark.parametrize("changes", range(MOMENTS))
def test_killed_at_any_moment_a_later_run_succeeds_and_clears_up(folder: Path, changes: int) -> None:
    subprocess.run([sys.executable, "-c", DIE_AT, str(folder), str(changes)], check=False)
    replace_folder(folder, NEW, NAMES, id)
    assert (content(folder), [path.name for path in folder.parent.iterdir()]) == (NEW, ["bundle"])


def test_the_moments_above_are_all_there_are(folder: Path) -> None:
    finished = subprocess.run([sys.executable, "-c", DIE_AT, str(folder), str(MOMENTS)], check=False)
    assert (finished.returncode, content(folder)) == (0, NEW)


TOGETHER = """
import sys, time
from pathlib import Path
from export.folder import replace_folder

folder, first = Path(sys.argv[1]), sys.argv[2] == "first"
here, there = (folder.parent.parent / name for name in ("here", "there"))

def wait_for(path):
    deadline = time.monotonic() + 120
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.01)

def check(_):
    here.touch()
    wait_for(there)
    time.sleep(0.3)  # the other has begun

if not first:
    wait_for(here)
    there.touch()
replace_folder(folder, {sys.argv[3]: b"new"}, frozenset(("a.txt", "b.txt", "c.txt")), check if first else id)
"""


def test_two_processes_that_replace_one_folder_at_once_take_turns(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    place = folder.rename(tmp_path / "models" / "bundle")
    processes = [
        subprocess.Popen([sys.executable, "-c", TOGETHER, str(place), who, name])
        for who, name in (("first", "a.txt"), ("second", "c.txt"))
    ]
    assert [process.wait(300) for process in processes] == [0, 0]
    assert content(place) == {"c.txt": b"new"}
    assert [path.name for path in place.parent.iterdir()] == ["bundle"]
