"""Files of older and newer programs that train."""

import dataclasses
import json

import pytest
import torch

from export.run import read_run
from train.checkpoint import load, save
from train.configuration import Configuration
from train.data import read_description
from train.errors import CheckpointError, CorpusError
from train.formats import complete_checkpoint, is_log_header
from train.progress import LogRow, Progress
from train.run_folder import RunFolder, record_run


def change(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | fields), encoding="utf-8")


@pytest.mark.parametrize("number", [1, None])
def test_a_corpus_of_this_format_is_read_whether_it_says_so_or_not(tmp_path, corpus, number):
    description = json.loads((corpus / "corpus.json").read_text(encoding="utf-8"))
    description |= {"format": number} if number else {}
    (tmp_path / "corpus.json").write_text(json.dumps(description | {"mood": "wistful"}), encoding="utf-8")
    assert read_description(tmp_path)["books"] == description["books"]


@pytest.mark.parametrize("number", [0, 2, "1", True, None])
def test_a_corpus_of_another_format_is_one_sentence(tmp_path, corpus, number):
    (tmp_path / "corpus.json").write_bytes((corpus / "corpus.json").read_bytes())
    change(tmp_path / "corpus.json", format=number)
    with pytest.raises(CorpusError, match=r"corpus\.json has format .*, but this program reads format 1: make"):
        read_description(tmp_path)


def test_a_run_record_of_a_newer_format_is_not_written_over(tmp_path):
    (tmp_path / "run.json").write_text('{"format": 2}', encoding="utf-8")
    described = dict.fromkeys(("command", "commit", "versions", "device", "threads", "processes"))
    with pytest.raises(CheckpointError, match=r"run\.json has format 2, but .*: use the version that trained it"):
        record_run(RunFolder(tmp_path), described, step=7, goes_on=True)
    assert (tmp_path / "run.json").read_text(encoding="utf-8") == '{"format": 2}'


def test_a_run_record_of_a_newer_format_is_not_exported(tmp_path):
    (tmp_path / "run.json").write_text('{"format": 2}', encoding="utf-8")
    with pytest.raises(CheckpointError, match=r"run\.json has format 2"):
        read_run(tmp_path)


def test_a_checkpoint_of_a_newer_format_says_what_to_do(tmp_path):
    save(tmp_path / "x.safetensors", {"a": torch.zeros(1)}, {"format": 2})
    with pytest.raises(CheckpointError, match="this program reads format 1: use the version that wrote it"):
        load(tmp_path / "x.safetensors")


def test_a_run_is_resumed_with_the_settings_that_did_not_exist_when_it_began():
    older = dataclasses.asdict(Configuration(passes=2.0))
    del older["average"], older["tokens_per_author"]
    assert complete_checkpoint({"configuration": older}, {})["configuration"] == dataclasses.asdict(
        Configuration(passes=2.0)
    )


def test_progress_that_a_newer_program_added_is_passed_over():
    found = complete_checkpoint({"progress": {"step": 7, "mood": "wistful"}}, {})
    assert Progress(**found["progress"]) == Progress(step=7)


def test_a_log_is_known_by_its_header_as_it_is_and_as_it_was():
    columns = [field.name for field in dataclasses.fields(LogRow)]
    assert [is_log_header(names) for names in (columns, columns[:7], columns[:8], columns[::-1], [])] == [
        True, True, False, False, False,
    ]  # fmt: skip
