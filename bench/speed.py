"""How fast and how large the teller is: the README's figures."""

import argparse
import resource
import tempfile
import time

from bench.display import shown_figures


def run(options: argparse.Namespace) -> str:
    """Tell a story in a folder that is thrown away: seconds, megabytes, characters, and which part takes how much."""
    started = time.perf_counter()

    # Here and not at the top: the time to the first tweet has the imports in it.
    import numpy as np

    from bench.parts import timed_parts
    from lambda_fn.commands import preview, tell
    from lambda_fn.language.bundle import load_bundle
    from lambda_fn.language.language_model import LanguageModel
    from lambda_fn.settings import Settings

    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.resolve({"seed": 1}, {"STORY_URI": folder, "MODEL_URI": str(options.model)})
        times, texts = [], []
        for page in tell(settings, options.tweets):
            times.append(time.perf_counter())
            texts.append(page.tweet.text)
        further = preview(settings, 2 + options.tweets // 10)
        next(further)  # loads the model
        with timed_parts() as parts:
            for _ in further:
                pass

    bundle = load_bundle(options.model)
    model = LanguageModel(bundle)
    style = np.eye(len(bundle.authors), dtype=np.float32)[0]
    state, begun = model.zero_state(), time.perf_counter()
    for token in range(500):
        _, state = model.step(token, style, state)
    step_seconds = (time.perf_counter() - begun) / 500

    figures = {
        "bundle_megabytes": round(sum(path.stat().st_size for path in options.model.iterdir()) / 1e6, 2),
        "seconds_to_the_first_tweet": round(times[0] - started, 2),
        "median_seconds_a_tweet": round(float(np.median(np.diff(times))), 3),
        "slowest_seconds_a_tweet": round(float(np.max(np.diff(times))), 3),
        "milliseconds_a_step": round(step_seconds * 1000, 3),
        **{f"percent_{part}": round(100 * taken / sum(parts.values()), 1) for part, taken in parts.items()},
        "characters_a_tweet": round(sum(map(len, texts)) / len(texts), 1),
        "peak_memory_megabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }
    return shown_figures(figures, as_json=options.json)
