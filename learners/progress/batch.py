"""Reading a batch of progress events as a device sent it: each event stands or falls alone."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from learners.devices.hearing import Heard
from learners.progress.models import Clock, Verb
from lms.errors import InvalidInput, Refusal

EVENTS_AT_MOST = 500
DEVICE_AT_MOST = 64
RELEASE_AT_MOST = 40
WAITING_AT_MOST = 1_000_000
PAST_BELIEVED = timedelta(days=400)
FUTURE_BELIEVED = timedelta(minutes=5)
SECONDS_AT_MOST = 24 * 3600
POSITION_AT_MOST = 2**31 - 1

_ZONED = re.compile(r".*(?:[zZ]|[+-]\d\d:?\d\d)$")


class TooManyEvents(Refusal):
    code = "too_many_events"
    message = _("Send at most 500 events at a time.")


@dataclass
class Item:
    """One event of the batch and what became of it: `code` is set when it is refused."""

    id: Any
    pointer: str
    code: str = ""
    status: str = ""
    event_id: UUID | None = None
    enrolment: UUID | None = None
    lesson: UUID | None = None
    verb: str = ""
    occurred_at: datetime | None = None
    seconds: int = 0
    position: int | None = None
    percent: int | None = None
    score: int | None = None
    content_hash: bytes = field(default=b"", repr=False)

    def clock(self, received_at: datetime) -> Clock:
        """Whether her clock can be believed: within 400 days before and 5 minutes after ours."""
        if self.occurred_at is None:
            return Clock.DOUBTFUL
        believed = received_at - PAST_BELIEVED <= self.occurred_at <= received_at + FUTURE_BELIEVED
        return Clock.TRUSTED if believed else Clock.DOUBTFUL

    def happened_at(self, received_at: datetime) -> datetime:
        """Her clock where it can be believed, else ours."""
        trusted = self.occurred_at is not None and self.clock(received_at) is Clock.TRUSTED
        return self.occurred_at if trusted and self.occurred_at else received_at


def read_batch(data: Any) -> tuple[Heard, list[Item]]:
    """What the device says of itself, and its events: none where it only says what it still owes.

    The whole batch is refused only when it is no batch at all, or too long.
    """
    heard, events = _heard(data), data.get("events")
    if not isinstance(events, list) or not (events or heard.waiting is not None):
        raise InvalidInput.at("/events", "events_needed", _("Send at least one event."))
    if len(events) > EVENTS_AT_MOST:
        raise TooManyEvents
    items = [_read(raw, f"/events/{index}") for index, raw in enumerate(events)]
    _mark_repeats(items)
    return heard, items


def _heard(data: Any) -> Heard:
    device, release = data.get("device"), data.get("release", "")
    if not _is_text(device, DEVICE_AT_MOST) or not device:
        raise InvalidInput.at("/device", "device_needed", _("Name the device in 1–64 characters."))
    if not _is_text(release, RELEASE_AT_MOST):
        raise InvalidInput.at("/release", "release_too_long", _("Name the app’s release in 40 characters."))
    try:
        waiting = _whole(0, WAITING_AT_MOST, None)(data.get("waiting"))
    except (ValueError, TypeError, OverflowError):
        raise InvalidInput.at("/waiting", "not_a_number", _("Say how many things wait.")) from None
    return Heard(device, waiting, release)


def _is_text(value: Any, at_most: int) -> bool:
    return isinstance(value, str) and len(value) <= at_most and "\x00" not in value


def _read(raw: Any, pointer: str) -> Item:
    if not isinstance(raw, dict):
        return Item(id=None, pointer=pointer, code="not_an_event", status="refused")
    item = Item(id=raw.get("id"), pointer=pointer)
    for name, read in _FIELDS.items():
        try:
            setattr(item, "event_id" if name == "id" else name, read(raw.get(name)))
        except (ValueError, TypeError, AttributeError, OverflowError):
            item.code, item.status = _CODES[name], "refused"
            return item
    item.content_hash = _digest(item)
    return item


def _uuid(value: Any) -> UUID:
    if not isinstance(value, str):
        raise TypeError
    return UUID(value)


def _time(value: Any) -> datetime:
    moment = parse_datetime(value) if isinstance(value, str) and _ZONED.fullmatch(value) else None
    if moment is None:
        raise ValueError
    return moment.astimezone(UTC)


def _whole(low: int, high: int, default: int | None) -> Any:
    def read(value: Any) -> int | None:
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int | float) or value != int(value):
            raise TypeError
        if not low <= value <= high:
            raise ValueError
        return int(value)

    return read


_FIELDS: dict[str, Any] = {
    "id": _uuid,
    "enrolment": _uuid,
    "lesson": _uuid,
    "verb": Verb,
    "occurred_at": _time,
    "seconds": _whole(0, SECONDS_AT_MOST, 0),
    "position": _whole(0, POSITION_AT_MOST, None),
    "percent": _whole(0, 100, None),
    "score": _whole(0, 100, None),
}

_CODES = {
    "id": "not_an_id",
    "enrolment": "enrolment_unknown",
    "lesson": "lesson_not_in_course",
    "verb": "verb_unknown",
    "occurred_at": "not_a_time",
    "seconds": "seconds_out_of_range",
    "position": "position_out_of_range",
    "percent": "percent_out_of_range",
    "score": "score_out_of_range",
}


def _digest(item: Item) -> bytes:
    """What the event says, without its id: the same id with another digest is another event."""
    said = [item.enrolment, item.lesson, item.verb, item.occurred_at, item.seconds, item.position]
    return hashlib.sha256(orjson.dumps([*said, item.percent, item.score])).digest()[:16]


def _mark_repeats(items: Sequence[Item]) -> None:
    first: dict[UUID, Item] = {}
    for item in items:
        if item.event_id is None or item.status:
            continue
        same = first.setdefault(item.event_id, item)
        if same is not item and same.content_hash == item.content_hash:
            item.status = "duplicate"
        elif same is not item:
            item.status, item.code = "refused", "event_id_reused"
