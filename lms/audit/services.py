"""Writing down who changed and who looked, in the transaction of the change or the look."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

import orjson
from django.db import connection, transaction

from lms.audit.models import AccessEntry, AccessSeal, ChangeEntry
from lms.statements import rows

if TYPE_CHECKING:
    from lms.accounts.models import Person

SEALED_AT_ONCE = 5_000
SEAL_LOCK = 0x5EA1


def record_change(
    *,
    actor: "Person | None",
    verb: str,
    subject: str,
    at: datetime,
    fields: Sequence[str] = (),
    reason: str = "",
) -> None:
    """Keep that `actor` did `verb` to `subject` (`course:slug`, `certificate:serial`): field names, no values."""
    ChangeEntry.objects.create(
        actor=actor, verb=verb, subject=subject, fields=list(fields), reason=reason, at=at
    )


LOOK: Final = """
INSERT INTO access_entry (viewer_id, people, surface, fields, reason, at)
VALUES (%s, %s::bigint[], %s, %s::varchar[], %s, %s)
"""


def record_look(
    *,
    viewer: "Person",
    people: Iterable[int],
    surface: str,
    at: datetime,
    fields: Sequence[str] = ("name",),
    reason: str = "",
) -> None:
    """Keep that `viewer` saw these people's `fields` on `surface`. No row where nobody was seen."""
    seen = sorted(set(people))
    if seen:
        rows(LOOK, [viewer.pk, seen, surface, list(fields), reason, at])


@transaction.atomic
def seal_looks(*, at: datetime) -> int:
    """Chain the entries that are not sealed yet; returns how many. Safe to repeat."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEAL_LOCK])
    entries = list(AccessEntry.objects.filter(seal=None).order_by("id")[:SEALED_AT_ONCE])
    if not entries:
        return 0
    seal = AccessSeal.objects.create(digest=chain_digest(entries), at=at)
    AccessEntry.objects.filter(pk__in=[entry.pk for entry in entries]).update(seal=seal)
    return len(entries)


def chain_digest(entries: Sequence[AccessEntry]) -> bytes:
    """SHA-256 over the last seal and these entries in order: one changed row breaks every later link."""
    last = AccessSeal.objects.order_by("-id").values_list("digest", flat=True).first()
    digest = hashlib.sha256(bytes(last or b""))
    for entry in entries:
        digest.update(
            orjson.dumps(
                [entry.pk, entry.viewer_id, entry.people, entry.surface, entry.fields, entry.reason, entry.at]
            )
        )
    return digest.digest()
