from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from lambda_fn.errors import BusyError, Conflict, RecordError, StorageError, UnclearWrite
from lambda_fn.storage.stories import PAUSES, Stories
from lambda_fn.story.record import Page, Story
from tests.lambda_fn.office import NOON, RECORD, MemoryStore, Office

PAGE_3 = "main/tweets/000003.json"


@pytest.fixture(scope="module")
def told() -> Office:
    """A story of two tweets: never tell it on."""
    office = Office()
    office.publish()
    office.publish()
    return office


@pytest.fixture
def store(told: Office) -> MemoryStore:
    """A copy of what is kept of it."""
    return MemoryStore(dict(told.store.objects))


@pytest.fixture
def third(told: Office) -> Page:
    """A page that may follow."""
    page = told.pages[1]
    return replace(page, tweet=replace(page.tweet, sequence=3, text="She went.", tweet_id="7"))


def longer(story: Story, page: Page) -> Story:
    return story.settled(page.tweet, story.token, story.state)


def test_of_a_story_that_nobody_told_there_is_nothing() -> None:
    assert Stories(MemoryStore()).read("main") is None


def test_a_story_is_read_as_it_was_written() -> None:
    office, stories = Office(), Stories(MemoryStore())
    office.publish()
    etag = stories.write(replace(office.story, draft=None), None)
    assert stories.read("main") == (office.story, etag)


