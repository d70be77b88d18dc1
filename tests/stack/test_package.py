"""What `sam build` makes: it holds what runs, runs by itself, and stays small."""

import contextlib
import http.server
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import threading

import pytest

from bench.cold_start import BUNDLE, in_turns, sizes, total
from lambda_fn.cut_services import OPERATIONS
from peers.emulator import lambda_python
from tests.stack.stack import ROOT
from tests.x.certificates import self_signed

pytestmark = pytest.mark.timeout(1800)  # the first one waits for `sam build`

PACKAGES = {
    *("boto3", "botocore", "certifi", "charset_normalizer", "dateutil", "idna", "jmespath", "numpy", "numpy.libs"),
    *("oauthlib", "onnxruntime", "requests", "requests_oauthlib", "s3transfer", "six.py", "urllib3"),
}
UNCHECKED_HASH = 0b01  # the flags of PEP 552: a hash instead of a time, and no look at the source

# What the issue "Small, fast on every processor" allows, without the bundle, which grows by other reasons.
UNZIPPED, ZIPPED = 95e6, 32.5e6
MEMORY = 160e6  # and twice the bundle


def run_python(package, code, *flags, **variables):
    """Python 3.12, with nothing but the package."""
    command = [lambda_python(), "-I", "-S", "-B", *flags, "-c", f"import sys; sys.path.append('.')\n{code}"]
    environment = {**os.environ, **variables}
    return subprocess.run(command, cwd=package, env=environment, capture_output=True, text=True, check=False)


def python(package, code, *flags, **variables):
    """What it prints of this."""
    done = run_python(package, code, *flags, **variables)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def parts(package):
    return sizes(package)


@pytest.fixture(scope="module")
def without_bundle(parts):
    return total(size for part, size in parts.items() if part != BUNDLE)


def files(package):
    return [path.relative_to(package) for path in sorted(package.rglob("*")) if path.is_file()]


def test_holds_the_bot_and_what_it_imports_and_nothing_else(package):
    names = {path.name.replace(".pyc", ".py") for path in package.iterdir()}
    assert names - {"__pycache__"} == {"lambda_fn", *PACKAGES}


