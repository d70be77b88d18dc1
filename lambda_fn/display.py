"""What people see of stories: the tweets of one, under quiet headings, one line for each of many, notes and errors.

Standard output is the story's; what else there is to say goes to standard error, a line each.
"""

import contextlib
import json
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import TextIO

from lambda_fn.language.bundle import Bundle
from lambda_fn.language.style import written
from lambda_fn.notes import bundle_name
from lambda_fn.progress import NowAndThen, silent
from lambda_fn.prose.length import weighted_length
from lambda_fn.prose.rules import RULES, HouseRules, Rule
from lambda_fn.story.codec import page_to_object
from lambda_fn.story.record import Page, Story, Tweet
from lambda_fn.writing.tweet import Telling

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


@dataclass(frozen=True)
class Explanation:
    """How a tweet came about."""

    telling: Telling
    seconds: float

    def to_object(self) -> dict[str, object]:
        """As fields of a JSON object."""
        return {
            "candidates": self.telling.candidates,
            "tries": self.telling.tries,
            "refusals": dict(self.telling.refusals),
            "bits_per_character": round(self.telling.bits_per_character, 4),
            "seconds": round(self.seconds, 4),
        }

    def __str__(self) -> str:
        refused = ", ".join(f"{rule} {count}" for rule, count in sorted(self.telling.refusals.items()))
        tries, told = self.telling.tries, self.telling.candidates
        return (
            f"{f'the best of {told} candidates, ' * (told > 1)}{tries} {'try' if tries == 1 else 'tries'}, "
            f"refused: {refused or 'none'}; {self.telling.bits_per_character:.2f} bits per character, "
            f"{self.seconds:.2f} s"
        )


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


def table(entries: Sequence[Listed]) -> list[str]:
    """A line for each story, in columns."""
    rows = {entry.name: _row(entry.story) for entry in entries if entry.story}
    first = max((len(entry.name) for entry in entries), default=0)
    widths = [max(map(len, column)) for column in zip(*rows.values(), strict=True)]
    lines = []
    for entry in entries:
        cells = [cell.ljust(width) for cell, width in zip(rows.get(entry.name, ()), widths, strict=False)]
        lines.append("  ".join([entry.name.ljust(first), *(cells or [f"cannot be read: {entry.problem}"])]).rstrip())
    return lines


def print_pages(
    pages: Iterable[Page],
    story: str,
    *,
    as_json: bool,
    count: int = 1,
    explained: Mapping[int, Explanation] = MappingProxyType({}),
) -> None:
    """Print each page as soon as it is there; between tweets an empty line, for a tweet can have several.

    `explained`: how they came about, by number, filled as they are told: fields of the JSON, else notes. With a `count`
    above 1, and output that is no terminal, the number told so far is noted now and then.
    """
    say = NowAndThen(note if count > 1 and not _is_terminal(sys.stdout) else silent)
    for number, page in enumerate(pages):
        explanation = explained.get(page.tweet.sequence)
        if as_json:
            how = explanation.to_object() if explanation else {}
            text = _json({"story": story, **page_to_object(page), "weight": weighted_length(page.tweet.text), **how})
        else:
            if number:
                print(flush=True)
            if explanation:
                note(f"tweet {page.tweet.sequence}: {explanation}")
            text = page.tweet.text
        print(_fit(text, sys.stdout), flush=True)
        say(f"{number + 1} of {count} tweets are told")


def print_story(pages: Iterable[Page], story: str, *, as_json: bool, headings: bool) -> None:
    """Print a story so far, under `headings` or on a terminal wrapped, the headings dim where that can be shown."""
    terminal = _is_terminal(sys.stdout)
    if as_json or not (headings or terminal):
        print_pages(pages, story, as_json=as_json)
        return
    width = shutil.get_terminal_size().columns if terminal else None
    dim = terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    for number, page in enumerate(pages):
        print("\n" * bool(number) + under_heading(page, width, dim=dim), flush=True)


def print_stories(found: Sequence[Listed], *, as_json: bool) -> None:
    """Print a line for each story."""
    _print_lines([_json(entry.to_object()) for entry in found] if as_json else table(found))


def print_authors(bundle: Bundle, *, as_json: bool) -> None:
    """Print a line for each author of a bundle."""
    objects = [{"author": author, "bundle": bundle.name} for author in bundle.authors]
    _print_lines(map(_json, objects) if as_json else bundle.authors)


def print_rules(house: HouseRules, *, as_json: bool) -> None:
    """Print a line for each rule: its name, whether it can be switched off, what it refuses, and why."""
    if as_json:
        _print_lines(_json(_rule_to_object(rule, house)) for rule in RULES)
        return
    names, states = (max(map(len, column)) for column in zip(*((r.name, _state(r, house)) for r in RULES), strict=True))
    width = shutil.get_terminal_size().columns if _is_terminal(sys.stdout) else None
    for rule in RULES:
        line = f"{rule.name:{names}}  {_state(rule, house):{states}}  {rule.refuses}. {rule.why}"
        margin = " " * (names + states + 4)
        _print_lines(textwrap.wrap(line, max(width, len(margin) + 30), subsequent_indent=margin) if width else [line])
    kept = "; ".join(dict.fromkeys(rule.kept for rule in RULES if rule.kept))
    note(f"RULES_OFF or --rules-off switches rules off; what is always refused has no switch: {kept}")


def _state(rule: Rule, house: HouseRules) -> str:
    if rule.kept:
        return "always"
    if rule.name in house.off:
        return "switched off"
    return "can be switched off" if rule.until is None else f"can be switched off; passes from try {rule.until + 1}"


def _rule_to_object(rule: Rule, house: HouseRules) -> dict[str, object]:
    return {
        "rule": rule.name,
        "refuses": rule.refuses,
        "why": rule.why,
        "switch": rule.kept is None,
        "why_no_switch": rule.kept,
        "off": rule.name in house.off,
        "passes_from_try": None if rule.until is None else rule.until + 1,
    }


def note(sentence: str) -> None:
    """Print a note on standard error."""
    _say(f"note: {sentence}")


def complain(sentence: str) -> None:
    """Print an error on standard error."""
    _say(f"error: {sentence}")


def _say(line: str) -> None:
    # Where standard error is closed it is None, for which `print` would take standard output.
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            print(_fit(line, sys.stderr), file=sys.stderr, flush=True)


def _print_lines(lines: Iterable[str]) -> None:
    print("".join(f"{_fit(line, sys.stdout)}\n" for line in lines), end="", flush=True)


def _fit(text: str, stream: TextIO | None) -> str:
    """A text as it goes to a stream: whole, but to a terminal without what that would obey."""
    return for_terminal(text) if _is_terminal(stream) else text


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


def _row(story: Story) -> tuple[str, ...]:
    tweets = f"{story.sequence} tweet{'s' * (story.sequence != 1)}"
    time = _minute(story.recent[-1].time) if story.recent else ""
    draft = story.in_flight
    state = (
        f"tweet {story.sequence + 1} is in flight ({(draft.outcome or 'claimed').replace('_', ' ')})" if draft else ""
    )
    return tweets, time, written(story.style), bundle_name(story.bundle), state


def _heading(tweet: Tweet) -> str:
    address = [f"https://x.com/i/status/{tweet.tweet_id}"] if tweet.tweet_id else []
    return " · ".join([str(tweet.sequence), _minute(tweet.time), *address])


def _minute(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"
