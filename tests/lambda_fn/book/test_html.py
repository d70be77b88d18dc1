"""A page read back: all that was told, in order, and nothing that a text could bring in."""

import base64
import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lambda_fn.book.drafts import drafts_section
from lambda_fn.book.html import chapter_page, index_page
from lambda_fn.book.wording import Title, characters
from lambda_fn.story.record import DraftOutcome, Tweet
from tests.lambda_fn.book.telling import a_draft, a_story, a_tweet
from tests.lambda_fn.strategies import texts, tweets

TITLE = Title("It is a truth", "Jane Austen")
HOSTILE = [
    "<script>alert(1)</script>",
    "</style></title></main><img src=x onerror=alert(1)>",
    "\"><a href='javascript:alert(1)'>x</a>",
    "' onmouseover='alert(1)",
    "&lt;b&gt; &amp; &#60;script&#62; &copy",
    "<!-- --><![CDATA[ ]]> <?php ?>",
    "{{7*7}} ${7*7} `id` %s {0}",
    "a\x00b\x08c\x1bd\x7fe\x85f\ufffeg\uffffh",
    "\u202egnp.exe\u2066 \u200f",
]
TAGS = (
    *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "nav", "footer", "aside"),
    *("h1", "h2", "p", "a", "span", "time", "ol", "li", "blockquote"),
)
ATTRIBUTES = (
    *("lang", "charset", "http-equiv", "content", "name", "rel", "href", "type", "title", "class", "id"),
    *("datetime", "aria-label", "aria-hidden"),
)


