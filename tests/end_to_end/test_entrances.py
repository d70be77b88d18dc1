"""How commands start: what stops them before they run is one sentence, in every entrance."""

import ast
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("lambda_fn", "train", "export", "deploy", "peers", "bench")
FIRST = ("entrance.py", "__init__.py")  # what is read before a Python is found too old


@pytest.fixture
def start(tmp_path):
    """Starts an entrance with modules of ours before all others."""

    def run(package, **modules):
        for name, code in modules.items():
            (tmp_path / f"{name}.py").write_text(code)
        environment = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", "STARTED": str(tmp_path / "started")}
        command = [sys.executable, "-m", package, *FIRST_WORDS[package]]
        return subprocess.Popen(
            command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    return run


# What brings each to the point at which it imports numpy, torch or boto3.
FIRST_WORDS = {
    "lambda_fn": ["tell"],
    "train": ["fit", "--corpus", "nowhere"],
    "export": ["evaluate", "nowhere", "nothing"],
    "deploy": [],
    "peers": [],
    "bench": ["speed"],
}
WAITS = """
import os, pathlib, time
pathlib.Path(os.environ["STARTED"]).touch()
try:
    time.sleep(60)
except BaseException as problem:
    raise ImportError("a package that takes every exception for a broken installation") from problem
"""


@pytest.mark.parametrize("package", PACKAGES)
def test_ctrl_c_while_it_imports_is_one_sentence(start, package, tmp_path):
    process = start(package, numpy=WAITS, boto3=WAITS, torch=WAITS)
    while process.poll() is None and not (tmp_path / "started").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60) == ("", "error: interrupted\n")
    assert process.returncode == 130


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_that_is_missing_is_one_sentence(start, package):
    missing = "raise ModuleNotFoundError('No module named ' + repr(__name__), name=__name__)"
    process = start(package, numpy=missing, boto3=missing, torch=missing)
    output, errors = process.communicate(timeout=60)
    assert (output, process.returncode, errors.count("\n")) == ("", 2, 1)
    assert " is not installed (for " in errors
    assert "`make setup`" in errors


def test_a_package_that_is_broken_is_one_sentence_that_says_how(start):
    broken = (
        "try:\n    raise ImportError('libgomp.so.1: cannot open shared object file')\n"
        "except ImportError as problem:\n    raise ImportError('\\n\\nPLEASE READ THIS\\n') from problem"
    )
    output, errors = start("lambda_fn", numpy=broken).communicate(timeout=60)
    assert (output, errors.count("\n")) == ("", 1)
    assert errors.startswith("error: libgomp.so.1: cannot open shared object file (for ")


def test_a_fault_of_this_program_keeps_its_traceback(start):
    process = start("lambda_fn", numpy="from lambda_fn.errors import nothing_like_it")
    assert "Traceback" in process.communicate(timeout=60)[1]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_old_python_reads_what_it_is_told_by(package):
    for name in FIRST:
        if (ROOT / package / name).exists():
            ast.parse((ROOT / package / name).read_text(encoding="utf-8"), feature_version=(3, 4))


@pytest.mark.parametrize("package", PACKAGES)
def test_an_old_python_is_one_sentence(package):
    """Only the version is another one: `runpy` does what `python -m` does."""
    code = (
        "import sys; sys.version_info, sys.version = (3, 10, 13, 'final', 0), '3.10.13 (main)'; sys.argv[0] = '-m'\n"
        f"import runpy; runpy._run_module_as_main({package!r})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr == "error: this needs Python 3.11 or later, and this is Python 3.10.13\n"
    assert (done.returncode, done.stdout) == (2, "")


def test_both_copies_of_the_entrance_are_the_same():
    assert (ROOT / "train" / "entrance.py").read_bytes() == (ROOT / "lambda_fn" / "entrance.py").read_bytes()
