"""The bot: tells an endless story one tweet at a time, and posts it, with no training code."""

import sys

__version__ = "0.1.0"

if sys.argv[:1] == ["-m"]:  # `python -m lambda_fn`, which imports this first of all
    from lambda_fn.entrance import guard

    guard("`pip install -r lambda_fn/requirements.txt` installs what it needs; `make setup` does, too, into .venv")
