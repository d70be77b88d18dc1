"""How fast and how large the teller is: `python bench/telling.py [--tweets N] [--json]`, the README's figures."""

import argparse
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

started = time.perf_counter()  # what is measured is the imports too
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np  # noqa: E402

from lambda_fn.commands import tell  # noqa: E402
from lambda_fn.language.bundle import load_bundle  # noqa: E402
from lambda_fn.language.language_model import LanguageModel  # noqa: E402
from lambda_fn.settings import Settings  # noqa: E402

MODEL = Path(__file__).parents[1] / "lambda_fn" / "model"


def main() -> None:
    """Tell a story with the shipped model in a folder that is thrown away, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tweets", type=int, default=200, help="how many to tell (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.resolve({"seed": 1}, {"STORY_URI": folder})
        times, texts = [], []
        for page in tell(settings, options.tweets):
            times.append(time.perf_counter())
            texts.append(page.tweet.text)

    model = LanguageModel(load_bundle(MODEL))
    style = np.eye(len(load_bundle(MODEL).authors), dtype=np.float32)[0]
    state, begun = model.zero_state(), time.perf_counter()
    for token in range(500):
        _, state = model.step(token, style, state)
    step_seconds = (time.perf_counter() - begun) / 500

    figures = {
        "bundle_megabytes": round(sum(path.stat().st_size for path in MODEL.iterdir()) / 1e6, 2),
        "seconds_to_the_first_tweet": round(times[0] - started, 2),
        "median_seconds_a_tweet": round(float(np.median(np.diff(times))), 3),
        "slowest_seconds_a_tweet": round(float(np.max(np.diff(times))), 3),
        "milliseconds_a_step": round(step_seconds * 1000, 3),
        "characters_a_tweet": round(sum(map(len, texts)) / len(texts), 1),
        "peak_memory_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):28} {value:>8}")


if __name__ == "__main__":
    main()
