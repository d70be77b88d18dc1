"""Real peers on this machine, for tests and measurements: a local X, S3 and SSM, Lambda's emulator."""

import sys

if sys.argv[:1] == ["-m"]:  # `python -m peers`, which imports this first of all
    from lambda_fn.entrance import guard

    guard("`make setup` installs what it needs into .venv; then `. .venv/bin/activate`")
