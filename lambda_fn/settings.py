"""Settings: an event's keys or a command's flags over the environment, each checked once, here.

`Settings.weights` and `Settings.sampling` put them over what is known only later, the record and the bundle.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from lambda_fn.errors import SettingError
from lambda_fn.fields import LARGEST_INTEGER, is_text, shown
from lambda_fn.language.sampling import SAMPLING_SETTINGS, Sampling
from lambda_fn.language.style import known_style, parse_style, total_weight
from lambda_fn.spelling import ends, meant, plain, slips_in
from lambda_fn.story.record import STORY_NAME

SHIPPED_MODEL = Path(__file__).parent / "model"
DEFAULT_STORY_URI = ".story"
DEFAULT_STORY = "main"
DEFAULT_PROMPT = "It is a truth universally acknowledged,"
DEFAULT_X_API_URL = "https://api.x.com"
TELLING_TIME = 15.0  # seconds
RECONCILE_AFTER = 180.0  # seconds; more than the function's Timeout in template.yaml

# Setting → the environment variable of the same meaning. A story's name and a slot have none, and what an event
# may not change, the addresses, the credentials and RECONCILE_AFTER, has nothing else.
VARIABLES = {
    "prompt": "STORY_PROMPT",
    "seed": "STORY_SEED",
    "style": "STORY_STYLE",
    **{name: name.upper() for name in SAMPLING_SETTINGS},
    "dry_run": "DRY_RUN",
    "thread": "THREAD",
    "rules_off": "RULES_OFF",
    "words_never_told": "WORDS_NEVER_TOLD",
}
# The names under which somebody may mean a key of an event, such as the variable's → that key.
_KEYS = {name: name for name in (*VARIABLES, "story", "slot")}
_STORY = dict.fromkeys(("story_name", "story_id", "stories"), "story")
_MEANT = {**_KEYS, **{name: key for key, name in VARIABLES.items()}, **_STORY}
# What an event may not change, though somebody who rehearses may write it there: it is the function's.
_OF_FUNCTION = (
    *("STORY_URI", "STORY_PAGE", "MODEL_URI", "RECONCILE_AFTER", "TELLING_TIME"),
    *("X_API_URL", "AWS_ENDPOINT_URL", "X_CREDENTIALS"),
    *("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET"),
)
_FUNCTION_HAS = {
    "folder": "STORY_URI",
    "page": "STORY_PAGE",
    "model": "MODEL_URI",
    "xapi": "X_API_URL",
    "xurl": "X_API_URL",
}
_OF_AWS = frozenset({"promptSessionAttributes"})  # which begin as ours do
# Variables with names unlike all others', so that a misspelt one can be told from what is not for us.
_UNLIKE_OTHERS = (
    *("STORY_URI", "STORY_PAGE", "STORY_PROMPT", "STORY_SEED", "STORY_STYLE", "TEMPERATURE", "DRY_RUN"),
    *("RECONCILE_AFTER", "TELLING_TIME", "X_API_URL", "X_CREDENTIALS"),
    *("WORDS_NEVER_TOLD", "RULES_OFF", "REPETITION_PENALTY", "CLASS_TEMPERATURE", "CACHE_SHARE"),
)
_ALL_VARIABLES = {*_UNLIKE_OTHERS, *VARIABLES.values(), "MODEL_URI"}
_TRUTH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class _Given:
    """A value that somebody gave, under the name that they gave it; text where it came as text."""

    name: str
    value: object
    as_text: bool

    def refuse(self, allowed: str) -> SettingError:
        return SettingError(f"{self.name} must be {allowed}, not {shown(self.value)}")

    def number(self) -> object:
        """The value; text that is a number has become one, and what is not is left for a check to refuse."""
        if self.as_text and isinstance(self.value, str):
            for kind in (int, float):
                try:
                    return kind(self.value)
                except ValueError:
                    continue
        return self.value

    def truth(self) -> bool:
        """True or false; a text may say it as an environment variable does."""
        value = _TRUTH.get(self.value.lower()) if self.as_text and isinstance(self.value, str) else self.value
        if not isinstance(value, bool):
            raise self.refuse("on or off" if self.as_text else "true or false")
        return value


@dataclass(frozen=True)
class Names:
    """Names that somebody gave, and what they called the setting."""

    setting: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """All settings of one call. None stands for "as the record or the bundle has it"."""

    story_uri: str
    model_uri: str | None  # None: the shipped bundle
    story: str
    prompt: str  # for a new story
    seed: int | None  # for a new story; None: draw one
    style: Mapping[str, float] | None  # weights by author, sum 1
    own_sampling: Mapping[str, Any]  # of the settings of `Sampling`, those that are given
    slot: str | None  # what a scheduled tweet is told for; None: told by hand
    telling_time: float  # seconds after which an invocation tells no further candidate
    reconcile_after: float  # seconds before the outcome of a post that nobody knows is looked up
    dry_run: bool
    thread: bool  # whether each tweet replies to the one before
    rules_off: Names  # the editor's rules that are switched off; the table of rules says which can be
    words_never_told: Names  # beside those that the editor never tells anyway
    page: bool  # whether the function writes the pages to read, after each tweet
    x_api_url: str
    style_name: str  # what errors call the style: as it was given
    style_total: float  # what its weights summed to as it was given, before they were scaled
    given: frozenset[str]  # the names of those that this call gave, not the environment

    @classmethod
    def resolve(cls, overrides: Mapping[str, object], environment: Mapping[str, str], *, flags: bool = False) -> Self:
        """Merge what this call gives with the environment, which it overrides; raises `SettingError`.

        The credentials for X are none of these: `load_credentials` reads them where somebody posts.

        `overrides` are an event's keys, or with `flags` a command's options, which are texts and are called
        `--top-k` in errors. None is "not given"; keys that are no settings are ignored. An empty environment
        variable is "not given" too, except STORY_PROMPT, where it is a wrong value. A variable whose name is nearly
        one of ours is refused: who sets DRYRUN wants nothing posted.
        """
        _check_variables(environment)
        found: dict[str, _Given] = {}
        for setting, variable in VARIABLES.items():
            if environment.get(variable) or (variable == "STORY_PROMPT" and variable in environment):
                found[setting] = _Given(variable, environment[variable], as_text=True)
        given = frozenset(name for name in _KEYS if overrides.get(name) is not None)
        for setting in given:
            name = flag(setting) if flags else setting
            found[setting] = _Given(name, overrides[setting], as_text=flags)

        style, seed = found.get("style"), found.get("seed")
        return cls(
            story_uri=environment.get("STORY_URI") or DEFAULT_STORY_URI,
            model_uri=environment.get("MODEL_URI") or None,
            story=_story(found["story"]) if "story" in found else DEFAULT_STORY,
            prompt=_prompt(found["prompt"]) if "prompt" in found else DEFAULT_PROMPT,
            seed=_seed(seed) if seed else None,
            style=parse_style(style.value, style.name) if style else None,
            own_sampling={
                name: setting.check(found[name].number(), found[name].name)
                for name, setting in SAMPLING_SETTINGS.items()
                if name in found
            },
            slot=_slot(found["slot"]) if "slot" in found else None,
            telling_time=_seconds(environment, "TELLING_TIME", TELLING_TIME),
            reconcile_after=_seconds(environment, "RECONCILE_AFTER", RECONCILE_AFTER),
            dry_run="dry_run" in found and found["dry_run"].truth(),
            thread="thread" in found and found["thread"].truth(),
            rules_off=_names(found["rules_off"]) if "rules_off" in found else Names("RULES_OFF"),
            words_never_told=_names(found["words_never_told"])
            if "words_never_told" in found
            else Names("WORDS_NEVER_TOLD"),
            page=_Given("STORY_PAGE", environment.get("STORY_PAGE") or "off", as_text=True).truth(),
            x_api_url=environment.get("X_API_URL") or DEFAULT_X_API_URL,
            style_name=style.name if style else "style",
            style_total=total_weight(style.value) if style else 1.0,
            given=given,
        )

    @classmethod
    def from_event(cls, event: object, environment: Mapping[str, str]) -> Self:
        """The settings of a Lambda invocation, where nothing can be kept but on purpose; raises `SettingError`.

        Also for a key that is nearly one of ours, such as dryRun, or that is a variable which only the function has,
        such as X_API_URL; keys that are like none, as AWS's, are ignored.
        """
        if not isinstance(event, Mapping):
            raise SettingError(f"the event must be a JSON object, not {shown(event)}")
        _check_keys(event)
        if not environment.get("STORY_URI"):
            raise SettingError("STORY_URI must say where the story is kept: s3://BUCKET/PREFIX, or a folder")
        return cls.resolve(event, environment)

    def sampling(self, bundle: Sampling) -> Sampling:
        """These settings over the bundle's."""
        return replace(bundle, **self.own_sampling)

    def weights(self, recorded: Mapping[str, float] | None, authors: Sequence[str]) -> dict[str, float]:
        """The style: this setting over the record's over the first of the bundle's authors.

        Raises `SettingError` if this setting names an author whom the bundle does not know. Of a recorded style,
        which may be from another bundle, those count whom it knows.
        """
        if self.style is not None:
            return known_style(self.style, authors, self.style_name)
        known = {author: weight for author, weight in (recorded or {}).items() if author in authors and weight}
        whole = sum(known.values())
        return {author: weight / whole for author, weight in known.items()} or {authors[0]: 1.0}


