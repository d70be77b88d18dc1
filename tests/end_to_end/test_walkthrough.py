"""The walkthrough, run word for word."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.end_to_end.invented import write_mirror

ROOT = Path(__file__).parents[2]
WALKTHROUGH = (ROOT / "docs" / "your-own-author.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", WALKTHROUGH, re.MULTILINE | re.DOTALL)


@pytest.mark.timeout(1800)
def test_the_walkthrough_leads_from_an_ebook_id_to_a_told_tweet(tmp_path):
    for package in ("train", "export", "lambda_fn"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    mirror = write_mirror(tmp_path / "mirror", {11: "The Rabbit", 12: "The Glass"})
    (tmp_path / "carroll.toml").write_text(blocks("toml")[0], encoding="utf-8")
    # The commands are meant for an active environment: `python` is the one that runs the tests.
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GUTENBERG_MIRROR": mirror,
        "OMP_NUM_THREADS": "1",
    }
    set_up, *commands = blocks("sh")
    assert set_up == "make setup\n. .venv/bin/activate\n"
    for command in commands:
        done = subprocess.run(
            ["bash", "-euc", command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
        if "lambda_fn tell" in command:
            _check_told(tmp_path, command, done.stdout)
    leant = json.loads((tmp_path / "bundles" / "carroll-leant" / "bundle.json").read_text(encoding="utf-8"))
    assert {11, 12} < {*leant["trained_on"]}
    assert "Jane Austen" in leant["authors"]
    log = (tmp_path / "runs" / "carroll-leant" / "log.csv").read_text(encoding="utf-8")
    assert len(log.splitlines()) > 2, "validated once only: early stopping could do nothing"


def _check_told(folder, command, output):
    """What was printed is the story that is kept."""
    story = re.search(r"--story (\w+)", command)[1]
    tweets = output[output.index("Alice was beginning") :].strip().split("\n\n")
    record = json.loads((folder / ".story" / story / "story.json").read_text(encoding="utf-8"))
    assert [tweet["text"] for tweet in record["recent"]] == tweets
    assert len(tweets) == 3
