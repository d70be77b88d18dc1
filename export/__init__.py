"""From a trained checkpoint to a model bundle, and the proof that the two agree."""

import sys

if sys.argv[:1] == ["-m"]:  # `python -m export`, which imports this first of all
    from train.entrance import guard

    guard("`make setup` installs what it needs into .venv; then `. .venv/bin/activate`")
