"""Remarks on settings that are valid but may not do what is expected: a sentence each, for standard error.

A flag that comes too late for a story is an error. An environment variable is not, because a bot keeps its
environment; but if it has no effect, that is noted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

from lambda_fn.errors import StoryError
from lambda_fn.fields import listed
from lambda_fn.language.bundle import Bundle, load_bundle
from lambda_fn.language.sampling import SAMPLING_SETTINGS
from lambda_fn.language.style import written
from lambda_fn.prose.prompt import begins_with_prompt
from lambda_fn.settings import SHIPPED_MODEL, Settings, flag
from lambda_fn.story.record import Page, Story
from lambda_fn.writing.storyteller import Voice

_KEYS = ("X_CONSUMER_KEY", "X_CONSUMER_SECRET", "X_ACCESS_TOKEN", "X_ACCESS_TOKEN_SECRET")
_FOR_POSTING = ("X_CREDENTIALS", *_KEYS, "X_API_URL")


def about_story(
    settings: Settings, environment: Mapping[str, str], story: Story, first: Page | None, bundle: Bundle, count: int
) -> Iterator[str]:
    """What the settings of a call that tells `count` tweets do not do to a story, or do to it unasked.

    `story` is as the storyteller loads it; `first`: the story's first page, if there is one.
    """
    yield from _too_late(settings, environment, story, first)
    draft = story.in_flight
    in_vain = [flag(name) for name in ("style", *SAMPLING_SETTINGS) if name in settings.given]
    if draft and in_vain:
        yield f"{listed(in_vain)} cannot change tweet {story.sequence + 1}, which is in flight as it was told"
    if story.bundle != bundle.identity and story.sequence and (count > 1 or not draft):
        yield _another_bundle(settings, story, bundle)
    elif unknown := _unknown(story, bundle):
        now = written(replace(settings, style=None).weights(story.style, bundle.authors))
        name = bundle_name(bundle.identity, known=bundle)
        yield f"the bundle {name} does not know {listed(unknown)} of story {story.story!r}: its style is now {now}"


def about_style(settings: Settings, story: Story, first: Page | None, voice: Voice) -> Iterator[str]:
    """What becomes of the style that was given: that it was scaled, and that a story which has begun keeps its own."""
    if settings.style is None:
        return
    name = settings.style_name
    if abs(settings.style_total - 1) > 1.5e-3:  # 0.333 three times is meant to be a whole
        yield f"the weights of {name} sum to {settings.style_total:g}, so they were scaled to {written(voice.style)}"
    if (story.sequence or first) and written(story.style) != written(voice.style):
        yield f"{name} holds for this call alone: story {story.story!r} keeps its own, {written(story.style)}"


def about_preview(story: Story, first: Page | None) -> Iterator[str]:
    """That a previewed story has not begun, and what it takes to begin it just so."""
    if not (story.sequence or first or story.draft):
        yield f"there is no story {story.story!r} yet: with the seed {story.seed} it would begin as follows"


def about_posting(settings: Settings, environment: Mapping[str, str], *, post: bool) -> Iterator[str]:
    """Which settings for posting have no effect where nothing is posted, or not from there."""
    if post:
        keys = [name for name in _KEYS if environment.get(name)]
        if keys and environment.get("X_CREDENTIALS"):
            yield f"{_no_effect(keys)}: X_CREDENTIALS names the parameter that is used"
        return
    named = [name for name in _FOR_POSTING if environment.get(name)] + ["THREAD"] * settings.thread
    if named:
        yield f"{_no_effect(named)}: nothing is posted without --post"


def bundle_name(identity: str, *, known: Bundle | None = None) -> str:
    """What people may call a bundle: its name, if it is the one that ships or another that is known, and 12 digits."""
    bundles = [bundle for bundle in (known, _shipped()) if bundle]
    names = [bundle.name for bundle in bundles if bundle.is_known_as(identity)]
    return f"{names[0]} ({identity[:12]})" if names else identity[:12]


@cache
def _shipped() -> Bundle | None:
    try:
        return load_bundle(SHIPPED_MODEL)
    except StoryError:  # nothing about a story depends on it
        return None


def _too_late(settings: Settings, environment: Mapping[str, str], story: Story, first: Page | None) -> Iterator[str]:
    """Variables that begin a story, where it began otherwise."""
    draft = story.in_flight
    beginning = first.tweet.text if first else draft.text if draft and not story.sequence else None
    late = []
    if environment.get("STORY_PROMPT") and "prompt" not in settings.given and beginning is not None:
        late += ["STORY_PROMPT"] * (not begins_with_prompt(beginning, settings.prompt))
    if environment.get("STORY_SEED") and "seed" not in settings.given:
        late += [f"STORY_SEED={settings.seed}"] * (settings.seed != story.seed)
    if late:
        seed = f", with the seed {story.seed}" if late[-1].startswith("STORY_SEED") else ""
        aside = "" if settings.story_uri.startswith("s3://") else f"`reset --story {story.story}`, or "
        yield (
            f"{_no_effect(late)}: story {story.story!r} has already begun{seed}: {aside}begin another with --story NAME"
        )


def _another_bundle(settings: Settings, story: Story, bundle: Bundle) -> str:
    unknown = _unknown(story, bundle)
    style = replace(settings, style=None).weights(story.style, bundle.authors)
    changed = f", which does not know {listed(unknown)}: its style is now {written(style)}, and" if unknown else ":"
    return (
        f"story {story.story!r} was told under the bundle {bundle_name(story.bundle)} and goes on under "
        f"{bundle_name(bundle.identity, known=bundle)}{changed} the model's state is made anew from the last "
        f"{len(story.recent)} of its tweets"
    )


def _unknown(story: Story, bundle: Bundle) -> list[str]:
    """The authors of a story's style that do not count under a bundle."""
    return [author for author, weight in story.style.items() if weight > 0 and author not in bundle.authors]


def _no_effect(names: list[str]) -> str:
    return f"{listed(names)} {'has' if len(names) == 1 else 'have'} no effect"
