"""Files of older and newer programs: stories in tests/fixtures/format_1, and this program with one setting more."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any

import pytest

import lambda_fn
from lambda_fn import formats
from lambda_fn.errors import BundleError, RecordError
from lambda_fn.fields import Fields
from lambda_fn.formats import Format
from lambda_fn.language.bundle import load_bundle, read_description
from lambda_fn.language.sampling import Sampling
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import from_json, page_from_json, to_json
from lambda_fn.story.record import Story, page_key
from lambda_fn.writing.storyteller import Storyteller
from tests.lambda_fn.office import Office
from tests.lambda_fn.stories import Shelf, another, of_format_1, storyteller

Grown = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def older(tiny_bundle: Path, tmp_path: Path) -> Shelf:
    """Two stories of format 1: see `of_format_1`."""
    return of_format_1(tiny_bundle, tmp_path / "older")


@pytest.fixture
def grown(older: Shelf, tmp_path: Path) -> Grown:
    """The commands of a newer program, which has one sampling setting more, on the older stories.

    Each gives what it printed as JSON.
    """
    package = Path(lambda_fn.__file__).parent
    shutil.copytree(package, tmp_path / "grown" / "lambda_fn", ignore=shutil.ignore_patterns("model", "__pycache__"))
    path = tmp_path / "grown" / "lambda_fn" / "language" / "sampling.py"
    before = path.read_text()
    setting = 'Setting("P", 0.0, "a number", lambda value: True, "more")'
    added = f'added_later: float = field(default=0.0, metadata={{"setting": {setting}}})'
    path.write_text(before.replace("\n    def __post_init__", f"    {added}\n\n    def __post_init__", 1))
    assert path.read_text() != before

    def run(command: str, story: str, *options: str) -> list[dict[str, Any]]:
        line = [sys.executable, "-m", "lambda_fn", command, "--folder", older.folder, "--story", story, *options]
        done = subprocess.run(line, cwd=tmp_path / "grown", capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]

    return run


def kept(shelf: Shelf, name: str) -> dict[str, Any]:
    """A file of the stories as it lies in its folder."""
    document: dict[str, Any] = json.loads((shelf.folder / name).read_text())
    return document


def recorded(shelf: Shelf, story: str) -> Story:
    return from_json((shelf.folder / story / "story.json").read_bytes())


def load(shelf: Shelf, story: str) -> Story:
    """A story as this program, with the shelf's bundle as it is now, goes on with it."""
    telling = Storyteller(load_bundle(shelf.bundle))
    return telling.load(Stories(shelf.store()), shelf.settings(story=story))[0]


def describe(shelf: Shelf, **changes: object) -> None:
    """Change fields of the bundle's description."""
    path = shelf.bundle / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes, indent=1))


def texts(shelf: Shelf, story: str) -> list[str]:
    return [page.tweet.text for page in shelf.show(story=story)]


def fields_of(**values: object) -> Fields:
    return Fields(values, "the file", RecordError)


# What an older program wrote.


@pytest.mark.parametrize("story", ["told", "posted"])
def test_a_record_of_an_older_program_is_read_and_nothing_of_it_is_lost(older: Shelf, story: str) -> None:
    """But that a draft says of a setting of sampling that was added since that it changes nothing."""
    before, after = kept(older, f"{story}/story.json"), json.loads(to_json(recorded(older, story)))
    added = {field.name: field.default for field in fields(Sampling) if field.default is not MISSING}
    assert after == before | {"draft": before["draft"] and before["draft"] | added}


def test_the_archive_of_an_older_program_is_shown(older: Shelf) -> None:
    pages = list(older.show(story="told"))
    assert [page.tweet for page in pages] == list(recorded(older, "told").recent)
    assert {page.sampling for page in pages} == {Sampling(0.9, 0, 0.95)}


@pytest.mark.parametrize("story", ["told", "posted"])
def test_a_story_of_an_older_program_keeps_its_state_and_its_draft(older: Shelf, story: str) -> None:
    before, bundle = recorded(older, story), load_bundle(older.bundle)
    assert before.bundle == bundle.description_sha256 != bundle.identity
    assert load(older, story) == replace(before, bundle=bundle.identity)


