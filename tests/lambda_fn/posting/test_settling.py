from collections.abc import Callable
from typing import Any

import pytest

from lambda_fn.errors import NotSentError, SettingError, StorageError
from lambda_fn.posting.account import Duplicate, NotSent, Refused, Unknown, Wait
from lambda_fn.posting.settling import drop, settle
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from tests.lambda_fn.office import RECORD, Office, at_once

PAGE_2 = "main/tweets/000002.json"


@pytest.fixture
def office() -> Office:
    """A story of one tweet and a draft in doubt, which was posted."""
    office = Office()
    office.publish()
    office.account.plans = ["lost"]
    office.publish({"slot": "noon", "style": "Charles Dickens"})
    return office


def owner_says(office: Office, tweet_id: str | None, **overrides: Any) -> int:
    settings = Settings.resolve(overrides, office.environment)
    return settle(settings, Stories(office.store), tweet_id, office.clock, lambda: office.storyteller)


def test_a_draft_that_was_posted_becomes_part_of_the_story(office: Office) -> None:
    draft = office.draft
    assert owner_says(office, "1001") == 2
    story, page = office.story, office.pages[1]
    assert (story.sequence, story.slot, story.token, story.state) == (2, "noon", draft.token, draft.state)
    assert (story.draft, story.recent[-1]) == (None, page.tweet)
    assert (page.tweet.text, page.tweet.tweet_id, dict(page.style)) == (draft.text, "1001", {"Charles Dickens": 1})


def test_after_a_draft_that_was_posted_the_next_tweet_follows(office: Office) -> None:
    owner_says(office, "1001")
    assert (office.publish().status, office.account.texts) == ("posted", office.told)
    assert len(office.told) == 3


def test_a_draft_that_was_not_posted_is_posted_next_without_looking(office: Office) -> None:
    office.account.timeline.pop()
    text = office.draft.text
    assert owner_says(office, None) == 2
    office.account.unreadable = True
    answer = office.publish()
    assert (answer.status, answer.text, answer.sequence) == ("posted", text, 2)


def test_a_draft_that_was_not_posted_is_in_doubt_no_more(office: Office) -> None:
    office.account.delay = 10_000
    office.clock.advance(181)
    office.account.plans = [Unknown("no answer came")]
    office.publish()
    assert office.draft.doubtful
    owner_says(office, None)
    assert (office.draft.doubtful, office.draft.outcome, office.draft.not_before) == (False, "not_sent", None)
    office.account.plans = [Duplicate("a duplicate")]
    assert office.publish().status == "rejected"


def test_a_draft_that_has_to_wait_need_not_when_its_owner_says_so(office: Office) -> None:
    owner_says(office, None)
    office.account.plans = [Wait(office.clock.now.replace(year=2030), "spend cap")]
    office.publish()
    owner_says(office, None)
    assert office.publish().status == "posted"


def test_a_draft_whose_outcome_is_known_can_be_settled_at_once(office: Office) -> None:
    owner_says(office, "1001")
    office.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        office.publish()
    assert owner_says(office, "7") == 3


@pytest.mark.parametrize("tweet_id", ["1001", None])
def test_a_draft_that_may_be_in_flight_is_left_alone(office: Office, tweet_id: str | None) -> None:
    owner_says(office, "1001")
    office.store.faults["create", "000003.json"] = "error"
    with pytest.raises(StorageError):
        office.publish()
    before = dict(office.store.objects)
    office.clock.advance(40)
    with pytest.raises(SettingError, match="claimed 40 seconds ago and may still be posted: look and settle when 180"):
        owner_says(office, tweet_id)
    assert office.store.objects == before
    office.clock.advance(140)
    assert owner_says(office, tweet_id) == 3


def owner_drops(office: Office, **overrides: Any) -> int:
    return drop(Settings.resolve(overrides, office.environment), Stories(office.store), office.clock)


