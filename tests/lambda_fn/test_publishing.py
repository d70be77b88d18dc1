"""Each row of the table of outcomes, and each step of claim → post → record, by itself."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lambda_fn.archive import page_to_json
from lambda_fn.errors import NotSentError, RejectedError, SettingError, StorageError, TimelineError, UnclearWrite
from lambda_fn.publishing import LOOK_BACK, Answer
from lambda_fn.settings import Settings
from lambda_fn.settling import settle
from lambda_fn.stories import Stories
from lambda_fn.x_api.outcomes import Duplicate, NotSent, ParentGone, Posted, Refused, Stop, Unknown, Wait
from tests.lambda_fn.desk import NOON, RECORD, Around, Office
from tests.lambda_fn.quick import QuickNarrator

PAGE_2 = "main/tweets/000002.json"
STALE = 181.0  # seconds: more than RECONCILE_AFTER


class Died(BaseException):
    """The process is no more: nothing catches this."""


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def begun(office: Office) -> Office:
    """A story of one tweet."""
    office.publish()
    return office


def dying_at(effect: str, *, done: bool) -> Around:
    """The process dies when it comes to an effect: before it takes place, or just after."""

    def around(name: str, do: Callable[[], Any]) -> Any:
        if not name.startswith(effect):
            return do()
        if done:
            do()
        raise Died

    return around


def meanwhile(effect: str, what: Callable[[], object]) -> Around:
    """Something happens elsewhere when the process comes to an effect, once."""
    waiting = [what]

    def around(name: str, do: Callable[[], Any]) -> Any:
        if name.startswith(effect) and waiting:
            waiting.pop()()
        return do()

    return around


def die(office: Office, effect: str, *, done: bool, **event: object) -> None:
    with pytest.raises(Died):
        office.publish(event, dying_at(effect, done=done))


def leave_unknown(office: Office, plan: str = "lost", **event: object) -> None:
    """Leave a draft of which nobody knows whether it was posted, old enough to be looked up."""
    office.account.plans = [Unknown("no answer came") if plan == "nothing posted" else plan]
    assert office.publish(event).status == "unknown"
    office.clock.advance(STALE)


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
    assert answer.to_object() == expected | {"reason": None}


def test_each_step_that_matters_is_logged_once(office: Office) -> None:
    office.publish()
    assert [line["event"] for line in office.lines] == ["told", "claimed", "called", "posted", "settled"]
    assert office.events("settled") == [{"event": "settled", "sequence": 1, "tweet_id": "1000"}]


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
    ],
    ids=["earlier", "earlier in another time zone", "earlier without a time zone"],
)
def test_a_slot_that_comes_after_a_later_one_is_not_told(office: Office, told: str, late: str) -> None:
    office.publish({"slot": told})
    assert office.publish({"slot": late}).status == "already_told"


@pytest.mark.parametrize(
    ("told", "following"),
    [
        ("2026-11-22T12:00:00Z", "2026-11-22T18:00:00Z"),
        ("2026-11-22T12:00:00Z", "2026-11-22T11:00:00"),
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


def test_the_timeline_is_read_from_a_minute_before_the_first_claim(begun: Office) -> None:
    claimed = begun.clock()
    leave_unknown(begun, "nothing posted")
    leave_unknown(begun, "nothing posted")
    begun.publish()
    assert begun.account.looks == [claimed - LOOK_BACK] * 2


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
    with pytest.raises(TimelineError, match="could not be read"):
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


# What the answer of X means


def test_an_unknown_outcome_is_noted_and_answered(begun: Office) -> None:
    begun.account.plans = ["lost"]
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.reason) == ("unknown", 2, "no answer came")
    assert (begun.draft.outcome, begun.draft.posts, begun.story.sequence) == ("unknown", 1, 1)


@pytest.mark.parametrize("outcome", [NotSent("no connection"), Stop("401: renew the access token")])
def test_what_was_not_posted_is_noted_and_raised(begun: Office, outcome: NotSent | Stop) -> None:
    begun.account.plans = [outcome]
    with pytest.raises(NotSentError, match=f"^{outcome.reason}$"):
        begun.publish()
    assert (begun.draft.outcome, begun.draft.doubtful, begun.story.sequence) == ("not_sent", False, 1)


@pytest.mark.parametrize("outcome", [NotSent("no connection"), Stop("401: renew the access token")])
def test_what_was_not_posted_is_posted_by_the_retry_without_looking(begun: Office, outcome: NotSent | Stop) -> None:
    begun.account.plans, begun.account.unreadable = [outcome], True
    with pytest.raises(NotSentError):
        begun.publish()
    text = begun.draft.text
    answer = begun.publish()
    assert (answer.status, answer.text) == ("posted", text)


def test_what_was_not_posted_is_claimed_again_without_doubt(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    die(begun, "post", done=False)
    assert (begun.draft.posts, begun.draft.doubtful, begun.draft.outcome) == (2, False, None)


def test_what_an_earlier_post_may_have_done_is_looked_up_though_the_last_was_not_sent(begun: Office) -> None:
    begun.account.delay = 2 * STALE
    leave_unknown(begun)
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    begun.clock.advance(STALE)
    assert (begun.publish().status, len(begun.account.calls)) == ("recovered", 3)


def test_too_many_requests_wait_until_x_takes_posts_again(begun: Office) -> None:
    until = begun.clock() + timedelta(hours=1)
    begun.account.plans = [Wait(until, "429: too many requests")]
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.reason) == ("waiting", 2, "429: too many requests")
    assert (begun.draft.outcome, begun.draft.not_before) == ("not_sent", until)


def test_nothing_is_posted_before_x_takes_posts_again(begun: Office) -> None:
    begun.account.plans = [Wait(begun.clock() + timedelta(hours=1), "429: too many requests")]
    text = begun.publish().text
    before = dict(begun.store.objects)
    begun.clock.advance(3599)
    answer = begun.publish()
    assert (answer.status, answer.text, begun.store.objects) == ("waiting", text, before)
    assert answer.reason == "X takes no posts before 2026-11-22 13:00 UTC"
    begun.clock.advance(1)
    answer = begun.publish()
    assert (answer.status, answer.text, begun.account.looks) == ("posted", text, [])


def test_a_duplicate_of_a_post_in_doubt_is_that_post(begun: Office) -> None:
    begun.account.refuses_duplicates, begun.account.delay = True, 10 * STALE
    leave_unknown(begun)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.tweet_id) == ("recovered", 2, None)
    assert begun.pages[1].tweet.tweet_id is None
    assert begun.account.texts == begun.told


@pytest.mark.parametrize("outcome", [Duplicate("a duplicate"), Refused("not permitted")])
def test_a_text_that_x_refuses_is_given_up(begun: Office, outcome: Duplicate | Refused) -> None:
    begun.account.plans = [outcome]
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("rejected", 2, begun.draft.text)
    assert answer.reason == outcome.reason
    assert (begun.draft.outcome, begun.draft.attempt, begun.story.sequence) == ("rejected", 1, 1)


def test_after_a_text_that_x_refused_another_is_posted_in_its_place(begun: Office) -> None:
    begun.account.plans = [Refused("not permitted")]
    refused = begun.publish().text
    drafts = []
    answer = begun.publish(around=meanwhile("post", lambda: drafts.append(begun.draft)))
    assert (answer.status, answer.sequence) == ("posted", 2)
    assert answer.text != refused
    assert (drafts[0].attempt, drafts[0].posts, drafts[0].doubtful) == (1, 1, False)
    assert begun.account.texts == begun.told


def test_a_text_refused_while_an_earlier_post_is_in_doubt_is_kept_and_found_later(begun: Office) -> None:
    begun.account.delay = 1000
    leave_unknown(begun)  # X has the text, and does not show it yet
    begun.account.plans = [Refused("not permitted")]
    assert begun.publish().status == "unknown"
    begun.clock.advance(1000)
    assert begun.publish().status == "recovered"
    assert begun.account.texts == begun.told


def test_a_text_still_refused_when_the_timeline_must_show_it_is_given_up(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    begun.clock.advance(3600)
    begun.account.plans = [Refused("not permitted")]
    assert begun.publish().status == "rejected"


def test_a_refusal_is_raised_from_the_third_in_a_row_on(begun: Office) -> None:
    begun.account.plans = [Refused(f"not permitted: {number}") for number in (1, 2, 3, 4)]
    assert [begun.publish().status for _ in range(2)] == ["rejected", "rejected"]
    for number in (3, 4):
        with pytest.raises(RejectedError, match=f"X has refused {number} texts in a row, .* not permitted: {number}"):
            begun.publish()
    assert begun.publish().status == "posted"
    assert len({text for text, _ in begun.account.calls}) == 6


def test_a_post_that_succeeds_ends_the_row_of_refusals(begun: Office) -> None:
    refused = Refused("not permitted")
    begun.account.plans = [refused, refused, "accept", refused]
    assert [begun.publish().status for _ in range(4)] == ["rejected", "rejected", "posted", "rejected"]


def test_a_duplicate_of_a_draft_whose_earlier_post_was_not_sent_is_given_up(begun: Office) -> None:
    begun.account.plans = [NotSent("no connection"), Duplicate("a duplicate")]
    with pytest.raises(NotSentError):
        begun.publish()
    assert begun.publish().status == "rejected"


# Threads


def test_tweets_stand_alone_unless_a_thread_is_wanted(begun: Office) -> None:
    begun.publish()
    assert [reply_to for _, reply_to in begun.account.calls] == [None, None]


def test_in_a_thread_each_tweet_replies_to_the_one_before(office: Office) -> None:
    office.environment["THREAD"] = "on"
    for _ in range(3):
        office.publish()
    assert [tweet.reply_to for tweet in office.account.timeline] == [None, "1000", "1001"]


def test_in_a_thread_a_tweet_replies_to_the_last_whose_id_is_known(begun: Office) -> None:
    begun.environment["THREAD"] = "on"
    begun.account.refuses_duplicates, begun.account.delay = True, 10 * STALE
    leave_unknown(begun)
    begun.publish()
    begun.publish()
    assert begun.pages[1].tweet.tweet_id is None
    assert begun.account.timeline[2].reply_to == "1000"


def test_when_the_tweet_before_is_gone_the_next_stands_alone_after_a_claim_of_its_own(begun: Office) -> None:
    begun.environment["THREAD"] = "on"
    begun.account.plans = [ParentGone("deleted")]
    drafts = []

    def around(name: str, do: Callable[[], Any]) -> Any:
        if name == "post":
            drafts.append(begun.draft)
        return do()

    assert begun.publish(around=around).status == "posted"
    assert [reply_to for _, reply_to in begun.account.calls] == [None, "1000", None]
    assert [draft.posts for draft in drafts] == [1, 2]
    assert (drafts[1].doubtful, drafts[1].claim == drafts[0].claim) == (False, False)


def test_a_claim_that_is_lost_when_the_tweet_before_is_gone_posts_nothing(begun: Office) -> None:
    begun.environment["THREAD"] = "on"
    begun.account.plans = [ParentGone("deleted")]

    def around(name: str, do: Callable[[], Any]) -> Any:
        found = do()
        if name == "post":
            begun.store.faults["replace", RECORD] = "error"
        return found

    with pytest.raises(StorageError):
        begun.publish(around=around)
    assert len(begun.account.calls) == 2


def test_that_no_tweet_can_be_replied_to_is_no_reason_to_try_for_ever(begun: Office) -> None:
    begun.environment["THREAD"] = "on"
    begun.account.plans = [ParentGone("deleted"), ParentGone("replies are not allowed")]
    with pytest.raises(NotSentError, match="replies are not allowed"):
        begun.publish()
    assert begun.draft.outcome == "not_sent"


# Time


@pytest.mark.parametrize(("left", "posts"), [(29.9, 0), (30, 1)])
def test_nothing_is_posted_without_time_to_record_it(begun: Office, left: float, posts: int) -> None:
    if posts:
        begun.publish(time_left=lambda: left)
    else:
        with pytest.raises(NotSentError, match="too little time left to post"):
            begun.publish(time_left=lambda: left)
        assert begun.draft.outcome == "not_sent"
    assert len(begun.account.texts) == 1 + posts


def test_what_there_was_no_time_for_is_posted_next(begun: Office) -> None:
    with pytest.raises(NotSentError):
        begun.publish(time_left=lambda: 5)
    text = begun.draft.text
    answer = begun.publish()
    assert (answer.status, answer.text, begun.account.looks) == ("posted", text, [])


def test_nobody_looks_without_time_to_record_what_is_found(begun: Office) -> None:
    leave_unknown(begun)
    before = dict(begun.store.objects)
    with pytest.raises(TimelineError, match="too little time left to look"):
        begun.publish(time_left=lambda: 29)
    assert (begun.account.looks, begun.store.objects) == ([], before)


def test_the_second_post_of_an_invocation_needs_time_too(begun: Office) -> None:
    begun.environment["THREAD"] = "on"
    begun.account.plans = [ParentGone("deleted")]
    left = iter([60, 25])
    with pytest.raises(NotSentError, match="too little time left to post"):
        begun.publish(time_left=lambda: next(left))
    assert (len(begun.account.calls), begun.draft.outcome) == (2, "not_sent")


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
    begun.narrator = QuickNarrator("other")
    begun.publish()
    assert (begun.story.bundle, begun.pages[1].bundle, begun.story.state) == (old, old, draft.state)
    begun.publish()
    assert begun.story.bundle == begun.pages[2].bundle == begun.narrator.bundle
    assert begun.account.texts == begun.told


def test_a_text_refused_under_one_bundle_is_replaced_under_another(begun: Office) -> None:
    begun.account.plans = [Refused("not permitted")]
    begun.publish()
    begun.narrator = QuickNarrator("other")
    begun.publish()
    assert (begun.pages[1].bundle, begun.told) == (begun.narrator.bundle, begun.account.texts)


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
    with pytest.raises(StorageError):
        settle(Settings.resolve({}, begun.environment), Stories(begun.store), "1001", begun.clock)
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
