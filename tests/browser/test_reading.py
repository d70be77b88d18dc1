"""The pages as a reader sees them: in a real browser, light and dark, at a desk and on a phone."""

from importlib import resources
from typing import Any

import pytest

from lambda_fn.book.wording import characters
from tests.browser.conftest import Site
from tests.lambda_fn.book.telling import Telling, a_tweet, written_to
from tests.lambda_fn.book.test_html import HOSTILE

PAGES = ("index.html", "000001.html", "000002.html", "000003.html")
SCHEMES = {"light": "rgb(251, 248, 242)", "dark": "rgb(23, 21, 17)"}
SIZES = {"desk": (1280, 900), "phone": (390, 844), "watch": (280, 400)}
LINES = """
() => [...document.querySelectorAll('main p')].filter(p => p.querySelector('.tweet')).map(p => {
  const lines = Math.round(p.getBoundingClientRect().height / parseFloat(getComputedStyle(p).lineHeight));
  return [p.innerText.length, lines];
})
"""


class Reader:
    """A page in the browser, and all that went wrong there."""

    def __init__(self, chromium: Any, scheme: str = "light", size: str = "desk") -> None:
        width, height = SIZES[size]
        self.context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.said: list[str] = []
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda problem: self.said.append(str(problem)))
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_shown_as_it_should_and_nothing_else_is_asked_for(
    chromium: Any, story: Site, scheme: str, size: str
) -> None:
    with Reader(chromium, scheme, size) as reader:
        for name in PAGES:
            reader.page.goto(f"{story.url}/{name}", wait_until="networkidle")
            background = reader.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
            assert background == SCHEMES[scheme]
            wide, window = reader.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            assert wide <= window
        assert reader.said == []
    assert story.asked == [f"/{name}" for name in PAGES]


@pytest.mark.parametrize(("size", "fewest", "most"), [("desk", 55, 80), ("phone", 30, 50)])
def test_a_line_is_as_long_as_the_eye_likes_it(chromium: Any, site: Site, size: str, fewest: int, most: int) -> None:
    long = "She walked on to the end of the lane, and thought of all that he had said. " * 3
    telling = Telling().tell(60, [long.strip()] * 60)
    telling.make()
    written_to(site.folder, telling)
    with Reader(chromium, size=size) as reader:
        reader.page.goto(f"{site.url}/000001.html")
        lengths = [length / lines for length, lines in reader.page.evaluate(LINES) if lines > 4]
    assert lengths
    assert fewest < sum(lengths) / len(lengths) < most


@pytest.mark.parametrize("size", SIZES)
def test_what_was_told_is_read_in_order_from_top_to_bottom(chromium: Any, story: Site, size: str) -> None:
    shown: list[str] = []
    with Reader(chromium, size=size) as reader:
        for name in PAGES[1:]:
            reader.page.goto(f"{story.url}/{name}")
            pieces = reader.page.locator(".tweet")
            shown += pieces.all_inner_texts()
            tops = pieces.evaluate_all("spans => spans.map(span => span.getClientRects()[0].top)")
            assert tops == sorted(tops)
    assert shown == [line for number in range(1, 231) for line in a_tweet(number).text.split("\n")]


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", ["desk", "phone"])
def test_axe_finds_nothing(chromium: Any, story: Site, scheme: str, size: str) -> None:
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    with Reader(chromium, scheme, size) as reader:
        for name in PAGES:
            reader.page.goto(f"{story.url}/{name}")
            reader.page.evaluate(axe)
            found = reader.page.evaluate("axe.run()")
            assert [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]] == []
            assert len(found["passes"]) > 15


def test_one_reads_from_the_table_of_contents_to_the_last_chapter_and_back(chromium: Any, story: Site) -> None:
    with Reader(chromium) as reader:
        page = reader.page
        page.goto(f"{story.url}/index.html")
        page.get_by_role("link", name="Begin to read").click()
        for number in ("I", "II", "III"):
            assert page.get_by_role("heading", level=1).inner_text() == f"Chapter {number}"
            following = page.get_by_role("link", name="Chapter " + number + "I →")
            if following.count():
                following.click()
        assert page.get_by_text("To be continued.").is_visible()
        assert page.get_by_text("It never rained.").is_visible()
        page.get_by_role("link", name="← Chapter II").click()
        assert page.get_by_role("heading", level=1).inner_text() == "Chapter II"
        page.get_by_role("link", name="Contents").click()
        assert page.url == f"{story.url}/index.html"


def test_a_place_in_the_feed_is_a_place_on_the_page(chromium: Any, story: Site) -> None:
    with Reader(chromium) as reader:
        reader.page.goto(f"{story.url}/000002.html#t170")
        top = reader.page.locator("#t170").evaluate("span => span.getBoundingClientRect().top")
        assert 0 <= top < SIZES["desk"][1]
        reader.page.get_by_label("Tweet 175,").click()  # it was not posted: its number leads to itself
        assert reader.page.url.endswith("#t175")


def test_a_hostile_text_stays_text(chromium: Any, site: Site) -> None:
    hostile = [*HOSTILE, *(f"{text} and on it goes." for text in HOSTILE)]
    telling = Telling().tell(len(hostile), hostile)
    telling.record(style={hostile[1]: 1.0})
    telling.make()
    written_to(site.folder, telling)
    with Reader(chromium) as reader:
        for name in ("index.html", "000001.html"):
            reader.page.goto(f"{site.url}/{name}", wait_until="networkidle")
        shown = reader.page.locator(".tweet").evaluate_all("spans => spans.map(span => span.textContent)")
        assert shown == [characters(text) for text in hostile]
        assert reader.page.locator("script, img, iframe, [onmouseover], [onerror]").count() == 0
        assert reader.said == []
    assert site.asked == ["/index.html", "/000001.html"]


def test_a_page_of_a_hundred_long_tweets_opens_in_under_a_second(chromium: Any, site: Site) -> None:
    telling = Telling().tell(100, ["x" * 20 + " word" * 52] * 100)
    telling.make()
    written_to(site.folder, telling)
    with Reader(chromium) as reader:
        reader.page.goto(f"{site.url}/index.html")  # so that the browser is awake
        reader.page.goto(f"{site.url}/000001.html", wait_until="load")
        opened = reader.page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert 0 < opened < 1000
