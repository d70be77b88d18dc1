import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lambda_fn import __main__ as command
from lambda_fn.errors import Conflict, StuckError, WriteError
from lambda_fn.prose.rules import RULES
from lambda_fn.settings import VARIABLES
from tests.lambda_fn.stories import Shelf

ROOT = Path(__file__).parents[2]


@pytest.fixture
def begun(shelf: Shelf, told: Path) -> Shelf:
    """A story of one tweet."""
    shutil.copytree(told, shelf.folder)
    return shelf


def start(*arguments: str, **options: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "lambda_fn", *arguments],
        cwd=ROOT,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )


def test_tell_prints_the_tweets_alone_with_an_empty_line_between_them(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["tell", "--count", "3", "--seed", "7", "--prompt", "It was"]) == 0
    told = [json.loads((shelf.folder / f"main/tweets/00000{n}.json").read_text())["text"] for n in (1, 2, 3)]
    assert capsys.readouterr() == ("\n\n".join(told) + "\n", "")


@pytest.mark.usefixtures("shelf")
def test_json_gives_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["tell", "--count", "2", "--seed", "7", "--json"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(page["story"], page["sequence"], page["seed"]) for page in told] == [("main", 1, 7), ("main", 2, 7)]
    assert all(0 < page["weight"] <= 280 and page["text"] and page["style"] for page in told)


@pytest.mark.usefixtures("shelf")
def test_show_prints_again_what_tell_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command.main(["tell", "--count", "2", "--json"])
    told = capsys.readouterr().out
    assert command.main(["show", "--json"]) == 0
    assert capsys.readouterr().out == told


