"""The storyteller with a real model, of random weights."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lambda_fn.errors import RecordError, SettingError
from lambda_fn.language.bundle import COPIES, DESCRIPTION, load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.style import style_vector
from lambda_fn.posting.account import Refused, Unknown
from lambda_fn.prose.copying import STEP, build
from lambda_fn.prose.rules import HouseRules
from lambda_fn.prose.words import words_of
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Page, Story, Tweet, has_opening, opening_of
from lambda_fn.writing.best_of import merit
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.storyteller import Storyteller, Voice, joined
from lambda_fn.writing.tweet import Telling, TweetWriter
from tests.lambda_fn.office import NOON, MemoryStore, Office
from tests.lambda_fn.stories import another

AUSTEN, DICKENS = {"Jane Austen": 1.0, "Charles Dickens": 0.0}, {"Charles Dickens": 1.0, "Jane Austen": 0.0}


def settings(**overrides: object) -> Settings:
    return Settings.resolve(overrides, {"STORY_PROMPT": "It was"})


def settled(story: Story, telling: Telling, voice: Voice) -> tuple[Story, Page]:
    """The story after a told tweet, and its page."""
    tweet = Tweet(story.sequence + 1, telling.text, telling.paragraph, "7", NOON)
    page = Page(tweet, story.bundle, voice.style, story.seed, voice.sampling)
    return story.settled(tweet, telling.position.token, telling.position.state), page


class Told:
    """A story of two tweets, of which the second is in another style, and who told it."""

    def __init__(self, bundle: Path) -> None:
        self.bundle = load_bundle(bundle)
        self.storyteller = Storyteller(self.bundle)
        self.new, self.etag, self.voice = self.storyteller.load(Stories(MemoryStore()), settings(seed=7))
        self.first, self.page_1 = settled(self.new, self.storyteller.next_telling(self.new, self.voice)[0], self.voice)
        self.other_voice = replace(self.voice, style=DICKENS)
        self.telling, _ = self.storyteller.next_telling(self.first, self.other_voice)
        self.second, self.page_2 = settled(self.first, self.telling, self.other_voice)

    def kept(self, story: Story) -> Stories:
        """The story as recorded, with its archive."""
        stories = Stories(MemoryStore())
        stories.write(story, None)
        for page in (self.page_1, self.page_2)[: story.sequence]:
            stories.add_page("main", page)
        return stories


@pytest.fixture(scope="module")
def told(wordless: Path) -> Told:
    return Told(wordless)


@pytest.fixture(scope="module")
def other(wordless: Path, tmp_path_factory: pytest.TempPathFactory) -> Storyteller:
    """A storyteller with the same weights under another identity."""
    return Storyteller(load_bundle(another(wordless, tmp_path_factory.mktemp("other") / "bundle")))


def reader(told: Told) -> TweetWriter:
    return TweetWriter(LanguageModel(told.bundle), told.bundle.load_tokenizer())


def test_a_new_story_stands_before_any_text(told: Told) -> None:
    start = reader(told).beginning()
    assert (told.new.sequence, told.new.draft, told.new.bundle) == (0, None, told.bundle.identity)
    assert (Position(told.new.token, told.new.state), told.etag) == (start, None)


def test_a_new_story_has_the_seed_and_the_style_that_were_given(told: Told) -> None:
    story, _, voice = told.storyteller.load(Stories(MemoryStore()), settings(seed=3, style="Charles Dickens"))
    assert story.seed == 3
    assert dict(story.style) == dict(voice.style) == {"Charles Dickens": 1}


def test_a_new_story_draws_a_seed_of_its_own(told: Told) -> None:
    seeds = [told.storyteller.load(Stories(MemoryStore()), settings())[0].seed for _ in range(3)]
    assert len(set(seeds)) == 3
    assert 0 <= min(seeds) <= max(seeds) < 2**32


def test_taking_up_a_new_story_writes_nothing(told: Told) -> None:
    store = MemoryStore()
    told.storyteller.load(Stories(store), settings())
    assert store.objects == {}


def test_a_recorded_story_is_taken_up_where_it_stands(told: Told) -> None:
    stories = told.kept(told.second)
    story, etag, _ = told.storyteller.load(stories, settings())
    assert (story, etag) == stories.read("main")


def test_a_setting_of_this_call_is_for_its_voice_not_for_the_story(told: Told) -> None:
    story, _, voice = told.storyteller.load(told.kept(told.first), settings(style="Charles Dickens", temperature=0.5))
    assert (dict(voice.style), voice.sampling.temperature) == ({"Charles Dickens": 1}, 0.5)
    assert dict(story.style) == {"Jane Austen": 1}


@pytest.mark.parametrize(
    ("overrides", "complaint"),
    [
        ({"prompt": "It is"}, "the prompt begins a new story, but story 'main' has already begun"),
        ({"seed": 8}, "the seed is fixed when a story begins, but story 'main' has already begun"),
        ({"style": "Nobody"}, "Nobody"),
    ],
)
def test_what_does_not_fit_the_story_is_refused(told: Told, overrides: dict[str, object], complaint: str) -> None:
    with pytest.raises(SettingError, match=complaint):
        told.storyteller.load(told.kept(told.first), settings(**overrides))


@pytest.mark.parametrize("prompt", ["It [was", "A nigger", "See example.com,", "…"])
def test_a_prompt_that_cannot_be_told_is_refused_before_anything_is_written(told: Told, prompt: str) -> None:
    store = MemoryStore()
    for given in ({"prompt": prompt}, {}):
        with pytest.raises(SettingError, match="prompt"):
            told.storyteller.load(Stories(store), Settings.resolve(given, {"STORY_PROMPT": prompt}))
    assert store.objects == {}


def test_a_story_that_has_begun_goes_on_whatever_the_environment_would_begin_one_with(told: Told) -> None:
    story, _, _ = told.storyteller.load(told.kept(told.first), Settings.resolve({}, {"STORY_PROMPT": "It [was"}))
    assert story == told.first


def test_the_prompt_that_began_a_story_may_be_given_again_whatever_is_refused_or_set_otherwise_now(told: Told) -> None:
    first = replace(told.page_1.tweet, text="‘Twas 6’ [off, it was.")
    stories = Stories(MemoryStore())
    stories.write(told.first, None)
    stories.add_page("main", replace(told.page_1, tweet=first))
    assert told.storyteller.load(stories, settings(prompt="'Twas 6' [off"))[0] == told.first


def test_a_draft_in_flight_has_begun_its_story(told: Told) -> None:
    office = Office(storyteller=told.storyteller)
    office.account.plans = [Unknown("no answer")]
    office.publish()
    stories = Stories(office.store)
    told.storyteller.load(stories, settings(prompt=office.draft.text[:10]))
    with pytest.raises(SettingError, match="has already begun"):
        told.storyteller.load(stories, settings(prompt="Nobody knew"))


def test_a_record_that_its_bundle_cannot_have_left_is_refused(told: Told) -> None:
    with pytest.raises(RecordError, match="it was altered"):
        told.storyteller.load(told.kept(replace(told.first, token=400)), settings())


def test_a_first_tweet_begins_with_the_prompt_and_the_next_does_not(told: Told) -> None:
    texts = [page.tweet.text for page in (told.page_1, told.page_2)]
    assert [text.startswith("It was") for text in texts] == [True, False]


def test_the_same_place_is_told_in_the_same_words(told: Told) -> None:
    assert told.storyteller.next_telling(told.first, told.other_voice)[0] == told.telling


def test_of_several_candidates_the_best_is_told_and_the_first_is_the_one_told_alone(told: Told) -> None:
    several = replace(told.voice, sampling=replace(told.voice.sampling, candidates=4))
    alone, _ = told.storyteller.next_telling(told.first, told.voice)
    best, _ = told.storyteller.next_telling(told.first, several)
    hurried, _ = told.storyteller.next_telling(told.first, several, more=lambda: False)
    assert (alone.candidates, best.candidates, hurried.candidates) == (1, 4, 1)
    assert hurried == alone
    assert merit(best, told.first.recent) > merit(alone, told.first.recent)
    assert told.storyteller.next_telling(told.first, several)[0] == best


def test_a_cache_is_made_of_the_recent_tweets_alone_so_that_a_story_can_be_told_again(told: Told) -> None:
    voice = replace(told.voice, sampling=replace(told.voice.sampling, cache_share=0.9))
    with_cache, _ = told.storyteller.next_telling(told.second, voice)
    again = Storyteller(told.bundle).next_telling(told.second, voice)[0]
    assert with_cache == again
    assert with_cache.text != told.storyteller.next_telling(told.second, told.voice)[0].text
    memory = reader(told).remember(["\n" + told.page_1.tweet.text], style_vector(AUSTEN, told.bundle.authors))
    logits = np.zeros(told.bundle.vocabulary, dtype=np.float32)
    mixed = memory.mix(logits, told.second.state, 0.5)
    tokens = {*told.bundle.load_tokenizer().encode("\n" + told.page_1.tweet.text)}
    assert set(np.flatnonzero(mixed > mixed.min()).tolist()) == tokens


def test_the_surprise_of_a_telling_is_what_the_model_gives_its_text(told: Told) -> None:
    model, style = LanguageModel(told.bundle), style_vector(DICKENS, told.bundle.authors)
    state, token, nats = told.first.state, told.first.token, []
    telling = told.telling
    for following in told.bundle.load_tokenizer().encode(("\n" if telling.paragraph else " ") + telling.text):
        logits, state = model.step(token, style, state)
        nats.append(float(np.log(np.exp(logits.astype(float)).sum()) - logits[following]))
        token = following
    assert telling.surprise == pytest.approx(sum(nats) / len(nats), rel=0.1)  # it may be sampled in other tokens


def test_after_a_text_that_was_refused_another_is_told_from_the_same_place(told: Told) -> None:
    office = Office(storyteller=told.storyteller)
    office.account.plans = ["accept", Refused("not permitted")]
    office.publish()
    refused = office.publish().text
    story = office.story
    telling, place = told.storyteller.next_telling(story, told.voice)
    assert telling.text != refused
    assert place == story
    assert telling.position == reader(told).after(
        ("\n" if telling.paragraph else " ") + telling.text,
        Position(story.token, story.state),
        style_vector(AUSTEN, told.bundle.authors),
    )


def test_under_its_own_bundle_a_story_stays_as_it_is(told: Told) -> None:
    assert told.storyteller.under_this_bundle(told.second, told.voice) is told.second


def test_under_another_bundle_the_state_is_that_of_the_recent_tweets(told: Told, other: Storyteller) -> None:
    # The same weights: had the whole story been in one style, its state would come out as it was.
    after = other.under_this_bundle(told.second, told.voice)
    text = "".join(joined(page.tweet) for page in (told.page_1, told.page_2))[1:]
    vector = style_vector(AUSTEN, told.bundle.authors)
    assert Position(after.token, after.state) == reader(told).after(text, reader(told).beginning(), vector)
    assert after == replace(told.second, bundle=after.bundle, token=after.token, state=after.state)
    assert after.bundle != told.second.bundle


def test_a_story_comes_back_from_another_bundle_as_it_went(told: Told, other: Storyteller) -> None:
    there = other.under_this_bundle(told.first, told.voice)
    assert told.storyteller.under_this_bundle(there, told.voice) == told.first


def test_a_page_that_was_told_is_caught_up_with_to_the_same_state(told: Told) -> None:
    assert told.storyteller.catch_up(told.new, told.page_1, told.voice) == told.first


def test_a_page_is_read_in_the_style_in_which_it_was_told(told: Told) -> None:
    assert told.storyteller.catch_up(told.first, told.page_2, told.voice) == told.second
    assert told.storyteller.catch_up(told.first, replace(told.page_2, style=AUSTEN), told.voice) != told.second


def test_a_page_that_calls_this_bundle_by_its_older_name_is_read_in_its_own_style(told: Told) -> None:
    page = replace(told.page_2, bundle=told.bundle.description_sha256 or "")
    assert told.storyteller.catch_up(told.first, page, told.voice) == told.second


def test_a_page_of_another_bundle_is_read_in_the_voice_of_this_one(told: Told, other: Storyteller) -> None:
    page = replace(told.page_2, style={"Nobody": 1.0})
    after = other.catch_up(told.first, page, told.other_voice)
    austen, dickens = (style_vector(style, told.bundle.authors) for style in (AUSTEN, DICKENS))
    before = reader(told).after(
        joined(told.page_1.tweet)[1:], reader(told).beginning(), austen
    )  # the story's own style
    assert Position(after.token, after.state) == reader(told).after(joined(told.page_2.tweet), before, dickens)
    assert after.sequence == 2


def test_a_page_of_another_story_is_refused(told: Told) -> None:
    with pytest.raises(RecordError, match=r"main/tweets/000002\.json is from another story"):
        told.storyteller.catch_up(told.first, replace(told.page_2, seed=8), told.voice)


@pytest.mark.parametrize(("paragraph", "expected"), [(True, "\nShe went."), (False, " She went.")])
def test_a_tweet_is_joined_to_the_one_before_as_it_was_told(paragraph: bool, expected: str) -> None:
    assert joined(Tweet(2, "She went.", paragraph, None, NOON)) == expected


def test_no_tweet_begins_as_one_of_the_last_fifty(told: Told) -> None:
    """Also as one of which the record has the fingerprint alone."""
    opening = opening_of(told.telling.text)
    assert has_opening(told.telling.text)
    before = replace(told.first, openings=(opening,))
    assert opening_of(told.storyteller.next_telling(before, told.other_voice)[0].text) != opening


def test_a_tweet_that_stands_in_the_books_of_the_bundle_is_not_told(told: Told, wordless: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(wordless, tmp_path / "bundle"))
    words = words_of(told.page_1.tweet.text)
    (folder / COPIES).write_bytes(build([words[start:] for start in range(STEP)]))
    description = json.loads((folder / DESCRIPTION).read_text())
    description["files"][COPIES] = hashlib.sha256((folder / COPIES).read_bytes()).hexdigest()
    (folder / DESCRIPTION).write_text(json.dumps(description))
    knowing = Storyteller(load_bundle(folder))
    assert knowing.next_telling(told.new, told.voice)[0].text != told.page_1.tweet.text
    off = replace(told.voice, house=HouseRules(frozenset({"copied"})))
    assert knowing.next_telling(told.new, off)[0].text == told.page_1.tweet.text
