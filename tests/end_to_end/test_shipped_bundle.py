"""What the shipped model tells, and that a story is the same however its telling is cut."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lambda_fn.commands import tell
from lambda_fn.language.bundle import load_bundle
from lambda_fn.prose.length import weighted_length
from lambda_fn.settings import Settings

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "lambda_fn" / "model"
FULL = os.environ.get("TRIALS") == "full"
"""`make prove` runs the same trials at full counts."""

_WHOLE = re.compile(r"[.!?][”’)]*$")
_BROKEN = re.compile(r"[\ufffd\x00-\x09\x0b-\x1f\x7f]")


def command(folder, *arguments, model=SHIPPED):
    done = subprocess.run(
        [sys.executable, "-m", "lambda_fn", *arguments, "--folder", folder, "--model", model],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("bundle", ["shipped", "fp32"])
def test_ten_tweets_in_one_process_or_in_ten_are_the_same_story(bundle, tmp_path, tiny_bundle):
    model = SHIPPED if bundle == "shipped" else tiny_bundle
    assert (json.loads((model / "bundle.json").read_text())["quantization"] is None) == (bundle == "fp32")
    together = command(tmp_path / "a", "tell", "--json", "--seed", "7", "--count", "10", model=model)
    apart = [command(tmp_path / "b", "tell", "--json", "--seed", "7", model=model)[0] for _ in range(10)]
    assert [tweet["text"] for tweet in together] == [tweet["text"] for tweet in apart]
    states = [json.loads((tmp_path / name / "main" / "story.json").read_bytes()) for name in "ab"]
    assert all(states[0][field] == states[1][field] for field in ("token", "h", "c", "sequence", "seed"))


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder = tmp_path_factory.mktemp("told")
    settings = Settings.resolve({"seed": 11}, {"STORY_URI": str(folder)})
    return [page.tweet.text for page in tell(settings, 1000 if FULL else 150)]


@pytest.mark.timeout(1800)
def test_every_tweet_is_whole_and_fits(told):
    assert [text for text in told if not text.strip()] == []
    assert [text for text in told if weighted_length(text) > 280] == []
    assert [text for text in told if not _WHOLE.search(text)] == []
    assert [text for text in told if _BROKEN.search(text)] == []


def test_every_quotation_mark_that_opens_is_closed(told):
    assert [text for text in told if text.count("“") != text.count("”")] == []


def test_no_tweet_is_told_twice(told):
    assert len(set(told)) == len(told)


def test_nothing_can_be_read_as_a_link_a_mention_or_a_tag(told):
    assert [text for text in told if re.search(r"[@#$]|https?:|\w\.\w", text)] == []


def test_the_bundle_fits_the_package_and_says_how_good_it_is():
    bundle = load_bundle(SHIPPED)
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) <= 16 * 2**20
    figures = {figure["precision"]: figure["bits_per_character"] for figure in bundle.held_out}
    assert figures.keys() == {"fp32", "shipped"}
    assert max(figures.values()) < 1.65
    assert 105 not in bundle.trained_on


def test_the_readme_states_the_figures_of_the_bundle():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for figure in load_bundle(SHIPPED).held_out:
        assert f"| {figure['bits_per_character']:.4f} |" in readme
