import pytest
import torch
from torch import nn
from torch.nn import functional

from tests.train.conftest import PIECE, fit
from train.batches import Rows
from train.checkpoint import load, save
from train.configuration import Configuration
from train.errors import CheckpointError
from train.model import LanguageModel, ModelSize, Regularization
from train.optimization import AveragedWeights, Learner, backpropagate_cross_entropy, learning_rate
from train.processes import Processes
from train.run_folder import RunFolder


@pytest.mark.parametrize("scale", [1.0, 1024.0])
def test_the_loss_in_slices_has_the_gradients_of_the_whole(scale, monkeypatch):
    """Also where gradients are multiplied on their way back, as on a GPU."""
    monkeypatch.setattr("train.optimization.SLICE", 7)
    monkeypatch.setattr("train.optimization.GRADIENT_SCALES", {"cpu": scale})
    torch.manual_seed(0)
    model = LanguageModel(ModelSize(vocabulary=40, authors=1, embedding=6, hidden=9, layers=1))
    tokens, wanted = torch.randint(40, (3, 11)), torch.randint(40, (3, 11))
    style = torch.ones(3, 1)
    logits, _ = model(tokens, style, model.zero_state(3))
    loss = functional.cross_entropy(logits.flatten(0, 1), wanted.flatten())
    loss.backward()
    whole = {name: parameter.grad.clone() for name, parameter in model.named_parameters()}
    model.zero_grad()
    output, _ = model.output_vectors(tokens, style, model.zero_state(3))
    assert backpropagate_cross_entropy(model, output, wanted) == pytest.approx(loss.item(), rel=1e-5)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, whole[name], rtol=1e-4, atol=1e-6)


def test_the_learning_rate_warms_up_and_falls_to_its_lowest_at_the_last_step():
    rates = [learning_rate(step, 100, 1.0, 0.1, warmup=10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)


AVERAGED = ("--set", "average=0.9", "--set", "weight_drop=0.2", "--set", "input_dropout=0.1")


def make_model(value):
    model = nn.Linear(2, 1, bias=False)
    nn.init.constant_(model.weight, value)
    return model


def test_the_mean_forgets_exponentially():
    model = make_model(0.0)
    average = AveragedWeights(model, decay=0.5)
    for value in (1.0, 2.0):
        nn.init.constant_(model.weight, value)
        average.update(step=1000)
    assert average.tensors()["average.weight"].tolist() == [[1.25, 1.25]]


def test_the_beginning_is_forgotten_faster():
    model = make_model(0.0)
    average = AveragedWeights(model, decay=0.999)
    nn.init.constant_(model.weight, 1.0)
    average.update(step=0)
    assert average.tensors()["average.weight"].tolist() == [[pytest.approx(0.9)] * 2]


def test_the_model_has_the_mean_for_a_while_and_then_its_own_weights():
    model = make_model(0.0)
    average = AveragedWeights(model, decay=0.5)
    nn.init.constant_(model.weight, 1.0)
    average.update(step=1000)
    with average.in_place():
        assert model.weight.tolist() == [[0.5, 0.5]]
    assert model.weight.tolist() == [[1.0, 1.0]]
    assert average.tensors()["average.weight"].tolist() == [[0.5, 0.5]]


def test_a_checkpoint_without_a_mean_is_one_clear_error():
    with pytest.raises(CheckpointError, match="has no average of weight"):
        AveragedWeights(make_model(0.0), 0.5).restore({})


@pytest.mark.usefixtures("time_flies")
def test_a_paused_run_with_noise_and_a_mean_ends_with_the_same_numbers_and_its_best_is_the_mean(corpus, tmp_path):
    assert fit(corpus, tmp_path / "whole", *AVERAGED) == 0
    for _ in range(2):
        assert fit(corpus, tmp_path / "paused", *AVERAGED, *PIECE) == 0
    assert fit(corpus, tmp_path / "paused", *AVERAGED) == 0
    whole, paused = (load(tmp_path / name / "last.safetensors")[0] for name in ("whole", "paused"))
    assert all(torch.equal(whole[name], paused[name]) for name in whole)
    rows = RunFolder(tmp_path / "whole").read_log()
    assert min(rows, key=lambda row: row.validation_loss) is rows[-1]
    best, _ = load(tmp_path / "whole" / "best.safetensors")
    for name, tensor in best.items():
        torch.testing.assert_close(tensor, whole[name.replace("model.", "average.")])


def learn(learner, steps):
    """Take those steps; returns their losses."""
    losses = []
    for number in steps:
        tokens = torch.randint(40, (3, 12), generator=torch.Generator().manual_seed(number))
        rows = Rows(tokens, torch.tensor([0, 1, 0]), torch.tensor([number > 0, number % 2 > 0, False]))
        losses.append(learner.step(rows, number, 0.01).item())
    return losses


def make_learner(seed):
    torch.manual_seed(seed)
    size = ModelSize(vocabulary=40, authors=2, embedding=6, hidden=9, layers=2, dropout=0.2)
    settings = Configuration(batch=3, average=0.9, precision="fp32")
    return Learner(LanguageModel(size, Regularization(weight_drop=0.2)), settings, Processes(torch.device("cpu")))


def test_what_a_learner_saves_is_all_that_its_next_steps_depend_on(tmp_path):
    """Weights, optimizer, running mean, state of the rows, and random numbers."""
    whole = make_learner(1)
    losses = learn(whole, range(6))
    learner = make_learner(1)
    first = learn(learner, range(3))
    save(tmp_path / "last.safetensors", learner.tensors(), {})
    other = make_learner(2)
    other.restore(load(tmp_path / "last.safetensors")[0], tmp_path / "last.safetensors")
    assert first + learn(other, range(3, 6)) == losses
    saved, expected = other.tensors(), whole.tensors()
    assert saved.keys() == expected.keys()
    assert all(torch.equal(saved[name], expected[name]) for name in expected)


def test_the_best_weights_are_the_mean_where_there_is_one():
    learner = make_learner(1)
    learn(learner, range(2))
    mean = learner.tensors()["average.output_bias"].clone()
    with learner.averaged():
        assert torch.equal(learner.model.output_bias, mean)
    assert not torch.equal(learner.model.output_bias, mean)
