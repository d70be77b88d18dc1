"""A figure has one source: what README and model card state is what the report, the bench, or `bundle.json`, found."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from bench.costs.page import DATA, write_page
from bench.costs.summary import BEGIN, END, summary

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "lambda_fn" / "model"
BUNDLE = json.loads((MODEL / "bundle.json").read_bytes())
BENCH = ROOT / "docs" / "bench"
PAGE = (ROOT / "docs" / "report" / "README.md").read_text(encoding="utf-8")
README, CARD, REPORT = (
    " ".join(text.split())
    for text in (*((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "MODEL_CARD.md")), PAGE)
)


def row(label: str) -> list[str]:
    """The cells after the first of the report's table row with that label."""
    (found,) = [line for line in PAGE.splitlines() if line.startswith(f"| {label} |")]
    return [cell.strip() for cell in found.strip("| ").split("|")[1:]]


def share(cell: str) -> str:
    """`98.5 % (98.1 to 98.8)` → `98.5 %`."""
    return cell.split(" (")[0]


def of(cell: str) -> str:
    """`0 of 37,508 (0.00 %)` → `none of 37,508`."""
    return share(cell).replace("0 of", "none of") if cell.startswith("0 of") else share(cell)


def rounded(percentage: str, digits: int) -> str:
    return f"{float(percentage.removesuffix(' %')):.{digits}f} %"


def card_rows() -> dict[str, str]:
    """What the card's measures must say, by what stands before it in its row."""
    shipped, five, ppm, old = (
        row(label)[0]
        for label in (
            "the model as shipped", "5-grams, Kneser–Ney, over the same sub-words",
            "PPM, after the author’s other books", "the ancestor, unknown words spelt",
        )
    )  # fmt: skip
    sentences, ours, theirs, _ = row("together")
    told = row("told text")
    twelve, new, same_start = (
        row(label)
        for label in (
            "runs of 12 words that stand in a training book", "words that stand in no training book",
            "texts that begin with the four words of an earlier one",
        )
    )  # fmt: skip
    right = round(int(told[0]) * float(share(told[1]).removesuffix(" %")) / 100)
    return {
        "*Persuasion*, bits per character, as shipped": f"{shipped} | 5-grams {five}; PPM after Austen's other novels "
        f"{ppm}; the ancestor of 2019, a word LSTM on Jane Austen alone, trained again, {old} |",
        "what rounding to 8 bits costs of that": f"{row('what quantization costs of it')[1]} |",
        f"the right pronoun is likelier, in {int(sentences):,} sentences of eight held-out books":
            f"{share(ours)} | the ancestor: {share(theirs)} |",
        "held-out books that are likeliest under their own author's style":
            f"{row('authors whose text is likeliest under their own style')[1]} of 8 |",
        "blends of two authors that lie between them, on either's text":
            f"{row('blends of two that lie between')[1]} |",
        "told passages that a classifier gives to the right author of eight":
            f"{rounded(share(told[1]), 0)} ({right} of {told[0]};",
        "runs of 12 words in 1,000 told tweets that stand in a training book":
            f"{of(twelve[0])} | *Persuasion*: {of(twelve[1])} |",
        "told words that stand in no training book":
            f"{of(new[0])} | *Persuasion*: {row('told words that stand in no training book')[0].split()[2]} % |",
        "tweets that begin with the four words of an earlier one":
            f"{rounded(same_start[0], 1)} | *Persuasion*, cut into tweets: {rounded(same_start[1], 1)} |",
    }  # fmt: skip


ROWS = card_rows()


@pytest.mark.parametrize("label", ROWS)
def test_the_card_states_what_the_report_found(label: str) -> None:
    assert f"| {label} | {ROWS[label]}" in CARD


def test_the_card_states_how_often_the_classifier_is_right_on_books() -> None:
    assert f"held-out passages: {rounded(share(row('held-out books')[1]), 0)}" in CARD


