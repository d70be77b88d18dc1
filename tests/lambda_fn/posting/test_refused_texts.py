"""A text that X does not want is given up, and another told in its place."""

import contextlib

import pytest

from lambda_fn.errors import NotSentError, RejectedError
from lambda_fn.posting.account import Duplicate, NotSent, Outcome, Refused, Stop, Unexplained, Unknown, Wait
from tests.lambda_fn.deaths import leave_unknown, meanwhile
from tests.lambda_fn.office import NOON, Office


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
