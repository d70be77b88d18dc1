"""Any machine trains: in the precision that was asked for, or else in the faster of those that work on it."""

import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tests.train.conftest import PIECE, SMALL, fit
from tests.train.test_processes import torchrun
from train.checkpoint import describe, load, save
from train.errors import ConfigurationError
from train.model import LanguageModel, ModelSize, Regularization
from train.precision import choose, peak_operations, trial_of, utilization
from train.processes import Processes
from train.run_folder import RunFolder

ROOT = Path(__file__).parents[2]
ALONE = Processes(torch.device("cpu"))
UNPINNED = tuple(setting for setting in SMALL if not setting.startswith("precision"))
NO_KERNEL = "could not create a primitive"


def in_bf16(fit_settings=UNPINNED):
    return (*fit_settings, "precision=bf16")


def fit_without_bf16(corpus, run, *more, settings=UNPINNED):
    """`python -m train fit` where oneDNN may use AVX2 alone, in which it has no bf16 for an LSTM."""
    pairs = [part for setting in settings for part in ("--set", setting)]
    command = [sys.executable, "-m", "train", "fit", "--corpus", str(corpus), "--run", str(run), "--device", "cpu"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    return subprocess.run(
        [*command, *pairs, *more], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


only_x86 = pytest.mark.skipif(
    platform.machine().lower() not in ("x86_64", "amd64"), reason="oneDNN's kernels are held back on x86 only"
)


@pytest.fixture
def without_onednn():
    """PyTorch's own LSTM, slow, knows bf16 on every processor."""
    torch.backends.mkldnn.set_flags(False)
    yield
    torch.backends.mkldnn.set_flags(True)


def step_of(seconds):
    """A step that takes so long in each precision; None: it does not work."""

    def step(precision):
        if seconds[precision] is None:
            raise RuntimeError(f"{NO_KERNEL} for {precision}. Run it again with ONEDNN_VERBOSE=all.")
        time.sleep(seconds[precision])

    return step


@pytest.mark.parametrize(
    ("seconds", "precision"),
    [
        ({"bf16": 0.001, "fp32": 0.05}, "bf16"),
        ({"bf16": 0.05, "fp32": 0.001}, "fp32"),
        ({"bf16": None, "fp32": 0.001}, "fp32"),
    ],
)
def test_the_faster_that_works_is_taken(seconds, precision):
    assert choose(step_of(seconds), ALONE).precision == precision


def test_why_there_is_no_bf16_is_said_in_one_line():
    choice = choose(step_of({"bf16": None, "fp32": 0}), ALONE)
    assert str(choice) == f"precision: fp32 (bf16 does not work on this cpu: {NO_KERNEL} for bf16)"


def test_a_device_that_can_train_in_neither_is_refused():
    with pytest.raises(ConfigurationError, match=r"this cpu cannot train, be it in bf16 .+ or fp32"):
        choose(step_of({"bf16": None, "fp32": None}), ALONE)


@pytest.mark.parametrize("weight_drop", [0.0, 0.5])
def test_a_trial_changes_neither_weights_nor_random_numbers(weight_drop):
    model = LanguageModel(ModelSize(50, 2, 8, 12, 2, 0.1), Regularization(weight_drop=weight_drop))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    torch.manual_seed(1)
    numbers = torch.get_rng_state()
    trial_of(model, 4, 16, ALONE.device)("fp32")
    assert torch.equal(torch.get_rng_state(), numbers)
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def test_a_run_tries_the_machine_says_what_it_takes_and_records_it(corpus, tmp_path, capsys):
    assert fit(corpus, tmp_path / "run", settings=UNPINNED) == 0
    taken = describe(tmp_path / "run" / "last.safetensors")["configuration"]["precision"]
    assert taken in ("bf16", "fp32")
    shown = [line for line in capsys.readouterr().err.splitlines() if line.startswith("precision: ")]
    assert len(shown) == 1
    recorded = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))["precision"]
    assert shown[0] == f"precision: {taken} ({recorded['reason']})"
    assert f'precision = "{taken}"\n' in (tmp_path / "run" / "config.toml").read_text(encoding="utf-8")


@only_x86
def test_a_processor_without_bf16_trains_in_fp32(corpus, tmp_path):
    finished = fit_without_bf16(corpus, tmp_path / "run")
    assert finished.returncode == 0, finished.stderr
    assert "precision: fp32 (bf16 does not work on this cpu: " in finished.stderr
    assert describe(tmp_path / "run" / "last.safetensors")["configuration"]["precision"] == "fp32"


@only_x86
def test_bf16_asked_for_where_there_is_none_is_one_sentence(corpus, tmp_path):
    finished = fit_without_bf16(corpus, tmp_path / "run", settings=in_bf16())
    assert finished.returncode == 2
    assert finished.stderr.startswith("error: precision = 'bf16': this cpu cannot train in it (")
    assert finished.stderr.count("\n") == 1
    assert not (tmp_path / "run").exists()


def begun_in_bf16(whole_run, run, step):
    """A copy of a run that says it was trained in bf16 up to that step."""
    run.mkdir()
    for name in ("last.safetensors", "best.safetensors", "run.json", "log.csv", "tokenizer.json"):
        (run / name).write_bytes((whole_run / name).read_bytes())
    tensors, description = load(run / "last.safetensors")
    description["configuration"]["precision"] = "bf16"
    description["progress"]["step"] = min(step, description["steps"])
    save(run / "last.safetensors", tensors, description)
    return run


