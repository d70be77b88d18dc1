"""Tells the next tweet of any story, with one bundle, which a warm function loads once and keeps."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lambda_fn.errors import RecordError, SettingError
from lambda_fn.language.bundle import Bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.sampling import Sampling
from lambda_fn.language.style import style_vector
from lambda_fn.prose.copying import CopyFilter
from lambda_fn.prose.prompt import begins_with_prompt, prepare_prompt
from lambda_fn.prose.rules import AS_ALWAYS, HouseRules, house_rules
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import RESTORE
from lambda_fn.story.record import Draft, InFlight, Page, Story, Tweet, fingerprint
from lambda_fn.writing.best_of import More, always, best_of, best_told
from lambda_fn.writing.lockstep import InSteps, at_once, tell_together
from lambda_fn.writing.sampled_text import NO_MEMORY, Memory, Position
from lambda_fn.writing.tweet import Telling, TweetWriter


@dataclass(frozen=True)
class Voice:
    """How the tweets of one call are told."""

    prompt: str  # how a new story begins; empty for one that has begun
    style: Mapping[str, float]  # weights by author, sum 1
    sampling: Sampling
    house: HouseRules = AS_ALWAYS


class Storyteller:
    """Tells with one bundle; keeps no state of a story."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        copies = bundle.copies()
        self._tweet_writer = TweetWriter(
            LanguageModel(bundle),
            bundle.load_tokenizer(),
            bundle.words(),
            None if copies is None else CopyFilter(copies),
        )

    def load(self, stories: Stories, settings: Settings) -> tuple[Story, str | None, Voice]:
        """The story to tell and its record's ETag (a new story and None if there is none), and how to tell it.

        All errors of settings and record are raised here, before anything is written: `SettingError`, `RecordError`,
        `StorageError`.
        """
        house = rules_of(settings)
        found = stories.read(settings.story)
        unknown = not found or not found[0].sequence or "prompt" in settings.given
        first = stories.page(settings.story, 1) if unknown else None
        story, etag = found or (self._new_story(settings, first), None)
        prompt = _check_beginning(settings, story, first, stories.anew(settings.story), house)
        try:
            story.check_fits(self._bundle)
        except RecordError as problem:
            raise RecordError(f"{problem}; {RESTORE}, or {stories.anew(settings.story)}") from problem
        if self._bundle.is_known_as(story.bundle):
            story = replace(story, bundle=self._bundle.identity)  # an older record called it otherwise
        style = settings.weights(story.style, self._bundle.authors)
        return story, etag, Voice(prompt, style, settings.sampling(self._bundle.sampling), house)

    def next_telling(self, story: Story, voice: Voice, more: More = always) -> tuple[Telling, Story]:
        """Tell the next tweet; returns it and the story before it, under this bundle. Raises `StuckError`.

        `more`: whether there is time for a further candidate; without it the story depends on its seed alone.
        After a text that X refused, other random numbers are used, and that text is not told again.
        """
        story = self.under_this_bundle(story, voice)
        rejected = story.draft
        style, memory = self._vector(voice.style), NO_MEMORY
        if voice.sampling.cache_share:
            texts = (joined(tweet) for tweet in story.recent)
            memory = Memory(self._tweet_writer.remember(texts, style), voice.sampling.cache_share)
        numbers = [story.seed, story.sequence + 1, rejected.attempt if rejected else 0]

        occasion = self._tweet_writer.occasion(
            Position(story.token, story.state),
            style,
            voice.sampling,
            recent=story.recent,
            seen=frozenset([*story.seen, *([fingerprint(rejected.text)] if rejected else [])]),
            prompt="" if story.sequence else voice.prompt,
            house=voice.house,
            opened=story.opened,
            memory=memory,
        )

        def begin(candidate: int) -> InSteps[Telling]:
            generator = np.random.default_rng([*numbers, *([candidate] if candidate else [])])
            return self._tweet_writer.in_steps(occasion, generator)

        count = voice.sampling.candidates
        if count > 1 and self._tweet_writer.tells_alike(style):
            return best_told(tell_together(begin, count, more), story.recent), story
        return best_of(lambda number: at_once(begin(number)), count, story.recent, more), story

    def under_this_bundle(self, story: Story, voice: Voice) -> Story:
        """The story with a state of this bundle, computed from the recent tweets if another bundle told it."""
        if self._bundle.is_known_as(story.bundle):
            return story
        text = "".join(joined(tweet) for tweet in story.recent)
        style = story.style if set(story.style) <= set(self._bundle.authors) else voice.style
        # As every text, it begins after a paragraph's end.
        position = self._tweet_writer.after(text[1:], self._tweet_writer.beginning(), self._vector(style))
        return replace(story, bundle=self._bundle.identity, token=position.token, state=position.state)

    def catch_up(self, story: Story, page: Page, voice: Voice) -> Story:
        """The story with a page that was archived by a process that died before recording it."""
        page.check_seed(story.story, story.seed)
        story = self.under_this_bundle(story, voice)
        text = joined(page.tweet) if story.sequence else page.tweet.text
        # A page told under another bundle may name authors that this one does not know.
        style = page.style if self._bundle.is_known_as(page.bundle) else voice.style
        position = self._tweet_writer.after(text, Position(story.token, story.state), self._vector(style))
        return story.settled(page.tweet, position.token, position.state)

    def behind(self, flight: InFlight, page: Page, voice: Voice) -> InFlight:
        """The story with a page that was archived in place of its draft, and the draft after that page."""
        told, draft = self.catch_up(flight.story, page, voice), flight.draft
        style = draft.style if set(draft.style) <= set(self._bundle.authors) else voice.style
        position = self._tweet_writer.after(joined(draft), Position(told.token, told.state), self._vector(style))
        draft = replace(draft, token=position.token, state=position.state)
        return InFlight(replace(told, draft=draft), draft, flight.etag)

    def _new_story(self, settings: Settings, first: Page | None) -> Story:
        """A story without a record; it has the seed and the style of its first page, if that is archived already."""
        # 32 bits: short enough to be typed again.
        seed = secrets.randbelow(2**32) if settings.seed is None else settings.seed
        return Story(
            story=settings.story,
            bundle=self._bundle.identity,
            sequence=0,
            slot=None,
            token=self._bundle.paragraph,
            state=self._bundle.state.zeros(),
            style=first.style if first else settings.weights(None, self._bundle.authors),
            seed=first.seed if first else seed,
        )

    def _vector(self, style: Mapping[str, float]) -> NDArray[np.float32]:
        return style_vector(style, self._bundle.authors)


def rules_of(settings: Settings) -> HouseRules:
    """What the settings decide of the table of rules. Raises `SettingError`."""
    off, words = settings.rules_off, settings.words_never_told
    return house_rules(off.names, off.setting, words.names, words.setting)


def joined(tweet: Tweet | Draft) -> str:
    """A tweet's text with what joins it to the one before."""
    return ("\n" if tweet.paragraph else " ") + tweet.text


def _check_beginning(settings: Settings, story: Story, first: Page | None, anew: str, house: HouseRules) -> str:
    """The prepared prompt of a new story; raises `SettingError` if it is invalid, or, like the seed, comes too late.

    A story that has begun accepts only the prompt that it began with.
    """
    too_late = f"story {story.story!r} has already begun: {anew}"
    if "seed" in settings.given and settings.seed != story.seed:
        raise SettingError(f"the seed is fixed when a story begins, but {too_late}")
    draft = None if story.sequence else story.in_flight
    if not (story.sequence or first or draft):
        return prepare_prompt(settings.prompt, house)
    beginning = first.tweet.text if first else draft.text if draft else ""
    if "prompt" in settings.given and not begins_with_prompt(beginning, settings.prompt):
        raise SettingError(f"the prompt begins a new story, but {too_late}")
    return ""