def test_a_text_that_is_dropped_is_given_up_and_another_is_told(office: Office) -> None:
    office.account.timeline.pop()
    text = office.draft.text
    assert owner_drops(office) == 2
    assert (office.draft.outcome, office.draft.attempt, office.told) == ("rejected", 1, [office.account.texts[0]])
    answer = office.publish()
    assert (answer.status, answer.sequence) == ("posted", 2)
    assert answer.text != text
    assert office.account.texts == office.told


def test_a_text_that_has_to_wait_can_be_dropped(office: Office) -> None:
    owner_says(office, None)
    office.account.plans = [Wait(office.clock.now.replace(year=2027), "spend cap")]
    office.publish()
    owner_drops(office)
    assert office.publish().status == "posted"


def test_a_text_that_may_be_in_flight_is_not_dropped(office: Office) -> None:
    owner_says(office, "1001")
    office.store.faults["create", "000003.json"] = "error"
    with pytest.raises(StorageError):
        office.publish()
    before = dict(office.store.objects)
    with pytest.raises(SettingError, match="may still be posted"):
        owner_drops(office)
    assert office.store.objects == before


def test_a_text_that_the_archive_knows_as_posted_is_not_dropped(office: Office) -> None:
    office.store.faults["replace", RECORD] = "error"
    with pytest.raises(StorageError):
        owner_says(office, "1001")
    with pytest.raises(SettingError, match="tweet 2 is in the archive as posted under 1001"):
        owner_drops(office)
    office.clock.advance(181)
    assert office.publish().status == "recovered"


def test_without_a_draft_there_is_nothing_to_drop(office: Office) -> None:
    owner_drops(office)
    with pytest.raises(SettingError, match="nothing to settle"):
        owner_drops(office)


def test_without_a_draft_there_is_nothing_to_settle(office: Office) -> None:
    owner_says(office, "1001")
    with pytest.raises(SettingError, match="story 'main' has no tweet in flight: there is nothing to settle"):
        owner_says(office, "1001")


def test_of_a_story_that_is_not_there_there_is_nothing_to_settle(office: Office) -> None:
    with pytest.raises(SettingError, match="story 'other' has no tweet in flight"):
        owner_says(office, "1001", story="other")


def test_a_text_that_x_refused_is_not_in_flight(office: Office) -> None:
    owner_says(office, "1001")
    office.account.plans = [Refused("not permitted")]
    office.publish()
    with pytest.raises(SettingError, match="nothing to settle"):
        owner_says(office, None)


@pytest.mark.parametrize(
    ("tweet_id", "write", "problem"),
    [
        ("1001", f"create {PAGE_2}", "posted, but somebody else has changed the record"),
        (None, f"replace {RECORD}", "another process is telling story 'main'"),
    ],
)
def test_a_draft_that_another_process_takes_meanwhile_is_left_to_it(
    office: Office, tweet_id: str | None, write: str, problem: str
) -> None:
    # While the owner settles, an invocation looks, finds nothing yet, and claims it again.
    office.clock.advance(181)
    office.account.delay = 1000
    office.account.plans = [Unknown("no answer came")]
    waiting: list[Callable[[], object]] = [office.publish]

    def around(name: str, do: Callable[[], Any]) -> Any:
        if name == write and waiting:
            office.store.around = at_once
            waiting.pop()()
        return do()

    office.store.around = around
    with pytest.raises(StorageError, match=problem):
        owner_says(office, tweet_id)
    assert (office.story.sequence, office.draft.posts) == (1, 2)


@pytest.mark.parametrize("fault", ["unclear", "conflict"])
@pytest.mark.parametrize("tweet_id", ["1001", None])
def test_a_write_that_took_place_counts_whatever_was_answered(office: Office, tweet_id: str | None, fault: str) -> None:
    office.store.faults["replace", RECORD] = fault
    owner_says(office, tweet_id)
    draft = office.story.draft
    assert (office.story.sequence, draft and draft.outcome) == ((2, None) if tweet_id else (1, "not_sent"))
