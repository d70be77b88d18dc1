"""What make sets up, in folders and under settings that are somebody's own; pip's index is a folder."""

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile

import pytest

from tests.stack.conftest import copy
from tests.stack.stack import ROOT

pytestmark = pytest.mark.timeout(600)

FOLDER = 'it\'s a "novel" $HOME #1 100% é'
OTHER = "somebody's own"  # a folder that nothing may be installed to, or found in


@pytest.fixture
def project(tmp_path):
    """A checkout whose bot needs one small package, and tells what that says."""
    project = tmp_path / FOLDER
    (project / "lambda_fn").mkdir(parents=True)
    copy(ROOT / "Makefile", project / "Makefile")
    (project / "lambda_fn" / "requirements.txt").write_text("novelty==1.0\n")
    (project / "lambda_fn" / "__main__.py").write_text("import novelty, sys; print(novelty.TOLD, sys.argv[1:])\n")
    (tmp_path / "index").mkdir()
    wheel(tmp_path / "index" / "novelty-1.0-py3-none-any.whl", "novelty", "TOLD = 'once upon a time'\n")
    (tmp_path / OTHER).mkdir()
    (tmp_path / OTHER / "novelty.py").write_text("raise SystemExit('this is not what was installed')\n")
    return project


def wheel(path, name, code):
    """The least that pip installs: a module of this name."""
    files = {
        f"{name}.py": code,
        f"{name}-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{name}-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    lines = []
    for file, text in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
        lines.append(f"{file},sha256={digest},{len(text.encode())}\n")
    files[f"{name}-1.0.dist-info/RECORD"] = "".join(lines) + f"{name}-1.0.dist-info/RECORD,,\n"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)


def settings(tmp_path, **more):
    """The environment of somebody who has pip install from that folder."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PIP_", "PYTHON"))
    }
    index = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "index"), "PIP_CONFIG_FILE": os.devnull}
    return kept | index | {"PYTHON": sys.executable} | more


def make(project, environment, *words):
    return subprocess.run(["make", *words], cwd=project, env=environment, capture_output=True, text=True, check=False)


def check_told(done):
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout == "once upon a time ['tell', '--count', '3']\n"


@pytest.mark.parametrize("where", ["in the environment", "in pip's configuration"])
def test_no_setting_of_somebodys_own_leads_it_astray(project, tmp_path, where):
    other = str(tmp_path / OTHER)
    if where == "in the environment":
        pip = {"PIP_USER": "yes", "PIP_TARGET": other, "PIP_PREFIX": other, "PIP_ROOT": other}
        python = {"PYTHONPATH": other, "PYTHONSAFEPATH": "1", "PYTHONOPTIMIZE": "2", "PYTHONHOME": other}
        own = pip | python | {"PIP_REQUIRE_VIRTUALENV": "1", "MAKEFLAGS": "-j", "CDPATH": "/"}
    else:
        own = {"PIP_CONFIG_FILE": str(tmp_path / "pip.conf")}
        (tmp_path / "pip.conf").write_text(
            f"[global]\nuser = true\ntarget = {other}\n[install]\nuser = true\nprefix = {other}\nroot = {other}\n"
        )
    check_told(make(project, settings(tmp_path, **own), "story"))
    assert sorted(path.name for path in (tmp_path / OTHER).iterdir() if path.suffix != "") == ["novelty.py"]
    assert sorted(path.name for path in project.iterdir()) == [".venv", "Makefile", "lambda_fn"]


def test_two_at_once_set_up_once(project, tmp_path):
    environment = settings(tmp_path)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(["make", "story"], cwd=project, env=environment, **pipes) for _ in range(2)]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [output for output, _ in said] == ["once upon a time ['tell', '--count', '3']\n"] * 2
    assert sum(errors.count("setting up .venv (once") for _, errors in said) == 1


def test_a_value_of_a_variable_reaches_the_command_as_it_was_given(project, tmp_path):
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    for stamp in ("python-checked", "runtime-installed"):
        (project / ".venv" / stamp).touch()
    (project / "novelty.py").write_text("TOLD = 'once upon a time'\n")
    done = make(project, settings(tmp_path, COUNT='3; echo "$HOME"'), "story")
    assert done.stdout == """once upon a time ['tell', '--count', '3; echo "$HOME"']\n"""


def test_an_old_python_is_refused_in_one_sentence(project, tmp_path):
    old = tmp_path / "old python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make(project, settings(tmp_path, PYTHON=str(old)), "story")
    assert done.returncode == 2
    assert done.stderr.startswith(
        f"error: {old} is not Python 3.11 or later; say which one to use: make PYTHON=python3.12\n"
    )
    assert not (project / ".venv").exists()


def test_the_package_is_built_in_such_a_folder_for_everybody_to_read(project, tmp_path):
    """As sam calls the Makefile of lambda_fn: what is built is readable for Lambda's user, whatever the umask is."""
    source = tmp_path / "a copy $of it"
    source.mkdir()
    copy(ROOT / "lambda_fn" / "Makefile", source / "Makefile")
    for name in ("prose", "model"):
        (source / name).mkdir()
    (source / "app.py").write_text("")
    (source / "cut_services.py").write_text("import pathlib, sys\npathlib.Path(sys.argv[1], 'cut').touch()\n")
    (source / "requirements.txt").write_text("novelty==1.0\n")
    (tmp_path / "index" / "novelty-1.0-py3-none-any.whl").unlink()
    built = project / "built"
    (built / "botocore" / "data").mkdir(parents=True)
    wheel(tmp_path / "index" / "novelty-1.0-py3-none-any.whl", "novelty", "TOLD = 'once upon a time'\n")
    other = str(tmp_path / OTHER)
    environment = settings(
        tmp_path,
        ARTIFACTS_DIR=str(built),
        PIP_USER="yes",
        PIP_PREFIX=other,
        PYTHONPATH=other,
        PYTHONPYCACHEPREFIX=other,
    )
    shell = f"umask 077; exec {shutil.which('make')} build-StoryFunction"
    done = subprocess.run(["sh", "-c", shell], cwd=source, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(built.glob("novelty.py*"))
    assert not (built / "lambda_fn" / "cut_services.py").exists()
    assert (built / "botocore" / "data" / "cut").exists()
    assert [path for path in built.rglob("*") if path.stat().st_mode & 0o044 != 0o044] == []
