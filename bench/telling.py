"""How fast and how large the teller is: `python bench/telling.py [--tweets N] [--json]`, the README's figures."""

import argparse
import json
import resource
import sys
import time
from pathlib import Path

started = time.perf_counter()
sys.path.insert(0, str(Path(__file__).parents[1]))

import numpy as np  # noqa: E402: what is measured is this import too

from lambda_fn.bundle import load_bundle  # noqa: E402
from lambda_fn.language_model import LanguageModel  # noqa: E402
from lambda_fn.prompt import prepare_prompt  # noqa: E402
from lambda_fn.sampling import Sampling  # noqa: E402
from lambda_fn.storyteller import Storyteller  # noqa: E402
from lambda_fn.tokenizer import Tokenizer  # noqa: E402

MODEL = Path(__file__).parents[1] / "lambda_fn" / "model"
PROMPT = "It is a truth universally acknowledged,"


def main() -> None:
    """Tell tweets with the shipped model, and say how long they took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tweets", type=int, default=200, help="how many to tell (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    bundle = load_bundle(MODEL)
    model = LanguageModel(bundle)
    storyteller = Storyteller(model, Tokenizer.from_file(bundle.tokenizer), bundle.words())
    ready = time.perf_counter() - started

    style = np.eye(len(bundle.authors), dtype=np.float32)[0]
    sampling = Sampling(bundle.sampling.temperature, bundle.sampling.top_k, bundle.sampling.top_p)
    position, prompt, texts, steps = storyteller.beginning(), prepare_prompt(PROMPT), [], 0
    begun = time.perf_counter()
    for sequence in range(options.tweets):
        generator = np.random.default_rng([1, sequence, 0])
        telling = storyteller.next_tweet(position, style, sampling, generator, recent=texts[-20:], prompt=prompt)
        position, prompt = telling.position, ""
        texts.append(telling.text)
        steps += telling.steps
    seconds = time.perf_counter() - begun

    state, begun = model.zero_state(), time.perf_counter()
    for token in range(500):
        _, state = model.step(token, style, state)
    step_seconds = (time.perf_counter() - begun) / 500
    figures = {
        "bundle_megabytes": round(sum(path.stat().st_size for path in MODEL.iterdir()) / 1e6, 2),
        "seconds_until_ready": round(ready, 2),
        "milliseconds_a_step": round(step_seconds * 1000, 3),
        "steps_a_tweet": round(steps / options.tweets, 1),
        "seconds_a_tweet": round(seconds / options.tweets, 3),
        "characters_a_tweet": round(sum(map(len, texts)) / options.tweets, 1),
        "peak_memory_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    if options.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name.replace('_', ' '):24} {value:>10}")


if __name__ == "__main__":
    main()
