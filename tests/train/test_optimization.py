import pytest
import torch
from torch.nn import functional

from train.model import LanguageModel, ModelSize
from train.optimization import backpropagate_cross_entropy, learning_rate


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
    output, _ = model.read(tokens, style, model.zero_state(3))
    assert backpropagate_cross_entropy(model, output, wanted) == pytest.approx(loss.item(), rel=1e-5)
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(parameter.grad, whole[name], rtol=1e-4, atol=1e-6)


def test_the_learning_rate_warms_up_and_falls_to_its_lowest_at_the_last_step():
    rates = [learning_rate(step, 100, 1.0, 0.1, warmup=10) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] == pytest.approx(0.1)