def flag(setting: str) -> str:
    """What a setting is called on a command line: "top_k" → "--top-k"."""
    return f"--{setting.replace('_', '-')}"


def _check_keys(event: Mapping[object, object]) -> None:
    if "dry_run" in event and event["dry_run"] is None:  # elsewhere null is "not given"; here that would post
        raise SettingError("dry_run must be true or false, not null")
    for key in event:
        if not isinstance(key, str) or key in _KEYS or key in _OF_AWS:
            continue
        name = _meant_by(key)
        if name in _OF_FUNCTION:
            raise SettingError(
                f"the event has a key {shown(key)}, but an event cannot change {name}: set the variable of the function"
            )
        if name:
            raise SettingError(f"the event has a key {shown(key)}, which is no setting: write {_MEANT[name]!r}")


def _meant_by(key: str) -> str | None:
    """The name, of those in `_MEANT` and `_OF_FUNCTION`, that somebody means by another key; None: none of them."""
    word = plain(key)
    # More is taken for this one than for the others: where it is ignored, a tweet is posted.
    if "dryrun" in word or "dry" in ends(key) or slips_in(key, "dry_run") <= 2:
        return "dry_run"
    cut = next((name for name in _KEYS if len(word) >= 3 and plain(name).startswith(word)), None)
    if name := cut or _FUNCTION_HAS.get(word) or meant(key, (*_MEANT, *_OF_FUNCTION)):
        return name
    grown = (name for name in _KEYS if word.startswith(plain(name)) and len(word) <= len(plain(name)) + 3)
    return next((name for name in _KEYS if plain(name) in ends(key)), None) or next(grown, None)


