"""The bot onto AWS, step by step: `make deploy` and `make credentials`."""

import sys

if sys.argv[:1] == ["-m"]:  # `python -m deploy`, which imports this first of all
    from lambda_fn.entrance import guard

    guard("`make setup` installs what it needs into .venv; then `. .venv/bin/activate`")
