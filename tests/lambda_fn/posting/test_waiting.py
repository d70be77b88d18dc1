"""When X wants to be left alone: limits on posting, and on looking whether a tweet was posted."""

from datetime import datetime, timedelta

import pytest

from lambda_fn.errors import NotSentError
from lambda_fn.posting.account import NotSent, Wait
from tests.lambda_fn.deaths import STALE, die, leave_unknown
from tests.lambda_fn.office import RECORD, Office


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
