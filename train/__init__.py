"""From Project Gutenberg to a trained checkpoint: corpus → tokenizer → fit."""

import sys

if sys.argv[:1] == ["-m"]:  # `python -m train`, which imports this first of all
    from train.entrance import guard

    guard("`make setup` installs what it needs into .venv; then `. .venv/bin/activate`")