class Read(HTMLParser):
    """What a browser takes from a page: the texts of its tweets, its links, all of its tags and attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.told: list[str] = []  # a tweet's pieces are joined by line feeds
        self.texts: dict[str, str] = {}  # by tag
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()
        assert self._open == [], "a tag is not closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag in ("meta", "link"):
            return
        self._open.append((tag, attributes))
        if attributes.get("class") == "tweet":
            if "id" in attributes:
                self.told.append("")
            elif self.told:
                self.told[-1] += "\n"

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        if not self._open:
            return
        tag, attributes = self._open[-1]
        self.texts[tag] = self.texts.get(tag, "") + data
        if attributes.get("class") == "tweet":
            self.told[-1] += data

    def links(self, **wanted: str) -> list[str | None]:
        """The addresses of links and anchors with such attributes."""
        return [
            attributes["href"]
            for tag, attributes in self.tags
            if tag in ("a", "link") and wanted.items() <= attributes.items()
        ]


def assert_harmless(page: Read) -> None:
    """Only our own tags and attributes, nothing that runs, and nothing that a browser would fetch."""
    assert {tag for tag, _ in page.tags} <= {*TAGS}
    assert {name for _, attributes in page.tags for name in attributes} <= {*ATTRIBUTES}
    for tag, attributes in page.tags:
        href = attributes.get("href") or ""
        if tag == "link":
            assert re.fullmatch(r"[0-9]{6}\.html|feed\.xml|data:image/svg\+xml,[^\s<>]*", href)
        elif href:
            assert re.fullmatch(r"[0-9]{6}\.html|index\.html|feed\.xml|#t\d+|https://x\.com/i/status/[^\s/?#]+", href)
    assert "url(" not in page.texts["style"]
    assert "@import" not in page.texts["style"]


def as_shown(text: str) -> str:
    """A text as a page has it, but for empty lines."""
    return "\n".join(line for line in characters(text).replace("\r\n", "\n").split("\n") if line.strip())


@st.composite
def chapters(draw: st.DrawFn) -> list[Tweet]:
    first = 100 * draw(st.integers(0, 3)) + 1
    return [draw(tweets(number)) for number in range(first, first + draw(st.integers(1, 5)))]


@given(chapters(), st.integers(0, 3), texts, texts)
def test_a_page_tells_what_was_told_in_order_whatever_it_holds(
    told: list[Tweet], more: int, words: str, by: str
) -> None:
    number = told[0].sequence // 100 + 1
    page = Read(chapter_page(Title(words, by), number, told, number + more))
    assert page.told == [as_shown(tweet.text) for tweet in told]
    assert_harmless(page)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_text_stays_text(hostile: str) -> None:
    tweet = replace(a_tweet(1), text=hostile, tweet_id=hostile)
    story = a_story(draft=a_draft(hostile, DraftOutcome.REJECTED))
    title = Title.of(replace(story, style={hostile: 1.0}), tweet)
    page = Read(chapter_page(title, 1, [tweet], 1, drafts_section(story)))
    assert page.told == [as_shown(hostile)]
    assert page.texts["blockquote"] == characters(hostile)
    assert page.texts["title"] == f"Chapter I · {characters(title.words)}"
    assert_harmless(page)
    index = Read(index_page(title, [tweet, a_tweet(101, hostile)]))
    assert index.texts["h1"] == characters(title.words)
    assert characters(hostile) in index.texts["p"]
    assert_harmless(index)


def test_a_page_leads_to_the_one_before_and_the_next() -> None:
    told = [a_tweet(number) for number in range(101, 201)]
    page = Read(chapter_page(TITLE, 2, told, 3))
    assert page.links(rel="prev") == ["000001.html"] * 2
    assert page.links(rel="next") == ["000003.html"] * 2
    assert page.links(**{"class": "up"}) == ["index.html"]


def test_the_first_page_has_none_before_it_and_the_last_none_after_it() -> None:
    page = Read(chapter_page(TITLE, 1, [a_tweet(1)], 1))
    assert page.links(rel="prev") == page.links(rel="next") == []
    assert "To be continued." in page.texts["p"]
    assert "To be continued." not in Read(chapter_page(TITLE, 1, [a_tweet(1)], 2)).texts.get("p", "")


def test_a_tweet_leads_to_its_post_if_it_has_one_else_to_itself() -> None:
    posted, unposted = a_tweet(6), a_tweet(7)
    page = Read(chapter_page(TITLE, 1, [posted, unposted], 1))
    assert page.links(**{"class": "number"}) == [f"https://x.com/i/status/{posted.tweet_id}", "#t7"]
    labels = [attributes["aria-label"] for _, attributes in page.tags if attributes.get("class") == "number"]
    assert labels == ["Tweet 6, 3 November 2026, 12:00 UTC, on X", "Tweet 7, 3 November 2026, 18:00 UTC"]


def test_each_new_day_is_dated_and_the_year_only_when_it_changes() -> None:
    told = [a_tweet(1), a_tweet(2), a_tweet(5), a_tweet(6)]
    told.append(replace(a_tweet(7), time=told[-1].time + timedelta(days=90)))
    page = Read(chapter_page(TITLE, 1, told, 1))
    days = [(attributes["datetime"]) for tag, attributes in page.tags if attributes.get("class") == "day"]
    assert days == ["2026-11-03", "2027-02-01"]
    assert page.texts["time"] == "2 November 2026" + "3 November" + "1 February 2027"


@pytest.mark.parametrize(("length", "kind"), [(119, "plain"), (120, "first")])
def test_a_chapter_that_begins_with_a_short_paragraph_has_no_large_initial(length: int, kind: str) -> None:
    told = [a_tweet(1, "x" * length), replace(a_tweet(2, "It rained."), paragraph=True)]
    page = Read(chapter_page(TITLE, 1, told, 2))
    assert [attributes.get("class") for tag, attributes in page.tags if tag == "p"] == ["over", "under", kind, None]


def test_the_index_has_every_chapter_with_its_first_words_and_its_day() -> None:
    page = Read(index_page(TITLE, [a_tweet(1), a_tweet(101), a_tweet(201)]))
    assert [link for link in page.links() if str(link).startswith("0")] == [
        *("000001.html", "000003.html", "000001.html", "000002.html", "000003.html"),
    ]
    assert page.texts["time"] == "2 November 2026" + "27 November 2026" + "22 December 2026"
    assert "The latest chapter" not in Read(index_page(TITLE, [a_tweet(1)])).texts["a"]


def test_a_browser_is_told_to_fetch_and_run_nothing_but_this_style() -> None:
    page = Read(chapter_page(TITLE, 1, [a_tweet(1)], 1))
    (policy,) = [a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy"]
    style = base64.b64encode(hashlib.sha256(page.texts["style"].encode()).digest()).decode()
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{style}'; img-src data:; base-uri 'none'; form-action 'none'"
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (None, "nothing is known of its post yet"),
        (DraftOutcome.UNKNOWN, "perhaps posted, and the next invocation looks"),
        (DraftOutcome.NOT_SENT, "not posted, and the next invocation posts it"),
        (DraftOutcome.REJECTED, "2 texts in a row were refused"),
    ],
)
def test_a_draft_is_shown_with_what_became_of_it_and_what_nobody_knows(
    outcome: DraftOutcome | None, words: str
) -> None:
    shown = drafts_section(a_story(draft=a_draft("It rained.", outcome)))
    assert words in shown
    assert "<blockquote>It rained.</blockquote>" in shown
    assert "Not known here: what X gave as its reason" in shown


def test_without_a_draft_that_is_said() -> None:
    shown = drafts_section(a_story())
    assert "The record holds no draft" in shown
    assert "blockquote" not in shown
