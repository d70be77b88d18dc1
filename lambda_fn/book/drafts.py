"""The texts that are not part of the story, for its owner: what the record knows of them, and what it does not."""

from lambda_fn.book.wording import day, escaped
from lambda_fn.story.record import Draft, DraftOutcome, Story

_UNKNOWN = (
    "Not known here: what X gave as its reason, for only the log of that invocation has it; texts given up before the "
    "last tweet; and what the editor refused before it became a draft. None of these is kept."
)


def drafts_section(story: Story) -> str:
    """The draft of the record, refused or in flight, as HTML that follows on the last chapter."""
    draft = story.draft
    known = [f"<p>{_what_became(draft)}</p>", f"<blockquote>{escaped(draft.text)}</blockquote>"] if draft else []
    none = "<p>The record holds no draft: no text is in flight, and none was refused since the last tweet.</p>"
    return "\n".join(["<aside>", "<h2>Drafts</h2>", *(known or [none]), f"<p>{_UNKNOWN}</p>", "</aside>"])


def _what_became(draft: Draft) -> str:
    claimed = f"claimed {day(draft.claimed_at)}, {draft.claimed_at:%H:%M} UTC"
    posts = f"{draft.posts} post{'s' * (draft.posts != 1)} of it {'were' if draft.posts != 1 else 'was'} begun"
    match draft.outcome:
        case DraftOutcome.REJECTED:
            many = f"{draft.attempt} texts in a row were" if draft.attempt > 1 else "it was"
            return f"Given up, for X or the story’s owner refused it ({claimed}; {many} refused): another is told."
        case DraftOutcome.NOT_SENT:
            return f"In flight ({claimed}; {posts}): not posted, and the next invocation posts it."
        case DraftOutcome.UNKNOWN:
            return f"In flight ({claimed}; {posts}): perhaps posted, and the next invocation looks."
    return f"In flight ({claimed}; {posts}): nothing is known of its post yet."
