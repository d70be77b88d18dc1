"""The ancestor's way in 2019, for a Python that has Keras and TensorFlow, and nothing of ours.

`python keras_words.py make FILE` writes its model with random weights; `python keras_words.py say FILE WORDS` imports,
loads and says so many words, one `model.predict` each, and prints the seconds of each part as JSON.
"""

import json
import sys
import time

VOCABULARY, SIZE = 7_900, 256  # with two LSTM layers: 5.1 million parameters


def make(path: str) -> None:
    """Write the model."""
    import keras

    layers = [
        keras.layers.Input((None,)),
        keras.layers.Embedding(VOCABULARY, SIZE),
        keras.layers.LSTM(SIZE, return_sequences=True),
        keras.layers.LSTM(SIZE),
        keras.layers.Dense(VOCABULARY, activation="softmax"),
    ]
    keras.Sequential(layers).save(path)


def say(path: str, words: int) -> dict[str, float]:
    """Import, load and say; returns seconds by part."""
    started = time.perf_counter()
    import keras
    import numpy as np

    imported = time.perf_counter()
    model = keras.models.load_model(path)
    loaded = time.perf_counter()
    generator, text = np.random.default_rng(1), [1]
    for _ in range(words):
        likely = model.predict(np.array([text[-50:]]), verbose=0)[0].astype(np.float64)
        text.append(int(generator.choice(VOCABULARY, p=likely / likely.sum())))
    return {
        "import": imported - started,
        "load": loaded - imported,
        "words": time.perf_counter() - loaded,
    }


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(sys.argv[2])
    else:
        print(json.dumps(say(sys.argv[2], int(sys.argv[3]))))
