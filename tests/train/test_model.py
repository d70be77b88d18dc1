import pytest
import torch

from train.model import LanguageModel, ModelSize, State


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
