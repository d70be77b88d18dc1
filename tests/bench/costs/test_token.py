"""A token by every way: each is the same model, and what is found is what the page says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench.costs import token
from bench.costs.models import random_model, shipped_form, write_bundle
from bench.costs.peers import numpy_step, pytorch_step
from bench.costs.subject import Subject
from bench.forms import EXACT, INTEGER, make_forms
from export.unpack import read_model
from train.model import LanguageModel

TOKENS = [0, 7, 301, 7]


@pytest.fixture
def model(subject: Subject) -> LanguageModel:
    return read_model(subject.bundle)


def test_every_step_is_the_same_model(subject: Subject, model: LanguageModel) -> None:
    with torch.inference_mode():
        expected, _ = model(torch.tensor([TOKENS]), torch.eye(2)[:1], model.zero_state(1))
    for step in (pytorch_step(model), numpy_step(model), token.our_step(subject.bundle)):
        found = np.array([step(each) for each in TOKENS])
        np.testing.assert_allclose(found, expected[0].numpy(), atol=2e-5)


def test_every_way_is_measured_against_ours(found: dict[str, Any], tmp_path: Path) -> None:
    both = found["token"]
    for size in ("shipped", "large"):
        ways = both[size]["ways"]
        assert ways[token.STEP]["times_ours"] == [1, 1, 1]
        assert len(ways) == 10
        assert all(low <= middle <= high for low, middle, high in (way["times_ours"] for way in ways.values()))
    page = token.section(both, tmp_path)
    assert all(f"| {label} |" in page for label in both["shipped"]["ways"])
    assert (tmp_path / token.PICTURE).stat().st_size > 0


def test_what_is_reached_follows_from_the_ratios() -> None:
    labels = (token.QUANTIZED, token.EXPORT, token.NUMPY, token.FLOOR)
    ways = {label: {"times_ours": (1, ratio, 9)} for label, ratio in zip(labels, (1.2, 5.0, 7.0, 0.4), strict=True)}
    criteria = token.criteria({"shipped": {"ways": ways}})
    assert [(each.found, each.met) for each in criteria] == [
        ("0.83", True), ("0.20", False), ("0.14", True), ("2.50", False),
    ]  # fmt: skip


def test_a_model_of_random_weights_is_a_bundle_that_the_bot_runs(subject: Subject, tmp_path: Path) -> None:
    model = random_model(subject, 24, 32)
    files = make_forms(model, tmp_path, [INTEGER])
    bundle = write_bundle(subject, model, files[INTEGER], tmp_path / "bundle")
    assert (bundle.embedding, bundle.hidden, bundle.parameters) == (24, 32, model.parameter_count())
    assert np.shape(token.our_step(bundle)(5)) == (400,)


def test_the_form_of_a_bundle_is_what_it_records(subject: Subject) -> None:
    assert shipped_form(subject) == EXACT
    subject.description["quantization"] = {"form": "integer", "bits": 8}
    assert shipped_form(subject) == INTEGER