def test_the_card_has_the_reports_table_of_stages() -> None:
    rows = re.findall(r"^\| `\w+` \| [\d,]+ \| .*$", PAGE, re.MULTILINE)
    assert len(rows) == len(BUNDLE["training"]["runs"])
    assert all(row in (ROOT / "MODEL_CARD.md").read_text(encoding="utf-8") for row in rows)
    characters = re.search(r"on the same ([\d,]+) characters of validation chapters", REPORT)
    assert characters
    assert f"on the same {characters[1]} characters of validation chapters" in CARD


def test_the_card_counts_the_runs_of_words_that_the_report_looked_for() -> None:
    shared, _, runs = row("runs of 13 words of a test book in the training books")[1].split()
    assert shared == "0"
    assert f"of their {runs} runs of 13 words, none stands in a training book" in CARD


def test_the_readme_states_what_the_report_found() -> None:
    sentences, ours, theirs, _ = row("together")
    assert f"(the right one is likelier in {share(ours)} of {int(sentences):,} sentences; " in README
    assert f"the ancestor: {share(theirs)})" in README
    minutes = [int(minutes) for minutes in re.findall(r"\| `\w+` \| [\d,]+ \| [\d,]+ \| (\d+) \|", REPORT)]
    assert f"{sum(minutes[:2])} minutes on one core of a server CPU, then {sum(minutes[2:])} on two." in README


@pytest.mark.parametrize("text", [README, CARD], ids=["README", "card"])
def test_the_size_is_the_bundles(text: str) -> None:
    size = sum(path.stat().st_size for path in MODEL.iterdir())
    assert f"{size / 1e6:.1f} MB" in text
    assert f"{BUNDLE['vocabulary']:,}" in text
    assert f"{len(BUNDLE['authors'])} authors" in text


def test_the_parameters_are_the_bundles() -> None:
    assert f"{BUNDLE['parameters']:,} parameters" in CARD
    assert f"{BUNDLE['parameters']:,} parameters" in REPORT
    assert f"{BUNDLE['parameters'] / 1e6:.1f} million parameters" in README


def test_what_bundle_json_records_agrees_with_the_report() -> None:
    figures = {figure["precision"]: figure["bits_per_character"] for figure in BUNDLE["held_out"]}
    assert row("bits per character of *Persuasion*, shipped")[1] == f"{figures['shipped']:.4f}"
    cost = 100 * (figures["shipped"] / figures["fp32"] - 1)
    # Of figures of four digits, each half a digit off at most.
    assert cost == pytest.approx(float(row("what quantization costs of it")[1].split()[0]), abs=0.013)


@pytest.fixture
def measured() -> dict[str, Any]:
    """What `python -m bench all --readme README.md` found."""
    document: dict[str, Any] = json.loads((BENCH / DATA).read_bytes())
    return document


def test_the_readme_has_the_table_of_what_the_bench_found(measured: dict[str, Any]) -> None:
    assert f"{BEGIN}{summary(measured)}{END}" in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_one_place_for_that_table() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert (text.count(BEGIN), text.count(END)) == (1, 1)
    assert text.index(BEGIN) < text.index(END)


def test_the_bench_measured_all_of_the_model_that_ships(measured: dict[str, Any]) -> None:
    assert not measured["quick"]
    assert measured["bundle"] == {"name": BUNDLE["name"], "parameters": BUNDLE["parameters"]}
    missing = {name for name, found in measured["measures"].items() if "missing" in found}
    assert missing <= {"ancestor"}  # which is measured only where it is asked for


def test_the_page_of_the_bench_is_drawn_from_its_data(measured: dict[str, Any], tmp_path: Path) -> None:
    assert write_page(measured, tmp_path).read_text(encoding="utf-8") == (BENCH / "README.md").read_text(
        encoding="utf-8"
    )
    assert {path.name for path in tmp_path.glob("*.png")} == {path.name for path in BENCH.glob("*.png")}


def test_the_card_states_the_step_that_the_readme_does() -> None:
    (in_readme,) = re.findall(r"(?:a step of the model|\| a token \|) ([\d.]+ ms)", README)
    assert f"one thread, {in_readme} a step" in CARD
