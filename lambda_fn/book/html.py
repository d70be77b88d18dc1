"""The pages of a story as HTML: a chapter, and the table of contents. Self-contained; no script, no request."""

import base64
import hashlib
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

from lambda_fn import __version__
from lambda_fn.book.chapters import Piece, numeral, opening, paragraphs
from lambda_fn.book.wording import Title, address, day, escaped, timestamp
from lambda_fn.story.record import Tweet

INDEX, FEED = "index.html", "feed.xml"

_STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
# The browser itself is told to run and to fetch nothing, whatever a text may hold.
_POLICY = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; img-src data:; base-uri 'none'; form-action 'none'"
_ICON = quote(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><path fill="#8f3320" '
    'd="M3 1h8a2 2 0 0 1 2 2v12H5a2 2 0 0 1-2-2z"/><path fill="#fbf8f2" d="M5.5 4.5h5v1h-5zm0 2.5h5v1h-5z"/></svg>'
)
_INITIAL = 120  # characters of a paragraph that has room for a large initial


def file_of(number: int) -> str:
    """The file that a chapter is in: file_of(7) → "000007.html"."""
    return f"{number:06d}.html"


def chapter_page(title: Title, number: int, tweets: Sequence[Tweet], last: int, drafts: str = "") -> str:
    """A chapter as a page; `last`: the number of the last one so far; `drafts`: HTML that follows on its text."""
    before, after = number - 1, number + 1 if number < last else 0
    dated = [pair for pair in pairwise(tweets) if pair[0].time.date() != pair[1].time.date()]
    days = {tweet.sequence: day(tweet.time, since=earlier.time) for earlier, tweet in dated}
    flow = [_paragraph(pieces, days, first=not place) for place, pieces in enumerate(paragraphs(tweets))]
    turns = [
        _turn("prev", before, f"← Chapter {numeral(before)}"),
        f'<a class="up" href="{INDEX}">Contents</a>',
        _turn("next", after, f"Chapter {numeral(after)} →"),
    ]
    body = [
        "<header>",
        f'<p class="over"><a href="{INDEX}">{escaped(title.words)}</a></p>',
        f"<h1>Chapter {numeral(number)}</h1>",
        f'<p class="under">{_date(tweets[0])}</p>',
        "</header>",
        "<main>",
        *flow,
        "" if after else '<p class="end">To be continued.</p>',
        drafts,
        "</main>",
        '<nav class="turn" aria-label="Chapters">',
        *turns,
        "</nav>",
    ]
    near = [f'<link rel="{rel}" href="{file_of(to)}">' for rel, to in (("prev", before), ("next", after)) if to]
    return _page(f"Chapter {numeral(number)} · {title.words}", opening(tweets[0].text), body, near)


def index_page(title: Title, firsts: Sequence[Tweet]) -> str:
    """The table of contents, from the first tweet of each chapter."""
    latest = [f'<a href="{file_of(len(firsts))}">The latest chapter</a>'] if len(firsts) > 1 else []
    entries = [
        f'<li><a href="{file_of(number)}"><span class="chapter">{numeral(number)}</span> '
        f'<span class="words">{escaped(opening(tweet.text))}</span> {_date(tweet)}</a></li>'
        for number, tweet in enumerate(firsts, 1)
    ]
    body = [
        "<header>",
        '<p class="over">An endless novel</p>',
        f"<h1>{escaped(title.words)}</h1>",
        f'<p class="under">told in the manner of {escaped(title.by)}, by a language model, one tweet at a time</p>',
        '<p class="flower" aria-hidden="true">❦</p>',
        "</header>",
        "<main>",
        f'<p class="begin"><a href="{file_of(1)}">Begin to read</a>',
        *latest,
        "</p>",
        "<h2>Contents</h2>",
        '<ol class="contents">',
        *entries,
        "</ol>",
        "</main>",
        "<footer>",
        "<p>The small number after a tweet leads to where it was posted, if it was.</p>",
        f'<p>What is told next comes by <a href="{FEED}">feed</a>.</p>',
        "</footer>",
    ]
    return _page(title.words, f"An endless novel, told in the manner of {title.by}", body, [])


def _page(title: str, description: str, body: Sequence[str], links: Sequence[str]) -> str:
    head = [
        "<!doctype html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="color-scheme" content="light dark">',
        f'<meta name="generator" content="endless-novel {__version__}">',
        f'<meta name="description" content="{escaped(description)}">',
        f"<title>{escaped(title)}</title>",
        f'<link rel="icon" href="data:image/svg+xml,{_ICON}">',
        f'<link rel="alternate" type="application/atom+xml" title="{escaped(title)}" href="{FEED}">',
        *links,
        f"<style>{_STYLE}</style>",
        "</head>",
        "<body>",
    ]
    return "\n".join(line for line in (*head, *body, "</body>", "</html>") if line) + "\n"


def _paragraph(pieces: Sequence[Piece], days: dict[int, str], *, first: bool) -> str:
    """`days`: by the number of a tweet, the day that begins with it."""
    parts = []
    for piece in pieces:
        tweet, part = piece.tweet, ""
        if piece.first and tweet.sequence in days:
            part += f'<time class="day" datetime="{tweet.time:%Y-%m-%d}">{days[tweet.sequence]}</time> '
        name = f' id="t{tweet.sequence}"' if piece.first else ""
        part += f'<span class="tweet"{name}>{escaped(piece.text)}</span>'
        parts.append(part + (_number(tweet) if piece.last else ""))
    long = sum(len(piece.text) for piece in pieces) >= _INITIAL
    kind = ('<p class="first">' if long else '<p class="plain">') if first else "<p>"
    return f"{kind}{' '.join(parts)}</p>"


def _number(tweet: Tweet) -> str:
    """The number of a tweet, which leads to its post, or to its place on the page."""
    posted = address(tweet)
    told = f"{day(tweet.time)}, {tweet.time:%H:%M} UTC"
    where = ", on X" if posted else ""
    return (
        f'<a class="number" href="{posted or f"#t{tweet.sequence}"}" title="{told}{where}" '
        f'aria-label="Tweet {tweet.sequence}, {told}{where}">{tweet.sequence}</a>'
    )


def _turn(rel: str, to: int, words: str) -> str:
    return f'<a rel="{rel}" class="{rel}" href="{file_of(to)}">{words}</a>' if to else ""


def _date(tweet: Tweet) -> str:
    return f'<time datetime="{timestamp(tweet.time)}">{day(tweet.time)}</time>'
