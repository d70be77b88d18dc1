import pytest

from lambda_fn.errors import SettingError
from lambda_fn.prose.decency import rule_against
from lambda_fn.prose.editor import Editor
from lambda_fn.prose.prompt import prepare_prompt
from lambda_fn.prose.rules import AS_ALWAYS, REPEATS_UNTIL, HouseRules, house_rules, passed_at

OWN = HouseRules(words=frozenset({"weston", "never-more"}))
INNOCENT = """
    Scunthorpe Essex Sussex Middlesex Hancock cockpit cocktail peacock Dickens Penistone Cockburn assassin class
    classics passage assume embarrass grasses basement shuttlecock analysis canal therapist title constitution
    Matsushita Lightwater circumstance document mishit raccoon tycoon cocoon snigger
"""
OFF = HouseRules(frozenset({"profanity"}))


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("Darkies", "slurs"),
        ("half-caste", "slurs"),
        ("asshole", "profanity"),
        ("MOTHERFUCKER", "profanity"),
        ("sluts", "profanity"),
        ("bull-shit", "slurs"),
        ("retard’s", "profanity"),
    ],
)
def test_a_word_that_is_never_told_is_named_with_its_rule(word: str, rule: str) -> None:
    assert rule_against(word, AS_ALWAYS) == rule


@pytest.mark.parametrize("word", INNOCENT.split())
def test_a_word_is_not_refused_for_what_it_holds(word: str) -> None:
    assert rule_against(word, AS_ALWAYS) is None


@pytest.mark.parametrize(
    "word", ["ass", "cock", "queer", "gay", "ejaculated", "Dick", "stupid", "prick", "chink", "God"]
)
def test_a_word_that_the_century_means_no_harm_by_is_told(word: str) -> None:
    assert rule_against(word, AS_ALWAYS) is None


def test_the_list_of_profanity_can_be_switched_off_and_the_slurs_cannot() -> None:
    assert rule_against("asshole", OFF) is None
    assert rule_against("darkies", OFF) == "slurs"


def test_the_owner_adds_words_that_are_refused_whole_in_any_case_and_with_hyphens() -> None:
    refused = [word for word in ("Weston", "WESTON’S", "Weston-super-Mare", "Westons", "never", "never-more")
               if rule_against(word, OWN) == "owners-words"]  # fmt: skip
    assert refused == ["Weston", "WESTON’S", "Weston-super-Mare", "never-more"]


def test_a_word_that_is_never_told_is_refused_in_every_try() -> None:
    for text, house in (("She saw an asshole.", AS_ALWAYS), ("She saw Weston.", OWN)):
        assert Editor(frozenset(), house=house).objection(text, passed_at(REPEATS_UNTIL))
    assert Editor(frozenset(), house=OFF).objection("She saw an asshole.") is None


def test_a_prompt_that_holds_one_is_refused_with_the_rule() -> None:
    with pytest.raises(
        SettingError, match=r"^the prompt holds a word that is never told: Weston \(rule owners-words\)$"
    ):
        prepare_prompt("Mr. Weston was", OWN)
    assert prepare_prompt("Mr. Weston was") == "Mr. Weston was"


def test_words_of_the_owner_are_folded_and_what_is_no_word_is_refused() -> None:
    assert house_rules([], "", ["Weston", "Don't"], "W").words == {"weston", "don’t"}
    for word in ("b4d", "a_b", "two words", "💩"):
        with pytest.raises(
            SettingError, match=r"^WORDS_NEVER_TOLD names .*, which is no word: it takes words of letters$"
        ):
            house_rules([], "", [word], "WORDS_NEVER_TOLD")
