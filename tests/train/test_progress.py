import math

import pytest

from train.progress import Progress
from train.run_folder import RunFolder


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


def test_validations_without_improvement_stop_the_run_early_where_patience_has_an_end():
    progress = Progress()
    assert [progress.judge(loss, patience=2) for loss in (3.0, 2.0, 2.0, 1.0, 1.5)] == [True, True, False, True, False]
    assert (progress.best_loss, progress.stopped_early) == (1.0, False)
    assert not progress.judge(1.0, patience=2)
    assert progress.stopped_early
    endless = Progress()
    assert not any([endless.judge(loss, patience=0) for loss in (1.0, *[2.0] * 9)][1:])
    assert not endless.stopped_early
