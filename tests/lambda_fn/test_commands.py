import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from lambda_fn.errors import Conflict, RecordError, SettingError
from lambda_fn.language.bundle import load_bundle
from lambda_fn.language.language_model import LanguageModel
from lambda_fn.language.style import style_vector
from lambda_fn.language.tokenizer import Tokenizer
from lambda_fn.prose.length import weighted_length
from lambda_fn.story.codec import from_json
from lambda_fn.writing.sampled_text import Position
from lambda_fn.writing.storyteller import joined
from lambda_fn.writing.tweet import TweetWriter
from tests.lambda_fn.one_tweet import next_tweet
from tests.lambda_fn.stories import Shelf, another, shelves


@pytest.fixture(scope="module")
def told(wordless: Path, tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A story of four tweets, told one after another: never write to it."""
    shelf = Shelf(tmp_path_factory.mktemp("told"), wordless)
    shelf.tell(4, seed=7)
    return shelf


@pytest.fixture
def empty(wordless: Path, tmp_path: Path) -> Iterator[Shelf]:
    return shelves(tmp_path, wordless)


@pytest.fixture
def copy(told: Shelf, empty: Iterator[Shelf]) -> Shelf:
    """The told story, copied."""
    shelf = next(empty)
    shutil.copytree(told.folder, shelf.folder)
    return shelf


def forget_last(shelf: Shelf, record: bytes | None) -> None:
    """Leave the folder as a process leaves it that dies between archive and record."""
    path = shelf.folder / "main" / "story.json"
    if record is None:
        path.unlink()
    else:
        path.write_bytes(record)


def claim(shelf: Shelf, text: str) -> None:
    """Put a draft into the record, after which the state is as it is now."""
    path = shelf.folder / "main" / "story.json"
    record = json.loads(path.read_text())
    now = "2026-01-01T00:00:00Z"
    record["draft"] = {
        **{"claim": "x", "slot": None, "text": text, "paragraph": False, "style": record["style"]},
        **{"temperature": 0.7, "top_k": 0, "top_p": 0.9},
        **{"token": record["token"], "h": record["h"], "c": record["c"]},
        **{"attempt": 0, "posts": 1, "doubtful": False},
        **{"first_claimed_at": now, "claimed_at": now, "outcome": "unknown", "not_before": None},
    }
    path.write_text(json.dumps(record))


@pytest.mark.parametrize("parts", [[1, 1, 1, 1], [2, 2], [3, 1]])
def test_telling_in_one_call_or_in_several_gives_the_same_files(
    told: Shelf, empty: Iterator[Shelf], parts: list[int]
) -> None:
    shelf = next(empty)
    for part in parts:
        shelf.tell(part, seed=7)
    assert shelf.content() == told.content()


def test_the_first_tweet_begins_with_the_prompt_made_typographic(empty: Iterator[Shelf]) -> None:
    page = next(empty).tell(prompt=' "It was  so," said', seed=1)[0]
    assert page.tweet.text.startswith("“It was so,” said")
    assert weighted_length(page.tweet.text) <= 280


def test_the_state_in_the_record_is_what_reading_the_told_texts_gives(told: Shelf, wordless: Path) -> None:
    loaded = load_bundle(wordless)
    teller = TweetWriter(LanguageModel(loaded), Tokenizer.from_file(loaded.tokenizer))
    story = from_json((told.folder / "main" / "story.json").read_bytes())
    text = "".join(joined(page.tweet) for page in told.show())
    position = teller.after(text[1:], teller.beginning(), style_vector(story.style, loaded.authors))
    assert position == Position(story.token, story.state)


def test_a_new_story_draws_its_seed_once(empty: Iterator[Shelf]) -> None:
    one, other = next(empty), next(empty)
    one.tell()
    other.tell()
    seed = one.record()["seed"]
    assert seed != other.record()["seed"]
    one.tell()
    assert one.record()["seed"] == seed


def test_each_tweet_is_saved_before_the_next_is_told(empty: Iterator[Shelf]) -> None:
    shelf = next(empty)
    times = [datetime(2026, 1, 1, tzinfo=UTC)]
    with pytest.raises(IndexError):
        # The clock fails when the second tweet is told.
        shelf.tell(2, clock=times.pop, seed=1)
    assert sorted(shelf.content()) == ["main/story.json", "main/tweets/000001.json"]
    assert shelf.record()["sequence"] == 1


def test_a_tweet_archived_by_a_process_that_died_is_taken_as_told(copy: Shelf) -> None:
    record = (copy.folder / "main" / "story.json").read_bytes()
    page = copy.tell()[0]
    after = copy.content()
    forget_last(copy, record)
    # Whatever this call asks for: what is told is told.
    assert copy.tell(temperature=2) == [page]
    assert copy.content() == after


def test_a_first_tweet_archived_by_a_process_that_died_begins_the_story(empty: Iterator[Shelf]) -> None:
    shelf = next(empty)
    page = shelf.tell(style="Charles Dickens")[0]
    after = shelf.content()
    forget_last(shelf, None)
    assert shelf.tell() == [page]
    assert shelf.content() == after


def test_an_archive_whose_record_is_gone_is_an_error(copy: Shelf) -> None:
    forget_last(copy, None)
    before = copy.content()
    for command in copy.tell, lambda: list(copy.show()):
        with pytest.raises(RecordError, match="has an archive but no record"):
            command()
    assert copy.content() == before


@pytest.mark.parametrize("sequence", [0, 2])
def test_a_record_far_behind_its_archive_is_an_error(copy: Shelf, sequence: int, empty: Iterator[Shelf]) -> None:
    older = next(empty)
    older.tell(max(sequence, 1), seed=7)
    record = older.record()
    if not sequence:
        record |= {"sequence": 0, "recent": [], "seen": []}
    (copy.folder / "main/story.json").write_text(json.dumps(record))
    before = copy.content()
    with pytest.raises(RecordError, match=r"no record .* that goes with it"):
        copy.tell()
    assert copy.content() == before


def test_a_page_of_another_story_is_not_taken_as_told(copy: Shelf) -> None:
    page = json.loads((copy.folder / "main/tweets/000004.json").read_text())
    (copy.folder / "main/tweets/000005.json").write_text(json.dumps(page | {"sequence": 5, "seed": 8}))
    before = copy.content()
    with pytest.raises(RecordError, match="another story"):
        copy.tell()
    assert copy.content() == before


def test_of_two_that_tell_at_once_one_says_so_and_nothing_is_lost(copy: Shelf) -> None:
    def clock() -> datetime:
        # While this process has its tweet ready, another one tells and saves the same.
        copy.tell()
        return datetime(2026, 1, 1, tzinfo=UTC)

    with pytest.raises(Conflict, match="another process is telling story 'main'"):
        copy.tell(clock=clock)
    assert copy.record()["sequence"] == 5
    assert len(list(copy.show())) == 5


def test_a_telling_that_has_lost_the_record_leaves_no_page(copy: Shelf) -> None:
    def clock() -> datetime:
        claim(copy, "The tweet that another process posts.")
        return datetime(2026, 1, 1, tzinfo=UTC)

    with pytest.raises(Conflict, match="another process"):
        copy.tell(clock=clock)
    assert not (copy.folder / "main/tweets/000005.json").exists()


def test_a_story_set_aside_while_it_is_told_is_not_told_on(copy: Shelf, told: Shelf) -> None:
    def clock() -> datetime:
        copy.reset()
        return datetime(2026, 1, 1, tzinfo=UTC)

    with pytest.raises(Conflict, match="another process"):
        copy.tell(clock=clock)
    assert copy.content("main-2") == told.content("main")


def test_a_style_given_later_holds_for_that_call_alone(copy: Shelf) -> None:
    pages = copy.tell(style="Charles Dickens=3,Jane Austen=1"), copy.tell()
    assert [dict(page.style) for (page,) in pages] == [
        {"Charles Dickens": 0.75, "Jane Austen": 0.25},
        {"Jane Austen": 1.0},
    ]
    assert copy.record()["style"] == {"Jane Austen": 1.0}


def test_what_a_story_began_with_may_be_given_again(copy: Shelf, empty: Iterator[Shelf]) -> None:
    other = next(empty)
    shutil.copytree(copy.folder, other.folder)
    assert copy.tell(prompt="It  was", seed=7) == other.tell()


@pytest.mark.parametrize(("override", "complaint"), [({"prompt": "It is"}, "prompt"), ({"seed": 8}, "seed")])
def test_another_prompt_or_seed_comes_too_late(copy: Shelf, override: dict[str, object], complaint: str) -> None:
    before = copy.content()
    with pytest.raises(SettingError, match=f"the {complaint} .* has already begun"):
        copy.tell(**override)
    assert copy.content() == before


def test_a_record_with_a_tweet_in_flight_is_not_told_on(copy: Shelf) -> None:
    claim(copy, "It was.")
    before = copy.content()
    with pytest.raises(RecordError, match="in flight"):
        copy.tell()
    assert copy.content() == before


def test_a_story_goes_on_under_another_bundle_and_back(copy: Shelf, tmp_path: Path) -> None:
    # The same weights under another identity: the state, read anew from the texts, has to come out the same.
    other = Shelf(copy.folder, another(copy.bundle, tmp_path / "another"))
    here = Shelf(tmp_path / "here", copy.bundle)
    shutil.copytree(copy.folder, here.folder)
    mine = [*here.tell(2)]
    theirs = [*other.tell(1), *copy.tell(1)]
    assert [page.tweet.text for page in theirs] == [page.tweet.text for page in mine]
    assert theirs[0].bundle != theirs[1].bundle == mine[1].bundle
    assert copy.record()["h"] == here.record()["h"]


def test_a_preview_is_what_is_told_next_and_writes_nothing(copy: Shelf) -> None:
    before = copy.content()
    pages = copy.preview(2)
    assert copy.content() == before
    assert [page.tweet.text for page in copy.tell(2)] == [page.tweet.text for page in pages]


def test_a_preview_begins_with_the_tweet_in_flight(copy: Shelf) -> None:
    claim(copy, "The tweet in flight.")
    before = copy.content()
    first, second = copy.preview(2)
    assert first.tweet.text == "The tweet in flight."
    assert (first.tweet.sequence, second.tweet.sequence) == (5, 6)
    assert copy.content() == before


def test_showing_gives_what_was_told(empty: Iterator[Shelf]) -> None:
    shelf = next(empty)
    pages = shelf.tell(2)
    assert list(shelf.show()) == pages


def test_a_page_missing_from_the_archive_is_named(copy: Shelf) -> None:
    (copy.folder / "main/tweets/000002.json").unlink()
    with pytest.raises(RecordError, match="000002"):
        list(copy.show())


def test_resetting_keeps_the_story_whole_under_the_next_free_name(copy: Shelf, told: Shelf) -> None:
    assert copy.reset() == "main-2"
    copy.tell(seed=1)
    assert copy.reset() == "main-3"
    assert copy.content("main-2") == told.content("main")


def test_a_story_kept_aside_can_be_told_on(copy: Shelf, empty: Iterator[Shelf]) -> None:
    other = next(empty)
    shutil.copytree(copy.folder, other.folder)
    copy.reset()
    assert copy.tell(story="main-2") == other.tell()


def test_the_longest_name_leaves_room_for_a_number(empty: Iterator[Shelf]) -> None:
    shelf = next(empty)
    (shelf.folder / ("x" * 40)).mkdir(parents=True)
    assert shelf.reset(story="x" * 40) == "x" * 38 + "-2"


def test_a_record_that_cannot_be_read_can_be_set_aside(copy: Shelf) -> None:
    (copy.folder / "main/story.json").write_text("{")
    assert copy.reset() == "main-2"


@pytest.mark.parametrize("command", [Shelf.reset, lambda shelf: list(shelf.show())])
def test_a_story_that_is_not_there_can_be_neither_shown_nor_set_aside(command, empty: Iterator[Shelf]) -> None:
    shelf = next(empty)
    with pytest.raises(SettingError, match="there is no story 'main'"):
        command(shelf)
    assert not shelf.folder.exists()


def test_random_numbers_follow_from_seed_and_sequence_alone(copy: Shelf, told: Shelf, wordless: Path) -> None:
    loaded = load_bundle(wordless)
    teller = TweetWriter(LanguageModel(loaded), Tokenizer.from_file(loaded.tokenizer), loaded.words())
    story = from_json((told.folder / "main" / "story.json").read_bytes())
    telling = next_tweet(
        teller,
        Position(story.token, story.state),
        style_vector(story.style, loaded.authors),
        loaded.sampling,
        np.random.default_rng([7, 5, 0]),
        recent=story.recent,
        seen=frozenset(story.seen),
        opened=story.opened,
    )
    assert copy.tell()[0].tweet.text == telling.text
