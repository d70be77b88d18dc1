from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from lambda_fn.errors import Conflict, StorageError, UnclearWrite
from lambda_fn.log import Log
from lambda_fn.posting.account import Unknown
from lambda_fn.posting.recording import LostRace, record_posted, write_record
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import InFlight, Page, Story, Tweet
from lambda_fn.writing.storyteller import Voice
from tests.lambda_fn.office import NOON, RECORD, MemoryStore, Office
from tests.lambda_fn.quick import QuickStoryteller

PAGE_2 = "main/tweets/000002.json"
QUIET = Log(lambda _: None)


class Read:
    """A story of one tweet and a draft, as a process has read it."""

    def __init__(self) -> None:
        office = Office()
        office.publish()
        office.account.plans = [Unknown("no answer came")]
        office.publish({"slot": "noon"})
        self.store: MemoryStore = office.store
        self.stories = Stories(self.store)
        self.storyteller = QuickStoryteller()
        found = self.stories.read("main")
        assert found
        self.story, self.etag = found
        assert self.story.draft
        self.flight = InFlight(self.story, self.story.draft, self.etag)

    @property
    def now(self) -> Story:
        found = self.stories.read("main")
        assert found
        return found[0]

    def page(self, tweet_id: str | None = "7") -> Page:
        draft = self.flight.draft
        tweet = Tweet(2, draft.text, draft.paragraph, tweet_id, NOON)
        return Page(tweet, self.story.bundle, draft.style, self.story.seed, draft.sampling)

    def record(self, page: Page, log: Log = QUIET) -> Page:
        return record_posted(self.stories, self.flight, page, log, self.behind)

    def behind(self, flight: InFlight, page: Page) -> InFlight:
        return self.storyteller.behind(flight, page, Voice("", flight.draft.style, flight.draft.sampling))

    def other_writes(self) -> Story:
        """Somebody else changes the record."""
        other = replace(self.story, slot="other")
        self.stories.write(other, self.etag)
        return other


@pytest.fixture
def read() -> Read:
    return Read()


def changed(story: Story) -> Story:
    return replace(story, slot="ours")


def test_a_record_is_replaced(read: Read) -> None:
    etag = write_record(read.stories, changed(read.story), read.etag)
    assert read.stories.read("main") == (changed(read.story), etag)


def test_a_first_record_is_created() -> None:
    stories, story = Stories(MemoryStore()), replace(Read().story, sequence=0, recent=())
    etag = write_record(stories, story, None)
    assert stories.read("main") == (story, etag)


@pytest.mark.parametrize("fault", ["unclear", "conflict"])
def test_a_write_that_took_place_is_found_out_by_reading(read: Read, fault: str) -> None:
    read.store.faults["replace", RECORD] = fault
    etag = write_record(read.stories, changed(read.story), read.etag)
    assert read.stories.read("main") == (changed(read.story), etag)


def test_a_record_that_somebody_else_has_changed_is_left_alone(read: Read) -> None:
    other = read.other_writes()
    with pytest.raises(LostRace):
        write_record(read.stories, changed(read.story), read.etag)
    assert read.now == other


def test_a_race_is_lost_also_when_the_answer_is(read: Read) -> None:
    read.other_writes()
    read.store.faults["replace", RECORD] = "lost"
    with pytest.raises(LostRace):
        write_record(read.stories, changed(read.story), read.etag)


def test_a_write_that_did_not_take_place_is_a_failure_of_the_store_and_no_lost_race(read: Read) -> None:
    read.store.faults["replace", RECORD] = "lost"
    with pytest.raises(UnclearWrite):
        write_record(read.stories, changed(read.story), read.etag)
    assert read.now == read.story


def test_a_first_record_that_was_not_created_is_a_failure_of_the_store(read: Read) -> None:
    store = MemoryStore(faults={("create", RECORD): "lost"})
    with pytest.raises(UnclearWrite):
        write_record(Stories(store), replace(read.story, sequence=0, recent=()), None)
    assert store.objects == {}


def test_a_definite_failure_is_passed_on(read: Read) -> None:
    read.store.faults["replace", RECORD] = "error"
    with pytest.raises(StorageError, match="cannot be written"):
        write_record(read.stories, changed(read.story), read.etag)


