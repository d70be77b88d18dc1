"""`python -m lambda_fn page`: where the pages go, and what is refused."""

import json
from pathlib import Path

import pytest

import lambda_fn.__main__ as command
from lambda_fn import commands
from lambda_fn.book.written import from_json
from tests.lambda_fn.book.telling import Telling, a_draft
from tests.lambda_fn.book.test_html import Read
from tests.lambda_fn.stories import Shelf


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    try:
        status = command.main(arguments)
    except SystemExit as left:
        status = int(str(left.code))
    return (status, *capsys.readouterr())


def in_folder(telling: Telling, folder: Path) -> None:
    for key, data in telling.store.objects.items():
        (folder / key).parent.mkdir(parents=True, exist_ok=True)
        (folder / key).write_bytes(data)


def test_the_pages_of_a_story_are_written_beside_it(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    told = shelf.tell(3, seed=7)
    index = shelf.folder / "main" / "page" / "index.html"
    assert run(capsys, "page") == (0, f"{index}\n", "")
    assert "000001.html" in Read(index.read_text(encoding="utf-8")).links()
    page = Read((index.parent / "000001.html").read_text(encoding="utf-8"))
    assert page.told == [each.tweet.text for each in told]
    assert from_json((index.parent / "state.json").read_bytes()).told == 3


def test_the_story_goes_on_as_before_and_its_pages_follow_when_asked(
    shelf: Shelf, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.tell(2, seed=7)
    run(capsys, "page")
    shelf.tell(1)
    run(capsys, "page")
    page = shelf.folder / "main" / "page" / "000001.html"
    assert Read(page.read_text(encoding="utf-8")).told == [each.tweet.text for each in shelf.show()]


def test_pages_go_to_another_folder_and_the_story_is_left_as_it_was(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.tell(1, seed=7)
    before = shelf.content()
    assert run(capsys, "page", "--to", f"{tmp_path}/pages/")[:2] == (0, f"{tmp_path}/pages/index.html\n")
    assert run(capsys, "page", "--to", f"{tmp_path}/pages")[0] == 0  # and again, over those
    assert shelf.content() == before
    names = {path.name for path in (tmp_path / "pages").iterdir()} - {".lock"}
    assert names == {"index.html", "000001.html", "feed.xml", "state.json"}


def test_a_story_that_was_set_aside_takes_its_pages_along(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.tell(1, seed=7)
    run(capsys, "page")
    shelf.reset()
    assert not (shelf.folder / "main").exists()
    assert (shelf.folder / "main-2" / "page" / "index.html").exists()
    assert run(capsys, "page", "--story", "main-2")[0] == 0


def test_drafts_are_shown_when_asked_for(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    telling = Telling().tell(2)
    telling.record(draft=a_draft("It never rained.", None))
    in_folder(telling, shelf.folder)
    page = shelf.folder / "main" / "page" / "000001.html"
    run(capsys, "page")
    assert "It never rained." not in page.read_text(encoding="utf-8")
    run(capsys, "page", "--drafts")
    assert "It never rained." in page.read_text(encoding="utf-8")


REFUSED = {
    "a story that is not there": (["page"], {}, "there is no story 'main' of which a tweet is told"),
    "another that is not there": (["page", "--story", "night"], {}, "there is no story 'night'"),
    "nothing to be written": (["page"], {"DRY_RUN": "on"}, "DRY_RUN is on, and this command only writes"),
    "drafts where others may read": (
        ["page", "--drafts"],
        {"STORY_URI": "s3://bucket-of-ours/stories"},
        "--drafts is for its owner's eyes: name a folder of this machine with --to",
    ),
    "an address in place of a folder": (["page", "--to", "s3://bucket/pages"], {}, "--to must be the path of a folder"),
    "no folder": (["page", "--to", ""], {}, "must be the path of a folder"),
    "a setting of telling": (["page", "--seed", "7"], {}, "unrecognized arguments: --seed 7"),
}


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_wrong_input_is_one_sentence(
    shelf: Shelf, wrong: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments, variables, sentence = REFUSED[wrong]
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    status, out, said = run(capsys, *arguments)
    assert (status, out) == (2, "")
    assert said.startswith("error: ")
    assert sentence in said
    assert said.count("\n") == 1
    assert not shelf.folder.exists()


def test_a_missing_page_of_the_archive_is_named(shelf: Shelf, capsys: pytest.CaptureFixture[str]) -> None:
    shelf.tell(3, seed=7)
    (shelf.folder / "main" / "tweets" / "000002.json").unlink()
    status, _, said = run(capsys, "page")
    assert status == 2
    assert said == f"error: main/tweets/000002.json is missing from {shelf.folder}\n"


def test_a_folder_that_cannot_be_written_is_one_sentence(
    shelf: Shelf, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shelf.tell(1, seed=7)
    (tmp_path / "file").touch()
    status, _, said = run(capsys, "page", "--to", str(tmp_path / "file"))
    assert status == 2
    assert said.startswith(f"error: the folder {tmp_path / 'file'} cannot be written: ")


def test_a_long_work_is_noted_now_and_then(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    in_folder(Telling().tell(3), shelf.folder)
    monkeypatch.setattr("lambda_fn.progress.PAUSE", 0.0)
    said: list[str] = []
    commands.page(shelf.settings(), None, said.append)
    assert said == ["1 of 3 tweets are read", "2 of 3 tweets are read", "3 of 3 tweets are read"]
    assert json.loads((shelf.folder / "main" / "page" / "state.json").read_text())["format"] == 1
