"""What becomes of a story that is set aside, or told by a command that posts nothing, while its tweet is in flight."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from lambda_fn import commands
from lambda_fn.errors import Conflict, NotSentError, RecordError, StorageError, StoryError
from lambda_fn.posting.account import NotSent
from lambda_fn.posting.settling import settle
from lambda_fn.settings import Settings
from lambda_fn.storage.folder import FolderStore
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import page_to_json
from tests.lambda_fn.deaths import PAGE_2, STALE, die, leave_unknown, meanwhile
from tests.lambda_fn.office import Around, Office, at_once


@dataclass
class WatchedFolder:
    """A folder whose effects go through `around`, as those of the other stores of these tests do."""

    folder: FolderStore
    around: Around = at_once

    @property
    def uri(self) -> str:
        return self.folder.uri

    def read(self, key: str) -> tuple[bytes, str] | None:
        return self.around(f"read {key}", lambda: self.folder.read(key))

    def create(self, key: str, data: bytes) -> str:
        return self.around(f"create {key}", lambda: self.folder.create(key, data))

    def replace(self, key: str, data: bytes, etag: str) -> str:
        return self.around(f"replace {key}", lambda: self.folder.replace(key, data, etag))

    def put(self, key: str, data: bytes) -> None:
        self.around(f"put {key}", lambda: self.folder.put(key, data))


@dataclass
class Shelf:
    """A story in a folder, each of whose commands is a process of its own."""

    root: Path
    office: Office

    def post(self, around: Around = at_once, **event: Any) -> Any:
        self.office.store = WatchedFolder(FolderStore(self.root))
        return self.office.publish(event, around)

    def settings(self, **given: Any) -> Settings:
        return Settings.resolve(given, {**self.office.environment, "STORY_URI": str(self.root)})

    def tell(self, around: Around = at_once, **given: Any) -> str:
        store, settings = WatchedFolder(FolderStore(self.root), around), self.settings(**given)
        return next(commands.tell_next(settings, store, self.office.storyteller, 1, self.office.clock)).tweet.text

    def reset(self, **given: Any) -> str:
        return commands.reset(self.settings(**given))

    def settle(self, tweet_id: str | None, around: Around = at_once, **given: Any) -> int:
        settings = Settings.resolve(given, self.office.environment)
        stories = Stories(WatchedFolder(FolderStore(self.root), around))
        return settle(settings, stories, tweet_id, self.office.clock, lambda: self.office.storyteller)

    def told(self, story: str = "main") -> list[str]:
        return [page.tweet.text for page in commands.show(self.settings(story=story))]

    @property
    def pages(self) -> list[str]:
        return sorted(str(path.relative_to(self.root)) for path in self.root.rglob("[0-9]*.json"))


@pytest.fixture(params=["drawn", "fixed"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shelf]:
    """A story of one tweet; the seed of the next story is another, or the same."""
    office = Office()
    shelf = Shelf(tmp_path, office)
    shelf.post()
    if request.param == "drawn":
        del office.environment["STORY_SEED"]
    return shelf


EFFECTS = ["read main/tweets", "replace main/story.json", "post", "create main/tweets/000002.json", "the end"]


@pytest.mark.parametrize("effect", EFFECTS)
def test_a_story_set_aside_while_it_is_posted_leaves_nothing_in_the_next(shelf: Shelf, effect: str) -> None:
    around = meanwhile(effect, shelf.reset)
    with suppress(StoryError):
        shelf.post(around)
    if effect == "the end":
        shelf.reset()
    old = shelf.office.account.texts
    assert not [page for page in shelf.pages if page.startswith("main/")]
    shelf.office.clock.advance(STALE)
    for _ in range(5):
        assert shelf.post().status == "posted"
    assert shelf.told() == shelf.office.account.texts[-5:]
    shelf.office.clock.advance(STALE)
    shelf.post(story="main-2")
    assert shelf.told("main-2")[: len(old)] == old


@pytest.mark.parametrize("effect", ["read main/story.json", "post", "create main/tweets/000001.json"])
def test_a_story_set_aside_while_its_first_tweet_is_posted_leaves_nothing_in_the_next(
    tmp_path: Path, effect: str
) -> None:
    shelf = Shelf(tmp_path, Office())

    def reset() -> None:
        with suppress(StoryError):
            shelf.reset()

    with suppress(StoryError):
        shelf.post(meanwhile(effect, reset))
    shelf.office.clock.advance(STALE)
    before = len(shelf.office.account.texts)
    for _ in range(3):
        assert shelf.post(story="main").status == "posted"
    assert len(shelf.office.account.texts) == before + 3


def test_the_first_page_of_a_story_that_was_set_aside_is_not_put_into_the_next(tmp_path: Path) -> None:
    """The folder of the story is there only since its record was created, by the very invocation that posts."""
    office = Office()
    del office.environment["STORY_SEED"]
    shelf = Shelf(tmp_path, office)

    def begin_another() -> None:
        shelf.reset()
        with suppress(RuntimeError):
            Shelf(tmp_path, office).post(meanwhile("post", killed))

    with suppress(StoryError):
        shelf.post(meanwhile("create main/tweets/000001.json", begin_another))
    assert not [page for page in shelf.pages if page.startswith("main/")]
    office.clock.advance(STALE)
    assert [shelf.post(story="main").sequence for _ in range(2)] == [1, 2]


def killed() -> None:
    raise RuntimeError("killed")


def test_a_new_story_that_is_set_aside_while_it_is_told_stays_in_one_piece(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, Office())
    with suppress(StoryError):
        shelf.tell(meanwhile("create main/story.json", shelf.reset))
    assert not (tmp_path / "main" / "story.json").exists()
    shelf.tell()
    assert len(shelf.told()) == 1


def test_who_posts_for_a_story_that_was_set_aside_is_told_where_it_is(shelf: Shelf) -> None:
    with pytest.raises(StorageError, match="tweet 2 of story 'main' is posted, but the story was set aside meanwhile"):
        shelf.post(meanwhile("post", shelf.reset))
    shelf.office.clock.advance(STALE)
    assert shelf.post(story="main-2").status == "recovered"
    assert shelf.told("main-2") == shelf.office.account.texts


@pytest.mark.parametrize("effect", ["read main/tweets", "create main/tweets/000002.json", "replace main/story.json"])
def test_a_story_set_aside_while_it_is_told_leaves_nothing_in_the_next(shelf: Shelf, effect: str) -> None:
    with suppress(StoryError):
        shelf.tell(meanwhile(effect, shelf.reset))
    for number in range(1, 5):
        shelf.tell()
        assert len(shelf.told()) == number


@pytest.mark.parametrize("tweet_id", ["7", None])
@pytest.mark.parametrize("effect", ["create main/tweets/000002.json", "replace main/story.json"])
def test_a_story_set_aside_while_it_is_settled_leaves_nothing_in_the_next(
    shelf: Shelf, effect: str, tweet_id: str | None
) -> None:
    leave_unknown_on(shelf)
    with suppress(StoryError):
        shelf.settle(tweet_id, meanwhile(effect, shelf.reset))
    for _ in range(4):
        with suppress(StoryError):
            assert shelf.post().status in ("posted", "recovered")
    assert "main/tweets/000004.json" in shelf.pages


def leave_unknown_on(shelf: Shelf) -> None:
    shelf.office.account.plans = ["lost"]
    assert shelf.post().status == "unknown"
    shelf.office.clock.advance(STALE)


# A page with another text in the place of a tweet in flight


def leave_a_page(office: Office, **changed: Any) -> None:
    """What `tell` leaves that has lost the race for the record."""
    page = office.pages[0]
    tweet = replace(page.tweet, sequence=2, text="Told by hand.", tweet_id=None, paragraph=False)
    office.store.objects[PAGE_2] = page_to_json(replace(page, tweet=tweet, **changed))


def test_a_tweet_told_while_another_is_posted_in_its_place_comes_before_it(shelf: Shelf) -> None:
    shelf.office.environment["STORY_SEED"] = "7"

    def post() -> None:
        with pytest.raises(StoryError):
            shelf.post(meanwhile("post", finish), temperature=0.5, style="Charles Dickens")

    def finish() -> None:
        raise NotSentError("the machine stands still")

    with pytest.raises(Conflict, match="nothing was lost"):
        shelf.tell(meanwhile("create main/tweets/000002.json", post))
    shelf.office.clock.advance(STALE)
    shelf.post()
    assert shelf.office.account.texts[0] == shelf.told()[0]
    assert set(shelf.office.account.texts) <= set(shelf.told())


def page_at(office: Office, effect: str) -> Around:
    return meanwhile(effect, lambda: leave_a_page(office))


@pytest.mark.parametrize("effect", ["post", f"create {PAGE_2}"])
def test_a_tweet_posted_beside_a_page_with_another_text_comes_after_it(begun: Office, effect: str) -> None:
    answer = begun.publish(around=page_at(begun, effect), event={"slot": "s"})
    text = begun.account.texts[1]
    assert (answer.status, answer.sequence, answer.text, answer.tweet_id) == ("posted", 3, text, "1001")
    assert begun.told == [begun.account.texts[0], "Told by hand.", text]
    assert (begun.story.sequence, begun.story.slot, begun.story.draft) == (3, "s", None)
    assert begun.publish().sequence == 4
    assert_whole(begun)


@pytest.mark.parametrize("plan", ["lost", "late"])
def test_a_tweet_found_beside_a_page_with_another_text_comes_after_it(begun: Office, plan: str) -> None:
    leave_unknown(begun, plan)
    begun.account.arrive()
    leave_a_page(begun)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("recovered", 3, begun.account.texts[1])
    assert_whole(begun)


def test_a_tweet_in_doubt_beside_a_page_with_another_text_is_not_lost(begun: Office) -> None:
    begun.account.refuses_duplicates, begun.account.delay = True, 10 * STALE
    leave_unknown(begun)  # X has it, and does not show it yet
    leave_a_page(begun)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("recovered", 3, begun.account.texts[1])
    assert_whole(begun)


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.parametrize("effect", ["replace main/story.json", "create main/tweets/000003.json"])
def test_who_dies_while_a_tweet_is_put_behind_a_page_leaves_it_to_the_next(
    begun: Office, effect: str, done: bool
) -> None:
    leave_unknown(begun)
    leave_a_page(begun)
    die(begun, effect, done=done)
    begun.clock.advance(STALE)
    assert begun.publish().status == "recovered"
    assert_whole(begun)


def test_two_that_put_the_same_tweet_behind_a_page_do_it_once(begun: Office) -> None:
    leave_unknown(begun)
    leave_a_page(begun)
    with suppress(StorageError):
        begun.publish(around=meanwhile("replace main/story.json", begun.publish))
    assert_whole(begun)
    assert begun.story.sequence == 3


def test_a_page_of_another_story_beside_a_posted_tweet_says_what_to_do(begun: Office) -> None:
    leave_unknown(begun)
    leave_a_page(begun, seed=8)
    with pytest.raises(RecordError, match=r"main/tweets/000002\.json is from another story, .* move it away"):
        begun.publish()
    del begun.store.objects[PAGE_2]
    assert begun.publish().status == "recovered"
    assert begun.told == begun.account.texts


def test_a_page_of_another_story_further_on_says_what_to_do(begun: Office) -> None:
    page = begun.pages[0]
    key = "main/tweets/000003.json"
    begun.store.objects[key] = page_to_json(replace(page, tweet=replace(page.tweet, sequence=3), seed=8))
    with pytest.raises(RecordError, match=r"main/tweets/000003\.json is from another story, .* move it away"):
        begun.publish()
    del begun.store.objects[key]
    assert begun.publish().status == "posted"


def test_an_owner_can_settle_a_tweet_beside_a_page_with_another_text(begun: Office) -> None:
    leave_unknown(begun)
    leave_a_page(begun)
    settings = Settings.resolve({}, begun.environment)
    assert settle(settings, Stories(begun.store), "1001", begun.clock, lambda: begun.storyteller) == 3
    assert begun.publish().sequence == 4
    assert_whole(begun)


def test_a_tweet_never_posted_still_gives_way_to_a_page(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    leave_a_page(begun)
    assert begun.publish().sequence == 3
    assert [*begun.told[:1], *begun.told[2:]] == begun.account.texts


def assert_whole(office: Office) -> None:
    """The account has every tweet but the one that was told by hand, and the state is what reading the texts gives."""
    told = office.told
    assert told[1] == "Told by hand."
    assert [told[0], *told[2:]] == office.account.texts
    other = Office()
    stories, storyteller = Stories(other.store), office.storyteller
    settings = Settings.resolve({}, office.environment)
    story, _, voice = storyteller.load(stories, settings)
    for page in office.pages:
        story = storyteller.catch_up(story, page, voice)
    assert (story.token, story.state) == (office.story.token, office.story.state)
