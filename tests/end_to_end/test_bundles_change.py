"""A story told half under one bundle goes on under another, and back, posted to a local X."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from lambda_fn.language.bundle import load_bundle
from lambda_fn.settings import SHIPPED_MODEL
from peers.local_x import LocalX
from peers.x_faults import Fault
from tests.end_to_end.invocations import CREDENTIALS, Death, Workshop, World, environment_of
from tests.end_to_end.places import Folder
from tests.lambda_fn.stories import without_words

DEATHS = [(number, when) for number in range(4) for when in ("before", "after")]
SHIPPED = load_bundle(SHIPPED_MODEL).identity
"""The other bundle: another graph, other sizes, another vocabulary, and the authors of the tiny one among its own."""


@pytest.fixture(scope="module")
def bundle(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return without_words(tiny_bundle, tmp_path_factory.mktemp("bundles") / "tiny")


@pytest.fixture(scope="module")
def tiny(bundle: Path) -> str:
    return load_bundle(bundle).identity


@pytest.fixture(scope="module")
def workshop() -> Iterator[Workshop]:
    with Workshop() as workshop:
        yield workshop


@pytest.fixture
def world(workshop: Workshop, bundle: Path, tmp_path: Path) -> Iterator[World]:
    """A story of three tweets, told under the tiny bundle."""
    with LocalX(CREDENTIALS) as x:
        place = Folder(tmp_path)
        world = World(workshop, x, place, environment_of(place, bundle))
        world.go_on(3, fork=False)
        yield world


def change(world: World, bundle: Path) -> None:
    """Let invocations tell with this bundle from now on."""
    world.environment["MODEL_URI"] = str(bundle)


def bundles_of(world: World) -> list[str]:
    """The identity of the bundle that told each page."""
    pages = sorted(key for key in world.place.content() if "/tweets/" in key)
    return [json.loads(world.place.content()[page])["bundle"] for page in pages]


def assert_posted_in_order(world: World, count: int) -> None:
    assert world.timeline == world.told
    assert len(set(world.timeline)) == len(world.timeline) == count


@pytest.mark.timeout(600)
def test_a_story_goes_on_under_another_bundle_and_back(world: World, bundle: Path, tiny: str) -> None:
    change(world, SHIPPED_MODEL)
    world.go_on(5, fork=False)
    assert world.standing["bundle"] == SHIPPED
    change(world, bundle)
    world.go_on(7, fork=False)
    assert_posted_in_order(world, 7)
    assert bundles_of(world) == [tiny] * 3 + [SHIPPED] * 2 + [tiny] * 2


@pytest.mark.timeout(600)
@pytest.mark.parametrize("duplicates", ["accept", "refuse"])
@pytest.mark.parametrize("death", DEATHS, ids=lambda death: f"{death[1]}-effect-{death[0]}")
def test_a_draft_of_the_old_bundle_is_settled_before_the_new_one_tells(
    world: World, tiny: str, death: Death, duplicates: str
) -> None:
    world.x.duplicates, world.x.visible_after = duplicates, 0.0 if duplicates == "accept" else 1e9
    assert world.invoke(die=death).killed
    draft = world.story.draft if world.story else None
    change(world, SHIPPED_MODEL)
    world.go_on(5, fork=False)
    assert_posted_in_order(world, 5)
    claimed = death != (0, "before")
    assert bundles_of(world) == [tiny] * 3 + ([tiny, SHIPPED] if claimed else [SHIPPED] * 2)
    if draft:
        assert world.told[3] == draft.text


@pytest.mark.timeout(600)
@pytest.mark.parametrize("fault", [Fault.CLOSE_ACCEPTING, Fault.CLOSE_REFUSING, Fault.RATE_LIMIT, Fault.UNAUTHORIZED])
def test_a_draft_whose_post_failed_is_settled_under_the_new_bundle(world: World, tiny: str, fault: Fault) -> None:
    world.x.faults.append(fault)
    world.invoke()
    change(world, SHIPPED_MODEL)
    world.advance(3600)
    world.go_on(5, fork=False)
    assert_posted_in_order(world, 5)
    assert bundles_of(world) == [tiny] * 4 + [SHIPPED]


@pytest.mark.timeout(600)
def test_a_text_that_x_refused_is_replaced_by_one_of_the_new_bundle(world: World, tiny: str) -> None:
    world.x.faults.append(Fault.VAGUE)
    refused = world.invoke().answer
    change(world, SHIPPED_MODEL)
    world.go_on(4, fork=False)
    assert_posted_in_order(world, 4)
    assert bundles_of(world) == [tiny] * 3 + [SHIPPED]
    assert refused
    assert refused["text"] not in world.timeline


@pytest.mark.timeout(600)
def test_a_bundle_that_does_not_know_the_author_goes_on_with_its_first(
    world: World, bundle: Path, tmp_path: Path
) -> None:
    stranger = Path(shutil.copytree(bundle, tmp_path / "stranger"))
    description = json.loads((stranger / "bundle.json").read_text())
    (stranger / "bundle.json").write_text(json.dumps(description | {"authors": ["Emily Brontë", "Charles Dickens"]}))
    assert world.invoke(die=(1, "after")).killed
    change(world, stranger)
    world.go_on(5, fork=False)
    assert_posted_in_order(world, 5)
