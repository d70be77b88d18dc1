"""What tests of an account on X share."""

import socket
from datetime import UTC, datetime, timedelta

from peers.local_x import LocalX

TEXT = "“I am no bird,” said she; “and no net ensnares me!” — Ham & eggs, café."


def a_minute_ago() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=1)


def texts(x: LocalX) -> list[str]:
    return [post.text for post in x.timeline]


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
