"""How large the package is and how long a cold start takes.

PACKAGE is what `sam build` made. It runs under AWS's Runtime Interface Emulator on one core, as the stack's 1,769 MB of
memory give one, a new container each time; S3, SSM (both moto's) and X (a local one) are on the same machine. The
durations are those that the emulator reports: the import of the handler (INIT), and the first invocation, which loads
the model, tells, and posts; then the second, in the container that is warm.
"""

import argparse
import json
import os
import statistics
import tempfile
import zipfile
from pathlib import Path

from bench.display import shown_figures
from bench.errors import BenchError
from lambda_fn.posting.x.credentials import FIELDS, Credentials
from peers.aws import MotoServer
from peers.emulator import Emulator, missing_tool
from peers.local_x import LocalX

KEYS = Credentials("Key", "Secret", "77-Token", "TokenSecret")


def run(options: argparse.Namespace) -> str:
    """The median of all runs: seconds and megabytes. Raises BenchError."""
    if not (options.package / "lambda_fn").is_dir():
        raise BenchError(f"{options.package} is no package; `make build` makes one")
    if missing := missing_tool():
        raise BenchError(missing)
    unzipped, zipped = sizes(options.package)
    imports, firsts, seconds = zip(*cold_starts(options.package, options.runs), strict=True)
    figures = {
        "megabytes_unzipped": round(unzipped / 1e6, 1),
        "megabytes_zipped": round(zipped / 1e6, 1),
        "seconds_init": round(statistics.median(imports) / 1000, 2),
        "seconds_first_invocation": round(statistics.median(firsts) / 1000, 2),
        "seconds_warm_invocation": round(statistics.median(seconds) / 1000, 2),
    }
    return shown_figures(figures, as_json=options.json)


def sizes(package: Path) -> tuple[int, int]:
    """The bytes of all files, and of an archive of them as `sam deploy` uploads it."""
    files = [path for path in package.rglob("*") if path.is_file()]
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(package))
        return sum(path.stat().st_size for path in files), file.tell()


def cold_starts(package: Path, runs: int) -> list[tuple[float, float, float]]:
    """The milliseconds of INIT, the first and the second invocation, for each run, which tells a story of its own."""
    one_core = ("taskset", "--cpu-list", str(max(os.sched_getaffinity(0))))
    durations = []
    with MotoServer() as aws, LocalX(KEYS) as x:
        bucket = aws.bucket("novel")
        value = json.dumps({name: getattr(KEYS, name) for name in FIELDS})
        aws.client("ssm").put_parameter(Name="/keys", Value=value, Type="SecureString")
        for run in range(runs):
            environment = {
                **aws.environment(),
                "STORY_URI": f"s3://{bucket}/{run}",
                "STORY_SEED": "5",
                "X_CREDENTIALS": "/keys",
                "X_API_URL": x.url,
                "ORT_DISABLE_TELEMETRY": "1",
            }
            x.clear()  # the same seed tells the same story, which X would refuse
            with Emulator(package, environment, command=one_core) as function:
                for sequence in (1, 2):
                    answer = function.invoke({}).payload
                    if (answer.get("status"), answer.get("sequence")) != ("posted", sequence):
                        raise BenchError(f"an invocation answered {answer}")
                (init,), (first, second) = function.durations()
            durations.append((init, first, second))
    return durations