def test_a_story_is_written_over_the_one_that_was_read(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    after = longer(story, third)
    etag = stories.write(after, etag)
    assert stories.read("main") == (after, etag)


def test_a_story_is_not_written_over_another(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    stories.write(longer(story, third), etag)
    before = dict(store.objects)
    with pytest.raises(Conflict):
        stories.write(replace(story, slot="later"), etag)
    assert store.objects == before


def test_a_new_story_is_not_written_over_another(store: MemoryStore, told: Office) -> None:
    with pytest.raises(Conflict):
        Stories(store).write(told.story, None)


def test_stories_are_kept_apart(store: MemoryStore, told: Office) -> None:
    stories = Stories(store)
    stories.write(replace(told.story, story="other", slot="x"), None)
    assert [(stories.read(name) or pytest.fail(name))[0].slot for name in ("main", "other")] == [None, "x"]


def test_a_story_that_was_set_aside_has_its_new_name(store: MemoryStore, told: Office) -> None:
    for key in list(store.objects):
        store.objects[key.replace("main/", "main-2/")] = store.objects.pop(key)
    found = Stories(store).read("main-2")
    assert found
    assert found[0] == replace(told.story, story="main-2")


def test_an_archive_without_its_record_is_an_error(store: MemoryStore) -> None:
    del store.objects[RECORD]
    with pytest.raises(RecordError, match=r"has an archive but no record main/story\.json that goes with it"):
        Stories(store).read("main")


def test_an_archive_far_ahead_of_its_record_is_an_error(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    stories.add_page("main", third)
    stories.add_page("main", replace(third, tweet=replace(third.tweet, sequence=4)))
    with pytest.raises(RecordError, match="has an archive but no record"):
        stories.read("main")


def test_an_archive_one_page_ahead_of_its_record_is_as_a_process_leaves_it_that_dies(
    store: MemoryStore, third: Page, told: Office
) -> None:
    stories = Stories(store)
    stories.add_page("main", third)
    found = stories.read("main")
    assert found
    assert found[0] == told.story


def test_a_damaged_record_is_named(store: MemoryStore) -> None:
    store.objects[RECORD] = b"{"
    with pytest.raises(RecordError, match=r"the record main/story\.json is not JSON"):
        Stories(store).read("main")


def test_a_page_that_nobody_wrote_is_none(store: MemoryStore) -> None:
    assert Stories(store).page("main", 3) is None


def test_a_page_is_read_as_it_was_added(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    stories.add_page("main", third)
    assert stories.page("main", 3) == third


def test_a_page_added_twice_stays_as_it_was_first(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    stories.add_page("main", third)
    stories.add_page("main", replace(third, tweet=replace(third.tweet, tweet_id=None, time=NOON)))
    assert stories.page("main", 3) == third


def test_a_page_with_another_text_is_a_conflict(store: MemoryStore, third: Page) -> None:
    stories = Stories(store)
    stories.add_page("main", third)
    with pytest.raises(Conflict):
        stories.add_page("main", replace(third, tweet=replace(third.tweet, text="She stayed.")))
    assert stories.page("main", 3) == third


def test_a_page_that_was_added_counts_though_the_answer_was_lost(store: MemoryStore, third: Page) -> None:
    store.faults["create", PAGE_3] = "unclear"
    Stories(store).add_page("main", third)
    assert Stories(store).page("main", 3) == third


@pytest.mark.parametrize(("fault", "problem"), [("lost", UnclearWrite), ("error", StorageError)])
def test_a_page_that_was_not_added_is_an_error(
    store: MemoryStore, third: Page, fault: str, problem: type[StorageError]
) -> None:
    store.faults["create", PAGE_3] = fault
    with pytest.raises(problem):
        Stories(store).add_page("main", third)
    assert Stories(store).page("main", 3) is None


# A store that is busy with somebody else's write


@dataclass
class BusyStore(MemoryStore):
    """Asks so many times to try again; `meanwhile` happens before it first does."""

    times: int = 0
    meanwhile: Callable[[], object] = lambda: None

    def _write(self, operation: str, key: str, data: bytes, etag: str | None) -> str:
        if self.times:
            self.times -= 1
            self.meanwhile()
            raise BusyError(f"{key} cannot be written just now")
        return super()._write(operation, key, data, etag)


@pytest.fixture
def busy(store: MemoryStore) -> BusyStore:
    return BusyStore(store.objects)


@pytest.mark.parametrize("times", range(1, len(PAUSES) + 1))
def test_a_record_and_a_page_are_written_once_the_store_is_no_longer_busy(
    busy: BusyStore, third: Page, times: int
) -> None:
    waits: list[float] = []
    stories = Stories(busy, waits.append)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    busy.times = times
    stories.add_page("main", third)
    busy.times = times
    after = longer(story, third)
    etag = stories.write(after, etag)
    assert stories.read("main") == (after, etag)
    assert stories.page("main", 3) == third
    assert len(waits) == 2 * times
    assert 0 < sum(waits) < 5


def test_a_store_that_stays_busy_is_given_up(busy: BusyStore, third: Page) -> None:
    stories = Stories(busy, lambda _: None)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    before, busy.times = dict(busy.objects), 1000
    with pytest.raises(BusyError):
        stories.write(longer(story, third), etag)
    with pytest.raises(BusyError):
        stories.add_page("main", third)
    assert (busy.objects, busy.times) == (before, 1000 - 2 * (len(PAUSES) + 1))


def test_that_a_store_was_busy_means_a_conflict_if_the_object_is_another_by_then(busy: BusyStore, third: Page) -> None:
    stories = Stories(busy, lambda _: None)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    other = replace(story, slot="other")
    busy.times, busy.meanwhile = 1, lambda: stories.write(other, etag)
    with pytest.raises(Conflict):
        stories.write(longer(story, third), etag)
    assert stories.read("main") == (other, etag_of(stories))


def test_a_write_that_took_place_before_the_store_was_busy_counts(busy: BusyStore, third: Page) -> None:
    """A client tries again by itself, and only the last of its tries is answered."""
    stories = Stories(busy, lambda _: None)
    story, etag = stories.read("main") or pytest.fail("nothing is recorded")
    after = longer(story, third)
    busy.times, busy.meanwhile = 1, lambda: stories.write(after, etag)
    assert stories.write(after, etag) == etag_of(stories)


def etag_of(stories: Stories) -> str:
    found = stories.read("main")
    assert found
    return found[1]
