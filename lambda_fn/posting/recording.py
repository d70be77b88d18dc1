"""Writes a story's record under compare-and-swap so that an answer that is lost does no harm."""

from dataclasses import replace

from lambda_fn.errors import Conflict, StorageError, UnclearWrite
from lambda_fn.log import Log
from lambda_fn.storage.stories import Stories
from lambda_fn.story.record import Draft, DraftOutcome, Page, Story
from lambda_fn.writing.storyteller import Storyteller, Voice


class LostRace(Exception):  # noqa: N818 - an outcome, as Conflict is
    """Somebody else has changed the record since it was read."""


def write_record(stories: Stories, story: Story, etag: str | None) -> str:
    """Replace the record that has this ETag and return the new one; raises `LostRace` or `StorageError`.

    If the store says no, or its answer is lost, the record is read again, for it may be this one already: a
    client that silently tries again is refused for its own success.
    """
    try:
        return stories.write(story, etag)
    except (Conflict, UnclearWrite) as problem:
        found = stories.read(story.story)
        if found and found[0] == story:
            return found[1]
        if isinstance(problem, UnclearWrite) and (found[1] if found else None) == etag:
            raise  # nobody was faster: the store has failed
        raise LostRace from problem


def record_posted(stories: Stories, story: Story, etag: str | None, page: Page, log: Log) -> None:
    """Make a posted draft part of the story: the archive first, then the record.

    A process that dies in between leaves a page by which the next one sees that the draft was posted. Raises
    `Conflict` if the archive has another text in its place, or the story is no longer there: see `make_room`.
    """
    tweet, draft = page.tweet, draft_of(story)
    stories.add_page(story.story, page)
    try:
        write_record(stories, story.settled(tweet, draft.token, draft.state, draft.slot), etag)
    except LostRace:
        # Whoever found this draft posted may have recorded it meanwhile.
        found = stories.read(story.story)
        if not found or tweet.text not in [other.text for other in found[0].recent]:
            raise _unknown_to_the_record(story) from None
    else:
        log("settled", sequence=tweet.sequence, tweet_id=tweet.tweet_id)


def make_room(
    stories: Stories, story: Story, etag: str | None, page: Page, storyteller: Storyteller, voice: Voice
) -> tuple[Story, str, Page]:
    """Put a posted draft behind a text that the archive has in its place, as a command leaves it that posts nothing.

    `page` is the draft's own; returns it with its new place, and the record, of which the draft is still the draft.
    """
    there = stories.page(story.story, page.tweet.sequence)
    if there is None:
        raise StorageError(
            f"tweet {page.tweet.sequence} of story {story.story!r} is posted, but the story was set aside meanwhile: "
            "under its new name `tell --post` finds it, and `settle` makes it part of the story"
        )
    moved = storyteller.behind(story, there, voice)
    moved = replace(moved, draft=replace(draft_of(moved), outcome=DraftOutcome.UNKNOWN))  # until it is recorded
    try:
        etag = write_record(stories, moved, etag)
    except LostRace:
        raise _unknown_to_the_record(story) from None
    return moved, etag, replace(page, tweet=replace(page.tweet, sequence=moved.sequence + 1), bundle=moved.bundle)


def _unknown_to_the_record(story: Story) -> StorageError:
    return StorageError(
        f"tweet {story.sequence + 1} of story {story.story!r} is posted, but somebody else has changed the record, "
        "which does not know it"
    )


def draft_of(story: Story) -> Draft:
    """The draft of a story that has one."""
    if story.draft is None:
        raise ValueError(f"story {story.story!r} has no draft")
    return story.draft
