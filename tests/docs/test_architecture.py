"""The picture of the house: it is what its source draws, and names only rooms that there are."""

import importlib.util
import re
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "docs" / "architecture.py"


def load():
    spec = importlib.util.spec_from_file_location("architecture", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_what_its_source_draws():
    assert SOURCE.with_suffix(".svg").read_text(encoding="utf-8") == load().draw()


def test_it_is_well_formed_and_asks_for_nothing_from_elsewhere():
    svg = SOURCE.with_suffix(".svg").read_text(encoding="utf-8")
    ElementTree.fromstring(svg)
    assert not re.search(r"href|<script|@import|url\((?!#)", svg)


def test_every_line_fits_its_box():
    """Seventeen pixels high, eight wide on average: what is longer would run over the edge."""
    drawn = load()
    for _, title, below in (*drawn.PATH, *drawn.INVOCATION):
        assert len(title) * 10 < drawn.WIDTH - 60
        assert len(below) * 8.5 < drawn.WIDTH - 40


def test_the_rooms_it_names_are_there():
    for kind, title, _ in load().PATH:
        if kind == "room":
            assert (ROOT / title).is_dir()


def test_the_tree_in_the_readme_names_every_folder_and_none_that_is_not_there():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme[readme.index("```\ntrain/") :].split("```")[1]
    top = set(re.findall(r"^(\w+)/", tree, re.MULTILINE))
    assert top == {"train", "export", "lambda_fn", "deploy", "peers", "bench", "tests", "docs"}
    bot = tree[tree.index("lambda_fn/") : tree.index("deploy/")]
    rooms = set(re.findall(r"^  (\w+)/", bot, re.MULTILINE))
    assert rooms == {path.parent.name for path in (ROOT / "lambda_fn").glob("*/*") if path.parent.name[0] != "_"}
