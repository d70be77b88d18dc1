"""The package that `sam build` makes, made once for all tests; and the servers that the commands talk to."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_fn.posting.x.credentials import Credentials
from peers.aws import MotoServer
from peers.emulator import missing_tool
from peers.local_x import LocalX
from tests.stack.stack import ROOT, SAM, give_up, need_sam

KEYS = Credentials("Key0fTheApp", "Secret/Of+The=App", "77-TokenOfTheAccount", "SecretOfTheAccount")
SOURCES = ("template.yaml", "samconfig.toml", "lambda_fn")


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder that `sam build` makes of a fresh copy of the sources: never write to it."""
    need_sam()
    base = tmp_path_factory.getbasetemp()
    project = (base if worker_id == "master" else base.parent) / "project"
    built = project / ".aws-sam" / "build" / "StoryFunction"
    with project.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several test processes the first one builds
        if not built.exists():
            sam_build(project)
    return built


@pytest.fixture(scope="session")
def lambda_package(package: Path) -> Path:
    """The same, where the emulator can run it."""
    if missing := missing_tool():
        give_up(missing)
    return package


@pytest.fixture(scope="module")
def moto():
    with MotoServer() as server:
        yield server


@pytest.fixture
def aws(moto):
    moto.reset()
    return moto


@pytest.fixture
def x():
    with LocalX(KEYS) as x:
        yield x


@pytest.fixture
def environment(aws, x):
    """Of a command: this one's, with AWS and X replaced by the local ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "X_"))}
    return {**kept, **aws.environment(), "X_API_URL": x.url}


def sam_build(project: Path) -> None:
    """Copy the sources, and run `sam build` there."""
    project.mkdir()
    for name in SOURCES:
        copy(ROOT / name, project / name)
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    environment = {**kept, "PYTHON": sys.executable, "SAM_CLI_TELEMETRY": "0"}
    done = subprocess.run(
        [SAM / "python", "-m", "samcli", "build"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def copy(source: Path, target: Path) -> None:
    """Copy a file or a folder, without what Python left there."""
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)
