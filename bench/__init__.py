"""Every figure in the README and in the report, measured: `python -m bench all | report | …`."""

import sys

if sys.argv[:1] == ["-m"]:  # `python -m bench`, which imports this first of all
    from train.entrance import guard

    guard("`make setup` installs what it needs into .venv; then `. .venv/bin/activate`")
