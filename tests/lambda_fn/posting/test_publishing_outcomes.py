"""Each row of the table of outcomes, by itself."""

import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from lambda_fn.errors import NotSentError, RejectedError, StorageError, TimelineError
from lambda_fn.posting.account import Duplicate, NotSent, Outcome, ParentGone, Refused, Stop, Unexplained, Unknown, Wait
from tests.lambda_fn.deaths import STALE, die, leave_unknown, meanwhile
from tests.lambda_fn.office import NOON, RECORD, Office

# What the answer of X means


def test_an_unknown_outcome_is_noted_and_answered(begun: Office) -> None:
    begun.account.plans = ["lost"]
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.reason) == ("unknown", 2, "no answer came")
    assert (begun.draft.outcome, begun.draft.posts, begun.story.sequence) == ("unknown", 1, 1)


@pytest.mark.parametrize("outcome", [NotSent("no connection"), Stop("401: renew the access token")])
def test_what_was_not_posted_is_noted_and_raised(begun: Office, outcome: NotSent | Stop) -> None:
    begun.account.plans = [outcome]
    with pytest.raises(NotSentError, match=f"^{outcome.reason} \\(the tweet is kept"):
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


def left_alone(begun: Office, hours: float = 1) -> datetime:
    """Leave a tweet in doubt whose timeline is not to be read for so long."""
    leave_unknown(begun)
    begun.account.unreadable_until = until = begun.clock() + timedelta(hours=hours)
    return until


def test_a_timeline_that_is_not_to_be_read_yet_waits_in_doubt(begun: Office) -> None:
    until = left_alone(begun)
    text, posts = begun.draft.text, begun.draft.posts
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("waiting", 2, text)
    assert answer.reason == "X takes no more requests for now (429)"
    draft = begun.draft
    assert (draft.outcome, draft.not_before, draft.posts, draft.text) == ("unknown", until, posts, text)


def test_nobody_looks_before_x_takes_requests_again(begun: Office) -> None:
    left_alone(begun)
    begun.publish()
    before = dict(begun.store.objects)
    begun.clock.advance(3599)
    answer = begun.publish()
    assert (answer.status, begun.store.objects, len(begun.account.looks)) == ("waiting", before, 1)
    assert answer.reason == "X lets nobody look whether it was posted before 2026-11-22 13:03 UTC"
    begun.clock.advance(1)
    answer = begun.publish()
    assert (answer.status, answer.tweet_id, len(begun.account.looks)) == ("recovered", "1001", 2)
    assert begun.told == begun.account.texts


def test_a_tweet_in_doubt_that_had_to_wait_is_looked_up_before_it_is_posted(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    begun.account.unreadable_until = begun.clock() + timedelta(hours=1)
    begun.publish()
    begun.clock.advance(3600)
    assert (begun.publish().status, len(begun.account.looks)) == ("posted", 2)
    assert begun.told == begun.account.texts


def test_a_draft_whose_owner_died_waits_in_doubt_too(begun: Office) -> None:
    die(begun, "post", done=True)
    begun.clock.advance(STALE)
    begun.account.unreadable_until = begun.clock() + timedelta(hours=1)
    assert begun.publish().status == "waiting"
    assert begun.draft.outcome == "unknown"
    begun.clock.advance(3600)
    assert begun.publish().status == "recovered"


def test_what_an_earlier_post_may_have_done_stays_in_doubt_while_it_cannot_be_looked_up(begun: Office) -> None:
    begun.account.delay = 2 * STALE
    leave_unknown(begun)
    begun.account.plans = [NotSent("no connection")]
    with pytest.raises(NotSentError):
        begun.publish()
    begun.account.unreadable_until = begun.clock() + timedelta(hours=1)
    assert begun.publish().status == "waiting"
    assert (begun.draft.outcome, begun.draft.doubtful) == ("not_sent", True)
    begun.clock.advance(3600)
    assert (begun.publish().status, begun.account.texts) == ("recovered", begun.told)


def test_that_one_has_to_wait_is_answered_though_it_could_not_be_noted(begun: Office) -> None:
    left_alone(begun)
    begun.store.faults["replace", RECORD] = "error"
    assert begun.publish().status == "waiting"
    begun.clock.advance(3600)
    assert begun.publish().status == "recovered"


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


# A text that X refuses in words that nobody knows

ODD = Unexplained("X answered 400 Bad Request (X says: Nope.)")


def refuse(office: Office, times: int) -> None:
    for _ in range(times):
        with pytest.raises(NotSentError, match="Nope"):
            office.publish()


def test_a_text_refused_in_unknown_words_is_given_up_the_third_time(begun: Office) -> None:
    begun.account.plans = [ODD] * 3
    refuse(begun, 2)
    assert (begun.draft.outcome, begun.draft.attempt, begun.draft.refusals) == ("not_sent", 0, 2)
    text = begun.draft.text
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.text) == ("rejected", 2, text)
    assert answer.reason == "X answered 400 Bad Request (X says: Nope.) (3 times)"
    assert (begun.draft.outcome, begun.draft.attempt) == ("rejected", 1)


