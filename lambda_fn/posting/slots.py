"""The slots that tweets are told for: a text, mostly the time for which one was scheduled."""

from datetime import UTC, datetime, timedelta


def already_told(slot: str | None, last: str | None, now: datetime) -> bool:
    """Whether a slot, or a later one, has its tweet; slots that are times are compared as moments.

    A slot far in the future, given by hand, does not keep those before it from being told.
    """
    if slot is None or last is None or slot == last:
        return slot is not None and slot == last
    this, told = moment(slot), moment(last)
    if this is None or told is None:
        return False
    return this == told or this < told < now + timedelta(days=1)


def moment(slot: str) -> datetime | None:
    """The moment that a slot names, however it is spelt; without a time zone it is UTC. None: it is no time.

    moment("2026-11-01T06:00:00Z") == moment("2026-11-01t06:00z") == moment("2026-11-01T07:00:00.000+01:00")
    """
    try:
        time = datetime.fromisoformat(slot.strip().upper())
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: before year 1 or after 9999, once it is UTC
        return None
