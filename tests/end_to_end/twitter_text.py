"""X's own count of characters and search for links: twitter-text 3.1, by node."""

import json
import shutil
import subprocess
from collections.abc import Sequence

import pytest

from tests.end_to_end.invocations import ROOT

_FOLDER = ROOT / ".venv" / "node"
_SCRIPT = """
const twitter = require("twitter-text");
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
const found = texts.map((text) => [
  twitter.parseTweet(text).weightedLength, twitter.extractEntitiesWithIndices(text).length,
]);
console.log(JSON.stringify(found));
"""


def by_twitter_text(texts: Sequence[str]) -> list[tuple[int, int]]:
    """The weight of each text, and how many links, mentions and tags there are in it; skips a test without node."""
    node = shutil.which("node")
    if not node or not (_FOLDER / "node_modules" / "twitter-text").is_dir():
        pytest.skip(
            "twitter-text is not installed: `make tools` does it where npm is, so NO WEIGHT WAS HELD AGAINST X'S"
        )
    done = subprocess.run(
        [node, "-e", _SCRIPT], cwd=_FOLDER, input=json.dumps(texts), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [(weight, entities) for weight, entities in json.loads(done.stdout)]
