import os

import pytest
import torch

from train.checkpoint import load, load_weights, save
from train.errors import CheckpointError


def test_tensors_and_description_come_back_as_they_were(tmp_path):
    tensors = {"a": torch.randn(3, 2), "b": torch.tensor([1, 255], dtype=torch.uint8)}
    save(tmp_path / "x.safetensors", tensors, {"step": 7})
    found, description = load(tmp_path / "x.safetensors")
    assert description == {"step": 7}
    assert all(torch.equal(found[name], tensors[name]) for name in tensors)


def test_a_truncated_checkpoint_is_one_clear_error(tmp_path):
    path = tmp_path / "x.safetensors"
    save(path, {"a": torch.randn(30, 20)}, {})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match="is not a whole checkpoint"):
        load(path)


def test_a_missing_checkpoint_says_how_to_make_one(tmp_path):
    with pytest.raises(CheckpointError, match="python -m train fit"):
        load(tmp_path / "none.safetensors")


def test_a_checkpoint_of_another_format_is_refused(tmp_path):
    from safetensors.torch import save_file

    save_file({"a": torch.zeros(1)}, tmp_path / "x.safetensors", {"format": "99"})
    with pytest.raises(CheckpointError, match="format 99; this program reads format 1"):
        load(tmp_path / "x.safetensors")


def test_missing_and_unexpected_weights_are_listed(tmp_path, whole_run):
    tensors, description = load(whole_run / "best.safetensors")
    tensors["model.stray"] = tensors.pop("model.projection.bias")
    save(tmp_path / "x.safetensors", tensors, description)
    with pytest.raises(CheckpointError, match=r"missing \['projection.bias'\], unexpected \['stray'\]"):
        load_weights(tmp_path / "x.safetensors")


def test_a_failed_write_leaves_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "x.safetensors"
    save(path, {"a": torch.zeros(1)}, {"step": 1})

    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="disk full"):
        save(path, {"a": torch.ones(1)}, {"step": 2})
    assert load(path)[1] == {"step": 1}
    assert [file.name for file in tmp_path.iterdir()] == ["x.safetensors"]
