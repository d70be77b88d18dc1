"""`python -m train recipe`: stage after stage, each from the best of the one before, in pieces or at once."""

import json
import os
import shlex
import shutil
import signal

import pytest

from tests.train.conftest import PIECE
from train.__main__ import main
from train.checkpoint import load, load_weights
from train.configuration import RECIPES
from train.fit import Trainer
from train.recipe import read_recipe
from train.run_folder import RunFolder

SMALL = """preset = "small"
embedding = 12
hidden = 20
batch = 8
chunk = 32
warmup = 5
validate_every = 10
patience = 0
passes = 1
precision = "fp32"
"""
RECIPE = f"""corpus = "invented"

[[stage]]
run = "first"
until = 20
{SMALL}
[[stage]]
run = "second"
learning_rate = 1e-3
{SMALL}"""


@pytest.fixture(name="recipe", scope="module")
def _recipe(tmp_path_factory):
    tmp_path = tmp_path_factory.mktemp("recipe")
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE, encoding="utf-8")
    return path


def train(recipe, corpus, runs, *more):
    return main(["recipe", str(recipe), "--corpus", str(corpus), "--runs", str(runs), "--device", "cpu", *more])


def weights(runs):
    stages = [load(runs / stage / "best.safetensors")[0] for stage in ("first", "second")]
    return [{name: tensor.numpy().tobytes() for name, tensor in tensors.items()} for tensors in stages]


@pytest.fixture(name="whole", scope="module")
def _whole(recipe, corpus, tmp_path_factory):
    runs = tmp_path_factory.mktemp("recipe") / "whole"
    assert train(recipe, corpus, runs) == 0
    return runs


def test_each_stage_starts_from_the_best_of_the_one_before(whole):
    second = json.loads((whole / "second" / "run.json").read_text(encoding="utf-8"))
    assert second["base"]["run"] == str(whole / "first")
    assert [row.step for row in RunFolder(whole / "first").read_log()] == [10, 20]
    assert RunFolder(whole / "second").read_log()[-1].step == second["steps"]


def test_its_stages_are_the_runs_that_fit_makes_one_by_one(whole, tmp_path):
    made = weights(whole)
    for stage in ("first", "second"):
        program, flag, package, *arguments = shlex.split(
            json.loads((whole / stage / "run.json").read_text(encoding="utf-8"))["command"]
        )
        assert (program, flag, package) == ("python", "-m", "train")
        elsewhere = [argument.replace(str(whole), str(tmp_path / "alone")) for argument in arguments]
        assert main([*elsewhere, "--device", "cpu"]) == 0
    assert weights(tmp_path / "alone") == made


@pytest.mark.usefixtures("time_flies")
def test_in_pieces_it_comes_to_the_same_weights(whole, recipe, corpus, tmp_path):
    pieces = 0
    while not (tmp_path / "pieces" / "second" / "curves.png").exists() or not _at_its_end(tmp_path / "pieces"):
        assert train(recipe, corpus, tmp_path / "pieces", *PIECE) == 0
        pieces += 1
        assert pieces < 40, "no piece gets further"
    assert pieces > 1
    assert weights(tmp_path / "pieces") == weights(whole)


def _at_its_end(runs):
    steps = json.loads((runs / "second" / "run.json").read_text(encoding="utf-8"))["steps"]
    rows = RunFolder(runs / "second").read_log()
    return bool(rows) and rows[-1].step == steps


