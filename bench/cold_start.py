"""How large the package is, how long a cold start takes, and how much memory.

PACKAGE is what `sam build` made. It runs under AWS's Runtime Interface Emulator on one core, as the stack's 1,769 MB of
memory give one, a new container each time; S3, SSM (both moto's) and X (a local one) are on the same machine. The
durations are those that the emulator reports: the import of the handler (INIT), and the first invocation, which loads
the model, tells, and posts; then the second, in the container that is warm. Against pip, containers of both take turns,
so that whatever else the machine does, it does to both.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.display import shown_figures
from bench.errors import BenchError
from lambda_fn.posting.x.credentials import FIELDS, Credentials
from peers.aws import MotoServer
from peers.emulator import Emulator, missing_tool
from peers.local_x import LocalX

KEYS = Credentials("Key", "Secret", "77-Token", "TokenSecret")
SOURCES = Path(__file__).parents[1] / "lambda_fn"
TIMEOUT = 300  # seconds: a machine that has other work to do as well is not a failure
BUNDLE = "lambda_fn/model"  # the part that is the model's, which grows by other reasons than the rest


@dataclass(frozen=True)
class Size:
    """Bytes on disk, and in an archive as `sam deploy` uploads it."""

    unzipped: int
    zipped: int


@dataclass(frozen=True)
class ColdStart:
    """One container: seconds of INIT and of two invocations; the most memory that the first one took, in bytes."""

    init: float
    first: float
    second: float
    peak_memory: int

    @property
    def whole(self) -> float:
        """Seconds until the first answer."""
        return self.init + self.first


def run(options: argparse.Namespace) -> str:
    """The median of all runs: seconds, megabytes, and ratios. Raises BenchError."""
    if not (options.package / "lambda_fn").is_dir():
        raise BenchError(f"{options.package} is no package; `make build` makes one")
    if missing := missing_tool():
        raise BenchError(missing)
    parts = sizes(options.package)
    whole, bare = total(parts.values()), total(size for part, size in parts.items() if part != BUNDLE)
    figures = {
        "megabytes_unzipped": round(whole.unzipped / 1e6, 1),
        "megabytes_zipped": round(whole.zipped / 1e6, 1),
        "without_bundle_unzipped": round(bare.unzipped / 1e6, 1),
        "without_bundle_zipped": round(bare.zipped / 1e6, 1),
    }
    with tempfile.TemporaryDirectory() as folder:
        packages = [options.package]
        if options.against_pip:
            packages.append(Path(folder))
            build_with_pip(Path(folder))
        ours, *others = in_turns(packages, options.runs)
    figures |= {
        "seconds_init": round(statistics.median(each.init for each in ours), 2),
        "seconds_first_invocation": round(statistics.median(each.first for each in ours), 2),
        "seconds_warm_invocation": round(statistics.median(each.second for each in ours), 2),
        "megabytes_of_memory": round(max(each.peak_memory for each in ours) / 1e6, 1),
    }
    for theirs in others:
        for name, measure in {"init": "init", "init_and_first": "whole", "memory": "peak_memory"}.items():
            ratios = [getattr(our, measure) / getattr(their, measure) for our, their in zip(ours, theirs, strict=True)]
            figures[f"{name}_against_pip"] = round(statistics.median(ratios), 2)
    return shown_figures(figures, as_json=options.json)


def sizes(package: Path) -> dict[str, Size]:
    """The size of each part: all that lies in the package by its name, and the bundle apart from the bot's code."""
    parts: dict[str, list[Path]] = {}
    for path in sorted(path for path in package.rglob("*") if path.is_file()):
        name = path.relative_to(package)
        parts.setdefault(BUNDLE if name.is_relative_to(BUNDLE) else name.parts[0], []).append(path)
    return {part: _size(package, files) for part, files in parts.items()}


def total(parts: Iterable[Size]) -> Size:
    """The size of parts together."""
    parts = list(parts)
    return Size(sum(part.unzipped for part in parts), sum(part.zipped for part in parts))


def _size(package: Path, files: Iterable[Path]) -> Size:
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(package))
        return Size(sum(each.file_size for each in archive.infolist()), file.tell())


def build_with_pip(folder: Path) -> None:
    """Build what sam would without a Makefile: the sources and the wheels, whole, without byte-code.

    Raises `BenchError` if that fails.
    """
    environment = {**os.environ, "PYTHON": sys.executable, "ARTIFACTS_DIR": str(folder.absolute())}
    command = ["make", "--silent", "--makefile", "Makefile", "pip-StoryFunction"]
    done = subprocess.run(command, cwd=SOURCES, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line and not line.startswith("make")]
        raise BenchError(f"the package could not be built with pip: {said[-1] if said else 'nothing says why'}")


def one_core() -> tuple[str, ...]:
    """The command that gives what follows it one core, as 1,769 MB of memory give."""
    return ("taskset", "--cpu-list", str(max(os.sched_getaffinity(0))))


def in_turns(packages: Sequence[Path], runs: int, command: tuple[str, ...] | None = None) -> list[list[ColdStart]]:
    """For each package its cold starts, each a container of its own that begins a story and goes on with it.

    In each of the `runs` rounds every package has its turn. `command` stands before the emulator's own; without one
    it has one core. Raises `BenchError` if an invocation does not post.
    """
    found: list[list[ColdStart]] = [[] for _ in packages]
    with MotoServer() as aws, LocalX(KEYS) as x:
        bucket = aws.bucket("novel")
        value = json.dumps({name: getattr(KEYS, name) for name in FIELDS})
        aws.client("ssm").put_parameter(Name="/keys", Value=value, Type="SecureString")
        for turn in range(runs * len(packages)):
            which = turn % len(packages)
            environment = {
                **aws.environment(),
                "STORY_URI": f"s3://{bucket}/{turn}",
                "STORY_SEED": "5",
                "X_CREDENTIALS": "/keys",
                "X_API_URL": x.url,
                "ORT_DISABLE_TELEMETRY": "1",
            }
            x.clear()  # the same seed tells the same story, which X would refuse
            before = one_core() if command is None else command
            with Emulator(packages[which], environment, timeout=TIMEOUT, command=before) as function:
                found[which].append(_cold_start(function))
    return found


def _cold_start(function: Emulator) -> ColdStart:
    peaks = []
    for sequence in (1, 2):
        answer = function.invoke({}).payload
        if (answer.get("status"), answer.get("sequence")) != ("posted", sequence):
            raise BenchError(f"an invocation answered {answer}")
        peaks.append(function.peak_memory())
    inits, (first, second) = function.durations()
    return ColdStart(inits[-1] / 1000, first / 1000, second / 1000, peaks[0])
