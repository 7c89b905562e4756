"""How the platform is, at one glance. Counts and codes only: nothing here leads to a person."""

from dataclasses import dataclass
from typing import Final

from django.db import connection

from learners.deliveries.queries import messages_in
from learners.notifications.models import DeliveryState, NotificationDelivery
from lms.api.health import OK, readiness
from lms.events.models import EventDelivery
from lms.files.queries import waiting_by_reason
from lms.operations.models import Finding
from lms.operations.queries import Outbox, deliveries, findings, oldest_open, outbox
from lms.operations.queues import Queue, waiting_messages

SHOWN: Final = 10
CERTIFICATES: Final = "reconcile_certificates"
TALLIES: Final = "reconcile_tallies"

STORED = """
SELECT purpose, count(*), sum(bytes)::bigint FROM stored_file GROUP BY purpose
 UNION ALL
SELECT 'rendition', count(*), sum(bytes)::bigint FROM rendition WHERE key LIKE 'renditions/%'
 UNION ALL
SELECT 'certificate', count(*), sum(bytes) FROM certificate WHERE key <> ''
 UNION ALL
SELECT 'list', count(*), NULL FROM import WHERE key <> ''
 UNION ALL
SELECT 'quarantine', count(*), sum(size)::bigint FROM upload WHERE state IN ('receiving', 'checking')
"""


@dataclass(frozen=True)
class Kept:
    """Files of one kind by the database's account. `bytes` is None where it keeps no size."""

    files: int
    bytes: int | None


@dataclass(frozen=True)
class Overview:
    """What operators see first. `queues` is None while the broker does not answer."""

    queues: dict[Queue, int] | None
    outbox: Outbox
    oldest: EventDelivery | None
    dead: list[EventDelivery]
    failed: int
    failed_messages: list[NotificationDelivery]
    findings: dict[str, Finding]
    storage_answers: bool
    stored: dict[str, Kept]
    unrendered: dict[str, int]


def overview() -> Overview:
    """Eight statements, and about a second for each of broker and storage that does not answer."""
    failed = messages_in(DeliveryState.FAILED)
    return Overview(
        queues=waiting_messages(),
        outbox=outbox(),
        oldest=oldest_open(),
        dead=list(deliveries("dead").order_by("-id")[:SHOWN]),
        failed=failed.count(),
        failed_messages=list(failed.order_by("-id")[:SHOWN]),
        findings=findings([CERTIFICATES, TALLIES]),
        storage_answers=readiness(["storage"])["storage"] == OK,
        stored=stored(),
        unrendered=waiting_by_reason(),
    )


def stored() -> dict[str, Kept]:
    """What should lie in the storage: by purpose of a file, `certificate`, `list` and `quarantine`. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(STORED)
        return {kind: Kept(files, bytes_) for kind, files, bytes_ in cursor.fetchall()}
