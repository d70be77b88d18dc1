"""What each outcome of a post makes of the draft and of the invocation; texts refused, waits and threads aside."""

import pytest

from lambda_fn.errors import NotSentError, TimelineError
from lambda_fn.posting.account import NotSent, ParentGone, Stop
from tests.lambda_fn.deaths import STALE, die, leave_unknown
from tests.lambda_fn.office import Office

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


def test_a_duplicate_of_a_post_in_doubt_is_that_post(begun: Office) -> None:
    begun.account.refuses_duplicates, begun.account.delay = True, 10 * STALE
    leave_unknown(begun)
    answer = begun.publish()
    assert (answer.status, answer.sequence, answer.tweet_id) == ("recovered", 2, None)
    assert begun.pages[1].tweet.tweet_id is None
    assert begun.account.texts == begun.told


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


@pytest.mark.parametrize(
    ("seconds_each", "told"),
    [(1, 5), (6, 3), (100, 1)],
    ids=["as many as were asked for", "until the telling time is over", "one in any case"],
)
def test_candidates_are_told_as_long_as_there_is_time(begun: Office, seconds_each: float, told: int) -> None:
    left = iter([100.0, *(100 - seconds_each * number for number in range(1, told + 1)), 30.0])
    answer = begun.publish({"candidates": 5}, time_left=lambda: next(left, 30.0))
    assert answer.status == "posted"
    assert begun.pages[1].sampling.candidates == told


def test_what_is_needed_to_post_is_kept_from_telling(begun: Office) -> None:
    left = iter([36.0, 34.9])
    begun.publish({"candidates": 5}, time_left=lambda: next(left, 30.0))
    assert begun.pages[1].sampling.candidates == 1


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
    left = iter([60, 60, 25])  # when it begins to tell, and before each post
    with pytest.raises(NotSentError, match="too little time left to post"):
        begun.publish(time_left=lambda: next(left))
    assert (len(begun.account.calls), begun.draft.outcome) == (2, "not_sent")
