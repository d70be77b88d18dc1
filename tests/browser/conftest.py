"""A headless Chromium, and a story of pages that a server of this machine hands out. Never a part of .ci/run.

CHROMIUM names the browser; else one is looked for under its usual names.
"""

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.lambda_fn.book.telling import Telling, a_draft, written_to

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; without one the test is skipped, and says so."""
    if os.environ.get("CI") == "true":
        pytest.skip("CI has no browser: run `make browser`")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: run `make browser`")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if not found:
        pytest.skip(f"there is no Chromium: install one ({', '.join(NAMES)}), or name it in CHROMIUM")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"] if os.geteuid() == 0 else [])
        yield browser
        browser.close()


class Site:
    """Pages under an address, and what was asked for there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, list[str]()
        site = self

        class Handler(SimpleHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append(self.path)
                super().do_GET()

            def log_message(self, *_: object) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An empty one."""
    site = Site(tmp_path)
    thread = threading.Thread(target=site.server.serve_forever, args=(0.05,))
    thread.start()
    yield site
    site.server.shutdown()
    thread.join()
    site.server.server_close()


@pytest.fixture
def story(site: Site) -> Site:
    """Three chapters of a story, with a draft that was given up."""
    telling = Telling().tell(230)
    telling.record(draft=a_draft("It never rained.", None))
    telling.make(drafts=True)
    written_to(site.folder, telling)
    return site
