"""In which precision a device trains, and how near to its peak.

The precision is the one that was asked for, or the faster of those that work when it is tried.

PyTorch's LSTM has no bf16 kernel for many processors: without AVX-512, oneDNN has none at all, and elsewhere it may
read in bf16 and not learn. No property of a machine says so for sure; a step forward and back does.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import torch

from train.configuration import AUTO, BF16, FP32, PRECISIONS
from train.errors import CheckpointError, ConfigurationError
from train.model import LanguageModel, ModelSize
from train.optimization import backpropagate
from train.processes import Processes

GAIN = 1.1
"""How many times as fast as fp32 bf16 must be to be chosen: less is noise, and fp32 is the same on every machine."""

ROUNDS, LONGEST = 4, 0.6
"""A trial times each precision so many times at most, and begins no other round after so many seconds."""

OPERATIONS = 1e10
"""Floating-point operations of a trial's step on a CPU, at most: some 0.2 s of a slow core. The model is the run's own,
as are the rows up to `ROWS`, and only the chunk is shorter: in smaller matrices bf16 would gain less than in these."""

ROWS = 64

_BEGUN = "the run began in it"

PEAKS = {
    "H200": {"bf16": 989e12, "fp32": 67e12},
    "H100": {"bf16": 989e12, "fp32": 67e12},
    "A100": {"bf16": 312e12, "fp32": 19.5e12},
    "L4": {"bf16": 121e12, "fp32": 30.3e12},
    "T4": {"bf16": 65e12, "fp32": 8.1e12},
}
"""FLOP/s of the makers' data sheets, dense, by a part of the device's name."""

Step = Callable[[str], None]
"""One step forward and back in the precision that it is given; it returns when the device is done."""


@dataclass(frozen=True)
class Choice:
    """A precision, and why it was chosen."""

    precision: str
    reason: str

    @property
    def resumed(self) -> bool:
        """Whether it is what the run began in, untried."""
        return self.reason == _BEGUN

    def __str__(self) -> str:
        return f"precision: {self.precision} ({self.reason})"


def choose(step: Step, processes: Processes) -> Choice:
    """Try both, and choose the faster that works, the same in every process. Raises `ConfigurationError` if none."""
    here = processes.device.type
    missing = why_not(step, BF16, processes)
    if wrong := why_not(step, FP32, processes):
        raise ConfigurationError(f"this {here} cannot train, be it in bf16 ({missing}) or fp32 ({wrong})")
    if missing:
        return Choice(FP32, f"bf16 does not work on this {here}: {missing}")
    seconds = _time(step)
    faster = processes.first_of(seconds[FP32] / seconds[BF16]) > GAIN
    found = ", ".join(f"{1000 * seconds[precision]:.3g} ms in {precision}" for precision in (BF16, FP32))
    return Choice(BF16 if faster else FP32, f"a short step takes {found} on this {here}")


def why_not(step: Step, precision: str, processes: Processes) -> str | None:
    """Return why a step does not work in one of the processes; None if it works in all of them."""
    trouble = None
    try:
        step(precision)
    except RuntimeError as error:  # PyTorch raises nothing narrower
        trouble = str(error).partition("\n")[0].partition(". ")[0] or type(error).__name__
    return trouble or "not in another process" if processes.any(trouble is not None) else None


def take(asked: str, begun: str | None, step: Step, processes: Processes) -> Choice:
    """Return the precision of a run for which `asked` was set and which began in `begun` (None: not yet).

    Raises `ConfigurationError` for one that was asked for and does not work. What a run began in is not tried
    here, because perhaps nothing is left to train: else `check_goes_on` tries it.
    """
    found = int(processes.first_of(PRECISIONS.index(begun) if begun in PRECISIONS else -1))
    if found >= 0 and asked in (AUTO, PRECISIONS[found]):
        return Choice(PRECISIONS[found], _BEGUN)
    if asked == AUTO:
        return choose(step, processes)
    if asked == BF16 and (trouble := why_not(step, BF16, processes)):
        raise ConfigurationError(
            f"precision = '{BF16}': this {processes.device.type} cannot train in it ({trouble}): "
            "use auto, which takes what works, or fp32"
        )
    return Choice(asked, "it was asked for")


def check_works(asked: str, processes: Processes) -> None:
    """Raise `ConfigurationError` if that precision does not work here, before there is a model to try it with."""
    take(asked, None, trial_of(LanguageModel(ModelSize(64, 1, 16, 16, 2)), 4, 8, processes.device), processes)


def check_goes_on(run: Path, precision: str, step: Step, processes: Processes) -> None:
    """Raise `CheckpointError` if a run cannot go on here in the precision that it began with."""
    if precision == BF16 and (trouble := why_not(step, BF16, processes)):
        raise CheckpointError(
            f"{run} began in {BF16}, in which this {processes.device.type} cannot train ({trouble}): "
            "go on with it on a machine that can, or begin again in another folder"
        )


def trial_of(model: LanguageModel, rows: int, chunk: int, device: torch.device) -> Step:
    """Return a training step of that model on the device; it changes neither weights nor random numbers.

    On a CPU it reads fewer tokens than `rows` and `chunk` say, on an accelerator all: a smaller step there measures how
    fast the host is.
    """
    model.to(device).train()
    if device.type == "cpu":
        rows = min(rows, ROWS)
        chunk = max(2, min(chunk, int(OPERATIONS / (6 * model.multiplied_weights() * rows))))
    tokens = (torch.arange(rows * (chunk + 1), device=device) % model.size.vocabulary).view(rows, -1)
    style = torch.eye(1, model.size.authors, device=device).expand(rows, -1)

    def step(precision: str) -> None:
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            try:
                backpropagate(model, tokens, style, model.zero_state(rows), precision)
                # What is read back was computed last, and so the device is done.
                float(sum(p.grad.sum() for p in model.lstm.parameters() if p.grad is not None))
            finally:
                model.zero_grad(set_to_none=True)

    return step


def _time(step: Step) -> dict[str, float]:
    """Return seconds of the fastest step in each precision, timed in turn; both have been warmed up."""
    fastest, started = {BF16: float("inf"), FP32: float("inf")}, time.perf_counter()
    for _ in range(ROUNDS):
        for precision, best in fastest.items():
            begun = time.perf_counter()
            step(precision)
            fastest[precision] = min(best, time.perf_counter() - begun)
        if time.perf_counter() - started > LONGEST:
            break
    return fastest


def utilization(model: LanguageModel, tokens_per_second: float, devices: int, peak: float) -> float:
    """Return the share, 0 to 1, of the devices' peak that training uses: model FLOPs utilization.

    A weight that is multiplied costs two floating-point operations a token on the way forward and four on the way back
    (Chowdhery et al. 2022), so it is tokens/s · 6 · multiplied weights / (devices · peak FLOP/s of one). The multiplied
    weights are those of the LSTM, the projection and the output layer; looking up embeddings is free.
    """
    return tokens_per_second * 6 * model.multiplied_weights() / (devices * peak)


@lru_cache
def peak_operations(device: torch.device, precision: str) -> float:
    """Return the device's peak FLOP/s: from its data sheet, or of the fastest of a few matrix products, timed once."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        for known, peaks in PEAKS.items():
            if known in name.replace("-", " ").split():
                return peaks[precision]
    size = 512 if device.type == "cpu" else 4096
    matrix = torch.ones(size, size, device=device, dtype=torch.bfloat16 if precision == "bf16" else torch.float32)
    fastest = float("inf")
    for _ in range(8):
        started = time.perf_counter()
        (matrix @ matrix)[0, 0].item()
        fastest = min(fastest, time.perf_counter() - started)
    return 2 * size**3 / fastest
