import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.errors import SettingError
from lambda_fn.language.sampling import SAMPLING_SETTINGS, Sampling
from lambda_fn.settings import DEFAULT_PROMPT, Settings

BUNDLE = Sampling(temperature=0.9, top_k=0, top_p=0.95)
AUTHORS = ("Jane Austen", "Charles Dickens")
ENVIRONMENT = {
    "STORY_URI": "/stories",
    "MODEL_URI": "/model",
    "STORY_PROMPT": "It rained.",
    "STORY_SEED": "5",
    "STORY_STYLE": "Charles Dickens",
    "TEMPERATURE": "0.5",
    "TOP_K": "40",
    "TOP_P": "0.8",
}


def test_without_any_setting_all_is_as_the_record_and_the_bundle_have_it() -> None:
    settings = Settings.resolve({}, {})
    assert settings.story_uri == ".story"
    assert (settings.story, settings.prompt, settings.seed) == ("main", DEFAULT_PROMPT, None)
    assert settings.sampling(BUNDLE) == BUNDLE
    assert settings.weights({"Charles Dickens": 1.0}, AUTHORS) == {"Charles Dickens": 1.0}


def test_a_new_story_is_told_by_the_first_author_of_the_bundle() -> None:
    assert Settings.resolve({}, {}).weights(None, AUTHORS) == {"Jane Austen": 1.0}


def test_the_environment_goes_over_the_record_and_the_bundle() -> None:
    settings = Settings.resolve({}, ENVIRONMENT)
    assert (settings.story_uri, settings.model_uri) == ("/stories", "/model")
    assert (settings.prompt, settings.seed) == ("It rained.", 5)
    assert settings.sampling(BUNDLE) == Sampling(temperature=0.5, top_k=40, top_p=0.8)
    assert settings.weights({"Jane Austen": 1.0}, AUTHORS) == {"Charles Dickens": 1.0}


def test_an_event_goes_over_the_environment() -> None:
    event = {
        "story": "two",
        "prompt": "Snow.",
        "seed": 6,
        "style": {"Jane Austen": 1},
        "temperature": 1,
        "top_k": 0,
    }
    settings = Settings.resolve(event, ENVIRONMENT)
    assert (settings.story, settings.prompt, settings.seed) == ("two", "Snow.", 6)
    assert settings.sampling(BUNDLE) == Sampling(temperature=1, top_k=0, top_p=0.8)
    assert settings.weights(None, AUTHORS) == {"Jane Austen": 1.0}


def test_flags_are_texts_and_mean_the_same() -> None:
    flags = {
        "seed": "6",
        "temperature": "1.5",
        "top_k": "3",
        "top_p": "1",
        "style": "Jane Austen",
        "story": None,
    }
    settings = Settings.resolve(flags, ENVIRONMENT, flags=True)
    assert (settings.seed, settings.story) == (6, "main")
    assert settings.sampling(BUNDLE) == Sampling(temperature=1.5, top_k=3, top_p=1)


@pytest.mark.parametrize("name", SAMPLING_SETTINGS)
def test_every_setting_of_sampling_can_be_given_in_each_way(name: str) -> None:
    value = SAMPLING_SETTINGS[name].usual
    ways = (
        Settings.resolve({name: value}, ENVIRONMENT),
        Settings.resolve({}, {name.upper(): str(value)}),
        Settings.resolve({name: str(value)}, ENVIRONMENT, flags=True),
    )
    other = Sampling(temperature=0.1, top_k=7, top_p=0.1)
    assert [getattr(settings.sampling(other), name) for settings in ways] == [value] * 3


def test_what_this_call_gave_is_told_from_the_environment() -> None:
    settings = Settings.resolve({"style": "Jane Austen", "seed": None, "count": 3}, ENVIRONMENT)
    assert settings.given == {"style"}


def test_keys_that_are_no_settings_are_ignored() -> None:
    assert Settings.resolve({"colour": "blue", "STORY_URI": "/elsewhere"}, {}) == Settings.resolve({}, {})


@pytest.mark.parametrize(("said", "expected"), [("on", True), ("off", False), ("", False), ("1", True)])
def test_pages_are_written_if_the_environment_says_so(said: str, expected: bool) -> None:
    assert Settings.resolve({"page": True, "story_page": True}, {"STORY_PAGE": said}).page is expected


def test_a_switch_that_is_neither_on_nor_off_is_refused() -> None:
    with pytest.raises(SettingError, match=r'^STORY_PAGE must be on or off, not "often"$'):
        Settings.resolve({}, {"STORY_PAGE": "often"})


@pytest.mark.parametrize("key", ["page", "story_page", "STORY_PAGE", "storyPage"])
def test_an_event_that_would_switch_pages_on_is_told_who_can(key: str) -> None:
    with pytest.raises(SettingError, match="an event cannot change STORY_PAGE: set the variable of the function"):
        Settings.from_event({key: True}, {"STORY_URI": "/stories"})