def test_made_again_it_leaves_everything_as_it_was(whole, recipe, corpus):
    names = ("best.safetensors", "run.json", "log.csv", "config.toml")
    before = {path: path.read_bytes() for name in names for path in whole.rglob(name)}
    assert train(recipe, corpus, whole) == 0
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("corpus =", "korpus ="), 'it must have corpus = "…"'),
        (('run = "second"', 'run = "first"'), "every stage must have a run folder of its own"),
        (("learning_rate = 1e-3", "learning_rate = -1"), "stage 2: learning_rate = -1: it must be more than 0"),
        (("learning_rate = 1e-3", "speed = 3"), "sets speed, but the settings are"),
        (("until = 20", "until = 0"), "stage 1: until = 0: it must be a step"),
        (("[[stage]]", "[stage"), "is not TOML"),
        (('preset = "small"', ""), 'stage 1: it must have preset = "…"'),
        (("until = 20", "until = 25"), "stage 1: until = 25: it must be a step that is validated, a multiple of 10"),
        (("learning_rate = 1e-3", 'authors = "Nobody"'), "authors names Nobody"),
        (("learning_rate = 1e-3", 'authors = "Jane Austen=x"'), "stage 2: authors: 'Jane Austen=x' must be NAME"),
        (('run = "second"', 'run = "first/"'), "stage 2: run = 'first/': the folder's name may have"),
        (('run = "second"', 'run = ""'), "stage 2: run = '': the folder's name may have"),
    ],
)
def test_a_wrong_recipe_is_refused_before_anything_is_trained(change, message, corpus, tmp_path, capsys):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.replace(*change), encoding="utf-8")
    assert train(recipe, corpus, tmp_path / "runs") == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert message in error
    assert not (tmp_path / "runs").exists()


def test_an_unknown_recipe_is_answered_with_those_there_are(corpus, tmp_path, capsys):
    assert train("poem", corpus, tmp_path / "runs") == 2
    assert "one of h200, night, storytellers" in capsys.readouterr().err


def test_no_two_recipes_train_in_one_folder():
    runs = [stage["run"] for path in RECIPES.glob("*.toml") for stage in read_recipe(path.stem).stages]
    assert len({*runs}) == len(runs)


def test_a_later_stage_must_not_be_smaller(corpus, tmp_path, capsys):
    recipe = tmp_path / "recipe.toml"
    head, last = RECIPE.rsplit("hidden = 20", 1)
    recipe.write_text(f"{head}hidden = 10{last}", encoding="utf-8")
    assert train(recipe, corpus, tmp_path / "runs") == 2
    assert "hidden = 10: what starts from the stage before must have 20 or more" in capsys.readouterr().err
    assert not (tmp_path / "runs").exists()


def test_a_later_stage_may_be_wider_and_goes_on_from_the_same_loss(whole, corpus, tmp_path):
    recipe = tmp_path / "recipe.toml"
    head, last = RECIPE.rsplit("hidden = 20", 1)
    recipe.write_text(f"{head}hidden = 30{last}", encoding="utf-8")
    runs = shutil.copytree(whole, tmp_path / "runs")
    shutil.rmtree(runs / "second")
    assert train(recipe, corpus, runs) == 0
    assert load_weights(runs / "second")[0].size.hidden == 30
    before, after = (RunFolder(runs / stage).read_log() for stage in ("first", "second"))
    assert after[0].validation_loss < before[-1].validation_loss + 0.05


def test_what_is_no_stage_is_refused(corpus, tmp_path, capsys):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('corpus = "invented"\nstage = [1]\n', encoding="utf-8")
    assert train(recipe, corpus, tmp_path / "runs") == 2
    assert "stage 1: 1 is none" in capsys.readouterr().err


def test_a_stage_whose_base_is_another_by_now_is_refused(whole, corpus, tmp_path, capsys):
    runs = shutil.copytree(whole, tmp_path / "runs")
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.replace("until = 20", "until = 40"), encoding="utf-8")
    before = weights(runs)[1]
    assert train(recipe, corpus, runs) == 2
    assert "second holds a run with other data (base: " in capsys.readouterr().err
    assert weights(runs)[1] == before


def test_ctrl_c_at_the_very_end_of_a_stage_stops_the_recipe(recipe, corpus, tmp_path, monkeypatch):
    validate = Trainer._validate

    def interrupted(trainer):
        validate(trainer)
        if trainer.progress.step == 20:
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(Trainer, "_validate", interrupted)
    assert train(recipe, corpus, tmp_path / "runs") == 0
    assert RunFolder(tmp_path / "runs" / "first").read_log()[-1].step == 20
    assert not (tmp_path / "runs" / "second").exists()


def test_equal_checkpoints_are_equal_files(whole, recipe, corpus, tmp_path):
    """So that a base that was trained again bit for bit is known as the same."""
    assert train(recipe, corpus, tmp_path / "again") == 0
    for stage in ("first", "second"):
        best = f"{stage}/best.safetensors"
        assert (tmp_path / "again" / best).read_bytes() == (whole / best).read_bytes()
