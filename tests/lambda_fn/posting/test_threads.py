"""Whether a tweet stands alone or replies to the one before."""

from collections.abc import Callable
from typing import Any

import pytest

from lambda_fn.errors import NotSentError, StorageError
from lambda_fn.posting.account import ParentGone
from tests.lambda_fn.deaths import STALE, leave_unknown
from tests.lambda_fn.office import RECORD, Office


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