def _check_variables(environment: Mapping[str, str]) -> None:
    spelling = {plain(name): name for name in _ALL_VARIABLES}
    for name, value in environment.items():
        if not value or name in _ALL_VARIABLES:
            continue
        near = [right for right in _UNLIKE_OTHERS if right[0] == name[:1].upper()]
        right = spelling.get(plain(name)) or meant(name, near)
        if right and not environment.get(right):
            raise SettingError(f"the environment variable {name} is read by nobody: write {right}")


def _story(given: _Given) -> str:
    if not isinstance(given.value, str) or not STORY_NAME.fullmatch(given.value):
        raise given.refuse("1 to 40 of a-z, 0-9 and -")
    return given.value


def _prompt(given: _Given) -> str:
    if not isinstance(given.value, str) or not is_text(given.value) or not given.value.strip():
        raise given.refuse("a text that is not empty")
    return given.value


def _seed(given: _Given) -> int:
    value = given.number()
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= LARGEST_INTEGER:
        raise given.refuse("a whole number from 0 to 2^63 - 1")
    return value


def _slot(given: _Given) -> str:
    if not is_text(given.value) or not isinstance(given.value, str) or not 1 <= len(given.value) <= 200:
        raise given.refuse("a text of 1 to 200 characters, such as the time that a tweet was scheduled for")
    return given.value


def _names(given: _Given) -> Names:
    """Names with commas or white space between them, or a list of them."""
    names = re.split(r"[,\s]+", given.value.strip(", ")) if isinstance(given.value, str) else given.value
    if not isinstance(names, list) or not all(is_text(name) for name in names):
        raise given.refuse("names with commas between them")
    return Names(given.name, tuple(name for name in names if name))


def _seconds(environment: Mapping[str, str], variable: str, otherwise: float) -> float:
    if not environment.get(variable):
        return otherwise
    given = _Given(variable, environment[variable], as_text=True)
    value = given.number()
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 7 * 86_400:
        raise given.refuse("a number of seconds from 0 to 604800")
    return float(value)
