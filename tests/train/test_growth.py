import pytest
import torch

from train.growth import widen
from train.model import LanguageModel, ModelSize, State

TOKENS = torch.arange(20).reshape(2, 10)
STYLE = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])


@pytest.fixture
def narrow():
    torch.manual_seed(0)
    model = LanguageModel(ModelSize(vocabulary=50, authors=3, embedding=8, hidden=12, layers=2)).eval()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    return model


@pytest.mark.parametrize(("embedding", "hidden"), [(8, 12), (8, 20), (13, 12), (16, 24)])
def test_a_wider_model_says_what_the_narrower_one_said(narrow, embedding, hidden):
    wide = widen(narrow, embedding, hidden).eval()
    assert (wide.size.embedding, wide.size.hidden) == (embedding, hidden)
    before, _ = narrow(TOKENS, STYLE, narrow.zero_state(2))
    after, _ = wide(TOKENS, STYLE, wide.zero_state(2))
    torch.testing.assert_close(after, before)


def test_the_old_units_keep_their_state(narrow):
    _, before = narrow(TOKENS, STYLE, narrow.zero_state(2))
    _, after = widen(narrow, 16, 24)(TOKENS, STYLE, State(torch.zeros(2, 2, 24), torch.zeros(2, 2, 24)))
    torch.testing.assert_close(after.h[:, :, :12], before.h)
    torch.testing.assert_close(after.c[:, :, :12], before.c)


def test_every_new_weight_learns_within_two_steps(narrow):
    wide = widen(narrow, 16, 24).train()
    start = {name: weight.clone() for name, weight in wide.named_parameters()}
    optimizer = torch.optim.SGD(wide.parameters(), lr=0.1)
    for _ in range(2):
        logits, _ = wide(TOKENS, STYLE, wide.zero_state(2))
        torch.nn.functional.cross_entropy(logits.flatten(0, 1), (TOKENS.flatten() + 1) % 50).backward()
        optimizer.step()
        optimizer.zero_grad()
    for name, weight in wide.named_parameters():
        if "embedding" not in name:
            still = (weight == start[name]).float().mean()
            assert still < 0.05, name