def test_after_a_text_refused_in_unknown_words_another_is_told_and_counted_anew(begun: Office) -> None:
    begun.account.plans = [ODD] * 5
    refuse(begun, 2)
    text = begun.publish().text
    refuse(begun, 2)
    assert (begun.draft.attempt, begun.draft.refusals) == (1, 2)
    answer = begun.publish()
    assert (answer.status, answer.sequence) == ("posted", 2)
    assert answer.text != text
    assert begun.account.texts == begun.told


@pytest.mark.parametrize("between", [NotSent("no connection"), Stop("401: renew"), Wait(NOON, "429"), Unknown("lost")])
def test_refusals_in_unknown_words_are_counted_whatever_comes_between(begun: Office, between: Outcome) -> None:
    begun.account.plans = [ODD, between, ODD, ODD]
    refuse(begun, 1)
    with contextlib.suppress(NotSentError):
        begun.publish()
    begun.clock.advance(3600)
    refuse(begun, 1)
    begun.clock.advance(3600)
    assert begun.publish().status == "rejected"


def test_an_account_that_refuses_everything_in_unknown_words_is_an_error_each_time_in_the_end(begun: Office) -> None:
    begun.account.plans = [ODD] * 9
    for _ in range(2):
        refuse(begun, 2)
        assert begun.publish().status == "rejected"
    refuse(begun, 2)
    with pytest.raises(RejectedError, match="X has refused 3 texts in a row"):
        begun.publish()
    assert len({text for text, _ in begun.account.calls}) == 4


def test_what_an_operator_must_act_on_never_gives_a_text_up(begun: Office) -> None:
    begun.account.plans = [Stop("401: renew the access token")] * 9
    for _ in range(9):
        with pytest.raises(NotSentError):
            begun.publish()
    assert (begun.draft.attempt, len({text for text, _ in begun.account.calls})) == (0, 2)


def test_a_text_in_doubt_that_x_refuses_in_unknown_words_is_kept_until_the_timeline_must_show_it(begun: Office) -> None:
    begun.account.delay = 1000
    leave_unknown(begun)  # X has the text, and does not show it yet
    begun.account.plans = [ODD] * 4
    refuse(begun, 4)
    begun.clock.advance(1000)
    assert begun.publish().status == "recovered"
    assert begun.account.texts == begun.told


def test_a_text_in_doubt_that_the_timeline_does_not_show_in_time_is_given_up(begun: Office) -> None:
    leave_unknown(begun, "nothing posted")
    begun.account.plans = [ODD] * 4
    refuse(begun, 3)
    begun.clock.advance(3600)
    assert begun.publish().status == "rejected"


def test_the_last_time_a_text_is_tried_it_is_no_reply(begun: Office) -> None:
    """What X refuses may be the reply: then every text would be."""
    begun.environment["THREAD"] = "on"
    begun.account.plans = [ODD] * 2
    refuse(begun, 2)
    assert begun.publish().status == "posted"
    assert [reply_to for _, reply_to in begun.account.calls] == [None, "1000", "1000", None]


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
