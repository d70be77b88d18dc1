"""Writes a story's record under compare-and-swap, so that a lost answer does no harm."""

from collections.abc import Callable
from dataclasses import replace

from lambda_fn.errors import Conflict, StorageError, UnclearWrite
from lambda_fn.log import Log
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Draft, DraftOutcome, InFlight, Page, Story

Behind = Callable[[InFlight, Page], InFlight]
"""Puts a draft behind a page that the archive has in its place: see `Storyteller.behind`."""


class LostRace(Exception):  # noqa: N818 - an outcome, as Conflict is
    """Another process has changed the record since it was read."""


def write_record(stories: Stories, story: Story, etag: str | None) -> str:
    """Replace the record that has this ETag and return the new one; raises `LostRace` or `StorageError`.

    If the store refuses, or its answer is lost, the record is read again, because it may be this one already: a client
    that retries silently is refused because its first try succeeded.
    """
    try:
        return stories.write(story, etag)
    except (Conflict, UnclearWrite) as problem:
        found = stories.read(story.story)
        if found and found[0] == story:
            return found[1]
        if isinstance(problem, UnclearWrite) and (found[1] if found else None) == etag:
            raise  # no other process was faster: the store has failed
        raise LostRace from problem


def write_draft(stories: Stories, story: Story, draft: Draft, etag: str | None) -> InFlight:
    """Put a draft into the record that has this ETag, as `write_record` does; returns what is recorded."""
    story = replace(story, draft=draft)
    return InFlight(story, draft, write_record(stories, story, etag))


def record_posted(stories: Stories, flight: InFlight, page: Page, log: Log, behind: Behind) -> Page:
    """Make a posted draft part of the story: the archive first, then the record; returns its page.

    If a process dies in between, its page tells the next one that the draft was posted. If the archive has another text
    in the draft's place, told by a command that does not post, the draft goes `behind` it. Raises `StorageError`, also
    if another process has changed the record, or the story is no longer there.
    """
    try:
        stories.add_page(flight.story.story, page)
    except Conflict:
        flight, page = _make_room(stories, flight, page, behind)
        stories.add_page(flight.story.story, page)
    story, draft, tweet = flight.story, flight.draft, page.tweet
    try:
        write_record(stories, story.settled(tweet, draft.token, draft.state, draft.slot), flight.etag)
    except LostRace:
        # Another invocation may have found this draft posted, and recorded it.
        found = stories.read(story.story)
        if not found or tweet.text not in [other.text for other in found[0].recent]:
            raise _unknown_to_the_record(flight) from None
    else:
        log("settled", sequence=tweet.sequence, tweet_id=tweet.tweet_id)
    return page


def _make_room(stories: Stories, flight: InFlight, page: Page, behind: Behind) -> tuple[InFlight, Page]:
    """Record a posted draft behind the text that the archive has in its place; returns it and its page there."""
    name, tweet = flight.story.story, page.tweet
    there = stories.page(name, tweet.sequence)
    if there is None:
        raise StorageError(
            f"tweet {tweet.sequence} of story {name!r} is posted, but the story was set aside meanwhile: "
            "under its new name `tell --post` finds it, and `settle` makes it part of the story"
        )
    moved = behind(flight, there)
    draft = replace(moved.draft, outcome=DraftOutcome.UNKNOWN)  # until it is recorded
    try:
        moved = write_draft(stories, moved.story, draft, flight.etag)
    except LostRace:
        raise _unknown_to_the_record(flight) from None
    return moved, replace(page, tweet=replace(tweet, sequence=moved.sequence), bundle=moved.story.bundle)


def _unknown_to_the_record(flight: InFlight) -> StorageError:
    return StorageError(
        f"tweet {flight.sequence} of story {flight.story.story!r} is posted, but somebody else has changed the "
        "record, which does not know it"
    )
