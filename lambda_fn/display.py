"""How stories look to people: the tweets of one under quiet headings, and one line for each of many."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lambda_fn.language.style import written
from lambda_fn.story.record import Page, Story, Tweet

WIDEST, NARROWEST = 80, 20  # columns: longer lines are hard to read, and shorter ones too
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
# What a terminal obeys and does not show: control characters but the line feed, and what turns the writing direction.
_OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def for_terminal(text: str) -> str:
    """A text as a terminal may be sent it, with what it would obey written out as JSON does: ESC → "\\u001b"."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


@dataclass(frozen=True)
class Listed:
    """A story of a list: as it is recorded, or why it cannot be read."""

    name: str
    story: Story | None
    problem: str | None = None

    def to_object(self) -> dict[str, object]:
        """The entry as a JSON object, whose fields are null where the story cannot be read."""
        story = self.story
        draft = story.in_flight if story else None
        return {
            "story": self.name,
            "tweets": story.sequence if story else None,
            "time": story.recent[-1].time.isoformat().replace("+00:00", "Z") if story and story.recent else None,
            "style": dict(story.style) if story else None,
            "seed": story.seed if story else None,
            "bundle": story.bundle if story else None,
            "in_flight": draft is not None,
            "outcome": draft.outcome if draft else None,
            "problem": self.problem,
        }


def under_heading(page: Page, width: int | None, *, dim: bool) -> str:
    """A tweet under its number, its time and its address: "7 · 2026-11-22 18:00 UTC · https://x.com/i/status/123".

    `width`: of the terminal in columns, for which the text is wrapped, and made fit; None: it is left as it is.
    """
    heading, text = _heading(page.tweet), page.tweet.text
    lines = (for_terminal(text) if width else text).split("\n")
    if width:
        wide = max(NARROWEST, min(WIDEST, width))
        lines = [part for line in lines for part in textwrap.wrap(line, wide, break_on_hyphens=False) or [""]]
    return "\n".join([f"{_DIM}{heading}{_PLAIN}" if dim else heading, *lines])


def table(entries: Sequence[Listed], names: Sequence[str]) -> list[str]:
    """A line for each story, in columns; `names`: what people call the bundle of each."""
    rows = {entry.name: _row(entry.story, name) for entry, name in zip(entries, names, strict=True) if entry.story}
    first = max((len(entry.name) for entry in entries), default=0)
    widths = [max(map(len, column)) for column in zip(*rows.values(), strict=True)]
    lines = []
    for entry in entries:
        cells = [cell.ljust(width) for cell, width in zip(rows.get(entry.name, ()), widths, strict=False)]
        lines.append("  ".join([entry.name.ljust(first), *(cells or [f"cannot be read: {entry.problem}"])]).rstrip())
    return lines


def _row(story: Story, bundle: str) -> tuple[str, ...]:
    tweets = f"{story.sequence} tweet{'s' * (story.sequence != 1)}"
    time = _minute(story.recent[-1].time) if story.recent else ""
    draft = story.in_flight
    state = (
        f"tweet {story.sequence + 1} is in flight ({(draft.outcome or 'claimed').replace('_', ' ')})" if draft else ""
    )
    return tweets, time, written(story.style), bundle, state


def _heading(tweet: Tweet) -> str:
    address = [f"https://x.com/i/status/{tweet.tweet_id}"] if tweet.tweet_id else []
    return " · ".join([str(tweet.sequence), _minute(tweet.time), *address])


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
