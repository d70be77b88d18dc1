"""The slots that tweets are told for: each a text, usually the time that the tweet was scheduled for."""

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_EPOCH = re.compile(r"(\d{10})(\d{3})?", re.ASCII)  # seconds, or milliseconds
_OF_MAIL = re.compile(
    r"([A-Z]{3,9}, ?)?\d{1,2}[ -][A-Z]{3}[ -](\d{4}|\d\d) \d\d:\d\d(:\d\d)? (GMT|UTC?|[+-]\d{4})( \(\w+\))?", re.ASCII
)
_OFFSET = r"Z|[+-]\d\d(?::?\d\d)?"
_UTC = re.compile(r"(?<=\d) ?(UTC|GMT|\[(ETC/)?(UTC|GMT)\])$", re.ASCII)
# Such as +01:00[EUROPE/PARIS]; only its offset counts.
_ZONE = re.compile(rf"(?<=\d) ?(?P<offset>{_OFFSET})( ?(Z|UTC|GMT|\[[A-Z0-9/_+-]+\]))?$", re.ASCII)
_ONE_DIGIT = re.compile(r"(?<=[-+T ])(\d)(?=:)", re.ASCII)
_ORDINAL = re.compile(r"(\d{4})-?(\d{3})(?=[T ])", re.ASCII)
_MIDNIGHT = re.compile(rf"(.*[T ])24((?::?00){{0,2}}(?:[.,]0+)?(?:{_OFFSET})?)", re.ASCII)


def already_told(slot: str | None, last: str | None, now: datetime) -> bool:
    """Whether a slot, or a later one, has its tweet already; slots that are times are compared as moments.

    A slot far in the future, given by hand, does not prevent those before it from being told.
    """
    if slot is None or last is None or slot == last:
        return slot is not None and slot == last
    this, told = moment(slot), moment(last)
    if this is None or told is None:
        return False
    return this == told or this < told < now + timedelta(days=1)


def moment(slot: str) -> datetime | None:
    """The moment that a slot names, in any spelling; UTC if it has no time zone. None: it is not a time.

    moment("2026-11-01T06:00:00Z") == moment("2026-11-01 7:00+01:00[Europe/Paris]") == moment("1793512800")
    """
    text = re.sub("[\u2010-\u2015\u2212]", "-", slot.strip().upper())
    try:
        time = _time(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):  # OverflowError: before year 1 or after 9999, once it is UTC
        return None


def _time(text: str) -> datetime:
    """The time of a text in capitals; raises `ValueError` if it is none, and `OverflowError`."""
    if found := _EPOCH.fullmatch(text):
        return datetime.fromtimestamp(int(found[1]), UTC) + timedelta(milliseconds=int(found[2] or 0))
    if _OF_MAIL.fullmatch(text):
        return parsedate_to_datetime(text)
    text = _ZONE.sub(r"\g<offset>", _UTC.sub("Z", text))
    text = _ONE_DIGIT.sub(r"0\1", text)
    if found := _ORDINAL.match(text):
        day = datetime.strptime(found[1] + found[2], "%Y%j")
        if day.year != int(found[1]):
            raise ValueError("the year has no such day")
        text = f"{day:%Y-%m-%d}{text[found.end() :]}"
    if found := _MIDNIGHT.fullmatch(text):  # the end of a day is the beginning of the next
        return datetime.fromisoformat(f"{found[1]}00{found[2]}") + timedelta(days=1)
    return datetime.fromisoformat(text)
