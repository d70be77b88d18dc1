"""What STORY_URI and MODEL_URI may be, and what a mistake in one is told."""

import os
import pwd
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from lambda_fn.errors import SettingError
from lambda_fn.parts import open_store
from lambda_fn.storage.addresses import folder_at
from lambda_fn.storage.bundles import local_bundle

MISTAKES = {
    "S3://bucket/stories": "s3://bucket/stories",
    "S3://bucket": "s3://bucket",
    "s3:/bucket/stories": "s3://bucket/stories",
    "s3:bucket": "s3://bucket",
    "s3//bucket": "s3://bucket",
    "s3:": "s3://bucket/prefix",
    "s3a://bucket/stories/": "s3://bucket/stories",
    "s3n://bucket": "s3://bucket",
    "arn:aws:s3:::bucket/stories": "s3://bucket/stories",
    "arn:aws:s3:::bucket": "s3://bucket",
    "ARN:aws-us-gov:s3:::bucket/a/b/": "s3://bucket/a/b",
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/mine": "s3://bucket/prefix",
    "https://bucket.s3.amazonaws.com/stories/": "s3://bucket/stories",
    "https://bucket.s3.eu-west-1.amazonaws.com/stories": "s3://bucket/stories",
    "https://my.bucket.s3-eu-west-1.amazonaws.com": "s3://my.bucket",
    "https://bucket.s3.dualstack.eu-west-1.amazonaws.com/a": "s3://bucket/a",
    "http://s3.eu-west-1.amazonaws.com/bucket/stories?x=1": "s3://bucket/stories",
    "https://s3.amazonaws.com/bucket": "s3://bucket",
    "HTTPS://bucket.s3.cn-north-1.amazonaws.com.cn/a%20b": "s3://bucket/a b",
    "bucket.s3.amazonaws.com/stories": "s3://bucket/stories",
    "https://eu-west-1.console.aws.amazon.com/s3/buckets/bucket?region=x&prefix=stories/": "s3://bucket/stories",
    "https://s3.console.aws.amazon.com/s3/buckets/bucket": "s3://bucket",
    "file:///home/me/my%20novel": "/home/me/my novel",
    "file://localhost/novel": "/novel",
    "file:/novel": "/novel",
    "FILE:novel": "novel",
    "C:\\Users\\me\\novel": "/mnt/c/Users/me/novel",
    "d:/novel": "/mnt/d/novel",
    "s3;//bucket/stories": "s3://bucket/stories",
    "S3.//bucket": "s3://bucket",
    "s3: //bucket": "s3://bucket",
    "s3：//bucket/stories": "s3://bucket/stories",
    "s3:\\\\bucket\\stories": "s3://bucket/stories",
    "s3:\\bucket": "s3://bucket",
    "/s3://bucket/stories": "s3://bucket/stories",
    "./s3:/bucket": "s3://bucket",
    "/home/me/s3://bucket": "s3://bucket",
    "aws s3 ls s3://bucket": "s3://bucket",
    "./arn:aws:s3:::bucket": "s3://bucket",
    "/arn:aws:s3:::bucket/stories": "s3://bucket/stories",
    "localhost:9000/bucket": "s3://bucket",
    "127.0.0.1:9000/bucket/stories": "s3://bucket/stories",
    "http://localhost:9000/bucket": "s3://bucket",
    "seaweed:8333/bucket": "s3://bucket",
    "stories\\novel": "stories/novel",
    "/my\\ novel": "/my novel",
}
REFUSED = [
    "gs://bucket/stories",
    "gs:/bucket",
    "az://container",
    "abfss://container@account/x",
    "hdfs:/stories",
    "https://example.org/",
    "https://storage.googleapis.com/bucket",
    "https://[::1",
    "ftp://host/x",
    "://bucket",
    "$HOME/novel",
    "${HOME}/novel",
    "/home/$USER/novel",
    "$(pwd)/novel",
    "%USERPROFILE%/novel",
    "'/novel'",
    '"s3://bucket/stories"',
    "“/tmp/novel”",
    "“/tmp/novel",
    "‘/tmp/novel’",
    "«/tmp/novel»",
    "„/tmp/novel“",
    "`pwd`",
    "/tmp/`date`/novel",
    "`/tmp/novel`",
    "<bucket>",
    "/data/<name>",
    "\\\\server\\share",
    "STORY_URI=/tmp/novel",
    "./https://example.org",
    "x/gs://bucket",
    "https//example.org",
    "novel ",
    " s3://bucket",
    "\tnovel",
    "novel\r",
    "nov\nel",
    "",
    "  ",
    "nov\0el",
    "~nobody-of-this-name/novel",
]
WAYS: dict[str, tuple[Callable[[str], object], str]] = {
    "STORY_URI": (open_store, "s3://bucket/prefix"),
    "MODEL_URI": (local_bundle, "s3://bucket/prefix/"),
}


@pytest.mark.parametrize(("mistake", "right"), MISTAKES.items())
@pytest.mark.parametrize("setting", WAYS)
def test_a_mistake_is_told_what_would_be_right(setting: str, mistake: str, right: str) -> None:
    way, on_s3 = WAYS[setting]
    with pytest.raises(SettingError) as caught:
        way(mistake)
    said = str(caught.value)
    assert said.startswith(f"{setting} must be the path of a folder or {on_s3}, not {mistake!r}: ")
    assert said.endswith(f" {right}")


@pytest.mark.parametrize("mistake", REFUSED)
@pytest.mark.parametrize("setting", WAYS)
def test_what_would_make_a_folder_by_mistake_is_refused_in_one_line(setting: str, mistake: str) -> None:
    way, on_s3 = WAYS[setting]
    beginning = re.escape(f"{setting} must be the path of a folder or {on_s3}, not {mistake!r}")
    with pytest.raises(SettingError, match=f"^{beginning}(: [^\n]+)?$"):
        way(mistake)


def test_a_tilde_is_ones_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert folder_at("~/novel", "STORY_URI") == tmp_path / "novel"
    assert folder_at("~", "STORY_URI") == tmp_path
    assert open_store("~/novel").uri == str(tmp_path / "novel")
    assert local_bundle("~/bundle") == tmp_path / "bundle"


def test_a_tilde_with_a_name_is_that_users_home() -> None:
    me = pwd.getpwuid(os.geteuid())
    assert folder_at(f"~{me.pw_name}/novel", "STORY_URI") == Path(me.pw_dir) / "novel"


@pytest.mark.parametrize(
    "path",
    [
        *(".story", "/data/novel", "../novel", ".", "s3", "s3/bucket", "file", "my novel", "a:b", "x~", "./~", "a~/b"),
        *("price in $", "a$b", "100%", "é", "\u3000x", "it's", "arn", "http", "amazonaws.com.novel", "\udce9"),
        *("it’s", "the boys’", "my novel (2)", "v1.2", "a;b", "12:30", "chapter:12", "a//b", "x/s3//b", "Nº 5", "ｓ３"),
        *("小説", "/a: b/c", "s3-stories", "arnold", "x=y", "a, b & c", "{a}", "[a]", "#1", "a@b", "-", "https"),
    ],
)
def test_any_other_path_is_taken_as_it_is(path: str) -> None:
    assert folder_at(path.strip(), "STORY_URI") == Path(path.strip())
