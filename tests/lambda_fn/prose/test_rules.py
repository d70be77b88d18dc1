import re
from pathlib import Path

import pytest

import lambda_fn.prose.rules
from lambda_fn.errors import SettingError
from lambda_fn.prose.rules import RULES, house_rules, passed_at

PACKAGE = Path(lambda_fn.prose.rules.__file__).parents[1]
NAMES = [rule.name for rule in RULES]


def test_each_rule_has_a_name_of_its_own_and_a_reason_in_a_sentence() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert all(re.fullmatch("[a-z]+(-[a-z]+)*", name) for name in NAMES)
    assert all(rule.why.endswith(".") and not rule.refuses.endswith(".") for rule in RULES)


def test_what_refuses_is_in_the_table_and_what_is_in_the_table_refuses() -> None:
    sources = [path for room in ("prose", "writing") for path in (PACKAGE / room).glob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in sources if path.name != "rules.py")
    assert {name for name in NAMES if f'"{name}"' not in code} == set()
    assert {name for name in re.findall(r'refused\(\s*"([^"]+)"', code) if name not in NAMES} == set()


def test_a_rule_without_a_switch_lets_nothing_pass_however_late() -> None:
    assert all(rule.until is None for rule in RULES if rule.kept)
    assert passed_at(10**6) <= {rule.name for rule in RULES if rule.kept is None}


def test_every_rule_with_a_switch_can_be_switched_off() -> None:
    switched = [rule.name for rule in RULES if rule.kept is None]
    assert house_rules(switched, "RULES_OFF").off == set(switched)


@pytest.mark.parametrize("name", [rule.name for rule in RULES if rule.kept])
def test_a_rule_without_a_switch_cannot_and_the_error_says_why(name: str) -> None:
    with pytest.raises(SettingError, match=f"^RULES_OFF names '{name}', a rule that has no switch: "):
        house_rules([name], "RULES_OFF")


def test_a_name_that_no_rule_has_is_an_error_that_says_which_there_are() -> None:
    with pytest.raises(SettingError, match=r"^--rules-off names 'repeats', which is no rule: .*phrase-again"):
        house_rules(["loop", "repeats"], "--rules-off")


@pytest.mark.parametrize(
    ("slip", "right"),
    [("lop", "loop"), ("Loop", "loop"), ("phrase again", "phrase-again"), ("phrase_agian", "phrase-again")],
)
def test_a_misspelt_name_is_told_the_right_one(slip: str, right: str) -> None:
    with pytest.raises(SettingError, match=f"^RULES_OFF names '{slip}', which is no rule: did you mean {right}\\?$"):
        house_rules([slip], "RULES_OFF")
