"""`pip install .`: one command, `endless-novel`, wherever one is."""

import json
import os
import re
import subprocess
import sys
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

import lambda_fn

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
pytestmark = pytest.mark.timeout(1800)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT]
    subprocess.run(build, check=True, env=os.environ | {"PIP_USER": "0"})
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """An environment with the wheel in it; what the bot needs is that of the tests."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    site = next(folder.glob("lib/python*/site-packages"))
    install = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        folder / "bin" / "python",
        "install",
        "--quiet",
        "--no-deps",
        wheel,
    ]
    subprocess.run(install, check=True)
    (site / "shared.pth").write_text(next(path for path in sys.path if path.endswith("site-packages")) + "\n")
    return folder / "bin" / "endless-novel"


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def test_it_tells_a_story_in_the_folder_where_one_is(installed, tmp_path):
    told = [run(installed, "tell", "--json", "--seed", "5", cwd=tmp_path) for _ in range(2)]
    assert [json.loads(done.stdout)["sequence"] for done in told] == [1, 2], told
    assert (tmp_path / ".story" / "main" / "story.json").exists()


def test_it_makes_pages_which_takes_more_than_modules(installed, tmp_path):
    run(installed, "tell", "--seed", "5", cwd=tmp_path)
    made = run(installed, "page", "--to", "pages", cwd=tmp_path)
    assert (made.stdout, made.stderr) == ("pages/index.html\n", "")
    assert "<style>:root" in (tmp_path / "pages" / "index.html").read_text(encoding="utf-8")


def test_it_calls_itself_by_its_name(installed, tmp_path):
    assert "usage: endless-novel [" in run(installed, "--help", cwd=tmp_path).stdout
    assert run(installed, "tel", cwd=tmp_path).stderr.endswith("(see endless-novel --help)\n")


def test_both_ways_to_start_it_tell_its_version(installed, tmp_path):
    modules = run(sys.executable, "-m", "lambda_fn", "--version", cwd=ROOT)
    script = run(installed, "--version", cwd=tmp_path)
    assert modules.stdout == script.stdout == f"endless-novel {lambda_fn.__version__}\n"


def test_the_wheel_has_the_bot_and_its_model_alone(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names} == {
        "lambda_fn",
        f"endless_novel-{lambda_fn.__version__}.dist-info",
    }
    shipped = {f"lambda_fn/{path.relative_to(ROOT / 'lambda_fn')}" for path in (ROOT / "lambda_fn").rglob("*.py")}
    shipped -= {"lambda_fn/cut_services.py"}  # of the build for Lambda
    shipped |= {"lambda_fn/book/page.css", "lambda_fn/prose/profanity.txt"}
    shipped |= {f"lambda_fn/model/{path.name}" for path in (ROOT / "lambda_fn" / "model").iterdir()}
    assert {name for name in names if name.startswith("lambda_fn/")} == shipped


def test_its_dependencies_are_those_that_the_bot_pins():
    pins = dict(
        re.findall(r"^([a-z0-9-]+)==([0-9.]+)", (ROOT / "lambda_fn" / "requirements.txt").read_text(), re.MULTILINE)
    )
    ranges = dict(each.split(">=") for each in PROJECT["dependencies"])
    for name, oldest in ranges.items():
        assert [*map(int, oldest.split("."))] <= [*map(int, pins[name].split("."))]
    direct = re.search(r"# Direct\n(.*?)\n\n", (ROOT / "lambda_fn" / "requirements.txt").read_text(), re.DOTALL)[1]
    assert [line.partition("==")[0] for line in direct.splitlines()] == [*ranges]
