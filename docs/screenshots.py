"""Tells a story with the bundle that ships, and takes two pictures of its pages: `python docs/screenshots.py`.

It needs what `make setup` and `make browser` install, and a Chromium. The story is told in one go, by a clock that
runs six hours ahead with each tweet, as the schedule of a bot would have it.
"""

import io
import shutil
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from lambda_fn.commands import page, tell_next
from lambda_fn.parts import open_bundle, open_store
from lambda_fn.settings import Settings
from lambda_fn.writing.storyteller import Storyteller

DOCS = Path(__file__).parent
BEGUN, TWEETS, SEED = datetime(2026, 11, 2, 6, tzinfo=UTC), 110, "4"
COLORS = 128  # of a picture: it is text on paper
# The file → the page, the window's width and height, the pixels to one of them, light or dark.
PICTURES = {
    "page-desk.png": ("000001.html", 1060, 760, 1.5, "light"),
    "page-phone.png": ("000002.html", 390, 830, 2, "dark"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.resolve({"seed": SEED}, {"STORY_URI": folder}, flags=True)
        hours = count(0, 6)

        def clock() -> datetime:
            return BEGUN + timedelta(hours=next(hours))

        for _ in tell_next(settings, open_store(folder), Storyteller(open_bundle(None)), TWEETS, clock):
            pass
        index = Path(page(settings, None))
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            for name, (file, width, height, scale, scheme) in PICTURES.items():
                window = browser.new_page(
                    viewport={"width": width, "height": height}, color_scheme=scheme, device_scale_factor=scale
                )
                window.goto(index.with_name(file).as_uri())
                picture = Image.open(io.BytesIO(window.screenshot())).convert("RGB")
                picture.quantize(COLORS, dither=Image.Dither.NONE).save(DOCS / name, optimize=True)
            browser.close()


if __name__ == "__main__":
    main()
