"""What is said of settings that do not do what they might seem to: on standard error, and the story is told."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_fn import __main__ as command
from lambda_fn.language.bundle import load_bundle
from lambda_fn.notes import bundle_name
from lambda_fn.progress import PAUSE, NowAndThen
from lambda_fn.settings import SHIPPED_MODEL
from tests.lambda_fn.stories import Shelf, another

Notes = Callable[..., list[str]]


@pytest.fixture
def begun(shelf: Shelf, told: Path) -> Shelf:
    """A story of one tweet, which begins with "It was", of seed 7, in the style of Jane Austen."""
    shutil.copytree(told, shelf.folder)
    return shelf


@pytest.fixture
def notes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Notes:
    """Runs a command under an environment, which has to go well; returns what it notes."""

    def run(*arguments: str, **environment: str) -> list[str]:
        with monkeypatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            status = command.main(arguments)
        out, err = capsys.readouterr()
        assert (status, bool(out)) == (0, True), err
        assert all(line.startswith("note: ") for line in err.splitlines())
        return [line.removeprefix("note: ") for line in err.splitlines()]

    return run


ANEW = "`reset --story main`, or begin another with --story NAME"


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("environment", "named", "seed"),
    [
        ({"STORY_SEED": "4"}, "STORY_SEED=4 has", ", with the seed 7"),
        ({"STORY_PROMPT": "Long ago"}, "STORY_PROMPT has", ""),
        ({"STORY_PROMPT": "a [prompt that could begin none"}, "STORY_PROMPT has", ""),
        ({"STORY_SEED": "4", "STORY_PROMPT": "Long ago"}, "STORY_PROMPT and STORY_SEED=4 have", ", with the seed 7"),
    ],
)
@pytest.mark.parametrize("telling", ["tell", "preview"])
def test_a_seed_or_prompt_of_the_environment_that_comes_too_late_is_noted_in_one_line(
    telling: str, environment: dict[str, str], named: str, seed: str, notes: Notes
) -> None:
    assert notes(telling, **environment) == [f"{named} no effect: story 'main' has already begun{seed}: {ANEW}"]


@pytest.mark.usefixtures("shelf")
def test_a_preview_of_a_story_that_has_not_begun_says_how_to_begin_it_so(notes: Notes) -> None:
    [note] = notes("preview", "--story", "nosuch", "--seed", "5")
    assert note == "there is no story 'nosuch' yet: with the seed 5 it would begin as follows"


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    "environment", [{}, {"STORY_SEED": "7"}, {"STORY_PROMPT": "It  was"}, {"STORY_STYLE": "jane austen"}]
)
def test_what_a_story_began_with_is_no_note(environment: dict[str, str], notes: Notes) -> None:
    assert notes("tell", **environment) == []


@pytest.mark.usefixtures("shelf")
def test_what_begins_a_new_story_is_no_note(notes: Notes) -> None:
    assert notes("tell", STORY_SEED="4", STORY_PROMPT="Long ago", STORY_STYLE="Charles Dickens", TOP_K="9") == []


def test_a_flag_that_the_environment_contradicts_is_no_note(begun: Shelf, notes: Notes) -> None:
    assert notes("tell", "--seed", "7", STORY_SEED="4") == []
    assert begun.record()["seed"] == 7


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize(
    ("arguments", "environment", "name"),
    [(["--style", "Charles Dickens"], {}, "--style"), ([], {"STORY_STYLE": "Charles Dickens"}, "STORY_STYLE")],
)
def test_a_style_that_a_story_does_not_keep_is_noted(
    arguments: list[str], environment: dict[str, str], name: str, notes: Notes
) -> None:
    [note] = notes("tell", *arguments, **environment)
    assert note == f"{name} holds for this call alone: story 'main' keeps its own, Jane Austen"


@pytest.mark.usefixtures("shelf")
def test_weights_that_were_scaled_are_noted_with_what_became_of_them(notes: Notes) -> None:
    assert notes("tell", "--style", "jane austen=2,Charles Dickens=1") == [
        "the weights of --style sum to 3, so they were scaled to Jane Austen=0.667,Charles Dickens=0.333"
    ]


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize("style", ["Jane Austen=0.6,Charles Dickens=0.4", "Jane Austen,Charles Dickens", "Jane Austen"])
def test_weights_that_sum_to_one_and_names_without_weights_are_no_note(style: str, notes: Notes) -> None:
    assert notes("tell", "--style", style) == []


@pytest.mark.usefixtures("begun")
def test_what_only_posting_needs_is_noted_where_nothing_is_posted(notes: Notes) -> None:
    [note] = notes("tell", X_CREDENTIALS="/story/x", X_API_URL="http://127.0.0.1", THREAD="on")
    assert note == "X_CREDENTIALS, X_API_URL and THREAD have no effect: nothing is posted without --post"


@pytest.mark.usefixtures("begun")
def test_a_preview_needs_no_word_that_nothing_is_posted(notes: Notes) -> None:
    assert notes("preview", X_CREDENTIALS="/story/x") == []


@pytest.mark.usefixtures("begun")
def test_a_dry_run_says_that_nothing_is_written(notes: Notes) -> None:
    assert notes("tell", DRY_RUN="on") == ["DRY_RUN is on: nothing is written"]


@pytest.mark.parametrize("arguments", [["reset"], ["settle", "--not-posted"]])
def test_a_dry_run_of_a_command_that_only_writes_is_refused(
    begun: Shelf, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRY_RUN", "on")
    before = begun.content()
    assert command.main(arguments) == 2
    assert capsys.readouterr().err == "error: DRY_RUN is on, and this command only writes: unset it first\n"
    assert begun.content() == before


@pytest.mark.usefixtures("begun")
def test_variables_of_other_programs_are_no_note(notes: Notes) -> None:
    assert notes("tell", THREADS="4", STORYBOOK="on", MODEL="x", STYLE="x", X_DISPLAY=":0", SEED="") == []


def put_in_flight(shelf: Shelf) -> None:
    path = shelf.folder / "main" / "story.json"
    record, now = json.loads(path.read_text()), "2026-01-01T00:00:00Z"
    record["draft"] = {
        **{"claim": "x", "slot": None, "text": "It was.", "paragraph": False, "style": record["style"]},
        **{"temperature": 0.7, "top_k": 0, "top_p": 0.9},
        **{"token": record["token"], "h": record["h"], "c": record["c"]},
        **{"attempt": 0, "posts": 1, "doubtful": False},
        **{"first_claimed_at": now, "claimed_at": now, "outcome": "unknown", "not_before": None},
    }
    path.write_text(json.dumps(record))


def test_what_cannot_change_a_tweet_in_flight_is_noted(begun: Shelf, notes: Notes) -> None:
    put_in_flight(begun)
    assert notes("preview", "--top-k", "9", "--temperature", "2") == [
        "--temperature and --top-k cannot change tweet 2, which is in flight as it was told"
    ]


def test_a_story_that_goes_on_under_another_bundle_is_noted_once(begun: Shelf, tmp_path: Path, notes: Notes) -> None:
    other = another(begun.bundle, tmp_path / "other", name="other")
    before, now = (load_bundle(path).identity[:12] for path in (begun.bundle, other))
    assert notes("tell", MODEL_URI=str(other)) == [
        f"story 'main' was told under the bundle {before} and goes on under other ({now}): the model's state is made "
        "anew from the last 1 of its tweets"
    ]
    assert notes("tell", MODEL_URI=str(other)) == []


def test_a_bundle_changes_only_after_the_tweet_in_flight(begun: Shelf, tmp_path: Path, notes: Notes) -> None:
    put_in_flight(begun)
    other = str(another(begun.bundle, tmp_path / "other", name="other"))
    assert [len(notes("preview", "--count", count, MODEL_URI=other)) for count in ("1", "2")] == [0, 1]


def test_authors_whom_another_bundle_does_not_know_are_named(begun: Shelf, tmp_path: Path, notes: Notes) -> None:
    other = Path(shutil.copytree(begun.bundle, tmp_path / "stranger"))
    description = json.loads((other / "bundle.json").read_text())
    (other / "bundle.json").write_text(json.dumps(description | {"authors": ["Emily Brontë", "Charles Dickens"]}))
    [note] = notes("tell", MODEL_URI=str(other))
    assert ", which does not know Jane Austen: its style is now Emily Brontë, and the model's state is made" in note


@pytest.mark.parametrize(
    ("style", "unknown", "now"),
    [
        ({"Nobody": 1.0}, "Nobody", "Jane Austen"),
        ({"Nobody": 0.5, "Charles Dickens": 0.25, "No One": 0.25}, "Nobody and No One", "Charles Dickens"),
    ],
)
@pytest.mark.parametrize("command", ["tell", "preview"])
def test_recorded_authors_whom_the_very_bundle_does_not_know_are_named(
    begun: Shelf, notes: Notes, command: str, style: dict[str, float], unknown: str, now: str
) -> None:
    path = begun.folder / "main/story.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"style": style}))
    name = load_bundle(begun.bundle).name
    [note] = notes(command)
    assert note.startswith(f"the bundle {name} (")
    assert note.endswith(f") does not know {unknown} of story 'main': its style is now {now}")


def test_the_bundle_that_ships_is_called_by_its_name() -> None:
    shipped = load_bundle(SHIPPED_MODEL)
    assert bundle_name(shipped.identity) == f"{shipped.name} ({shipped.identity[:12]})"
    assert bundle_name("0" * 64) == "0" * 12


@pytest.mark.usefixtures("begun")
def test_an_error_comes_without_notes(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("STORY_SEED", "4")
    assert command.main(["tell", "--style", "Charles Dickens=2,Nobody=1"]) == 2
    assert re.fullmatch(r"error: [^\n]+\n", capsys.readouterr().err)


def test_long_work_says_a_sentence_now_and_then() -> None:
    said: list[str] = []
    times = [0.0, 1.0, PAUSE - 1, PAUSE, PAUSE + 1, 2 * PAUSE + 1]
    say = NowAndThen(said.append, clock=iter(times).__next__)
    for number in range(1, len(times)):
        say(str(number))
    assert said == ["3", "5"]


@pytest.mark.usefixtures("begun")
def test_a_long_telling_off_a_terminal_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch, notes: Notes) -> None:
    monkeypatch.setattr("lambda_fn.progress.PAUSE", 0.0)
    assert notes("tell", "--count", "2") == ["1 of 2 tweets are told", "2 of 2 tweets are told"]


@pytest.mark.usefixtures("begun")
def test_a_single_tweet_needs_no_word_of_how_far_it_is(monkeypatch: pytest.MonkeyPatch, notes: Notes) -> None:
    monkeypatch.setattr("lambda_fn.progress.PAUSE", 0.0)
    assert notes("tell") == []
