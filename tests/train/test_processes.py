"""Two processes on this machine's CPU, started as a user would, with `torchrun`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.train.conftest import SMALL, fit
from train.checkpoint import load
from train.errors import ConfigurationError
from train.processes import Processes, StopRequest
from train.run_folder import RunFolder

ROOT = Path(__file__).parents[2]
SETTINGS = (*SMALL, "dropout=0", "average=0.9")


def torchrun(*program):
    """`torchrun --nproc-per-node 2`; returns what it printed."""
    here = ("--standalone", "--local-addr", "127.0.0.1", "--nproc-per-node", "2")
    command = [sys.executable, "-m", "torch.distributed.run", *here, *program]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )  # fmt: skip


def fit_together(corpus, run, *more, settings=SETTINGS):
    """`torchrun --nproc-per-node 2 -m train fit`; returns what it printed."""
    pairs = [part for setting in settings for part in ("--set", setting)]
    command = ["fit", "--corpus", str(corpus), "--run", str(run), "--device", "cpu", *pairs, *more]
    return torchrun("-m", "--", "train", *command)


@pytest.fixture(scope="module")
def together(corpus, tmp_path_factory):
    """A run of two processes. For reading only."""
    run = tmp_path_factory.mktemp("together") / "run"
    finished = fit_together(corpus, run)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("best validation loss") == 1
    return run


def test_two_processes_find_the_loss_of_one(corpus, together, tmp_path):
    assert fit(corpus, tmp_path / "alone", settings=SETTINGS) == 0
    one, two = (RunFolder(run).read_log() for run in (tmp_path / "alone", together))
    assert [row.training_loss for row in two] == pytest.approx([row.training_loss for row in one], rel=1e-3)
    assert [row.validation_loss for row in two] == pytest.approx([row.validation_loss for row in one], rel=1e-3)
    assert two[0].training_loss == pytest.approx(one[0].training_loss, rel=1e-5)  # before rounding adds up
    alone, _ = load(tmp_path / "alone" / "last.safetensors")
    shared, _ = load(together / "last.safetensors")
    assert shared.keys() - alone.keys() == {"random.cpu.1"}
    for name in ("state.h", "model.lstm.weight_hh_l0", "average.embedding.weight"):
        torch.testing.assert_close(shared[name], alone[name], rtol=1e-2, atol=1e-2)


def test_two_processes_go_on_where_they_paused(corpus, together, tmp_path):
    for minutes in ("0.001", "9"):
        finished = fit_together(corpus, tmp_path / "run", "--minutes", minutes)
        assert finished.returncode == 0, finished.stderr
    whole, paused = (load(run / "last.safetensors")[0] for run in (together, tmp_path / "run"))
    assert all(torch.equal(whole[name], paused[name]) for name in whole)


def test_two_processes_that_diverge_both_say_so(corpus, tmp_path):
    settings = (*SETTINGS, "learning_rate=1e6", "clip=1e9", "passes=20")
    finished = fit_together(corpus, tmp_path / "run", settings=settings)
    assert finished.returncode != 0
    assert "the run has diverged" in finished.stderr
    assert "Connection closed by peer" not in finished.stderr


LEAVE = """
import os, time, torch
from train.processes import join_processes

with join_processes(torch.device("cpu")) as processes:
    layer = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(layer.parameters())
    layer(torch.ones(2)).sum().backward()
    optimizer.step()  # imports what would hold on to the group
    processes.wait()
    before = len(os.listdir("/proc/self/task"))
deadline = time.monotonic() + 60
while len(os.listdir("/proc/self/task")) >= before:
    assert time.monotonic() < deadline, "a thread is left"
    time.sleep(0.01)
"""


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only Linux shows a process's threads there")
def test_a_process_that_left_the_others_has_no_thread_of_theirs(tmp_path):
    """One that still had would be killed by them at its end, sometimes."""
    (tmp_path / "leave.py").write_text(LEAVE, encoding="utf-8")
    finished = torchrun(str(tmp_path / "leave.py"))
    assert finished.returncode == 0, finished.stderr


def test_rows_are_dealt_evenly_or_not_at_all():
    processes = [Processes(torch.device("cpu"), rank, 2) for rank in range(2)]
    assert [list(range(6))[process.rows(6)] for process in processes] == [[0, 1, 2], [3, 4, 5]]
    with pytest.raises(ConfigurationError, match="batch = 5: it must be a multiple of the 2 processes"):
        processes[0].rows(5)


def test_the_clock_asks_to_stop():
    assert StopRequest(seconds=-1)
    assert not StopRequest(seconds=60)


def test_the_first_signal_asks_and_the_handlers_come_back():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    stop = StopRequest()
    with stop.on_signals():
        assert not stop
        signal.raise_signal(signal.SIGTERM)
        assert stop
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    assert {number: signal.getsignal(number) for number in before} == before
