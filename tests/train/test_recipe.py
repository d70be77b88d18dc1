"""The recipes of the models, each repeated at a hundredth of its size: one command, and the loss falls as recorded."""

import json
from itertools import pairwise
from pathlib import Path

import pytest

from train.__main__ import main
from train.configuration import PRESETS, RECIPES, read_configuration
from train.corpus.manifest import load_manifest, manifest_path
from train.model import LanguageModel, ModelSize
from train.recipe import read_recipe
from train.run_folder import RunFolder
from train.selection import parse_authors

SIZES = {"storytellers": (24, 64), "night": (32, 80), "h200": (48, 128)}
"""Embedding and hidden units of a model with one hundredth of the parameters."""

SHORTER = {"batch": 16, "chunk": 16, "passes": 1, "warmup": 3, "validate_every": 20, "precision": "fp32"}
"""Of every stage: what fits an invented corpus of 9,000 tokens. The rest is as in the recipe."""

RECORDED = {
    "storytellers": {
        "century": {20: 4.311, 40: 3.912},
        "longer": {20: 3.668, 40: 3.413, 60: 3.215, 76: 3.098},
        "further": {20: 2.853, 40: 2.577, 60: 2.422, 76: 2.336},
        "storytellers": {20: 2.276, 23: 2.275},
        "simple": {20: 2.214, 23: 2.214},
    },
    "night": {
        "night": {20: 4.495, 40: 3.836, 60: 3.541, 76: 3.457},
        "night-storytellers": {20: 3.269, 23: 3.267},
    },
    "h200": {
        "h200": {20: 4.380, 40: 3.753, 60: 3.396, 76: 3.290},
        "h200-storytellers": {20: 3.143, 23: 3.139},
    },
}
"""Validation loss, nats a token, after so many steps of each stage."""

NAMES = sorted(path.stem for path in RECIPES.glob("*.toml"))


def hundredth_of(name):
    """The stages of a recipe, smaller and shorter, over the invented corpus's authors."""
    embedding, hidden = SIZES[name]
    for stage in read_recipe(name).stages:
        leans = bool(read_configuration(stage["preset"], {}).authors)
        smaller = SHORTER | ({} if leans else {"embedding": embedding, "hidden": hidden})
        if leans:
            smaller |= {"authors": "Jane Austen=4000, A. Stranger", "tokens_per_author": 2000}
        if "until" in stage:
            smaller["until"] = 40
        yield stage | smaller


@pytest.fixture(name="runs", scope="module", params=NAMES)
def _runs(request, corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    lines = ['corpus = "invented"']
    for stage in hundredth_of(request.param):
        lines += ["[[stage]]", *(f"{key} = {json.dumps(value)}" for key, value in stage.items())]
    (folder / "recipe.toml").write_text("\n".join(lines), encoding="utf-8")
    arguments = ["--corpus", str(corpus), "--runs", str(folder / "runs"), "--device", "cpu"]
    assert main(["recipe", str(folder / "recipe.toml"), *arguments]) == 0
    return request.param, folder / "runs"


def test_a_hundredth_of_a_recipe_repeats_its_loss(runs):
    name, folder = runs
    losses = {
        stage["run"]: {row.step: row.validation_loss for row in RunFolder(folder / stage["run"]).read_log()}
        for stage in read_recipe(name).stages
    }
    for loss in losses.values():
        assert all(later < sooner + 0.01 for sooner, later in pairwise(loss.values()))
    assert losses.keys() == RECORDED[name].keys()
    for run, loss in losses.items():
        assert loss == pytest.approx(RECORDED[name][run], rel=0.02)


@pytest.mark.parametrize("name", NAMES)
def test_the_hundredth_differs_in_size_alone(name):
    changed = {"embedding", "hidden", "authors", "tokens_per_author", "until", *SHORTER}
    for whole, part in zip(read_recipe(name).stages, hundredth_of(name), strict=True):
        assert {key for key in whole.keys() | part.keys() if whole.get(key) != part.get(key)} <= changed


def test_the_large_model_fits_in_its_bundle():
    settings = read_configuration("h200", {})
    size = ModelSize(8192, 18, settings.embedding, settings.hidden, settings.layers)
    assert LanguageModel(size).parameter_count() * 5 / 8 < 20e6  # four bits a weight, and a scale for every 32


def test_the_storytellers_are_named_once_and_are_those_of_whom_a_text_is_held_out():
    tables = Path(__file__).parents[2] / "bench" / "tables"
    files = [path for folder in (RECIPES, PRESETS, tables) for path in folder.glob("*.toml")]
    assert [path.name for path in files if "authors = " in path.read_text(encoding="utf-8")] == ["storytellers.toml"]
    named = parse_authors(read_configuration("storytellers", {}).authors)
    held_out = [
        book.author for book in load_manifest(manifest_path("century")).books if book.split == "test" or book.test_every
    ]
    assert [*named] == [*dict.fromkeys(held_out)]
