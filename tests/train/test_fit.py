import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.train.conftest import PIECE, SMALL, fit, write_corpus
from train.__main__ import main
from train.checkpoint import load, load_weights, save
from train.run_folder import RunFolder

ROOT = Path(__file__).parents[2]


def losses(run):
    return [(row.step, row.training_loss, row.validation_loss) for row in RunFolder(run).read_log()]


def tensors(path):
    return {name: tensor.tolist() for name, tensor in load(path)[0].items()}


def test_the_loss_falls(whole_run):
    rows = losses(whole_run)
    assert rows[-1][2] < rows[0][2] - 0.5


@pytest.mark.usefixtures("time_flies")
def test_a_paused_run_ends_with_the_numbers_of_an_uninterrupted_one(corpus, whole_run, tmp_path):
    run = tmp_path / "paused"
    for _ in range(3):
        assert fit(corpus, run, "--set", "passes=2", *PIECE) == 0
    assert 0 < load(run / "last.safetensors")[1]["progress"]["step"] < len(losses(whole_run)) * 10
    assert fit(corpus, run, "--set", "passes=2") == 0
    assert losses(run) == losses(whole_run)
    assert tensors(run / "last.safetensors") == tensors(whole_run / "last.safetensors")
    assert tensors(run / "best.safetensors") == tensors(whole_run / "best.safetensors")


def test_a_run_pauses_after_the_step_that_was_named(corpus, whole_run, tmp_path):
    run = tmp_path / "until"
    assert fit(corpus, run, "--set", "passes=2", "--until", "7") == 0
    assert load(run / "last.safetensors")[1]["progress"]["step"] == 7
    assert fit(corpus, run, "--set", "passes=2") == 0
    assert losses(run) == losses(whole_run)


def start(corpus, run, settings=(*SMALL, "passes=2")):
    """A process that trains, as soon as it has saved a checkpoint."""
    pairs = [part for setting in settings for part in ("--set", setting)]
    command = [sys.executable, "-m", "train", "fit", "--corpus", str(corpus), "--run", str(run), "--device", "cpu"]
    process = subprocess.Popen([*command, *pairs], cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"})
    deadline = time.monotonic() + 600
    while not (run / "last.safetensors").is_file() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    return process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_a_stopped_or_killed_run_goes_on_to_the_same_numbers(corpus, whole_run, tmp_path, number):
    run = tmp_path / "stopped"
    process = start(corpus, run)
    process.send_signal(number)
    assert process.wait(600) in (0, -number)
    assert fit(corpus, run, "--set", "passes=2") == 0
    assert losses(run) == losses(whole_run)


SLOW = ("batch=32", "chunk=32", "hidden=400", "embedding=200", "validate_every=1", "passes=20", "precision=fp32")
"""Settings whose steps and validations together last long enough to be hit by a second signal."""


def test_a_second_signal_stops_at_once_and_the_checkpoint_is_whole(corpus, tmp_path):
    process = start(corpus, tmp_path / "run", SLOW)
    process.send_signal(signal.SIGTERM)
    time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(600) in (0, -signal.SIGTERM)
    _, description = load(tmp_path / "run" / "last.safetensors")
    assert description["progress"]["step"] > 0


def test_a_run_is_not_resumed_with_other_settings(corpus, whole_run, capsys):
    before = {path.name: path.read_bytes() for path in whole_run.iterdir()}
    assert fit(corpus, whole_run, "--set", "passes=3") == 2
    assert "passes: 2 there, 3 here" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in whole_run.iterdir()} == before


@pytest.mark.usefixtures("time_flies")
def test_a_run_from_before_a_setting_existed_goes_on(corpus, whole_run, tmp_path):
    run = tmp_path / "old"
    assert fit(corpus, run, "--set", "passes=2", *PIECE) == 0
    found, description = load(run / "last.safetensors")
    for name in ("weight_drop", "average", "authors", "tokens_per_author"):
        del description["configuration"][name]
    del description["progress"]["loss_seconds"]
    save(run / "last.safetensors", found, description)
    assert fit(corpus, run, "--set", "passes=2") == 0
    assert losses(run) == losses(whole_run)


