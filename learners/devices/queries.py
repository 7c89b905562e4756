"""When her devices were last heard of, for her and for those who accompany her."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Sum

from learners.devices.models import Device, DeviceQuerySet
from lms.access.scoping import HasScope


@dataclass(frozen=True)
class LastHeard:
    """Of all devices of a woman together. `waiting`: what they owe, None where none of them says."""

    at: datetime
    waiting: int | None


def devices_of(reader: HasScope, *, person: str = "") -> DeviceQuerySet:
    """The devices she may read about, each with its woman and her sealed names; of one woman where one is named."""
    found = Device.objects.visible_to(reader).select_related("person__identity")
    return found.filter(person__uuid=person) if person else found


def last_heard(people: Iterable[int]) -> dict[int, LastHeard]:
    """By woman; whoever was never heard of is not there. One statement."""
    rows = Device.objects.filter(person__in=set(people)).order_by()
    heard = rows.values("person").annotate(at=Max("last_heard_at"), owes=Sum("waiting"))
    return {row["person"]: LastHeard(row["at"], row["owes"]) for row in heard}