@only_x86
def test_a_run_in_bf16_does_not_go_on_where_there_is_none(corpus, whole_run, tmp_path):
    run = begun_in_bf16(whole_run, tmp_path / "run", 10)
    kept = {path.name: path.read_bytes() for path in run.iterdir() if path.name != "log.csv"}
    finished = fit_without_bf16(corpus, run, "--set", "passes=2")
    assert finished.returncode == 2
    assert finished.stderr.startswith(f"error: {run} began in bf16, in which this cpu cannot train (")
    assert finished.stderr.count("\n") == 1
    assert {name: (run / name).read_bytes() for name in kept} == kept


@only_x86
def test_a_run_in_bf16_that_has_ended_is_no_matter_for_a_processor_without(corpus, whole_run, tmp_path):
    run = begun_in_bf16(whole_run, tmp_path / "run", 10**9)
    finished = fit_without_bf16(corpus, run, "--set", "passes=2")
    assert finished.returncode == 0, finished.stderr


@pytest.mark.usefixtures("time_flies", "without_onednn")
def test_a_run_goes_on_in_the_precision_that_it_began_with(corpus, tmp_path):
    assert fit(corpus, tmp_path / "whole", settings=in_bf16()) == 0
    assert fit(corpus, tmp_path / "paused", *PIECE, settings=in_bf16()) == 0
    assert 0 < describe(tmp_path / "paused" / "last.safetensors")["progress"]["step"] < 20
    assert fit(corpus, tmp_path / "paused", settings=UNPINNED) == 0
    whole, paused = (load(tmp_path / name / "last.safetensors") for name in ("whole", "paused"))
    assert paused[1]["configuration"]["precision"] == "bf16"
    assert all(torch.equal(tensor, paused[0][name]) for name, tensor in whole[0].items())


def test_a_run_does_not_go_on_in_another_precision_that_was_asked_for(corpus, whole_run, tmp_path, capsys):
    run = begun_in_bf16(whole_run, tmp_path / "run", 10)
    assert fit(corpus, run, "--set", "passes=2") == 2
    assert "precision: 'bf16' there, 'fp32' here" in capsys.readouterr().err


@only_x86
def test_a_recipe_is_refused_at_once_for_a_later_stage_in_bf16(corpus, tmp_path):
    stage = "\n".join(setting if "=" not in setting else setting.replace("=", " = ", 1) for setting in UNPINNED)
    first, second = (f'[[stage]]\nrun = "{name}"\npreset = "small"\n{stage}\n' for name in ("one", "two"))
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(f'corpus = "invented"\n{first}{second}precision = "bf16"\n', encoding="utf-8")
    command = [sys.executable, "-m", "train", "recipe", str(recipe), "--corpus", str(corpus), "--device", "cpu"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "ONEDNN_MAX_CPU_ISA": "AVX2"}
    finished = subprocess.run(
        [*command, "--runs", str(tmp_path / "runs")],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert finished.returncode == 2
    assert "precision = 'bf16': this cpu cannot train in it (" in finished.stderr
    assert not (tmp_path / "runs").exists()


CHOOSE = """
from pathlib import Path

import torch
from train.precision import take
from train.processes import join_processes

with join_processes(torch.device("cpu")) as processes:
    def step(precision):
        if precision == "bf16" and processes.rank == 1:
            raise RuntimeError("no kernel")
    taken = take("auto", None, step, processes).precision
    Path(__file__).with_name(f"taken-by-{processes.rank}").write_text(taken)
"""


def test_several_processes_take_the_precision_that_works_in_all(tmp_path):
    (tmp_path / "choose.py").write_text(CHOOSE, encoding="utf-8")
    finished = torchrun(str(tmp_path / "choose.py"))
    assert finished.returncode == 0, finished.stderr
    assert [(tmp_path / f"taken-by-{rank}").read_text(encoding="utf-8") for rank in range(2)] == ["fp32", "fp32"]


def test_several_processes_train_without_being_told_in_what(corpus, tmp_path):
    pairs = [part for setting in (*UNPINNED, "batch=4") for part in ("--set", setting)]
    run = tmp_path / "run"
    finished = torchrun(
        "-m", "--", "train", "fit", "--corpus", str(corpus), "--run", str(run), "--device", "cpu", *pairs
    )
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr.count("precision: ") == 1
    assert RunFolder(run).begun_in() in ("bf16", "fp32")


def test_every_multiplied_weight_is_counted_once():
    model = LanguageModel(ModelSize(vocabulary=50, authors=3, embedding=8, hidden=12, layers=2))
    lstm = 4 * 12 * (8 + 12) + 4 * 12 * (12 + 12)
    assert model.multiplied_weights() == lstm + 12 * 8 + 50 * 8
    assert utilization(model, 1000.0, 2, 1e9) == pytest.approx(1000 * 6 * model.multiplied_weights() / 2e9)


def test_the_peak_of_a_known_device_is_its_makers_and_of_another_measured(monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _: "NVIDIA H200")
    assert peak_operations(torch.device("cuda", 0), "bf16") == 989e12
    assert 1e8 < peak_operations(torch.device("cpu"), "fp32") < 1e14
