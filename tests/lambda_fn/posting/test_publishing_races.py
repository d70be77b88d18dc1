"""Writes whose answer is lost, races, and a change of style or bundle between two steps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lambda_fn.errors import NotSentError, SettingError, StorageError, UnclearWrite
from lambda_fn.posting.account import NotSent, Posted, Refused, Unknown, Wait
from lambda_fn.posting.settling import settle
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import page_to_json
from tests.lambda_fn.deaths import PAGE_2, STALE, die, leave_unknown, meanwhile
from tests.lambda_fn.office import NOON, RECORD, Office
from tests.lambda_fn.quick import QuickStoryteller

# Writes whose answer is lost, and races


@pytest.mark.parametrize("fault", ["unclear", "conflict"])
@pytest.mark.parametrize("write", [("create", PAGE_2), ("replace", RECORD)])
def test_a_write_that_took_place_counts_whatever_was_answered(
    begun: Office, write: tuple[str, str], fault: str
) -> None:
    begun.store.faults[write] = fault
    assert begun.publish().status == "posted"
    assert (begun.store.faults, begun.told, begun.story.draft) == ({}, begun.account.texts, None)


@pytest.mark.parametrize("fault", ["unclear", "conflict"])
def test_a_new_story_whose_first_claim_took_place_goes_on_whatever_was_answered(office: Office, fault: str) -> None:
    office.store.faults["create", RECORD] = fault
    assert office.publish().status == "posted"


@pytest.mark.parametrize("fault", ["lost", "error"])
def test_a_claim_that_did_not_take_place_posts_nothing(begun: Office, fault: str) -> None:
    before = dict(begun.store.objects)
    begun.store.faults["replace", RECORD] = fault
    with pytest.raises(UnclearWrite if fault == "lost" else StorageError):
        begun.publish()
    assert (begun.store.objects, len(begun.account.calls)) == (before, 1)
    assert begun.publish().status == "posted"


@pytest.mark.parametrize("fault", ["lost", "error"])
@pytest.mark.parametrize("write", [("create", PAGE_2), ("replace", RECORD)])
def test_a_post_that_could_not_be_recorded_is_found_again(begun: Office, write: tuple[str, str], fault: str) -> None:
    def around(name: str, do: Callable[[], Any]) -> Any:
        found = do()
        if name == "post":
            begun.store.faults[write] = fault
        return found

    with pytest.raises(StorageError):
        begun.publish(around=around)
    begun.clock.advance(STALE)
    assert begun.publish().status == "recovered"
    assert begun.account.texts == begun.told
    assert len(begun.told) == 2


@pytest.mark.parametrize("fault", ["lost", "error"])
@pytest.mark.parametrize(
    ("outcome", "status"), [(Unknown("no answer came"), "unknown"), (Wait(NOON, "429: too many requests"), "waiting")]
)
def test_an_outcome_that_could_not_be_noted_is_answered_and_looked_up_later(
    begun: Office, outcome: Unknown | Wait, status: str, fault: str
) -> None:
    begun.account.plans = [outcome]

    def around(name: str, do: Callable[[], Any]) -> Any:
        found = do()
        if name == "post":
            begun.store.faults["replace", RECORD] = fault
        return found

    assert begun.publish(around=around).status == status
    assert begun.draft.outcome is None
    begun.clock.advance(STALE)
    assert begun.publish().status == "posted"
    assert len(begun.account.looks) == 1


@pytest.mark.parametrize("write", [("create", RECORD), ("create", "main/tweets/000001.json"), ("replace", RECORD)])
def test_a_store_that_asks_to_try_again_costs_no_tweet(office: Office, write: tuple[str, str]) -> None:
    office.store.faults[write] = "busy"
    assert office.publish().status == "posted"
    assert (office.store.faults, office.told, office.story.draft) == ({}, office.account.texts, None)


def test_whoever_begins_a_story_second_has_lost_the_race(office: Office) -> None:
    answer = office.publish(around=meanwhile(f"create {RECORD}", office.publish))
    assert (answer.status, answer.sequence) == ("lost_race", 1)
    assert office.account.texts == office.told
    assert len(office.told) == 1


def test_whoever_claims_second_has_lost_the_race(begun: Office) -> None:
    answer = begun.publish(around=meanwhile(f"replace {RECORD}", begun.publish))
    assert (answer.status, answer.sequence) == ("lost_race", 2)
    assert len(begun.account.calls) == 2


def test_of_two_that_find_the_same_stale_draft_one_posts(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    answer = begun.publish(around=meanwhile(f"replace {RECORD}", begun.publish))
    assert answer.status == "lost_race"
    assert begun.account.texts == begun.told
    assert len(begun.told) == 2


def test_a_lost_race_is_lost_even_when_its_answer_is_lost_too(begun: Office) -> None:
    def other() -> None:
        begun.publish()
        begun.store.faults["replace", RECORD] = "lost"

    assert begun.publish(around=meanwhile(f"replace {RECORD}", other)).status == "lost_race"


def test_two_that_find_the_same_draft_on_the_timeline_settle_it_once(begun: Office) -> None:
    leave_unknown(begun)

    def other() -> None:
        begun.clock.advance(1)
        begun.publish()

    answer = begun.publish(around=meanwhile(f"create {PAGE_2}", other))
    assert (answer.status, answer.tweet_id) == ("recovered", "1001")
    assert (begun.told, begun.story.sequence) == (begun.account.texts, 2)
    assert [line["sequence"] for line in begun.events("settled")] == [1, 2]


def test_a_tweet_that_another_has_recorded_meanwhile_is_recorded(begun: Office) -> None:
    leave_unknown(begun)
    answer = begun.publish(around=meanwhile(f"replace {RECORD}", begun.publish))
    assert (answer.status, begun.story.sequence) == ("recovered", 2)


def test_a_tweet_that_was_recorded_long_ago_is_recorded(begun: Office) -> None:
    leave_unknown(begun)

    def others() -> None:
        begun.publish()
        begun.publish()

    assert begun.publish(around=meanwhile(f"create {PAGE_2}", others)).status == "recovered"
    assert (begun.told, begun.story.sequence) == (begun.account.texts, 3)


def test_a_tweet_that_nobody_has_recorded_is_an_error_until_the_next_settles_it(begun: Office) -> None:
    def owner() -> None:
        # The owner says that it was not posted, and is wrong.
        found = begun.store.objects[RECORD]
        begun.store.objects[RECORD] = found.replace(b'"posts": 1', b'"posts": 2')

    with pytest.raises(StorageError, match="tweet 2 of story 'main' is posted, but somebody else has changed"):
        begun.publish(around=meanwhile(f"create {PAGE_2}", owner))
    begun.clock.advance(STALE)
    assert begun.publish().status == "recovered"
    assert begun.account.texts == begun.told


def test_a_record_that_cannot_be_read_changes_nothing(begun: Office) -> None:
    before = dict(begun.store.objects)
    begun.store.faults["read", RECORD] = "error"
    with pytest.raises(StorageError):
        begun.publish()
    assert (begun.store.objects, len(begun.account.calls)) == (before, 1)


@pytest.mark.parametrize(
    "event", [{"style": "Nobody"}, {"slot": 3}, {"temperature": "hot"}, {"seed": 8}, {"prompt": "It is"}]
)
def test_a_wrong_setting_is_an_error_before_any_side_effect(begun: Office, event: dict[str, Any]) -> None:
    before = dict(begun.store.objects)
    with pytest.raises(SettingError):
        begun.publish(event)
    assert (begun.store.objects, len(begun.account.calls)) == (before, 1)


# Styles and bundles


def test_a_style_given_with_an_event_holds_for_that_tweet_alone(begun: Office) -> None:
    begun.publish({"style": "Charles Dickens", "temperature": 0.5})
    begun.publish()
    styles = [(dict(page.style), page.sampling.temperature) for page in begun.pages]
    assert styles == [({"Jane Austen": 1}, 0.9), ({"Charles Dickens": 1}, 0.5), ({"Jane Austen": 1}, 0.9)]


def test_the_archive_says_how_a_draft_was_told_not_how_the_next_was_to_be(begun: Office) -> None:
    leave_unknown(begun, style="Charles Dickens", temperature=0.5)
    begun.publish({"style": "Jane Austen"})
    page = begun.pages[1]
    assert (dict(page.style), page.sampling.temperature) == ({"Charles Dickens": 1}, 0.5)


@pytest.mark.parametrize("plan", ["lost", "nothing posted"])
def test_a_draft_is_settled_as_it_was_told_before_another_bundle_takes_over(begun: Office, plan: str) -> None:
    old = begun.story.bundle
    leave_unknown(begun, plan)
    draft = begun.draft
    begun.storyteller = QuickStoryteller("other")
    begun.publish()
    assert (begun.story.bundle, begun.pages[1].bundle, begun.story.state) == (old, old, draft.state)
    begun.publish()
    assert begun.story.bundle == begun.pages[2].bundle == begun.storyteller.bundle
    assert begun.account.texts == begun.told


def test_a_text_refused_under_one_bundle_is_replaced_under_another(begun: Office) -> None:
    begun.account.plans = [Refused("not permitted")]
    begun.publish()
    begun.storyteller = QuickStoryteller("other")
    begun.publish()
    assert (begun.pages[1].bundle, begun.told) == (begun.storyteller.bundle, begun.account.texts)


def test_a_page_that_a_local_telling_left_is_taken_as_told(begun: Office) -> None:
    begun.publish()
    other = Office()
    other.publish()
    other.store.objects[PAGE_2] = begun.store.objects[PAGE_2]
    answer = other.publish()
    assert (answer.status, answer.sequence, other.told[:2]) == ("posted", 3, begun.told)
    assert other.account.texts == [other.told[0], other.told[2]]


def test_a_draft_that_its_owner_settled_half_is_not_posted_again(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    begun.store.faults["replace", RECORD] = "error"
    settings = Settings.resolve({}, begun.environment)
    with pytest.raises(StorageError):
        settle(settings, Stories(begun.store), "1001", begun.clock, lambda: begun.storyteller)
    assert begun.publish().status == "recovered"
    assert len(begun.account.texts) == 1  # the owner's own post is not on this account


def test_a_draft_never_posted_gives_way_to_a_text_that_was_told_in_its_place(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    page = begun.pages[0]
    other = replace(page, tweet=replace(page.tweet, sequence=2, text="Told by hand."))
    begun.store.objects[PAGE_2] = page_to_json(other)
    assert begun.publish().sequence == 3
    assert begun.told[1] == "Told by hand."
    assert begun.account.texts == [begun.told[0], begun.told[2]]


def test_a_text_that_was_told_but_not_posted_is_no_proof_that_the_draft_was(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    page = begun.pages[0]
    same = replace(page, tweet=replace(page.tweet, sequence=2, text=begun.draft.text, tweet_id=None))
    begun.store.objects[PAGE_2] = page_to_json(same)  # as `tell` leaves it, which lost the race for the record
    assert begun.publish().status == "posted"
    assert begun.account.texts == begun.told


def test_a_doubtful_draft_is_put_behind_a_text_told_in_its_place_before_it_is_posted_again(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    page = begun.pages[0]
    other = replace(page, tweet=replace(page.tweet, sequence=2, text="Told by hand.", tweet_id=None))
    begun.store.objects[PAGE_2] = page_to_json(other)
    begun.account.plans = [Unknown("no answer came")]
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("unknown", 3, begun.draft.text)
    assert (begun.story.sequence, begun.story.recent[-1].text) == (2, "Told by hand.")


def test_a_draft_archived_without_an_id_is_recorded_without_another_post(begun: Office) -> None:
    leave_unknown(begun)
    begun.account.refuses_duplicates, begun.account.delay = True, 1e6  # X says that it has it, its timeline does not
    die(begun, f"create {PAGE_2}", done=True)
    begun.clock.advance(STALE)
    calls = len(begun.account.calls)
    assert (begun.publish().status, len(begun.account.calls)) == ("recovered", calls)
    assert begun.account.texts == begun.told


def test_a_claim_of_a_clock_that_was_wrong_is_looked_up(begun: Office) -> None:
    begun.clock.advance(365 * 86_400)
    die(begun, "post", done=False)
    begun.clock.advance(-365 * 86_400)
    assert begun.publish().status == "posted"
    assert begun.account.texts == begun.told


def test_a_slot_far_in_the_future_does_not_keep_the_others_from_being_told(office: Office) -> None:
    office.publish({"slot": "2031-01-01T00:00:00Z"})
    assert office.publish({"slot": "2026-11-22T18:00:00Z"}).status == "posted"
    assert office.publish({"slot": "2026-11-22T12:00:00Z"}).status == "already_told"


def test_a_story_that_goes_on_while_it_is_read_is_no_damaged_one(begun: Office) -> None:
    def others() -> None:
        begun.publish()
        begun.publish()

    begun.publish(around=meanwhile("read main/tweets/000003.json", others))
    assert begun.account.texts == begun.told
    assert len(begun.told) == 4


def test_each_call_of_x_is_logged_with_its_duration_and_outcome(begun: Office) -> None:
    leave_unknown(begun)
    begun.publish()
    called, looked = begun.events("called")[-1], begun.events("looked")[-1]
    assert (called["outcome"], looked["tweet_id"]) == (Unknown.__name__, "1001")
    assert called["milliseconds"] >= 0
    assert begun.events("called")[0]["outcome"] == Posted.__name__
