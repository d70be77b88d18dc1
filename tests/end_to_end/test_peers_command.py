"""`python -m peers`: what it prints leads the bot to a local X, S3 and SSM."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PEERS = [sys.executable, "-m", "peers"]


@pytest.fixture
def peers():
    with subprocess.Popen(PEERS, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def printed(process):
    """Its lines up to the last."""
    lines = []
    while not lines or not lines[-1].startswith("# Then"):
        lines.append(process.stdout.readline())
        assert lines[-1], "it ended"
    return "".join(lines)


def test_a_tweet_told_in_its_environment_stands_on_its_x(peers, tiny_bundle):
    said = printed(peers)
    tell = [sys.executable, "-m", "lambda_fn", "tell", "--post", "--json", "--seed", "5", "--model", str(tiny_bundle)]
    elsewhere = {"AWS_PROFILE": "nobody", "X_CONSUMER_KEY": "another", "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:9"}
    told = subprocess.run(
        ["sh", "-euc", said + shlex.join(tell)],
        cwd=ROOT,
        env=os.environ | elsewhere,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    address = re.search(r"curl (http://\S+/control/timeline)$", said, re.MULTILINE)[1]
    with urllib.request.urlopen(address) as answer:
        assert [post["text"] for post in json.load(answer)] == [json.loads(told.stdout)["text"]]


def test_it_ends_with_ctrl_c(peers):
    printed(peers)
    peers.send_signal(signal.SIGINT)
    assert peers.wait(timeout=60) == 130


@pytest.mark.parametrize("option", ["--x-port", "--aws-port"])
def test_a_port_that_is_taken_is_one_sentence(option):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*PEERS, option, port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"error: port {port} cannot be used: address already in use; {option} takes another one\n"
