"""How fast a run is, and which share of what the device could do that is.

Model FLOPs utilization (Chowdhery et al. 2022): a weight that is multiplied costs two floating-point operations a token
on the way forward and four on the way back, so

    utilization = tokens/s · 6 · multiplied weights / (devices · peak FLOP/s of one)

where the multiplied weights are those of the LSTM, the projection and the output layer; looking up embeddings is free.
"""

import time
from functools import lru_cache

import torch

from train.model import LanguageModel

PEAKS = {
    "H200": {"bf16": 989e12, "fp32": 67e12},
    "H100": {"bf16": 989e12, "fp32": 67e12},
    "A100": {"bf16": 312e12, "fp32": 19.5e12},
    "L4": {"bf16": 121e12, "fp32": 30.3e12},
    "T4": {"bf16": 65e12, "fp32": 8.1e12},
}
"""FLOP/s by the makers' data sheets, dense; the name stands in the device's own."""


def utilization(model: LanguageModel, tokens_per_second: float, devices: int, peak: float) -> float:
    """The share, 0 to 1, of the devices' peak that the training of a model uses."""
    return tokens_per_second * 6 * model.multiplied_weights() / (devices * peak)


@lru_cache
def peak_operations(device: torch.device, precision: str) -> float:
    """FLOP/s of the device at most: by its maker's word, or the fastest of a few matrix products, timed once."""
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