def test_a_story_of_an_older_program_is_told_on_from_its_state(older: Shelf, tmp_path: Path) -> None:
    """And not from one made anew out of its tweets, as under another bundle: the second was in another style."""
    bundles = (older.bundle, another(older.bundle, tmp_path / "another"))
    states = []
    for telling in map(storyteller, bundles):
        story, _, voice = telling.load(Stories(older.store()), older.settings(story="told"))
        states.append(telling.next_telling(story, voice)[1].state)
    assert [state == recorded(older, "told").state for state in states] == [True, False]


def test_a_draft_of_an_older_program_is_settled_with_the_state_after_it(older: Shelf) -> None:
    draft = kept(older, "posted/story.json")["draft"]
    office = Office(storyteller=storyteller(older.bundle))
    for path in older.folder.rglob("*.json"):
        office.store.objects[str(path.relative_to(older.folder))] = path.read_bytes()
    office.clock.advance(86_400)
    office.account.post(draft["text"], None)
    assert office.publish({"story": "posted"}).status == "recovered"
    after = json.loads(office.store.objects["posted/story.json"])
    assert [after[name] for name in ("sequence", "token", "h", "c")] == [3, draft["token"], draft["h"], draft["c"]]
    assert after["bundle"] == load_bundle(older.bundle).identity


def test_the_next_write_calls_the_bundle_by_its_identity(older: Shelf) -> None:
    older.tell(story="told")
    named = [kept(older, f"told/{name}.json")["bundle"] for name in ("story", "tweets/000004")]
    assert named == [load_bundle(older.bundle).identity] * 2


def test_pages_of_both_formats_are_one_story(older: Shelf) -> None:
    before = texts(older, "told")
    after = older.tell(story="told")[0].tweet.text
    assert [kept(older, f"told/tweets/{number:06d}.json").get("format") for number in (3, 4)] == [None, 2]
    assert texts(older, "told") == [*before, after]


# A bundle that changes under a story.


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "renamed"},
        {"sampling": {"temperature": 0.9, "top_k": 0, "top_p": 0.9}},
        {"held_out": [{"title": "Persuasion"}]},
    ],
    ids=["name", "default", "figures"],
)
def test_a_bundle_described_otherwise_leaves_a_story_its_state(older: Shelf, changes: dict[str, object]) -> None:
    older.tell(story="told")
    before = recorded(older, "told")
    describe(older, **changes)
    assert load(older, "told") == before


def test_a_bundle_with_another_order_of_authors_makes_the_state_anew(older: Shelf) -> None:
    older.tell(story="told")
    before = recorded(older, "told")
    describe(older, authors=["Charles Dickens", "Jane Austen"])
    changed = Storyteller(load_bundle(older.bundle))
    story, _, voice = changed.load(Stories(older.store()), older.settings(story="told"))
    after = changed.under_this_bundle(story, voice)
    assert after.state != before.state
    assert after.bundle != before.bundle


def test_a_description_changed_before_this_program_came_makes_the_state_anew(older: Shelf) -> None:
    """The record names a description that is gone: nobody knows which graph it described."""
    before = recorded(older, "told")
    describe(older, name="renamed")
    assert load(older, "told").bundle == before.bundle != load_bundle(older.bundle).description_sha256


# A program that has one sampling setting more.


def test_a_newer_program_shows_what_this_one_and_an_older_one_told(grown: Grown, older: Shelf) -> None:
    older.tell(story="told")
    assert [(page["text"], page["added_later"]) for page in grown("show", "told", "--json")] == [
        (text, 0.0) for text in texts(older, "told")
    ]


def test_a_newer_program_tells_the_same_next_tweet(grown: Grown, older: Shelf) -> None:
    (page,) = grown("tell", "told", "--json", "--model", str(older.bundle))
    here = of_format_1(Path(__file__).parents[1] / "fixtures" / "tiny_bundle", older.folder.parent / "again")
    assert page["text"] == here.tell(story="told")[0].tweet.text


def test_a_newer_program_settles_an_older_draft(grown: Grown, older: Shelf) -> None:
    draft = kept(older, "posted/story.json")["draft"]
    grown("settle", "posted", "--posted", "7")
    page, record = kept(older, "posted/tweets/000003.json"), kept(older, "posted/story.json")
    assert (page["text"], page["temperature"], page["added_later"]) == (draft["text"], 0.8, 0.0)
    assert (record["sequence"], record["h"], record["draft"]) == (3, draft["h"], None)