@pytest.mark.parametrize("key", ["story_uri", "model_uri"])
def test_an_event_cannot_change_an_address(key: str) -> None:
    assert Settings.resolve({key: "/elsewhere"}, ENVIRONMENT) == Settings.resolve({}, ENVIRONMENT)


def test_an_empty_variable_is_not_set() -> None:
    empty = dict.fromkeys(ENVIRONMENT.keys() - {"STORY_PROMPT"}, "")
    assert Settings.resolve({}, empty) == Settings.resolve({}, {})


WRONG = [
    ("temperature", "-1"),
    ("temperature", "hot"),
    ("temperature", "nan"),
    ("temperature", "1e999"),
    ("top_k", "-1"),
    ("top_k", "1.5"),
    ("top_k", "many"),
    ("top_p", "0"),
    ("top_p", "1.1"),
    ("seed", "-1"),
    ("seed", "1.0"),
    ("seed", str(2**63)),
    ("seed", "9" * 5000),
    ("seed", "today"),
    ("prompt", ""),
    ("prompt", " \n"),
    ("prompt", "\ud800"),
    ("style", "Jane Austen=-1"),
    ("style", ","),
]
VARIABLES = {
    "temperature": "TEMPERATURE",
    "top_k": "TOP_K",
    "top_p": "TOP_P",
    "seed": "STORY_SEED",
    "prompt": "STORY_PROMPT",
    "style": "STORY_STYLE",
}


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_variable_is_refused_under_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{VARIABLES[name]}"):
        Settings.resolve({}, {VARIABLES[name]: value})


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_wrong_flag_is_refused_under_its_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^--{name.replace('_', '-')}"):
        Settings.resolve({name: value}, {}, flags=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", "0.5"),
        ("temperature", True),
        ("temperature", [1]),
        ("top_k", 1.0),
        ("top_k", "3"),
        ("top_p", "0.9"),
        ("seed", "5"),
        ("seed", 5.0),
        ("seed", False),
        ("prompt", 3),
        ("prompt", ["It rained."]),
        ("style", 1),
        ("style", {"Jane Austen": "1"}),
        ("story", 1),
        ("story", ""),
        ("story", "../main"),
        ("story", "Main"),
        ("story", "a" * 41),
    ],
)
def test_a_wrong_event_key_is_refused_under_its_name(name: str, value: object) -> None:
    with pytest.raises(SettingError, match=f"^{name}"):
        Settings.resolve({name: value}, {})


@pytest.mark.parametrize("value", [None, True, 0, -1, 0.5, "", "x", [], {}, [None], {"": None}, {"a": []}])
@pytest.mark.parametrize("name", [*VARIABLES, "story"])
@pytest.mark.parametrize("flags", [False, True])
def test_no_value_of_any_type_raises_another_error(name: str, value: object, flags: bool) -> None:
    try:
        settings = Settings.resolve({name: value}, {}, flags=flags)
    except SettingError:
        return
    assert (name in settings.given) == (value is not None)


@given(st.dictionaries(st.sampled_from(sorted(ENVIRONMENT)), st.text()))
def test_no_environment_raises_another_error(environment: dict[str, str]) -> None:
    try:
        settings = Settings.resolve({}, environment)
    except SettingError:
        return
    assert settings.given == frozenset()


def test_an_unknown_author_is_refused_under_the_name_that_was_given() -> None:
    settings = Settings.resolve({}, {"STORY_STYLE": "Nobody"})
    with pytest.raises(SettingError, match=r"^STORY_STYLE: unknown author 'Nobody'; the model knows Jane Austen"):
        settings.weights(None, AUTHORS)


def test_of_a_recorded_style_the_authors_count_whom_the_model_knows() -> None:
    settings = Settings.resolve({}, {})
    assert settings.weights({"Nobody": 0.5, "Charles Dickens": 0.5}, AUTHORS) == {"Charles Dickens": 1.0}
    assert settings.weights({"Nobody": 1.0}, AUTHORS) == {"Jane Austen": 1.0}


@pytest.mark.parametrize(
    "given", ["loop,phrase-again", " loop, phrase-again, ", "loop phrase-again", ["loop", "phrase-again"]]
)
def test_names_are_a_text_with_commas_or_a_list(given: object) -> None:
    assert Settings.resolve({"rules_off": given}, {}).rules_off.names == ("loop", "phrase-again")


@pytest.mark.parametrize("given", [7, {"loop": True}, [1], ["\ud800"]])
def test_names_that_are_none_are_refused(given: object) -> None:
    with pytest.raises(SettingError, match=r"^rules_off must be names with commas between them, not"):
        Settings.resolve({"rules_off": given}, {"RULES_OFF": "loop"})