def test_a_run_folder_says_what_is_needed_to_repeat_it(whole_run, corpus):
    described = json.loads((whole_run / "run.json").read_text(encoding="utf-8"))
    assert described["corpus"] == json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    assert (described["format"], described["authors"]) == (1, ["Jane Austen", "A. Stranger"])
    assert described["command"].startswith("python -m train ")
    assert {"commit", "versions", "device", "threads", "tokenizer_sha256", "parameters", "steps"} <= described.keys()
    assert (whole_run / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert (whole_run / "tokenizer.json").read_bytes() == (corpus / "tokenizer.json").read_bytes()


@pytest.mark.usefixtures("time_flies")
def test_a_resumed_run_says_where_it_was_resumed(corpus, tmp_path):
    for _ in range(2):
        assert fit(corpus, tmp_path / "run", *PIECE) == 0
    described = json.loads((tmp_path / "run" / "run.json").read_text(encoding="utf-8"))
    assert [resumed["step"] > 0 for resumed in described["resumed"]] == [True]
    assert described["resumed"][0]["threads"] == described["threads"]


def test_a_run_cannot_start_from_a_larger_model(corpus, whole_run, tmp_path, capsys):
    assert fit(corpus, tmp_path / "lean", "--from", str(whole_run), "--set", "hidden=19") == 2
    assert f"hidden = 19: what starts from {whole_run} must have 20 or more" in capsys.readouterr().err
    assert not (tmp_path / "lean").exists()


def test_training_stops_early_when_validation_no_longer_improves(corpus, tmp_path):
    settings = (*SMALL, "learning_rate=1e-30", "final_learning_rate=0", "patience=2", "passes=9")
    assert fit(corpus, tmp_path / "early", settings=settings) == 0
    rows = losses(tmp_path / "early")
    assert [step for step, _, _ in rows] == [10, 20, 30]


def test_leaning_keeps_the_known_authors_and_adds_the_new(whole_run, tmp_path):
    other = write_corpus(tmp_path / "other", {"Somebody New": [7], "Jane Austen": [8]})
    assert fit(other, tmp_path / "lean", "--from", str(whole_run)) == 0
    model, description = load_weights(tmp_path / "lean")
    assert description["authors"] == ["Jane Austen", "A. Stranger", "Somebody New"]
    assert model.size.authors == 3
    base = json.loads((tmp_path / "lean" / "run.json").read_text(encoding="utf-8"))["base"]
    assert base["record"]["authors"] == ["Jane Austen", "A. Stranger"]


def test_evaluate_agrees_with_the_log_on_the_same_text(corpus, whole_run, capsys):
    assert main(["evaluate", str(whole_run), "--corpus", str(corpus), "--json"]) == 0
    best = min(row[2] for row in losses(whole_run))
    assert json.loads(capsys.readouterr().out)["nats_per_token"] == pytest.approx(best, rel=1e-5)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["fit", "--corpus", "nowhere"], "nowhere is not a corpus"),
        (["tokenizer", "--corpus", "nowhere"], "nowhere is not a corpus"),
        (["tokenizer", "--corpus", "nowhere", "--vocabulary", "9"], "--vocabulary 9: it must be from 258"),
        (["evaluate", "nowhere", "--corpus", "nowhere"], "there is no checkpoint at nowhere"),
        (["fit", "--corpus", "nowhere", "--set", "hidden"], "--set hidden: write NAME=VALUE"),
        (["fit", "--corpus", "nowhere", "--preset", "absent"], "there is no preset or file 'absent'"),
    ],
)
def test_wrong_input_is_one_sentence_and_exit_code_2(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.err.startswith("error: ")
    assert printed.err.count("\n") == 1
    assert message in printed.err
    assert list(tmp_path.iterdir()) == []


def test_a_run_is_not_resumed_on_other_text(corpus, whole_run, capsys, tmp_path):
    other = write_corpus(tmp_path / "other", {"Jane Austen": [4, 2], "A. Stranger": [3]})
    shutil.copy(corpus / "tokenizer.json", other)
    shutil.copytree(whole_run, tmp_path / "run")
    before = {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()}
    assert fit(other, tmp_path / "run", "--set", "passes=2") == 2
    assert "holds a run with other" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in (tmp_path / "run").iterdir()} == before


def test_altered_text_is_not_trained_on(tmp_path, corpus, capsys):
    altered = shutil.copytree(corpus, tmp_path / "altered", ignore=shutil.ignore_patterns("tokens"))
    (altered / "train" / "1.txt").write_text("Hello there.\n", encoding="utf-8")
    assert fit(altered, tmp_path / "run") == 2
    assert "1.txt is not as corpus.json says" in capsys.readouterr().err


def test_damaged_tokens_are_made_again(tmp_path, corpus):
    copy = shutil.copytree(corpus, tmp_path / "copy")
    assert fit(copy, tmp_path / "one") == 0
    for shard in (copy / "tokens").rglob("*.npy"):
        shard.write_bytes(shard.read_bytes()[:100])
    assert fit(copy, tmp_path / "two") == 0
    assert losses(tmp_path / "one") == losses(tmp_path / "two")


def test_two_processes_do_not_train_in_one_folder(tmp_path, corpus, capsys):
    with RunFolder(tmp_path / "run").alone():
        assert fit(corpus, tmp_path / "run") == 2
    assert "another process is training in" in capsys.readouterr().err


def test_a_run_that_diverges_fails_and_says_so(tmp_path, corpus, capsys):
    settings = (*SMALL, "learning_rate=1e6", "clip=1e9", "passes=20")
    assert fit(corpus, tmp_path / "run", settings=settings) == 2
    assert "the run has diverged" in capsys.readouterr().err


@pytest.mark.parametrize("minutes", ["0", "-1", "nan"])
def test_a_pause_must_come_after_some_time(tmp_path, corpus, capsys, minutes):
    assert fit(corpus, tmp_path / "run", "--minutes", minutes) == 2
    assert "it must be more than 0" in capsys.readouterr().err


def test_a_run_can_be_stopped_before_its_first_step(tmp_path, corpus, whole_run):
    assert fit(corpus, tmp_path / "run", "--set", "passes=2", "--minutes", "1e-12") == 0
    assert fit(corpus, tmp_path / "run", "--set", "passes=2") == 0
    assert losses(tmp_path / "run") == losses(whole_run)


@pytest.mark.parametrize("content", [b"{", b"[]", b"{}", b'{"authors": [], "books": [{"files": {"train": {}}}]}'])
def test_a_damaged_corpus_description_is_one_sentence(tmp_path, content, capsys):
    (tmp_path / "corpus.json").write_bytes(content)
    assert main(["tokenizer", "--corpus", str(tmp_path)]) == 2
    assert "corpus.json is damaged: make the corpus again" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["log.csv", "run.json", "last.safetensors"])
def test_a_damaged_run_folder_is_one_sentence(tmp_path, corpus, whole_run, name, capsys):
    run = shutil.copytree(whole_run, tmp_path / "run")
    (run / name).write_bytes(b"{")
    assert fit(corpus, run, "--set", "passes=2") == 2
    assert capsys.readouterr().err.startswith("error: ")