def test_this_program_goes_on_with_what_a_newer_one_left(grown: Grown, older: Shelf) -> None:
    """As after an upgrade that was taken back, with a draft in flight."""
    grown("settle", "posted", "--not-posted")
    grown("tell", "told", "--json", "--model", str(older.bundle))
    assert (
        kept(older, "posted/story.json")["draft"]["added_later"]
        == kept(older, "told/tweets/000004.json")["added_later"]
        == 0
    )
    draft = load(older, "posted").draft
    assert draft
    assert draft.outcome == "not_sent"
    assert older.tell(story="told")[0].tweet.sequence == len(texts(older, "told")) == 5


def test_a_story_keeps_its_state_though_a_default_was_changed_before_this_program_saw_it(older: Shelf) -> None:
    path = older.bundle / "bundle.json"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    document = json.loads(path.read_text()) | {"formerly": [before]}
    document["sampling"]["top_p"] = 0.5
    path.write_text(json.dumps(document))
    assert load_bundle(older.bundle).is_known_as(kept(older, "told/story.json")["bundle"])


@pytest.mark.parametrize("formerly", ["x", ["x"], [1], {}])
def test_a_former_identity_that_is_none_is_refused(older: Shelf, formerly: object) -> None:
    path = older.bundle / "bundle.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"formerly": formerly}))
    with pytest.raises(BundleError, match="formerly"):
        load_bundle(older.bundle)


# How files grow.


@pytest.mark.parametrize(
    ("kind", "name", "value"), [("record", "slot", None), ("tweet", "paragraph", True), ("draft", "doubtful", True)]
)
def test_a_record_without_a_field_that_was_added_means_what_it_meant(
    older: Shelf, kind: str, name: str, value: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.ADDED, kind, {**formats.ADDED[kind], name: value})
    document = kept(older, "posted/story.json")
    whole = {"record": [document], "tweet": document["recent"], "draft": [document["draft"]]}
    for found in whole[kind]:
        found[name] = value
    expected = from_json(json.dumps(document).encode())
    for found in whole[kind]:
        del found[name]
    assert from_json(json.dumps(document).encode()) == expected


def test_a_page_without_a_field_that_was_added_means_what_it_meant(
    older: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = kept(older, "told/tweets/000001.json")
    expected = page_from_json(json.dumps(page).encode(), page_key("told", 1), 1)
    monkeypatch.setitem(formats.ADDED, "page", {"seed": page.pop("seed")})
    assert page_from_json(json.dumps(page).encode(), page_key("told", 1), 1) == expected


def test_a_bundle_without_a_field_that_was_added_means_what_it_meant(
    older: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(formats.ADDED, "bundle", {"special_tokens": {"paragraph": 0}})
    document = json.loads((older.bundle / "bundle.json").read_text())
    del document["special_tokens"]
    fields, _ = read_description(json.dumps(document).encode(), "bundle.json")
    assert fields.value("special_tokens") == {"paragraph": 0}


def test_an_older_file_goes_through_every_step_up_to_today() -> None:
    third = Format("page", 3, {1: lambda page: {**page, "b": page["a"]}, 2: lambda page: {**page, "c": page["b"]}})
    read = [third.upgrade(fields_of(format=number, a=1, b=2, c=3), "…") for number in (1, 2, 3)]
    assert [[fields.value(name) for name in "abc"] for fields in read] == [[1, 1, 1], [1, 2, 2], [1, 2, 3]]


@pytest.mark.parametrize("found", [0, 1, 4, "3", True, 3.0, None])
def test_a_format_that_is_not_known_is_one_sentence(found: object) -> None:
    third = Format("page", 3, {2: lambda page: page})
    with pytest.raises(RecordError, match=r"^the file has format .*, but this program reads formats 2 to 3: wait$"):
        third.upgrade(fields_of(format=found), "wait")


def test_a_file_without_a_number_is_refused_where_all_have_one() -> None:
    with pytest.raises(RecordError, match="the file has no field 'format'"):
        Format("record", 1).upgrade(fields_of(), "wait")
