import pytest
import torch

from train.model import LanguageModel, ModelSize
from train.regularization import Regularization, drop_features, drop_words

TOKENS = torch.arange(20).reshape(2, 10) % 7
STYLE = torch.tensor([[1.0, 0.0], [0.5, 0.5]])


def make_model(**shares):
    torch.manual_seed(0)
    size = ModelSize(vocabulary=50, authors=2, embedding=8, hidden=12, layers=2)
    return LanguageModel(size, Regularization(**shares))


def read(model):
    return model(TOKENS, STYLE, model.zero_state(2))


def test_a_feature_is_dropped_at_every_time_or_at_none():
    dropped = drop_features(torch.ones(4, 9, 50), 0.5)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])


def test_a_word_is_dropped_wherever_it_stands():
    tokens = torch.randint(30, (4, 25))
    dropped = drop_words(torch.ones(4, 25, 3), tokens, 30, 0.5)
    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    for token in tokens.unique():
        assert dropped[tokens == token].unique().numel() == 1


@pytest.mark.parametrize(
    "name", ["input_dropout", "layer_dropout", "output_dropout", "embedding_dropout", "weight_drop"]
)
def test_every_kind_acts_while_training_and_only_then(name):
    model, plain = make_model(**{name: 0.4}), make_model()
    one, _ = read(model)
    two, _ = read(model)
    assert not torch.allclose(one, two)
    torch.testing.assert_close(read(model.eval())[0], read(plain.eval())[0])


@pytest.mark.parametrize("shares", [{"weight_drop": 1e-9}, {"layer_dropout": 1e-9}])
def test_the_functional_lstm_is_the_fused_one(shares):
    logits, state = read(make_model(**shares))
    expected, end = read(make_model())
    torch.testing.assert_close(logits, expected)
    torch.testing.assert_close(state.h, end.h)
    torch.testing.assert_close(state.c, end.c)


def test_dropped_recurrent_weights_get_no_gradient_and_the_others_do():
    model = make_model(weight_drop=0.5)
    read(model)[0].square().sum().backward()
    without = (model.lstm.weight_hh_l1.grad == 0).float().mean().item()
    assert 0.3 < without < 0.7
    assert (model.lstm.weight_ih_l1.grad == 0).float().mean().item() < 0.05
