"""What `sam build` makes: it holds what runs, runs by itself, and stays small."""

import json
import os
import shutil
import struct
import subprocess
import sys
import zipfile

import pytest

from peers.emulator import lambda_python
from tests.stack.stack import ROOT

pytestmark = pytest.mark.timeout(1800)  # the first one waits for `sam build`

PACKAGES = {
    *("boto3", "botocore", "certifi", "charset_normalizer", "dateutil", "idna", "jmespath", "numpy", "numpy.libs"),
    *("oauthlib", "onnxruntime", "requests", "requests_oauthlib", "s3transfer", "six.py", "urllib3"),
}
UNCHECKED_HASH = 0b01  # the flags of PEP 552: a hash instead of a time, and no look at the source


def python(package, code, *flags):
    """What Python 3.12, with nothing but the package, prints of this."""
    command = [lambda_python(), "-I", "-S", "-B", *flags, "-c", f"import sys; sys.path.append('.')\n{code}"]
    done = subprocess.run(command, cwd=package, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def files(package):
    return [path.relative_to(package) for path in sorted(package.rglob("*")) if path.is_file()]


def test_holds_the_bot_and_what_it_imports_and_nothing_else(package):
    assert {path.name for path in package.iterdir()} - {"__pycache__"} == {"lambda_fn", *PACKAGES}


def test_holds_the_whole_bot_with_its_model(package):
    built, source = package / "lambda_fn", ROOT / "lambda_fn"
    assert {path.relative_to(built) for path in built.rglob("*.py")} == {
        path.relative_to(source) for path in source.rglob("*.py")
    }
    assert (built / "book" / "page.css").read_bytes() == (source / "book" / "page.css").read_bytes()
    for path in (ROOT / "lambda_fn" / "model").iterdir():
        assert (package / "lambda_fn" / "model" / path.name).read_bytes() == path.read_bytes()
    assert not (package / "lambda_fn" / "Makefile").exists()


def test_holds_no_tests_tools_headers_or_stubs(package):
    parts = {part for path in files(package) for part in path.parts}
    assert not parts & {"tests", "transformers", "quantization", "tools", "f2py", "include", "google", "flatbuffers"}
    assert not [part for part in parts if part.endswith((".dist-info", ".pyi", ".h", ".a", ".pxd"))]
    assert not list((package / "onnxruntime").rglob("libonnxruntime.so*"))


def test_describes_only_the_services_it_uses(package):
    described = {path.name for path in (package / "botocore" / "data").iterdir() if path.is_dir()}
    assert described == {"s3", "ssm", "sts"}


def test_every_module_has_byte_code_that_is_never_checked_and_says_where_it_runs(lambda_package):
    modules = [path for path in files(lambda_package) if path.suffix == ".py"]
    for path in modules:
        code = lambda_package / path.parent / "__pycache__" / f"{path.stem}.cpython-312.pyc"
        assert struct.unpack("<I", code.read_bytes()[4:8]) == (UNCHECKED_HASH,), path
    assert len([path for path in files(lambda_package) if path.suffix == ".pyc"]) == len(modules)
    code = lambda_package / "lambda_fn" / "__pycache__" / "app.cpython-312.pyc"
    assert b"/var/task/lambda_fn/app.py" in code.read_bytes()


def test_every_module_imports_with_nothing_beside_the_package(lambda_package):
    code = (
        "import importlib, pkgutil, boto3, lambda_fn, onnxruntime, requests_oauthlib\n"
        "names = [m.name for m in pkgutil.walk_packages(lambda_fn.__path__, 'lambda_fn.')]\n"
        "for name in names: name.endswith('__main__') or importlib.import_module(name)\n"
        "print(len(names))"
    )
    modules = list((ROOT / "lambda_fn").rglob("*.py"))
    assert python(lambda_package, code, "-W", "error") == f"{len(modules) - 1}\n"  # all but the package itself


def test_clients_of_both_services_and_a_signed_request_can_be_made(lambda_package):
    code = (
        "import boto3, requests, requests_oauthlib\n"
        "from boto3.s3.transfer import S3Transfer\n"
        "for service in ('s3', 'ssm'): print(boto3.client(service, region_name='eu-west-1').meta.endpoint_url)\n"
        "sign = requests_oauthlib.OAuth1('a', 'b', 'c', 'd')\n"
        "signed = requests.Request('POST', 'https://example.org/', auth=sign).prepare()\n"
        "print(signed.headers['Authorization'].decode().split()[0])\n"
    )
    said = python(lambda_package, code).split()
    assert said == ["https://s3.eu-west-1.amazonaws.com", "https://ssm.eu-west-1.amazonaws.com", "OAuth"]


def test_a_story_can_be_told_with_nothing_beside_the_package(lambda_package, tmp_path):
    code = (
        f"sys.argv = ['lambda_fn', 'tell', '--json', '--seed', '5', '--folder', {str(tmp_path / 'story')!r}]\n"
        "import runpy; runpy.run_module('lambda_fn', run_name='__main__')\n"
    )
    assert json.loads(python(lambda_package, code))["sequence"] == 1


def test_stays_small_enough_to_start_fast(package, tmp_path):
    """Lambda takes 250 MB, and 50 MB zipped where nothing goes by S3."""
    sizes = {path: (package / path).stat().st_size for path in files(package)}
    with zipfile.ZipFile(tmp_path / "package.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sizes:
            archive.write(package / path, path)
    assert sum(sizes.values()) < 115e6
    assert (tmp_path / "package.zip").stat().st_size < 45e6


def test_another_build_of_the_same_sources_is_the_same_to_the_byte(lambda_package, tmp_path):
    again = tmp_path / "again"
    make(lambda_package.parents[2] / "lambda_fn", again)
    assert files(again) == files(lambda_package)
    different = [each for each in files(again) if (again / each).read_bytes() != (lambda_package / each).read_bytes()]
    assert different == []


def test_without_python_3_12_it_is_built_all_the_same_and_says_what_that_costs(package, tmp_path):
    """A machine with another Python only: a folder of tools without python3.12, and no version manager."""
    if sys.version_info[:2] == (3, 12):
        pytest.skip("this Python is 3.12 itself")
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("sh", "cp", "rm", "mkdir", "chmod", "find", "awk", "wc", "grep"):
        (tools / name).symlink_to(str(shutil.which(name)))
    lone = {"PATH": str(tools), "PYENV_ROOT": str(tmp_path / "none"), "PYTHON312": ""}
    said = make(package.parents[2] / "lambda_fn", tmp_path / "built", **lone)
    assert "no byte-code and cold starts are slower" in said
    assert not list((tmp_path / "built").rglob("*.pyc"))


def test_a_python_without_pip_is_refused_in_one_sentence(package, tmp_path):
    done = run_make(package.parents[2] / "lambda_fn", tmp_path / "built", PYTHON="/bin/false")
    assert done.returncode != 0
    assert done.stderr.startswith("error: /bin/false is not a Python of 3.11 or later with pip; say which one to use")
    assert not (tmp_path / "built").exists()


def make(source, artifacts, **environment):
    done = run_make(source, artifacts, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_make(source, artifacts, **environment):
    """Run the Makefile as sam does, in the folder of the sources."""
    command = [str(shutil.which("make")), "--makefile", "Makefile", "build-StoryFunction"]
    kept = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    environment = {**kept, "PYTHON": sys.executable, "ARTIFACTS_DIR": str(artifacts), **environment}
    return subprocess.run(command, cwd=source, env=environment, capture_output=True, text=True, check=False)
