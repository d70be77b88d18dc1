"""What the handler does in which order; `tests/end_to_end/test_handler.py` has the rest, as a process."""

import pytest

from lambda_fn import app
from lambda_fn.errors import SettingError


class Minute:
    """A context with a minute left."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_a_store_for_the_pages_that_cannot_be_had_is_missed_before_anything_is_posted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After the post it would look as if the tweet had not been told, and Lambda would send the event again."""

    def nowhere(_: str) -> None:
        raise SettingError("the settings for AWS cannot be used")

    posted: list[object] = []
    monkeypatch.setenv("STORY_URI", "s3://bucket/stories")
    monkeypatch.setenv("STORY_PAGE", "on")
    monkeypatch.setattr(app, "_store_in_a_hurry", nowhere)
    monkeypatch.setattr(app, "publish_next", lambda *given: posted.append(given))
    for part in ("_store", "_storyteller", "open_account"):
        monkeypatch.setattr(app, part, lambda *_: None)
    with pytest.raises(SettingError, match="the settings for AWS"):
        app.handler({}, Minute())
    assert posted == []
