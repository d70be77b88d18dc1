"""Files that somebody edited by hand: each is read, and the story goes on, or it is refused in one sentence."""

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lambda_fn.commands import tell_next
from lambda_fn.errors import BundleError, RecordError, SettingError, StoryError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.posting.account import Unknown
from lambda_fn.posting.x.credentials import FIELDS, Credentials
from lambda_fn.settings import Settings
from lambda_fn.storage.stories import Stories
from lambda_fn.story.codec import from_json, to_json
from lambda_fn.story.record import Story
from lambda_fn.writing.storyteller import Storyteller
from tests.lambda_fn.deaths import die
from tests.lambda_fn.office import NOON, RECORD, MemoryStore, Office
from tests.lambda_fn.stories import Shelf, without_words

PAGE = "main/tweets/000003.json"


def base64_of(*numbers: float) -> str:
    return base64.b64encode(np.array(numbers, dtype="<f4").tobytes()).decode()


WRONG: list[object] = [
    *(None, True, False, 0, 1, -1, 2, 3, 0.5, 1.0, 1e308, -1e308, 2**31, 2**62, 2**63 - 1, 2**63, 10**400, -(10**400)),
    *(float("nan"), float("inf"), float("-inf"), "", " ", "\n", "\0", "x", "x" * 201, "x" * 281, "\ud800", "字" * 280),
    *("null", "1", "main", "../main", "ab" * 32, "AAAAAAAA", "=", "unknown", "not_sent", "rejected", "posted"),
    *("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-01:00", "0001-01-01T00:00:00+01:00"),
    *("1970-01-01T00:00:00Z", "2999-12-31T00:00:00Z", "2026-02-30T00:00:00Z", "2026-11-22", "2026-11-22T12:00:00"),
    *(base64_of(0, 0), base64_of(7, 0), base64_of(0, -1e30), base64_of(np.nan, 0), base64_of(0, np.inf), base64_of(0)),
    *([], {}, [None], [[]], [{}], {"": None}, {"a": {}}, [0] * 2000, {"Nobody": 1.0}, {"Jane Austen": 1.0}),
    *({"Jane Austen": 0.5, "jane austen": 0.5}, {"Jane Austen": 1.0, "Nobody": 0.0}, {"Jane Austen": 1.5, "Y": -0.5}),
    *({"\ud800": 1.0}, {"": 1.0}, {"x" * 500: 1.0}, {"Jane Austen": float("nan")}, {"Jane Austen": True}),
]


def edits(document: Any) -> Iterator[Any]:
    """A JSON value with each place in it removed, doubled or anything else."""

    def places(value: Any) -> Iterator[tuple[int | str, ...]]:
        for key in value if isinstance(value, dict) else range(len(value)):
            yield (key,)
            if isinstance(value[key], dict | list):
                yield from ((key, *rest) for rest in places(value[key]))

    for *way, key in places(document):
        for wrong in (*WRONG, ...):
            edited = deepcopy(document)
            holder = edited
            for step in way:
                holder = holder[step]
            if wrong is not ...:
                holder[key] = wrong
            elif isinstance(holder, dict):
                del holder[key]
                holder[f"{key} "] = None
            else:
                holder.insert(key, holder[key])
            yield edited


