"""How X's answer to a post is read: as one of the outcomes of `posting.account`."""

import re
from datetime import datetime

from lambda_fn.posting.account import Duplicate, Outcome, ParentGone, Posted, Refused, Stop, Unexplained, Unknown, Wait
from lambda_fn.posting.x.exchange import Response
from lambda_fn.posting.x.limits import limit_end, spend_cap_end, used_up_day_end
from lambda_fn.posting.x.problems import Conceal, Problem, read_json

TWEET_ID = re.compile(r"[0-9]{1,20}")
_NOT_THE_TEXT = (401, 402, 404, 405, 407)  # credentials, credits, X_API_URL, a proxy's own credentials
_MAYBE_THE_TEXT = (400, 403, 406, 410, 413, 415, 422, 451, 499)  # if nothing else is known


def read_post(answer: Response, now: datetime, conceal: Conceal, *, replying: bool) -> Outcome:
    """What a whole answer to `POST /2/tweets` means.

    `conceal` takes secrets out of what is quoted from X; `replying`: the post was to be a reply.
    """
    if answer.status in (200, 201):
        return _read_success(answer)
    problem = Problem.parse(answer, conceal)
    reason = problem.explain()
    if not 400 <= answer.status < 500 or answer.status == 408:
        return Unknown(reason)
    if problem.is_spend_cap:
        return Wait(spend_cap_end(problem, now), reason)
    if until := limit_end(answer, problem, now):
        return Wait(until, reason)
    if replying and answer.status in (400, 403, 404) and _is_about_the_parent(problem):
        return ParentGone(reason)
    if answer.status in _NOT_THE_TEXT:
        return Stop(reason)
    return _read_refusal(problem, reason, used_up_day_end(answer, now) if answer.status == 403 else None)


def _read_success(answer: Response) -> Outcome:
    data = (read_json(answer) or {}).get("data")
    tweet_id = data.get("id") if isinstance(data, dict) else None
    if isinstance(tweet_id, str) and TWEET_ID.fullmatch(tweet_id):
        return Posted(tweet_id)
    return Unknown(f"X answered {answer.status} without the id of a tweet")


def _read_refusal(problem: Problem, reason: str, day_ends: datetime | None) -> Outcome:
    """The `type` that X gives a refusal has precedence over words in its detail, and those over headers.

    `day_ends`: when a used-up daily limit ends, if there is one.
    """
    if problem.is_lasting:
        return Stop(reason)
    if problem.is_duplicate:
        return Duplicate(reason)
    if problem.is_a("not-authorized-for-resource") or problem.cause:
        return Stop(reason)
    if day_ends:
        return Wait(day_ends, f"the limit of a day is used up: {reason}")
    if problem.status == 403 and problem.says("not permitted to perform this action"):
        return Refused(reason)
    may_be_the_text = problem.status in _MAYBE_THE_TEXT and not problem.is_of_another
    return Unexplained(reason) if may_be_the_text else Stop(reason)


def _is_about_the_parent(problem: Problem) -> bool:
    return problem.is_a("not-authorized-for-resource") or problem.says(
        "in_reply_to_tweet_id", "deleted or not visible", "reply to this conversation is not allowed", "who can reply"
    )
