"""Blends: which lie between, and why one does not."""

from pathlib import Path

from bench.report.styles import criteria, section

MATRIX = {"One": {"One": 1.0, "Two": 1.2}, "Two": {"One": 1.3, "Two": 1.1}}
BETWEEN = {"text": "One", "other": "Two", "own": 1.0, "blend": 1.1, "strange": 1.2, "everyone": 1.05}
BETTER = {"text": "Two", "other": "One", "own": 1.1, "blend": 1.09, "strange": 1.3, "everyone": 1.08}
OWN_IS_BETTER = {**BETTER, "everyone": 1.12}


def found(*pairs: dict[str, object]) -> dict[str, object]:
    return {"matrix": MATRIX, "characters": {"One": 400, "Two": 400}, "blends": list(pairs)}


def test_a_blend_that_beats_the_own_style_is_held_against_half_of_everyones(tmp_path: Path) -> None:
    page = section(found(BETWEEN, BETTER, OWN_IS_BETTER), tmp_path)
    assert "| Two | One | 1.1000 | 1.0900 | 1.3000 | 1.0800 | no |" in page
    assert "In 2 of 3 half of another’s style does better than the author’s own. In 1 of these" in page


def test_nothing_is_explained_where_every_blend_lies_between(tmp_path: Path) -> None:
    assert "does better" not in section(found(BETWEEN), tmp_path)
    assert [criterion.met for criterion in criteria(found(BETWEEN))] == [True, True]
    assert [criterion.met for criterion in criteria(found(BETWEEN, BETTER))] == [True, False]