@pytest.mark.parametrize("arguments", [["tell"], ["tell", "--post"]])
def test_a_dry_run_tells_and_writes_nothing(
    begun: Shelf, arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DRY_RUN", "on")
    before = begun.content()
    assert command.main(arguments) == 0
    assert capsys.readouterr().out.strip()
    assert begun.content() == before


def test_rules_prints_each_rule_and_what_is_switched_off(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RULES_OFF", "loop, phrase-again")
    assert command.main(["rules"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [rule.name for rule in RULES]
    assert {line.split()[0] for line in lines if "  switched off  " in line} == {"loop", "phrase-again"}
    assert command.main(["rules", "--json", "--rules-off", "loop"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [rule["rule"] for rule in found if rule["off"]] == ["loop"]
    assert {rule["passes_from_try"] for rule in found} == {None, 25, 33}


@pytest.mark.usefixtures("shelf")
def test_a_rule_without_a_switch_is_one_sentence_before_anything_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["tell", "--rules-off", "length"]) == 2
    assert capsys.readouterr() == (
        "",
        "error: --rules-off names 'length', a rule that has no switch: X would cut it, refuse it, or make a link of it"
        "\n",
    )


@pytest.mark.usefixtures("shelf")
def test_explain_says_of_each_tweet_how_it_came_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["tell", "--count", "2", "--seed", "7", "--json", "--explain"]) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    names = {rule.name for rule in RULES}
    for page in told:
        assert 0 <= sum(page["refusals"].values()) < page["tries"]
        assert set(page["refusals"]) <= names
        assert page["bits_per_character"] > 0
        assert page["seconds"] > 0
    assert command.main(["preview", "--explain"]) == 0
    assert re.fullmatch(
        r"note: tweet 3: \d+ (try|tries), refused: (none|[a-z0-9, -]+); \d+\.\d\d bits per character, \d+\.\d\d s\n",
        capsys.readouterr().err,
    )


@pytest.mark.usefixtures("shelf")
def test_explain_is_not_for_posting(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["tell", "--post", "--explain"]) == 2
    assert capsys.readouterr().err.startswith("error: --explain says how a tweet is told, not how it is posted")


def test_reset_says_where_the_old_story_is(begun: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    before = begun.content("main")
    assert command.main(["reset"]) == 0
    assert "'main-2'" in capsys.readouterr().out
    assert begun.content("main-2") == before


def test_options_say_where_the_story_and_the_model_are(
    wordless: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORY_URI", "s3://elsewhere")
    monkeypatch.setenv("MODEL_URI", "/nowhere")
    folder = str(tmp_path / "here")
    assert command.main(["tell", "--folder", folder, "--model", str(wordless), "--story", "other"]) == 0
    assert command.main(["show", "--folder", folder, "--story", "other"]) == 0


def truncate(shelf: Shelf) -> dict[str, str]:
    model = Path(shutil.copytree(shelf.bundle, shelf.folder.parent / "truncated")) / "model.onnx"
    model.write_bytes(model.read_bytes()[:-100])
    return {"MODEL_URI": str(model.parent)}


def change_record(**fields: object) -> Callable[[Shelf], dict[str, str]]:
    def change(shelf: Shelf) -> dict[str, str]:
        (shelf.folder / "main" / "story.json").write_text(json.dumps(shelf.record() | fields))
        return {}

    return change


def damage_record(shelf: Shelf) -> dict[str, str]:
    path = shelf.folder / "main" / "story.json"
    path.write_bytes(path.read_bytes()[:-40])
    return {}


def put_a_file_in_the_folder_s_place(shelf: Shelf) -> dict[str, str]:
    (shelf.folder.parent / "file").write_text("")
    return {"STORY_URI": str(shelf.folder.parent / "file")}


def environment(**variables: str) -> Callable[[Shelf], dict[str, str]]:
    return lambda _: variables


WRONG_INPUTS = {
    "a truncated bundle": (truncate, ["tell"]),
    "no bundle": (environment(MODEL_URI="/nowhere"), ["tell"]),
    "a bundle at an address of another kind": (environment(MODEL_URI="https://example.org/model/"), ["tell"]),
    "a bundle on S3 without a bucket": (environment(MODEL_URI="s3:///model/"), ["tell"]),
    "a story on S3 told without posting": (environment(STORY_URI="s3://bucket/stories"), ["tell"]),
    "a story on S3 set aside": (environment(STORY_URI="s3://bucket/stories"), ["reset"]),
    "a story on S3 without a bucket": (environment(STORY_URI="s3:///stories"), ["show"]),
    "posting without credentials": (environment(), ["tell", "--post"]),
    "posting with half of the credentials": (environment(X_CONSUMER_KEY="key"), ["tell", "--post"]),
    "posting to no address": (environment(X_API_URL="example"), ["tell", "--post"]),
    "an unknown author previewed": (environment(), ["preview", "--style", "Nobody"]),
    "nothing to settle": (environment(), ["settle", "--not-posted"]),
    "settling without saying how": (environment(), ["settle"]),
    "settling both ways": (environment(), ["settle", "--posted", "5", "--not-posted"]),
    "settling and dropping": (environment(), ["settle", "--posted", "5", "--drop"]),
    "nothing to drop": (environment(), ["settle", "--drop"]),
    "settling under an address": (environment(), ["settle", "--posted", "https://x.com/novel/status/5"]),
    "a wrong switch in the environment": (environment(THREAD="maybe"), ["tell"]),
    "a wrong time in the environment": (environment(RECONCILE_AFTER="soon"), ["tell"]),
    "a record of an unknown version": (change_record(format=2), ["tell"]),
    "an unknown version shown": (change_record(format=2), ["show"]),
    "a record with a wrong field": (change_record(token="x"), ["tell"]),
    "a record of another model": (change_record(layers=1), ["tell"]),
    "a damaged record": (damage_record, ["tell"]),
    "an unreadable folder": (put_a_file_in_the_folder_s_place, ["tell"]),
    "an unknown author": (environment(), ["tell", "--style", "Nobody"]),
    "a blend that sums to nothing": (environment(), ["tell", "--style", "Jane Austen=0"]),
    "a style in the environment": (environment(STORY_STYLE="Nobody"), ["tell"]),
    "a temperature below 0": (environment(), ["tell", "--temperature", "-1"]),
    "a temperature that is no number": (environment(), ["tell", "--temperature", "nan"]),
    "a temperature in the environment": (environment(TEMPERATURE="hot"), ["tell"]),
    "a top-k below 0": (environment(), ["tell", "--top-k", "-3"]),
    "a top-p above 1": (environment(), ["tell", "--top-p", "1.5"]),
    "an empty prompt": (environment(), ["tell", "--prompt", " "]),
    "an empty prompt in the environment": (environment(STORY_PROMPT=""), ["tell"]),
    "a prompt with a link": (environment(), ["tell", "--prompt", "See example.com,"]),
    "a prompt too long": (environment(), ["tell", "--prompt", "word " * 41]),
    "a prompt that comes too late": (environment(), ["tell", "--prompt", "Long ago"]),
    "a seed that comes too late": (environment(), ["tell", "--seed", "8"]),
    "a seed below 0": (environment(), ["tell", "--seed", "-1"]),
    "a seed too large": (environment(), ["tell", "--seed", str(2**63)]),
    "a count of 0": (environment(), ["tell", "--count", "0"]),
    "a count that is no number": (environment(), ["tell", "--count", "many"]),
    "a story's name": (environment(), ["tell", "--story", "../main"]),
    "a story that is not there": (environment(), ["show", "--story", "other"]),
    "no story to reset": (environment(), ["reset", "--story", "other"]),
    "an empty folder": (environment(), ["tell", "--folder", ""]),
    "an empty folder shown": (environment(), ["show", "--folder", ""]),
    "an empty model": (environment(), ["tell", "--model", ""]),
    "an unknown author without weight": (environment(), ["tell", "--style", "Jane Austen=1,Nobody=0"]),
    "a misspelt author": (environment(), ["tell", "--style", "Jane Austin"]),
    "a seed shown": (environment(), ["show", "--seed", "7"]),
    "the last 0 tweets": (environment(), ["show", "--last", "0"]),
    "the last tweets of no number": (environment(), ["show", "--last", "few"]),
    "one story of the list": (environment(), ["stories", "--story", "main"]),
    "stories in a file": (put_a_file_in_the_folder_s_place, ["stories"]),
    "stories on S3 without a bucket": (environment(STORY_URI="s3:///stories"), ["stories"]),
    "authors of a story": (environment(), ["authors", "--story", "main"]),
    "authors of no bundle": (environment(MODEL_URI="/nowhere"), ["authors"]),
    "an unknown option": (environment(), ["tell", "--frobnicate"]),
    "an unknown command": (environment(), ["frobnicate"]),
    "no command": (environment(), []),
}


@pytest.mark.parametrize(("spoil", "arguments"), WRONG_INPUTS.values(), ids=WRONG_INPUTS.keys())
def test_a_wrong_input_is_one_sentence_and_changes_nothing(
    spoil: Callable[[Shelf], dict[str, str]],
    arguments: list[str],
    begun: Shelf,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for variable, value in spoil(begun).items():
        monkeypatch.setenv(variable, value)
    before = begun.content()
    try:
        status = command.main(arguments)
    except SystemExit as exit:
        status = exit.code
    out, err = capsys.readouterr()
    assert (status, out) == (2, "")
    assert re.fullmatch(r"error: [^\n]+\n", err)
    assert begun.content() == before


@pytest.mark.parametrize("arguments", [["tell", "--style", "Nobody"], ["tell", "--prompt", ""], ["reset"], ["show"]])
def test_a_wrong_input_creates_no_folder(arguments: list[str], shelf: Shelf) -> None:
    assert command.main(arguments) == 2
    assert not shelf.folder.exists()


@pytest.mark.usefixtures("shelf")
@pytest.mark.parametrize(
    ("problem", "status"),
    [(Conflict("Taken."), 1), (StuckError("Stuck."), 1), (WriteError("Full."), 1), (KeyboardInterrupt(), 130)],
)
def test_a_failure_that_is_not_the_user_s_input_has_another_status(
    problem: BaseException, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Iterator[None]:
        raise problem
        yield

    monkeypatch.setattr(command, "tell", fail)
    assert command.main(["tell"]) == status


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONUTF8": "0", "LC_ALL": "POSIX"}]
)
def test_the_story_is_printed_as_utf_8_whatever_the_locale(locale: dict[str, str], begun: Shelf) -> None:
    begun.tell(story="curly", prompt="“Café—”")
    process = start("show", "--story", "curly", env={**os.environ, **locale})
    out, err = process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.decode("utf-8").startswith("“Café—”")


def test_a_reader_that_goes_away_is_no_complaint_and_the_story_is_kept(shelf: Shelf) -> None:
    process = start("tell", "--count", "1000", "--seed", "7", env={**os.environ, "PYTHONUNBUFFERED": "1"})
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 1
    process.stderr.close()
    assert shelf.record()["sequence"] == len(list((shelf.folder / "main/tweets").iterdir()))


@pytest.mark.parametrize("arguments", [["tell"], ["show"], ["reset"]])
def test_output_that_cannot_be_written_is_one_sentence(arguments: list[str], begun: Shelf) -> None:
    with Path("/dev/full").open("wb") as full:
        process = start(*arguments, stdout=full)
        _, err = process.communicate()
    assert (process.returncode, err) == (1, b"error: the output cannot be written: No space left on device\n")
    assert begun.content()


@pytest.mark.usefixtures("begun")
def test_an_error_is_never_printed_among_the_story() -> None:
    process = start("show", "--story", "other", preexec_fn=lambda: os.close(2))
    out, _ = process.communicate()
    assert (process.returncode, out) == (2, b"")


@pytest.mark.usefixtures("begun")
@pytest.mark.parametrize("arguments", [["show"], ["reset"]])
def test_settings_of_telling_matter_to_telling_alone(arguments: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES.values():
        monkeypatch.setenv(variable, "")
    monkeypatch.setenv("TEMPERATURE", "hot")
    assert command.main(arguments) == 0


def test_an_interrupted_telling_ends_quietly_and_goes_on_later(shelf: Shelf) -> None:
    # Where the suite runs in the background, a shell may have it ignore Ctrl-C, and its children with it.
    listen = "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)"
    code = f"{listen}; from lambda_fn.__main__ import main; sys.exit(main())"
    arguments = [sys.executable, "-c", code, "tell", "--count", "1000", "--seed", "7"]
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, b"")
    sequence = shelf.record()["sequence"]
    assert command.main(["tell"]) == 0
    assert shelf.record()["sequence"] == sequence + 1


COMMANDS = ("tell", "preview", "show", "page", "stories", "authors", "rules", "reset", "settle")
DOCUMENTS = (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))


def options_of(known: command.Command) -> list[command.Option]:
    grouped = [[option] if isinstance(option, command.Option) else option for option in known.options]
    return [option for group in grouped for option in group]


@pytest.mark.parametrize("known", command.COMMANDS, ids=lambda known: known.name)
def test_a_command_and_its_options_say_what_they_are_for(
    known: command.Command, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.main([known.name, "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert known.summary[1:] + "." in shown
    for option in options_of(known):
        assert len(option.help) > 10
        assert option.flag in shown
        assert " ".join(option.help.split()) in shown


@pytest.mark.parametrize("known", command.COMMANDS, ids=lambda known: known.name)
def test_a_command_is_documented(known: command.Command) -> None:
    written = "\n".join(document.read_text(encoding="utf-8") for document in DOCUMENTS)
    assert re.search(rf"python -m lambda_fn {known.name}\b", written)


def test_a_flag_means_the_same_in_every_command() -> None:
    flags = {(option.flag, option.help) for known in command.COMMANDS for option in options_of(known)}
    assert len(flags) == len({flag for flag, _ in flags})


@pytest.mark.parametrize("arguments", [[], *([name] for name in COMMANDS)])
def test_help_is_there(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        command.main([*arguments, "--help"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("usage: python -m lambda_fn")


def test_the_help_has_a_line_for_each_command_and_each_exit_status(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        command.main(["--help"])
    out = capsys.readouterr().out
    assert re.findall(r"^    (\w+) +\w", out, re.MULTILINE) == list(COMMANDS)
    assert re.findall(r"^  (\d+) +\w", out, re.MULTILINE) == ["0", "1", "2", "130"]
