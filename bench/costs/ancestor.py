"""What a cold invocation takes of what the ancestor's stack does: to import Keras, load a model and say 60 words."""

import json
import os
import subprocess
import time
from pathlib import Path

import numpy as np

from bench.cold_start import one_core
from bench.costs.cold import OWN
from bench.costs.subject import Subject
from bench.errors import BenchError
from bench.report.cache import Result
from bench.report.figures import Criterion, table
from bench.timing import spread

SCRIPT = Path(__file__).parent / "keras_words.py"
WORDS = 60
TIMES = 12
NOT_ASKED = "`--ancestor PYTHON` names a Python that has Keras and TensorFlow"


def measure(subject: Subject) -> Result:
    """Seconds of the whole process and of its parts, on one core."""
    if not subject.ancestor:
        return {"missing": NOT_ASKED}
    model = subject.work / "ancestor.keras"
    _run(subject.ancestor, "make", model)
    whole, parts = [], []
    for _ in range(subject.counts.cold_starts):
        began = time.perf_counter()
        parts.append(json.loads(_run(subject.ancestor, "say", model, WORDS).splitlines()[-1]))
        whole.append(time.perf_counter() - began)
    found: Result = {part: spread(np.array([each[part] for each in parts])) for part in ("import", "load", "words")}
    cold = subject.earlier("cold")
    ours = None if "missing" in cold else max(cold["settings"], key=lambda each: each["share"])[OWN]["whole"]
    return found | {"whole": spread(np.array(whole)), "ours": ours}


def _run(python: Path, *arguments: object) -> str:
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"}
    # -I: the folder of the script has files that are called as modules of Python's own are.
    command = [*one_core(), str(python), "-I", str(SCRIPT), *map(str, arguments)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError as problem:
        raise BenchError(f"{python} cannot be run: {problem.strerror}") from problem
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise BenchError(f"{python} cannot say a word with Keras: {said[-1] if said else 'it does not say why'}")
    return done.stdout


def section(found: Result, _out: Path) -> str:
    """A table."""
    title = "## The ancestor's stack"
    if "missing" in found:
        return f"{title}\n\nNot measured: {found['missing']}.\n"
    row = [f"{found[part][1]:.2f}" for part in ("import", "load", "words", "whole")]
    ours = f"{found['ours'][1]:.2f}" if found["ours"] else "not measured"
    header = ["seconds, medians", "import", "load", f"{WORDS} words", "the whole process", "our cold invocation"]
    return f"""{title}

The bot of 2019 said a word with Keras and TensorFlow: `model.predict` on the last 50 words, with an LSTM of 5.1 million
parameters (random ones, which take the same time). On one core, a new process each time; nothing of it is a network's.

{table(header, [["one core", *row, ours]])}"""


def criteria(found: Result) -> list[Criterion]:
    """Whole against whole."""
    what = f"what the ancestor's stack takes for {WORDS} words, of a whole cold invocation"
    wanted = f"at least {TIMES} times"
    if "missing" in found or not found["ours"]:
        return [Criterion(what, wanted, "–", None)]
    ratio = found["whole"][1] / found["ours"][1]
    return [Criterion(what, wanted, f"{ratio:.1f} times", ratio >= TIMES)]