def test_holds_the_whole_bot_with_its_model(package):
    built, source = package / "lambda_fn", ROOT / "lambda_fn"
    assert {path.relative_to(built) for path in built.rglob("*.py")} == {
        path.relative_to(source) for path in source.rglob("*.py") if path.name != "cut_services.py"
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
    described = {
        path.parts[-3]: {*json.loads(path.read_bytes())["operations"]}
        for path in (package / "botocore" / "data").glob("*/*/service-2.json*")
    }
    assert described == OPERATIONS


def test_every_module_has_byte_code_that_is_never_checked_and_says_where_it_runs(lambda_package):
    """Ours beside its source; that of a wheel instead of it."""
    modules = [path for path in files(lambda_package) if path.suffix == ".py"]
    assert {path.parts[0] for path in modules} == {"lambda_fn"}
    ours = {path.parent / "__pycache__" / f"{path.stem}.cpython-312.pyc" for path in modules}
    codes = [path for path in files(lambda_package) if path.suffix == ".pyc"]
    assert {path for path in codes if "__pycache__" in path.parts} == ours
    for path in codes:
        head = (lambda_package / path).read_bytes()[:8]
        assert struct.unpack("<I", head[4:]) == (UNCHECKED_HASH,), path
    for path, source in (("lambda_fn/__pycache__/app.cpython-312.pyc", "lambda_fn/app.py"), ("six.pyc", "six.py")):
        assert f"/var/task/{source}".encode() in (lambda_package / path).read_bytes()


def test_every_module_imports_with_nothing_beside_the_package(lambda_package):
    code = (
        "import importlib, pkgutil, boto3, lambda_fn, onnxruntime, requests_oauthlib\n"
        "names = [m.name for m in pkgutil.walk_packages(lambda_fn.__path__, 'lambda_fn.')]\n"
        "for name in names: name.endswith('__main__') or importlib.import_module(name)\n"
        "print(len(names))"
    )
    modules = [path for path in (ROOT / "lambda_fn").rglob("*.py") if path.name != "cut_services.py"]
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


def test_a_story_on_s3_is_listed(lambda_package, aws):
    bucket = aws.bucket("novel")
    aws.client("s3").put_object(Bucket=bucket, Key="stories/night/story.json", Body=b"{}")
    code = (
        "from lambda_fn.storage.s3_client import Address, folders, make_client\n"
        f"print(folders(make_client(), Address({bucket!r}, 'stories')))"
    )
    assert python(lambda_package, code, **aws.environment()) == "['night']\n"


def test_credentials_of_a_web_identity_are_had_from_sts(lambda_package, aws, tmp_path):
    """What a profile leads to, too; and moto answers whoever is signed at all."""
    aws.bucket("novel")
    (tmp_path / "token").write_text("token")
    variables = {
        **aws.environment(),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/novelist",
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(tmp_path / "token"),
    }
    code = (
        "from lambda_fn.storage.s3_client import Address, folders, make_client\n"
        "client = make_client()\n"
        "print(folders(client, Address('novel', '')), client._get_credentials().method)"
    )
    assert python(lambda_package, code, **variables) == "[] assume-role-with-web-identity\n"


ASK_BOTH = """
import boto3, botocore.httpsession, requests, ssl
from botocore.config import Config
for file in (requests.certs.where(), botocore.httpsession.get_cert_path(True)):
    print(len(ssl.create_default_context(cafile=file).get_ca_certs()) > 50)
once = Config(retries={"total_max_attempts": 1})
keys = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
s3 = boto3.client("s3", endpoint_url="URL", region_name="eu-west-1", config=once, **keys)
answered = lambda: s3.head_bucket(Bucket="novel")["ResponseMetadata"]["HTTPStatusCode"]
for ask in (lambda: requests.get("URL").text, answered):
    try:
        print(ask())
    except Exception as problem:
        print(type(problem).__module__, type(problem).__name__)
"""


def test_both_know_the_authorities_of_the_web_and_refuse_all_others(lambda_package, tmp_path):
    """X's client and that of AWS, before a server whose certificate nobody vouches for, and then somebody does."""
    context, certificate = self_signed(tmp_path)
    trust = {"REQUESTS_CA_BUNDLE": str(certificate), "AWS_CA_BUNDLE": str(certificate)}
    with tls_server(context) as url:
        refused = python(lambda_package, ASK_BOTH.replace("URL", url))
        trusted = python(lambda_package, ASK_BOTH.replace("URL", url), **trust)
    assert refused == "True\nTrue\nrequests.exceptions SSLError\nbotocore.exceptions SSLError\n"
    assert trusted == "True\nTrue\nonce upon a time\n200\n"


@contextlib.contextmanager
def tls_server(context):
    """A server that answers everything with a few words; its address."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(b"once upon a time" if self.command == "GET" else b"")

        do_HEAD = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_traceback_shows_our_lines_and_where_those_of_the_wheels_stand(lambda_package):
    code = "from lambda_fn.storage.s3_client import make_client; make_client().get_object(Bucket='novel', Key=2)"
    told = run_python(lambda_package, code, AWS_REGION="eu-west-1").stderr
    assert re.search(r'File "/var/task/botocore/validate\.py", line \d+, in serialize_to_request\n', told)
    assert "botocore.exceptions.ParamValidationError: Parameter validation failed:" in told
    told = run_python(lambda_package, "from lambda_fn.settings import Settings; Settings.from_event(3, {})").stderr
    assert re.search(r'File ".*/lambda_fn/settings\.py", line \d+, in from_event\n    \S', told)


def test_stays_within_its_bounds(parts, without_bundle):
    assert without_bundle.unzipped <= UNZIPPED
    assert without_bundle.zipped <= ZIPPED
    # What Lambda takes at all; zipped, where nothing goes by S3.
    whole = total(parts.values())
    assert whole.unzipped < 250e6
    assert whole.zipped < 50e6


@pytest.mark.usefixtures("lambda_package")  # with its byte-code
def test_the_readme_states_its_size(without_bundle):
    """To a megabyte: the byte-code of another Python 3.12 may differ a little."""
    (row,) = re.findall(r"unzipped and zipped \| ([\d.]+) MB, ([\d.]+) MB", (ROOT / "README.md").read_text())
    assert [float(each) for each in row] == pytest.approx(
        [without_bundle.unzipped / 1e6, without_bundle.zipped / 1e6], abs=1
    )


def test_a_cold_start_stays_within_its_memory(lambda_package):
    bundle = sum(path.stat().st_size for path in (lambda_package / BUNDLE).iterdir())
    ((start,),) = in_turns([lambda_package], 1)
    assert 0 < start.init < start.whole
    assert bundle < start.peak_memory <= MEMORY + 2 * bundle


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
    assert (tmp_path / "built" / "botocore" / "client.py").exists()
    bare = [path for path in files(tmp_path / "built") if not path.is_relative_to(BUNDLE)]
    assert sum((tmp_path / "built" / path).stat().st_size for path in bare) <= UNZIPPED


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
