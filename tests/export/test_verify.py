"""PyTorch and ONNX Runtime side by side."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from tokenizers import Tokenizer

from export import bundle as bundles_module
from export.__main__ import main
from export.bundle import Options, make_bundle
from export.run import read_run
from export.verify import OneStep, TrainedModel, compare
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.state import State
from tests.export.helpers import make_model, write_run
from train.checkpoint import load_weights, save, weights_of
from train.model import ModelSize


@pytest.mark.parametrize(
    "size",
    [ModelSize(320, 2, 16, 24, 1), ModelSize(320, 1, 32, 16, 2), ModelSize(320, 2, 17, 29, 3, dropout=0.5)],
    ids=str,
)
def test_they_agree_over_a_thousand_steps(size: ModelSize, tmp_path: Path, tokenizer: Tokenizer) -> None:
    """Logits at every step and the final state, from a state that is not zero, in the voices of blends."""
    run = write_run(tmp_path / "run", make_model(size), tokenizer)
    found = make_bundle(read_run(run), tmp_path / "bundle", Options("x", Sampling(1.0, 0, 1.0), "")).parity
    assert (found.steps, found.largest <= 1e-4) == (1000, True)


class Altered:
    """The other side with a fault: a style that is not heard, a token mistaken, a state lost."""

    def __init__(self, model: OneStep, fault: str) -> None:
        self.model, self.fault, self.count = model, fault, 0

    def step(self, token: int, style: NDArray[np.float32], state: State) -> tuple[NDArray[np.float32], State]:
        self.count += 1
        if self.fault == "style":
            style = np.eye(len(style), dtype=np.float32)[0]
        if self.fault == "token" and self.count == 30:
            token = (token + 1) % 320
        logits, after = self.model.step(token, style, state)
        if self.fault == "h":
            after = State({**after, "h": np.zeros_like(after["h"])})
        if self.fault == "last c" and self.count == 40:
            after = State({**after, "c": after["c"] + np.float32(1e-3)})
        if self.fault == "logits" and self.count == 20:
            logits = np.where(np.arange(len(logits)) == 5, np.float32("nan"), logits)
        return logits, after


@pytest.mark.parametrize("fault", ["style", "token", "h", "last c", "logits"])
def test_any_fault_shows(bundles: dict[str, Path], fault: str) -> None:
    bundle = load_bundle(bundles["fp32"])
    model = LanguageModel(bundle)
    assert not compare(model, Altered(model, fault), bundle, range(40)).largest <= 1e-4


def test_a_model_is_equal_to_itself(bundles: dict[str, Path]) -> None:
    bundle = load_bundle(bundles["4bit"])
    found = compare(LanguageModel(bundle), LanguageModel(bundle), bundle, range(20))
    assert (found.largest, found.bits_per_token) == (0.0, 0.0)


def test_each_side_carries_its_own_state(bundles: dict[str, Path]) -> None:
    """The 4-bit model, drifting by itself, is further off after many steps than after one."""
    bundle = load_bundle(bundles["4bit"])
    checkpoint = TrainedModel(load_weights(bundles["run"])[0])
    one, many = (compare(checkpoint, LanguageModel(bundle), bundle, range(steps)) for steps in (1, 30))
    assert many.state["c"] > one.state["c"]


def test_another_seed_reads_other_tokens(bundles: dict[str, Path]) -> None:
    bundle = load_bundle(bundles["fp32"])
    exact, rounded = (LanguageModel(load_bundle(bundles[name])) for name in ("fp32", "4bit"))
    first, second = (compare(exact, rounded, bundle, range(5), seed=seed) for seed in (1, 2))
    assert first.logits != second.logits


@pytest.mark.parametrize("precision", ["fp32", "8bit", "4bit", "integer"])
def test_verify_agrees_to_the_bundle_of_a_run(
    bundles: dict[str, Path], precision: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["verify", str(bundles["run"]), str(bundles[precision]), "--steps", "30"])
    assert (code, capsys.readouterr().out.startswith("30 steps: logits differ by")) == (0, True)


def test_verify_takes_a_checkpoint_file(bundles: dict[str, Path]) -> None:
    assert main(["verify", str(bundles["run"] / "best.safetensors"), str(bundles["fp32"]), "--steps", "5"]) == 0


def test_verify_gives_its_figures_as_json(bundles: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    main(["verify", str(bundles["run"]), str(bundles["fp32"]), "--steps", "5", "--json"])
    found = json.loads(capsys.readouterr().out)
    assert (found["agree"], found["steps"], found["tolerance"]) == (True, 5, 1e-4)
    assert found["logits"] < 1e-4


@pytest.mark.parametrize("precision", ["fp32", "8bit", "4bit", "integer"])
def test_verify_fails_when_the_checkpoint_is_another(
    bundles: dict[str, Path], precision: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, description = load_weights(bundles["run"])
    save(tmp_path / "other.safetensors", weights_of(make_model(model.size)), description)
    code = main(["verify", str(tmp_path / "other.safetensors"), str(bundles[precision]), "--steps", "5"])
    assert (code, capsys.readouterr().err.count("\n")) == (1, 1)


def test_verify_names_the_size_that_differs(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model, description = load_weights(bundles["run"])
    size = replace(model.size, hidden=40)
    save(tmp_path / "o.safetensors", weights_of(make_model(size)), description | {"size": vars(size)})
    code = main(["verify", str(tmp_path / "o.safetensors"), str(bundles["fp32"])])
    assert code == 2
    assert "its hidden is 32, not 40" in capsys.readouterr().err


@pytest.mark.parametrize(
    "quantization",
    [
        *("4bit", [], {"bits": 4}, {"bits": "4", "block": 32, "accuracy_level": 4}),
        *({"form": "integer"}, {"form": "integer", "bits": 4}, {"form": "another", "bits": 8}),
    ],
)
def test_verify_refuses_a_description_of_rounding_that_cannot_be(
    bundles: dict[str, Path], quantization: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copytree(bundles["4bit"], tmp_path / "bundle")) / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"quantization": quantization}))
    assert main(["verify", str(bundles["run"]), str(path.parent)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_tolerance_that_is_given_counts(bundles: dict[str, Path]) -> None:
    assert main(["verify", str(bundles["run"]), str(bundles["fp32"]), "--steps", "50", "--tolerance", "0"]) == 1


@pytest.mark.usefixtures("quick")
def test_a_graph_that_parts_from_pytorch_is_never_put_in_place(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    model = make_model(load_weights(run_folder)[0].size)
    build = bundles_module.build_graph
    monkeypatch.setattr(bundles_module, "build_graph", lambda _: build(model))
    code = main(["bundle", str(run_folder), "--out", str(tmp_path / "bundle")])
    assert (code, (tmp_path / "bundle").exists()) == (1, False)
    assert "PyTorch and ONNX Runtime part" in capsys.readouterr().err