def ruins(data: bytes) -> Iterator[bytes]:
    """What is left of a file that an editor, a disk or a merge has spoilt."""
    yield from (b"", b" ", b"null", b"[]", b"0", b'"x"', b"{}", b"{", b"\xff\xfe", b"\0" * 100, b"[" * 100_000)
    yield from (data[:-3], data[: len(data) // 2], data + b"}", data + data, b"\xef\xbb\xbf" + data, b"\xff" + data)
    yield data.replace(b'"', b"'")
    yield data.decode().encode("utf-16")
    yield b'{"a": ' * 100_000 + b"1" + b"}" * 100_000
    yield data.replace(b": 1,", b": " + b"1" * 1_000_000 + b",", 1)
    yield data.replace(b": 1,", b": 1e999999,", 1)
    yield data.replace(b": 1,", b": NaN,", 1)
    yield data.replace(b"{", b'{"format": 1, "format": 1, ', 1)
    yield data.replace(b"\n", b"\r\n")
    yield b"<<<<<<< HEAD\n" + data


def json_of(data: bytes) -> object:
    """What a reader of JSON takes from it, if it is UTF-8 and has no field twice."""
    with suppress(ValueError, RecursionError):
        if b'"format": 1, "format"' not in data:
            return json.loads(data.decode())
    return None


def one_sentence(problem: StoryError) -> None:
    said = str(problem)
    assert said
    assert "\n" not in said
    assert len(said) < 1000
    said.encode()  # it can be shown


@cache
def told() -> Office:
    """A story of two tweets: never tell it on."""
    office = Office()
    office.publish({"slot": "2026-11-22T06:00:00Z"})
    office.publish({"slot": "2026-11-22T12:00:00Z"})
    return office


def in_flight() -> Office:
    """One with a third tweet in flight, of which nobody knows whether it was posted."""
    office = copy(told())
    office.account.plans = [Unknown("no answer came")]
    office.publish({"slot": "2026-11-22T18:00:00Z"})
    return office


def died() -> Office:
    """One whose third tweet is in the archive, and not in the record."""
    office = copy(told())
    die(office, f"create {PAGE}", done=True)
    return office


def told_elsewhere() -> Office:
    """One with a page that is not in the record, by a command that posts nothing."""
    office = died()
    office.store.objects[RECORD] = to_json(replace(told().story))
    return office


def copy(office: Office) -> Office:
    new = Office(store=MemoryStore(dict(office.store.objects)))
    new.account.timeline = list(office.account.timeline)
    return new


STORIES = {"told": lambda: copy(told()), "in flight": in_flight, "died": died}


def goes_on_or_is_refused(office: Office, event: dict[str, Any] | None = None) -> None:
    """Some invocations, hours apart: whatever is wrong is one sentence, and no text is posted twice."""
    for _ in range(2):
        office.clock.advance(3 * 3600)
        try:
            office.publish(event)
        except StoryError as problem:
            one_sentence(problem)


@pytest.mark.parametrize("kind", STORIES)
def test_a_record_edited_by_hand_is_refused_or_the_story_goes_on(kind: str) -> None:
    whole = STORIES[kind]()
    for edited in edits(json.loads(whole.store.objects[RECORD])):
        office = copy(whole)
        office.store.objects[RECORD] = json.dumps(edited).encode()
        goes_on_or_is_refused(office)


@pytest.mark.parametrize("slot", ["2026-11-22T06:00:00Z", "x", "9999-12-31T23:59:59-01:00"])
def test_a_record_without_its_tweets_knows_no_slot_as_told(slot: str) -> None:
    office = copy(told())
    record = json.loads(office.store.objects[RECORD])
    office.store.objects = {RECORD: json.dumps(record | {"sequence": 0, "recent": [], "slot": slot}).encode()}
    assert office.publish({"slot": slot}).status == "posted"


@pytest.mark.parametrize("uri", [".story", "s3://bucket/stories"])
def test_a_ruined_record_is_refused_with_what_can_be_done_where_it_is(uri: str) -> None:
    whole = told().store.objects[RECORD]
    for ruin in ruins(whole):
        if json_of(ruin) == json_of(whole):  # of another system's line ends
            continue
        with pytest.raises(RecordError) as caught:
            Stories(MemoryStore({RECORD: ruin}, uri=uri)).read("main")
        one_sentence(caught.value)
        advice = "begin a new story under another name" if uri.startswith("s3:") else "`reset --story main`"
        assert f", or {advice}" in str(caught.value)


@pytest.mark.parametrize("uri", [".story", "s3://bucket/stories"])
@pytest.mark.parametrize("wrong", ["format", "no record", "a state that is none"])
def test_no_advice_is_given_that_cannot_be_followed(uri: str, wrong: str) -> None:
    office = copy(told())
    office.store.uri = uri
    record = json.loads(office.store.objects[RECORD])
    office.store.objects |= {
        "format": {RECORD: json.dumps(record | {"format": 99}).encode()},
        "no record": {},
        "a state that is none": {RECORD: json.dumps(record | {"h": base64_of(7, 0)}).encode()},
    }[wrong]
    if wrong == "no record":
        del office.store.objects[RECORD]
    with pytest.raises(RecordError) as caught:
        office.publish()
    assert ("`reset --story" in str(caught.value)) == (uri == ".story")


@pytest.mark.parametrize(("h", "c"), [((7, 0), (0, 0)), ((0, -1.01), (0, 0)), ((0, 0), (1e30, 0)), ((0, 0), (0, -2e6))])
@pytest.mark.parametrize("draft", [False, True])
def test_a_state_that_no_model_leaves_is_refused(h: tuple[float, ...], c: tuple[float, ...], draft: bool) -> None:
    office = in_flight() if draft else copy(told())
    record = json.loads(office.store.objects[RECORD])
    (record["draft"] if draft else record).update(h=base64_of(*h), c=base64_of(*c))
    office.store.objects[RECORD] = json.dumps(record).encode()
    calls = len(office.account.calls)
    with pytest.raises(RecordError, match="has a state that no model leaves"):
        office.publish()
    assert len(office.account.calls) == calls


def test_a_page_edited_by_hand_is_refused_or_the_story_goes_on() -> None:
    whole = told_elsewhere()
    for edited in edits(json.loads(whole.store.objects[PAGE])):
        office = copy(whole)
        office.store.objects[PAGE] = json.dumps(edited).encode()
        goes_on_or_is_refused(office)


def test_a_ruined_page_is_refused_or_the_story_goes_on() -> None:
    whole = told_elsewhere()
    for ruin in ruins(whole.store.objects[PAGE]):
        office = copy(whole)
        office.store.objects[PAGE] = ruin
        goes_on_or_is_refused(office)


@cache
def storyteller(bundle: Path) -> Storyteller:
    return Storyteller(load_bundle(bundle))


@pytest.fixture(scope="module")
def shelf(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A story of three tweets by the real tweet_writer, of which the record knows two."""
    folder = tmp_path_factory.mktemp("edited")
    shelf = Shelf(folder / "stories", without_words(tiny_bundle, folder / "bundle"))
    shelf.tell(2, seed=7)
    record = (folder / "stories" / RECORD).read_bytes()
    shelf.tell(1)
    (folder / "stories" / RECORD).write_bytes(record)
    return shelf


@pytest.mark.parametrize("name", [RECORD, PAGE])
def test_what_the_real_storyteller_goes_on_from_is_refused_or_read(shelf: Shelf, name: str) -> None:
    files = {key: (shelf.folder / key).read_bytes() for key in (RECORD, PAGE)}
    document = json.loads(files[name])
    if name == RECORD:
        del files[PAGE]  # so that it has to tell, not only to read
    kept = ("style", "token", "bundle", "paragraph", "h", "c", "layers", "seed")
    for edited in edits({field: document[field] for field in kept if field in document}):
        store = MemoryStore(files | {name: json.dumps(document | edited).encode()})
        try:
            next(tell_next(shelf.settings(), store, storyteller(shelf.bundle), 1, lambda: NOON))
        except StoryError as problem:
            one_sentence(problem)


def test_a_bundle_edited_by_hand_is_refused_or_loaded(bundle_copy: Path) -> None:
    refused_or_read(bundle_copy / "bundle.json", lambda path: load_bundle(path.parent))


def test_a_tokenizer_edited_by_hand_is_refused_or_read(bundle_copy: Path) -> None:
    refused_or_read(bundle_copy / "tokenizer.json", Tokenizer.from_file)


def refused_or_read(path: Path, read: Callable[[Path], object]) -> None:
    whole = path.read_bytes()
    document = json.loads(whole)
    if "model" in document:  # of the longest lists, a few will do
        document["model"] |= {"vocab": {"\n": 0, "!": 1}, "merges": [["a", "b"]]}
    for variant in (*(json.dumps(edited).encode() for edited in edits(document)), *ruins(whole)):
        path.write_bytes(variant)
        try:
            read(path)
        except BundleError as problem:
            one_sentence(problem)


def test_credentials_edited_by_hand_are_refused_or_read() -> None:
    whole = dict.fromkeys(FIELDS, "77-Key")
    variants = [json.dumps(edited).encode() for edited in edits(whole)]
    for variant in (*variants, *ruins(json.dumps(whole).encode())):
        try:
            Credentials.parse(variant.decode("utf-8", errors="replace"), "the parameter /story/x")
        except SettingError as problem:
            one_sentence(problem)


def test_an_event_of_any_kind_is_refused_or_taken() -> None:
    whole = {
        **{"story": "main", "slot": "noon", "dry_run": True, "thread": False, "style": {"Jane Austen": 1.0}},
        **{"temperature": 0.5, "top_k": 3, "top_p": 0.9, "seed": 7, "prompt": "It was", "detail": {"a": []}},
    }
    for event in (*edits(whole), *WRONG):
        try:
            Settings.from_event(event, {"STORY_URI": "/stories"})
        except SettingError as problem:
            one_sentence(problem)


def test_what_was_read_can_be_written() -> None:
    for edited in edits(json.loads(in_flight().store.objects[RECORD])):
        story: Story | None = None
        with suppress(RecordError):
            story = from_json(json.dumps(edited).encode())
        if story:
            assert from_json(to_json(story)) == story
