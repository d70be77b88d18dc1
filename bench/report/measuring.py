"""From options to the page: every measure in its turn."""

import argparse
import time
from pathlib import Path

from bench.report.bits import make_ancestor, measure_bits
from bench.report.blending import measure_recognition, measure_styles
from bench.report.cache import Cache, Result
from bench.report.contamination import measure_contamination
from bench.report.counts import FULL, QUICK, Counts
from bench.report.page import write_report
from bench.report.preference import measure_pronouns
from bench.report.stages import measure_stages
from bench.report.subject import Subject
from bench.report.told import measure_copying, measure_samples
from train.long_work import say


def run(options: argparse.Namespace) -> str:
    """Measure what has not been measured yet, then write the page; returns its path. Raises BenchError, TrainError."""
    counts = QUICK if options.quick else FULL
    work: Path = options.work or options.runs / ("report-quick" if options.quick else "report")
    subject = Subject(options.bundle, options.corpus, options.runs)
    results = measure(subject, counts, Cache(work))
    tables = sorted((options.ablations or options.runs / "ablations").glob("*.md"))
    texts = [path.read_text(encoding="utf-8") for path in tables]
    return str(write_report(subject, counts, results, texts, options.out))


def measure(subject: Subject, counts: Counts, cache: Cache) -> Result:
    """Every measure by name, as plain data."""
    ancestor = make_ancestor(subject, counts, _say)
    return {
        "contamination": measure_contamination(subject, cache, _say),
        "bits": measure_bits(subject, counts, cache, ancestor, _say),
        "pronouns": measure_pronouns(subject, counts, cache, ancestor, _say),
        "copying": measure_copying(subject, counts, cache, _say),
        "styles": measure_styles(subject, counts, cache, _say),
        "recognition": measure_recognition(subject, counts, cache, _say),
        "stages": measure_stages(subject, counts, cache, _say),
        "samples": measure_samples(subject, counts, cache, _say),
    }


def _say(line: str) -> None:
    """Where the work stands, with the time: on standard error."""
    say(f"{time.strftime('%H:%M:%S')} {line}")
