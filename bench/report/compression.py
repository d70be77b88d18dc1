"""What general compressors make of a text, with and without having seen an author's other books."""

import importlib
import lzma
from collections.abc import Callable
from typing import Any

from bench.errors import BenchError

PPM_ORDER, PPM_MEMORY = 8, 1 << 30
PRIMING = 4_000_000
"""Characters of training text that a compressor is shown first, at most: the last of them."""


def xz_bits(text: str, before: str = "") -> float:
    """Bits that `xz` at its strongest needs for `text` after `before`: the size of both less the size of `before`."""
    return _added(text, before, _xz)


def ppm_bits(text: str, before: str = "") -> float:
    """Bits that PPM (variant H, order 8: on validation text better than 5 and 6) needs for `text` after `before`."""
    return _added(text, before, _ppm)


def _added(text: str, before: str, compress: Callable[[bytes], bytes]) -> float:
    primed = before[-PRIMING:]
    known = len(compress(primed.encode())) if primed else 0
    return 8.0 * (len(compress((primed + text).encode())) - known)


def _xz(data: bytes) -> bytes:
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 27}]
    return lzma.compress(data, format=lzma.FORMAT_RAW, filters=filters)


def _ppm(data: bytes) -> bytes:
    encoder = _library().Ppmd7Encoder(max_order=PPM_ORDER, mem_size=PPM_MEMORY)
    return bytes(encoder.encode(data) + encoder.flush())


def _library() -> Any:
    try:
        return importlib.import_module("pyppmd")  # here, because nothing else needs it
    except ModuleNotFoundError:
        raise BenchError("PPM needs the package pyppmd: install bench/requirements.txt") from None
