"""What a text costs after what came before it, beside others in its place."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from export.__main__ import main
from export.evaluate import evaluate
from export.score import Piece, costs_of
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from tests.export.helpers import TEXT

FIRST, REST = TEXT[: TEXT.index(" ")], TEXT[TEXT.index(" ") :]
STYLE = np.array([1.0, 0.0], np.float32)


def costs(bundle_folder: Path, pieces: list[Piece]) -> list[list[float] | None]:
    bundle = load_bundle(bundle_folder)
    return list(costs_of(LanguageModel(bundle), bundle.load_tokenizer(), pieces, STYLE))


def test_the_pieces_of_a_text_cost_what_the_whole_does(bundles: dict[str, Path]) -> None:
    bundle = load_bundle(bundles["fp32"])
    whole = evaluate(LanguageModel(bundle), bundle.load_tokenizer(), TEXT, STYLE).bits * math.log(2)
    found = costs(bundles["fp32"], [Piece(FIRST, ("x",)), Piece(REST, ("x",))])
    assert math.isclose(sum(nats[0] for nats in found if nats), whole, rel_tol=1e-6)


def test_what_was_not_compared_was_read_all_the_same(bundles: dict[str, Path]) -> None:
    _, after = costs(bundles["fp32"], [Piece(FIRST, ("x",)), Piece(REST, ("x",))])
    assert costs(bundles["fp32"], [Piece(FIRST), Piece(REST, ("x",))]) == [None, after]


def test_a_learnt_text_is_likelier_than_another_in_its_place(bundles: dict[str, Path]) -> None:
    _, found = costs(bundles["fp32"], [Piece(FIRST), Piece(REST, (REST[::-1],))])
    assert found[0] < found[1]


def test_the_alternative_leaves_no_trace_in_the_state(bundles: dict[str, Path]) -> None:
    one, other = (
        costs(bundles["fp32"], [Piece(FIRST, (instead,)), Piece(REST, ("x",))])[1] for instead in ("a", "Quite else")
    )
    assert one == other


def test_the_command_prints_a_line_for_each_comparison(
    bundles: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [{"text": FIRST}, {"text": REST, "instead": [" x"]}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    assert main(["score", str(bundles["fp32"]), str(tmp_path / "a.jsonl"), "--author", "Jane Austen"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    (found,) = map(json.loads, printed.out.splitlines())
    assert (found["line"], len(found["nats"])) == (2, 2)


@pytest.mark.parametrize(
    "line", ["", "[]", "{", '{"text": ""}', '{"text": 1}', '{"text": "a", "instead": "b"}', '{"instead": ["b"]}']
)
def test_a_wrong_line_is_one_sentence_with_its_number(
    bundles: dict[str, Path], tmp_path: Path, line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.jsonl").write_text(f'{{"text": "a"}}\n{line}\n', encoding="utf-8")
    assert main(["score", str(bundles["fp32"]), str(tmp_path / "a.jsonl")]) == 2
    printed = capsys.readouterr()
    assert (printed.out, printed.err.count("\n")) == ("", 1)
    assert "a.jsonl, line 2 is not" in printed.err
