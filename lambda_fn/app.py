"""The Lambda: one invocation tells and posts one tweet. Built from `parts`, done by `publishing`."""

import os
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from typing import Protocol

from lambda_fn.book import pages  # with all the rest: what is not there is missed before anything is posted
from lambda_fn.commands import preview_next
from lambda_fn.log import Log, take_in_libraries
from lambda_fn.parts import open_account, open_bundle, open_store
from lambda_fn.posting.publishing import TIME_TO_CLAIM, TOLD, Answer, Invocation, Status, publish_next
from lambda_fn.posting.x.credentials import parameter_client
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.writing.best_of import within
from lambda_fn.writing.storyteller import Storyteller

# A warm container keeps the clients and the model; the record and the credentials are read each time.
_store = cache(open_store)
_store_in_a_hurry = cache(lambda uri: open_store(uri, attempts=1))
_parameters = cache(parameter_client)
_storyteller = cache(lambda model_uri: Storyteller(open_bundle(model_uri)))


class Context(Protocol):
    """What is used of Lambda's context."""

    def get_remaining_time_in_millis(self) -> int:
        """Until the function's Timeout."""


def handler(event: object, context: Context) -> dict[str, object]:
    """Answer one event, with an `Answer` as a JSON object; raises `StoryError` when the owner has to act."""
    log = Log(_print)
    take_in_libraries(log)
    try:
        settings = Settings.from_event(event, os.environ)
        log = log.about(story=settings.story)
        answer = _answer(settings, context, log)
    except Exception as problem:
        log("failed", error=type(problem).__name__, reason=str(problem))
        raise
    log("answered", status=answer.status, sequence=answer.sequence)
    return asdict(answer)


def _answer(settings: Settings, context: Context, log: Log) -> Answer:
    store, storyteller = _store(settings.story_uri), _storyteller(settings.model_uri)

    def time_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    if settings.dry_run:
        more = within(settings.telling_time, time_left, TIME_TO_CLAIM)
        tweet = next(preview_next(settings, store, storyteller, 1, _now, more)).tweet
        return Answer(Status.DRY_RUN, settings.story, tweet.sequence, tweet.text)
    account = open_account(settings, os.environ, _now, _parameters)
    # What cannot be had is missed before anything is posted.
    beside = _store_in_a_hurry(settings.story_uri) if settings.page else None
    answer = publish_next(settings, Invocation(Stories(store), storyteller, account, _now, time_left, log))
    if beside and answer.status in TOLD:
        pages.keep_up(beside, settings.story, time_left, log)
    return answer


def _print(line: str) -> None:
    """In one piece: a thread may log as well."""
    print(f"{line}\n", end="", flush=True)


def _now() -> datetime:
    return datetime.now(UTC)
