"""The bot in an environment of its own: its four dependencies, and no other package of this repository."""

import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FORBIDDEN = ("torch", "onnx", "tokenizers", "safetensors", "train", "export")


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    """A folder with `lambda_fn` alone, and a Python with only what its requirements name."""
    folder = tmp_path_factory.mktemp("alone")
    shutil.copytree(ROOT / "lambda_fn", folder / "lambda_fn", ignore=shutil.ignore_patterns("__pycache__"))
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--requirement", ROOT / "lambda_fn" / "requirements.txt"]
    subprocess.run(install, check=True)
    return folder, python


def run(bot, *arguments):
    folder, python = bot
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run(
        [python, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.timeout(1800)
def test_nothing_of_training_or_export_is_there(bot):
    code = f"import importlib.util as u; print([n for n in {FORBIDDEN} if u.find_spec(n)])"
    assert run(bot, "-c", code).stdout == "[]\n"


@pytest.mark.timeout(1800)
def test_every_module_imports_and_pulls_in_nothing_else(bot):
    code = (
        "import importlib, pkgutil, sys, lambda_fn\n"
        "for module in pkgutil.walk_packages(lambda_fn.__path__, 'lambda_fn.'):\n"
        "    module.name.endswith('__main__') or importlib.import_module(module.name)\n"
        "print(sorted({name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)))"
    )
    done = run(bot, "-W", "error", "-c", code)
    assert done.returncode == 0, done.stderr
    assert "lambda_fn" in done.stdout
    assert not [name for name in FORBIDDEN if f"'{name}'" in done.stdout]


@pytest.mark.timeout(1800)
def test_it_tells_a_story_and_goes_on_with_it(bot):
    told = [run(bot, "-m", "lambda_fn", "tell", "--json", *seed) for seed in (("--seed", "5"), ())]
    assert [done.stderr for done in told] == ["", ""]
    assert [json.loads(done.stdout)["sequence"] for done in told] == [1, 2]
