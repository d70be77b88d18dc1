"""Each step of claim → post → record, by itself."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta

import pytest

from lambda_fn.errors import TimelineError
from lambda_fn.posting.account import Refused, Unknown, Wait
from lambda_fn.posting.publishing import LOOK_BACK, X_EPOCH, Answer
from tests.lambda_fn.deaths import PAGE_2, STALE, die, leave_unknown, meanwhile
from tests.lambda_fn.office import NOON, Office
from tests.lambda_fn.quick import QuickStoryteller

# An ordinary run


def test_a_new_story_begins_with_the_prompt(office: Office) -> None:
    answer = office.publish({"slot": "2026-11-22T12:00:00Z"})
    assert answer == Answer("posted", "main", 1, office.account.texts[0], "1000")
    assert answer.text.startswith("It was")


def test_what_was_posted_is_in_the_archive_and_in_the_record(office: Office) -> None:
    office.publish({"slot": "2026-11-22T12:00:00Z"})
    page, story = office.pages[0], office.story
    assert (page.tweet.text, page.tweet.tweet_id, page.tweet.time) == (office.account.texts[0], "1000", NOON)
    assert (story.sequence, story.slot, story.recent, story.draft) == (1, "2026-11-22T12:00:00Z", (page.tweet,), None)


def test_every_invocation_posts_one_tweet_more(office: Office) -> None:
    answers = [office.publish() for _ in range(3)]
    assert [answer.sequence for answer in answers] == [1, 2, 3]
    assert office.account.texts == [answer.text for answer in answers] == office.told


def test_the_draft_is_in_the_record_before_it_is_posted_and_nothing_else_is(begun: Office) -> None:
    before = begun.story
    die(begun, "post", done=False, slot="s")
    draft = begun.draft
    assert (draft.slot, draft.attempt, draft.posts, draft.doubtful, draft.outcome) == ("s", 0, 1, False, None)
    assert draft.first_claimed_at == draft.claimed_at == begun.clock()
    assert (begun.story.sequence, begun.story.state, begun.told) == (1, before.state, [begun.account.texts[0]])


def test_the_archive_is_written_before_the_record(begun: Office) -> None:
    die(begun, f"create {PAGE_2}", done=True)
    assert (len(begun.pages), begun.story.sequence) == (2, 1)


def test_the_answer_is_a_json_object(office: Office) -> None:
    answer = office.publish()
    expected = {"status": "posted", "story": "main", "sequence": 1, "text": answer.text, "tweet_id": "1000"}
    assert asdict(answer) == expected | {"reason": None}


def test_each_step_that_matters_is_logged_once(office: Office) -> None:
    office.publish()
    assert [line["event"] for line in office.lines] == ["told", "claimed", "called", "posted", "settled"]
    assert office.events("settled") == [{"event": "settled", "sequence": 1, "tweet_id": "1000"}]


def test_a_story_that_goes_on_under_another_bundle_is_logged_once(begun: Office) -> None:
    before = begun.story.bundle
    begun.storyteller = QuickStoryteller("other")
    begun.publish()
    begun.publish()
    assert begun.events("another_bundle") == [
        {"event": "another_bundle", "sequence": 2, "before": before, "now": begun.story.bundle}
    ]
    assert begun.story.bundle != before


# Slots


def test_a_slot_that_comes_twice_is_told_once(office: Office) -> None:
    first = office.publish({"slot": "2026-11-22T12:00:00Z"})
    again = office.publish({"slot": "2026-11-22T12:00:00Z"})
    assert again == Answer("already_told", "main", 1, first.text, first.tweet_id)
    assert office.account.texts == [first.text]


@pytest.mark.parametrize(
    ("told", "late"),
    [
        ("2026-11-22T18:00:00Z", "2026-11-22T12:00:00Z"),
        ("2026-11-22T18:00:00Z", "2026-11-22T18:30:00+01:00"),
        ("2026-11-22T18:00:00", "2026-11-22T17:00:00"),
        ("2026-11-22T12:00:00Z", "2026-11-22T11:00:00"),
    ],
    ids=["earlier", "earlier in another time zone", "earlier without time zones", "earlier without a time zone"],
)
def test_a_slot_that_comes_after_a_later_one_is_not_told(office: Office, told: str, late: str) -> None:
    office.publish({"slot": told})
    assert office.publish({"slot": late}).status == "already_told"


@pytest.mark.parametrize(
    ("told", "following"),
    [
        ("2026-11-22T12:00:00Z", "2026-11-22T18:00:00Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T13:00:00"),
        ("noon", "2026-11-22T12:00:00Z"),
        ("b", "a"),
    ],
    ids=["later", "with and without a time zone", "no time and a time", "no times"],
)
def test_another_slot_is_told(office: Office, told: str, following: str) -> None:
    office.publish({"slot": told})
    assert office.publish({"slot": following}).status == "posted"


def test_a_slot_stays_told_when_somebody_tells_by_hand_in_between(office: Office) -> None:
    office.publish({"slot": "2026-11-22T12:00:00Z"})
    assert office.publish().status == "posted"
    assert office.publish({"slot": "2026-11-22T12:00:00Z"}).status == "already_told"


def test_a_slot_counts_as_told_for_the_draft_that_was_claimed_for_it(office: Office) -> None:
    leave_unknown(office, slot="2026-11-22T12:00:00Z")
    assert office.publish({"slot": "2026-11-22T18:00:00Z"}).status == "recovered"
    assert office.story.slot == "2026-11-22T12:00:00Z"


# A draft that is not ours


def test_a_young_draft_is_left_to_whoever_claimed_it(begun: Office) -> None:
    die(begun, "post", done=False)
    before = dict(begun.store.objects)
    begun.clock.advance(179)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("waiting", 2, begun.draft.text)
    assert begun.store.objects == before
    assert begun.account.looks == []


def test_how_long_a_draft_is_young_can_be_set(begun: Office) -> None:
    die(begun, "post", done=True)
    begun.environment["RECONCILE_AFTER"] = "300"
    begun.clock.advance(299)
    assert begun.publish().status == "waiting"
    begun.clock.advance(1)
    assert begun.publish().status == "recovered"


def test_a_young_draft_of_unknown_outcome_is_left_alone_too(begun: Office) -> None:
    begun.account.plans = ["lost"]
    begun.publish()
    assert begun.publish().status == "waiting"


def test_a_draft_that_is_found_on_the_timeline_is_recovered(begun: Office) -> None:
    leave_unknown(begun)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.tweet_id) == ("recovered", 2, "1001")
    assert len(begun.account.calls) == 2
    assert (begun.told, begun.story.draft) == (begun.account.texts, None)


def test_the_timeline_is_read_from_ten_minutes_before_the_first_claim(begun: Office) -> None:
    claimed = begun.clock()
    leave_unknown(begun, "nothing posted")
    leave_unknown(begun, "nothing posted")
    begun.publish()
    assert timedelta(minutes=10) == LOOK_BACK
    assert begun.account.looks == [claimed - LOOK_BACK] * 2


# Clocks


def set_x_clock(office: Office, seconds: float) -> None:
    """X's clock differs from the bot's by so much from now on."""
    clock = office.clock
    office.account.clock = lambda: clock() + timedelta(seconds=seconds)


@pytest.mark.parametrize("ahead", [-300, -240, -61, 61, 300])
@pytest.mark.parametrize("others", [-300, 0, 300])
def test_a_tweet_is_found_whichever_clock_of_those_that_x_takes_is_wrong(
    begun: Office, ahead: float, others: float
) -> None:
    set_x_clock(begun, -ahead)  # the one who posts is ahead by so much
    leave_unknown(begun)
    begun.clock.advance(700 + others - ahead)  # the one who looks is ahead by another
    set_x_clock(begun, -others)
    assert begun.publish().status == "recovered"
    assert begun.account.texts == begun.told


@pytest.mark.parametrize("ahead", [1, 299, 599])
def test_a_claim_of_a_clock_that_is_ahead_is_left_to_whoever_made_it(begun: Office, ahead: float) -> None:
    begun.clock.advance(ahead)
    die(begun, "post", done=False)
    begun.clock.advance(-ahead)
    assert begun.publish().status == "waiting"
    begun.clock.advance(ahead + STALE)
    assert begun.publish().status == "posted"


def test_a_claim_far_ahead_is_looked_up_from_the_tweet_before_on_and_not_in_the_future(begun: Office) -> None:
    told = begun.story.recent[-1].time
    begun.clock.advance(365 * 86_400)
    die(begun, "post", done=False)
    begun.clock.advance(-364 * 86_400)
    assert begun.publish().status == "posted"
    assert begun.account.looks == [told - LOOK_BACK]


def test_a_first_claim_far_ahead_is_looked_up_as_far_back_as_x_goes(office: Office) -> None:
    office.clock.advance(365 * 86_400)
    die(office, "post", done=False)
    office.clock.advance(-365 * 86_400)
    assert office.publish().status == "posted"
    assert office.account.looks == [X_EPOCH - LOOK_BACK]


def test_a_claim_of_long_ago_asks_for_no_time_that_x_does_not_know(begun: Office) -> None:
    now, begun.clock.now = begun.clock.now, datetime(1970, 1, 1, tzinfo=UTC)
    die(begun, "post", done=False)
    begun.clock.now = now
    assert begun.publish().status == "posted"
    assert begun.account.looks == [X_EPOCH - LOOK_BACK]


def test_a_claim_far_ahead_is_dated_anew(begun: Office) -> None:
    """Else a text that X refuses would be kept until then."""
    begun.clock.advance(365 * 86_400)
    die(begun, "post", done=False)
    begun.clock.advance(-365 * 86_400)
    begun.account.plans = [Unknown("no answer came")]
    assert begun.publish().status == "unknown"
    assert begun.draft.first_claimed_at == begun.clock()
    begun.clock.advance(3600)
    begun.account.plans = [Refused("not permitted")]
    assert begun.publish().status == "rejected"


@pytest.mark.parametrize("days", [40, 365, 300_000])
def test_a_pause_that_a_wrong_clock_has_noted_is_not_kept(begun: Office, days: int) -> None:
    begun.account.plans = [Wait(begun.clock() + timedelta(days=days), "429: too many requests")]
    assert begun.publish().status == "waiting"
    assert begun.publish().status == "posted"


def test_a_pause_of_a_claim_far_ahead_is_not_kept(begun: Office) -> None:
    begun.clock.advance(86_400)
    begun.account.plans = [Wait(begun.clock() + timedelta(hours=1), "429: too many requests")]
    assert begun.publish().status == "waiting"
    begun.clock.advance(-86_400)
    assert begun.publish().status == "posted"


def test_a_draft_that_is_not_found_is_claimed_again_and_posted(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    old = begun.draft
    seen = []
    answer = begun.publish(around=meanwhile("post", lambda: seen.append(begun.draft)))
    assert (answer.status, answer.sequence, answer.text) == ("posted", 2, old.text)
    assert (seen[0].posts, seen[0].doubtful, seen[0].outcome) == (2, True, None)
    assert (seen[0].claimed_at, seen[0].first_claimed_at) == (begun.clock(), old.claimed_at)
    assert seen[0].claim != old.claim


def test_a_draft_whose_owner_died_before_posting_is_posted(begun: Office) -> None:
    die(begun, "post", done=False)
    begun.clock.advance(STALE)
    assert begun.publish().status == "posted"
    assert begun.account.texts == begun.told


def test_a_timeline_that_cannot_be_read_leaves_the_record_as_it_is(begun: Office) -> None:
    leave_unknown(begun)
    before = dict(begun.store.objects)
    begun.account.unreadable = True
    with pytest.raises(TimelineError, match=r"could not be read; if that lasts, .* settle"):
        begun.publish()
    assert begun.store.objects == before
    begun.account.unreadable = False
    assert begun.publish().status == "recovered"


def test_a_draft_that_is_archived_is_settled_without_looking(begun: Office) -> None:
    die(begun, f"create {PAGE_2}", done=True)
    begun.account.unreadable = True
    assert begun.publish().status == "waiting"
    begun.clock.advance(STALE)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.tweet_id) == ("recovered", 2, "1001")
    assert (begun.story.sequence, begun.story.recent[-1]) == (2, begun.pages[1].tweet)


def test_a_draft_is_settled_for_its_own_slot(begun: Office) -> None:
    die(begun, f"create {PAGE_2}", done=True, slot="one")
    begun.clock.advance(STALE)
    begun.publish({"slot": "other"})
    assert begun.story.slot == "one"
