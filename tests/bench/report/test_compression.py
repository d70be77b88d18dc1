"""Compressors as measures of texts."""

import lzma

import pytest

from bench.report import compression
from bench.report.compression import ppm_bits, xz_bits

TEXT = "It was a dark and stormy night; the rain fell in torrents, except at occasional intervals. "


@pytest.mark.parametrize("bits", [xz_bits, ppm_bits])
def test_a_text_seen_before_costs_almost_nothing(bits: object) -> None:
    assert callable(bits)
    assert bits(TEXT, TEXT * 3) < 0.3 * bits(TEXT)


@pytest.mark.parametrize("bits", [xz_bits, ppm_bits])
def test_a_text_costs_no_more_than_its_bytes_and_a_little(bits: object) -> None:
    assert callable(bits)
    assert 0 < bits(TEXT) < 8 * len(TEXT) + 128


def test_xz_is_charged_for_the_data_not_for_the_file_around_it() -> None:
    assert xz_bits(TEXT) < 8 * len(lzma.compress(TEXT.encode()))


def test_only_the_last_of_a_long_text_primes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compression, "PRIMING", 10)
    assert xz_bits(TEXT, TEXT + "0123456789") == xz_bits(TEXT, "0123456789")
