"""A local X, S3 and SSM, to rehearse posting by hand; it prints what to export, and runs until Ctrl-C."""

import argparse
import importlib.util
import json
import os
import shlex
import signal
import socket
import sys
import threading
from contextlib import ExitStack
from typing import NoReturn

from lambda_fn.posting.x.credentials import FIELDS, VARIABLES, Credentials
from peers.aws import MotoServer
from peers.local_x import LocalX

BAD_INPUT, INTERRUPTED = 2, 130
KEYS = Credentials("key-of-the-app", "secret-of-the-app", "1-token-of-the-account", "secret-of-the-account")
BUCKET, PARAMETER = "endless-novel-rehearsal", "/endless-novel/x-credentials"
# What would lead a command elsewhere than here.
ELSEWHERE = (
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"),
    *("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_SSM", "AWS_ENDPOINT_URL_STS", *VARIABLES.values()),
)


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"error: {message} (see {self.prog} --help)\n")


def main(arguments: list[str] | None = None) -> int:
    """Run until Ctrl-C, or a signal to terminate; returns the exit status."""
    parser = _Parser(prog="python -m peers", description=__doc__)
    parser.add_argument("--x-port", type=_port, default=0, metavar="PORT", help="of X (default: any free one)")
    parser.add_argument(
        "--aws-port", type=_port, default=0, metavar="PORT", help="of S3 and SSM (default: any free one)"
    )
    options = parser.parse_args(arguments)
    for port, option in ((options.x_port, "--x-port"), (options.aws_port, "--aws-port")):
        if problem := _taken(port):
            print(f"error: port {port} cannot be used: {problem}; {option} takes another one", file=sys.stderr)
            return BAD_INPUT
    if importlib.util.find_spec("moto") is None:
        raise ModuleNotFoundError("there is no moto", name="moto")  # whoever started this says what to do
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    try:
        with ExitStack() as stack:
            aws = stack.enter_context(MotoServer(port=options.aws_port))
            x = stack.enter_context(LocalX(KEYS, port=options.x_port))
            aws.bucket(BUCKET)
            value = json.dumps({name: getattr(KEYS, name) for name in FIELDS})
            aws.client("ssm").put_parameter(Name=PARAMETER, Value=value, Type="SecureString")
            _say(aws, x)
            stopped.wait()
    except KeyboardInterrupt:
        return INTERRUPTED
    except (OSError, RuntimeError) as problem:  # as a port that was free a moment ago
        print(f"error: {str(problem).strip().splitlines()[0]}", file=sys.stderr)
        return BAD_INPUT
    return 0


def _say(aws: MotoServer, x: LocalX) -> None:
    """Lines for a shell, on standard output; the rest is a comment there."""
    environment = {
        **aws.environment(),
        "X_API_URL": x.url,
        "X_CREDENTIALS": PARAMETER,
        "STORY_URI": f"s3://{BUCKET}/stories",
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    lines = [
        "# A local X, S3 and SSM, until Ctrl-C; nothing of it is kept. In another terminal:",
        f"unset {' '.join(ELSEWHERE)}",
        *(f"export {name}={shlex.quote(value)}" for name, value in environment.items()),
        f"# Then `python -m lambda_fn tell --post`; what is on X shows: curl {x.url}/control/timeline",
    ]
    print("\n".join(lines), flush=True)


def _taken(port: int) -> str | None:
    """Why nobody can listen at this port, or None."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as problem:
        return os.strerror(problem.errno or 0).lower()
    return None


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65_535:
        raise argparse.ArgumentTypeError(f"must be a number up to 65535, not {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
