import pytest
import torch

from train.model import (
    LanguageModel,
    ModelSize,
    Regularization,
    State,
    adopt_authors,
    drop_features,
    drop_words,
    widen,
)


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = LanguageModel(ModelSize(vocabulary=50, authors=3, embedding=8, hidden=12, layers=2, dropout=0.3)).eval()
    torch.nn.init.normal_(model.style_input.weight)
    torch.nn.init.normal_(model.style_output.weight)
    return model


TOKENS = torch.arange(20).reshape(2, 10)
STYLE = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])


def test_reading_in_two_parts_is_reading_at_once(model):
    whole, end = model(TOKENS, STYLE, model.zero_state(2))
    first, state = model(TOKENS[:, :4], STYLE, model.zero_state(2))
    second, end_of_parts = model(TOKENS[:, 4:], STYLE, state)
    torch.testing.assert_close(torch.cat([first, second], dim=1), whole)
    torch.testing.assert_close(end_of_parts.h, end.h)
    torch.testing.assert_close(end_of_parts.c, end.c)


def test_shapes_are_as_documented(model):
    logits, state = model(TOKENS, STYLE, model.zero_state(2))
    assert logits.shape == (2, 10, 50)
    assert state.h.shape == state.c.shape == (2, 2, 12)


def test_the_style_changes_what_is_foretold(model):
    logits, _ = model(TOKENS[:1].expand(2, -1), STYLE, model.zero_state(2))
    assert (logits[0] - logits[1]).abs().max() > 0.1


def test_the_output_is_tied_to_the_embedding(model):
    output = torch.randn(1, 8)
    torch.testing.assert_close(model.logits(output) - model.output_bias, output @ model.embedding.weight.T)


def test_a_new_text_starts_from_zeros_and_the_others_go_on():
    state = State(torch.ones(2, 3, 4), torch.ones(2, 3, 4)).keep_rows(torch.tensor([True, False, True]))
    assert state.h[:, 1].abs().sum() == 0
    assert state.c[:, [0, 2]].min() == 1


def test_no_gradient_crosses_a_truncation(model):
    _, state = model(TOKENS, STYLE, model.zero_state(2))
    assert not state.detach().h.requires_grad


REPEATED = TOKENS % 7
BLENDS = torch.tensor([[1.0, 0.0], [0.5, 0.5]])


def make_model(**shares):
    torch.manual_seed(0)
    size = ModelSize(vocabulary=50, authors=2, embedding=8, hidden=12, layers=2)
    return LanguageModel(size, Regularization(**shares))


def read(model):
    return model(REPEATED, BLENDS, model.zero_state(2))


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


def test_a_new_author_starts_as_the_mean_of_the_known():
    torch.manual_seed(0)
    base = LanguageModel(ModelSize(vocabulary=20, authors=2, embedding=4, hidden=4, layers=1))
    torch.nn.init.normal_(base.style_input.weight)
    model, authors = adopt_authors(base, ["A", "B"], ["C", "A"], dropout=0.0)
    tokens = torch.arange(5).unsqueeze(0)
    between, _ = base(tokens, torch.tensor([[0.5, 0.5]]), base.zero_state(1))
    new, _ = model(tokens, torch.tensor([[0.0, 0.0, 1.0]]), model.zero_state(1))
    assert authors == ["A", "B", "C"]
    torch.testing.assert_close(new, between)
