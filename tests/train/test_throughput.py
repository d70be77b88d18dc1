import math

import pytest
import torch

from train.model import LanguageModel, ModelSize
from train.run_folder import RunFolder
from train.throughput import peak_operations, utilization


def test_every_multiplied_weight_is_counted_once():
    model = LanguageModel(ModelSize(vocabulary=50, authors=3, embedding=8, hidden=12, layers=2))
    lstm = 4 * 12 * (8 + 12) + 4 * 12 * (12 + 12)
    assert model.multiplied_weights() == lstm + 12 * 8 + 50 * 8
    assert utilization(model, 1000.0, 2, 1e9) == pytest.approx(1000 * 6 * model.multiplied_weights() / 2e9)


def test_the_peak_of_a_known_device_is_its_makers_and_of_another_measured(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")
    assert peak_operations(torch.device("cuda", 0), "bf16") == 989e12
    assert 1e8 < peak_operations(torch.device("cpu"), "fp32") < 1e14


def test_the_log_says_how_fast_the_run_is(whole_run):
    rows = RunFolder(whole_run).read_log()
    tokens = [row.tokens - before for row, before in zip(rows, [0, *(row.tokens for row in rows)], strict=False)]
    seconds = sum(number / row.tokens_per_second for number, row in zip(tokens, rows, strict=True))
    assert seconds == pytest.approx(rows[-1].seconds, rel=0.2, abs=0.1)
    assert all(0 <= row.utilization < 1 for row in rows)


def test_the_log_of_an_older_run_is_read(whole_run, tmp_path):
    lines = (whole_run / "log.csv").read_text(encoding="utf-8").splitlines()
    old = [",".join(line.split(",")[:7]) for line in lines]
    (tmp_path / "log.csv").write_text("\n".join(old) + "\n", encoding="utf-8")
    rows = RunFolder(tmp_path).read_log()
    assert [row.validation_loss for row in rows] == [row.validation_loss for row in RunFolder(whole_run).read_log()]
    assert all(math.isnan(row.tokens_per_second) for row in rows)