def test_that_nobody_can_read_whether_it_was_written_is_a_failure_of_the_store(read: Read) -> None:
    read.store.faults["replace", RECORD] = "unclear"
    read.store.faults["read", RECORD] = "error"
    with pytest.raises(StorageError, match="cannot be read"):
        write_record(read.stories, changed(read.story), read.etag)


def test_a_posted_draft_becomes_part_of_the_story(read: Read) -> None:
    draft, page = read.flight.draft, read.page()
    read.record(page)
    assert read.now == read.story.settled(page.tweet, draft.token, draft.state, "noon")
    assert read.stories.page("main", 2) == page


def test_a_tweet_is_logged_as_settled_once_it_is_in_the_record(read: Read) -> None:
    lines: list[str] = []
    read.store.faults["replace", RECORD] = "error"
    with pytest.raises(StorageError):
        read.record(read.page(), Log(lines.append))
    assert lines == []
    read.record(read.page(), Log(lines.append))
    assert lines == ['{"event": "settled", "sequence": 2, "tweet_id": "7"}']


def test_the_record_is_not_touched_when_the_archive_cannot_be_written(read: Read) -> None:
    read.store.faults["create", PAGE_2] = "error"
    with pytest.raises(StorageError):
        read.record(read.page())
    assert read.now == read.story


@pytest.mark.parametrize("further", [0, 1, 5])
def test_a_draft_that_somebody_else_has_recorded_is_recorded(read: Read, further: int) -> None:
    other = read.story
    for number, sequence in zip(range(further + 1), count(2), strict=False):
        tweet = replace(read.page().tweet, sequence=sequence, time=NOON + timedelta(hours=number))
        tweet = replace(tweet, text=f"Then {number}.") if number else tweet
        other = other.settled(tweet, other.token, other.state)
    read.stories.write(other, read.etag)
    lines: list[str] = []
    read.record(read.page(), Log(lines.append))
    assert (read.now, lines) == (other, [])


def test_a_draft_that_somebody_else_has_replaced_is_an_error(read: Read) -> None:
    other = read.other_writes()
    with pytest.raises(StorageError, match="tweet 2 of story 'main' is posted, but somebody else has changed the"):
        read.record(read.page())
    assert read.now == other


def test_a_posted_draft_goes_behind_another_text_in_its_place(read: Read) -> None:
    page = read.page()
    another = replace(page, tweet=replace(page.tweet, text="Another.", tweet_id=None))
    read.stories.add_page("main", another)
    assert read.record(page) == replace(page, tweet=replace(page.tweet, sequence=3))
    draft = read.behind(read.flight, another).draft
    story = read.now
    assert [tweet.text for tweet in story.recent[1:]] == ["Another.", page.tweet.text]
    assert (story.sequence, story.token, story.state, story.slot) == (3, draft.token, draft.state, "noon")


def test_a_posted_draft_goes_behind_another_text_under_the_bundle_of_now(read: Read) -> None:
    page = read.page()
    read.stories.add_page("main", replace(page, tweet=replace(page.tweet, text="Another.", tweet_id=None)))
    read.storyteller = QuickStoryteller("another")
    assert read.record(page).bundle == read.now.bundle == read.storyteller.bundle != page.bundle


def test_a_posted_draft_that_was_put_behind_another_text_is_in_doubt_until_it_is_recorded(read: Read) -> None:
    page = read.page()
    read.stories.add_page("main", replace(page, tweet=replace(page.tweet, text="Another.", tweet_id=None)))
    read.store.faults["create", "000003.json"] = "error"
    with pytest.raises(StorageError):
        read.record(page)
    draft = read.now.draft
    assert draft
    assert (read.now.sequence, draft.text, draft.outcome) == (2, page.tweet.text, "unknown")


def test_a_posted_draft_of_a_story_that_was_set_aside_is_an_error(read: Read) -> None:
    def refuse(name: str, do: Callable[[], Any]) -> Any:
        if name.startswith("create"):
            raise Conflict("there is no such story")
        return do()

    read.store.around = refuse
    with pytest.raises(StorageError, match="tweet 2 of story 'main' is posted, but the story was set aside meanwhile"):
        read.record(read.page())
    assert read.now == read.story
