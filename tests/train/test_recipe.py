"""The recipes of the models, each repeated at a hundredth of its size: one command, and the loss falls as recorded."""

import pytest

from tests.train.conftest import fit
from train.checkpoint import load
from train.configuration import read_configuration
from train.model import LanguageModel, ModelSize
from train.run_folder import RunFolder

HUNDREDTH = {
    "h200": ("embedding=48", "hidden=128", "batch=16", "chunk=16", "passes=2", "warmup=3", "validate_every=30"),
    "night": ("embedding=32", "hidden=80", "batch=8", "chunk=16", "passes=1", "warmup=4", "validate_every=30"),
}
"""One hundredth of the parameters and fewer steps; the rest is as in the preset."""

RECORDED = {
    "h200": {30: 3.946, 60: 2.905, 90: 2.037, 120: 1.565, 150: 1.388, 152: 1.384},
    "night": {30: 4.219, 60: 3.667, 90: 3.177, 120: 2.830, 150: 2.691, 152: 2.687},
}
"""Validation loss, nats a token, after so many steps."""


@pytest.mark.parametrize("preset", sorted(HUNDREDTH))
def test_a_hundredth_of_a_recipe_repeats_its_loss(preset, corpus, tmp_path):
    assert fit(corpus, tmp_path / "run", "--preset", preset, settings=HUNDREDTH[preset]) == 0
    rows = RunFolder(tmp_path / "run").read_log()
    losses = [row.validation_loss for row in rows]
    assert losses == sorted(losses, reverse=True)
    assert {row.step: row.validation_loss for row in rows} == pytest.approx(RECORDED[preset], rel=0.02)


@pytest.mark.parametrize("preset", sorted(HUNDREDTH))
def test_the_hundredth_differs_in_size_alone(preset, corpus, tmp_path):
    settings = HUNDREDTH[preset]
    assert fit(corpus, tmp_path / "run", "--preset", preset, "--minutes", "1e-9", settings=settings) == 0
    used = load(tmp_path / "run" / "last.safetensors")[1]["configuration"]
    whole = vars(read_configuration(preset, {}))
    assert {name for name in whole if used[name] != whole[name]} == {pair.partition("=")[0] for pair in settings}


def test_the_large_model_fits_in_its_bundle():
    settings = read_configuration("h200", {})
    size = ModelSize(8192, 18, settings.embedding, settings.hidden, settings.layers)
    assert LanguageModel(size).parameter_count() * 5 / 8 < 20e6  # four bits a weight, and a scale for every 32
