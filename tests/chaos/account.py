"""The account after a storm: every promise is looked up, and everything that there is must belong to something.

lost      it was acknowledged and is not there
doubled   it is there more often than it was asked for
orphaned  one half without the other: a row without its object, a certificate without a completion
wrong     it is there and not as it should be
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings
from django.db import connection
from django.utils import timezone

from learners.attempts.models import Attempt
from learners.certificates.models import LIVE, Certificate
from learners.enrolments.models import Enrolment
from learners.imports.models import Import
from learners.notifications.models import Notification
from learners.progress.models import ProgressEvent
from learners.reports.models import Tally
from learners.reports.services import reconcile_tallies
from lms.accounts.models import Identity
from lms.accounts.queries import names_of
from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from lms.registrations.models import Registration
from tests.chaos.phones import ROWS_OF_A_LIST, Heard

FAULTS: Final = ("lost", "doubled", "orphaned", "wrong")
REFUSED_IN_A_LIST: Final = 2
EXAMPLES: Final = 5

# A fold that differs from its events: a sum, a state, or one without the other.
MISFOLDED: Final = """
SELECT count(*) FROM (
    SELECT enrolment_id, lesson, sum(seconds) AS seconds, bool_or(verb = 'finished') AS finished
      FROM progress_event GROUP BY enrolment_id, lesson) AS told
  FULL JOIN (SELECT * FROM lesson_progress WHERE score IS NULL) AS folded USING (enrolment_id, lesson)
 WHERE told.seconds IS DISTINCT FROM folded.seconds
    OR told.finished IS DISTINCT FROM (folded.state = 'finished')
"""


@dataclass
class Account:
    """How many of each, and a few of them by name."""

    counts: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)

    def charge(self, fault: str, what: str, found: Iterable[object]) -> None:
        """Count what was found, as one of FAULTS."""
        each = list(found)
        self.counts[fault] += len(each)
        if each:
            self.examples.append(f"{fault}: {what}: {len(each)}, e.g. {each[:EXAMPLES]}")

    def differ(self, fault_of_less: str, what: str, found: Counter[str], expected: Iterable[str]) -> None:
        """Each expected once: less is `fault_of_less`, more is doubled."""
        self.charge(fault_of_less, what, [one for one in expected if not found[one]])
        self.charge("doubled", what, [one for one, times in found.items() if times > 1])

    @property
    def is_clean(self) -> bool:
        return not any(self.counts[fault] for fault in FAULTS)


def account_for(heard: Sequence[Heard], *, poisoned: Certificate) -> Account:
    """Look everything up. The outbox must be worked off; `poisoned` is the certificate that cannot be drawn."""
    account = Account()
    _events(account, heard)
    _completions(account, heard, poisoned)
    _documents(account, poisoned)
    _messages(account, poisoned)
    _attempts(account, heard)
    _registrations(account, heard)
    _lists(account, heard)
    _outbox(account, poisoned)
    _sums(account)
    account.charge("wrong", "answers", [odd for each in heard for odd in each.odd.elements()])
    return account


def _events(account: Account, heard: Sequence[Heard]) -> None:
    rows = ProgressEvent.objects.values_list("person_id", "event_id")
    stored = Counter((person, str(event)) for person, event in rows)
    promised = {event for each in heard for event in each.events}
    account.figures["events"] = len(stored)
    account.charge("lost", "events", promised - stored.keys())
    account.charge("doubled", "events", [event for event, times in stored.items() if times > 1])
    with connection.cursor() as cursor:
        cursor.execute(MISFOLDED)
        account.charge("wrong", "progress is not the fold of its events", range(cursor.fetchone()[0]))


def _completions(account: Account, heard: Sequence[Heard], poisoned: Certificate) -> None:
    completed = {str(uuid) for uuid in _uuids(Enrolment.objects.filter(state="completed"))}
    certificates = list(Certificate.objects.select_related("enrolment"))
    account.charge("lost", "completions", {id_ for each in heard for id_ in each.completed} - completed)
    certified = Counter(str(certificate.enrolment.uuid) for certificate in certificates)
    account.differ("orphaned", "completions without a certificate", certified, completed)
    account.charge("orphaned", "certificates without a completion", certified.keys() - completed)
    account.charge("doubled", "serials", _twice(certificate.serial for certificate in certificates))
    waiting = [c.serial for c in certificates if c.state != "ready" and c.pk != poisoned.pk]
    account.charge("wrong", "certificates that are not ready", waiting)
    account.figures |= {
        "completions": len(completed),
        "certificates": len(certificates),
        "serials": len({certificate.serial for certificate in certificates}),
    }


def _documents(account: Account, poisoned: Certificate) -> None:
    rows = dict(Certificate.objects.exclude(pk=poisoned.pk).values_list("key", "sha256"))
    rows.pop("", None)
    objects = dict(_objects("certificates/"))
    account.charge("orphaned", "documents without a row", objects.keys() - rows.keys())
    account.charge("orphaned", "rows without a document", rows.keys() - objects.keys())
    differing = [key for key in rows.keys() & objects.keys() if rows[key] != objects[key]]
    account.charge("wrong", "documents with another checksum", differing)
    account.figures["documents with their checksum"] = len(rows.keys() & objects.keys()) - len(differing)


def _messages(account: Account, poisoned: Certificate) -> None:
    certificates = Certificate.objects.select_related("enrolment")
    for kind, expected in (
        ("course_completed", certificates),
        ("certificate_ready", certificates.exclude(pk=poisoned.pk)),
    ):
        told = Counter(map(str, Notification.objects.filter(kind=kind).values_list("person_id", flat=True)))
        people = [str(certificate.enrolment.learner_id) for certificate in expected]
        account.differ("lost", f"messages {kind}", told, people)
        facts = StoredEvent.objects.filter(topic=kind).values_list("payload__certificate_id", flat=True)
        account.differ("lost", f"facts {kind}", Counter(map(str, facts)), [str(c.pk) for c in expected])
        account.figures[f"messages {kind}"] = sum(told.values())


def _attempts(account: Account, heard: Sequence[Heard]) -> None:
    asked = {attempt for each in heard for attempt in each.attempts}
    stored = {str(uuid) for uuid in _uuids(Attempt.objects.all())}
    account.charge("doubled", "attempts that nobody asked for", stored - asked)


def _registrations(account: Account, heard: Sequence[Heard]) -> None:
    asked = {family: id_ for each in heard for family, id_ in each.registered.items()}
    rows = Registration.objects.select_related("person__identity")
    stored = Counter(names_of(row.person).family for row in rows)
    account.differ("lost", "registrations", stored, [family for family, id_ in asked.items() if id_])
    account.charge("wrong", "registrations that nobody sent", stored.keys() - asked.keys())
    ids = {str(row.uuid) for row in rows}
    account.charge("lost", "registrations by their id", {id_ for id_ in asked.values() if id_} - ids)
    account.figures["registrations"] = len(rows)


def _lists(account: Account, heard: Sequence[Heard]) -> None:
    asked = {name: id_ for each in heard for name, id_ in each.lists.items()}
    rows = list(Import.objects.all())
    stored = Counter(row.name for row in rows)
    account.differ("lost", "lists", stored, [name for name, id_ in asked.items() if id_])
    right = (ROWS_OF_A_LIST, ROWS_OF_A_LIST - REFUSED_IN_A_LIST, REFUSED_IN_A_LIST)
    bad = [r.name for r in rows if r.state != "done" or (r.cursor, r.created, r.refused) != right]
    account.charge("wrong", "lists not worked off as they should be", bad)
    women = Identity.objects.exclude(row_index=None).count()
    expected = sum(row.created for row in rows)
    account.charge("lost", "women of lists", range(expected - women))
    account.charge("doubled", "women of lists", range(women - expected))
    kept = {row.key for row in rows if row.key}
    objects = {key for key, _sha256 in _objects("imports/")}
    account.charge("orphaned", "lists without their rows in the storage", kept - objects)
    account.figures |= {
        "lists": len(rows),
        "women of lists": women,
        # Its sender heard no yes: the web died between the storage and the row. Swept by tasks.forget_imported_rows.
        "sealed lists that became no import": len(objects - kept),
    }


def _outbox(account: Account, poisoned: Certificate) -> None:
    dead = EventDelivery.objects.exclude(dead_at=None).select_related("event")
    others = [d for d in dead if d.event.payload.get("certificate_id") != poisoned.pk]
    account.charge("wrong", "dead deliveries", [(d.handler, d.last_error) for d in others])
    if not len(dead) - len(others):
        account.charge("wrong", "the poisoned delivery did not die", [poisoned.serial])
    pairs = EventDelivery.objects.values_list("event_id", "handler")
    account.charge("doubled", "deliveries", _twice(map(str, pairs)))
    account.figures["deliveries"] = len(pairs)


def _sums(account: Account) -> None:
    """Tallies against the rows they count, and then against the platform's own recount."""
    told = Counter[tuple[int, bool]]()
    for tally in Tally.objects.all():
        told[tally.course_id, tally.stage == "certified"] += tally.count
    certified = set(Certificate.objects.filter(state__in=LIVE).values_list("enrolment_id", flat=True))
    there = Counter((e.course_id, e.pk in certified) for e in Enrolment.objects.exclude(state="withdrawn"))
    account.charge("wrong", "tallies", {cell for cell in told | there if told[cell] != there[cell]})
    account.charge("wrong", "cells in the recount", range(reconcile_tallies(at=timezone.now())))


def _uuids(rows: "object") -> Iterator[object]:
    yield from rows.values_list("uuid", flat=True)  # type: ignore[attr-defined]  # any queryset with a public id


def _twice(values: Iterable[str]) -> list[str]:
    return [value for value, times in Counter(values).items() if times > 1]


def _objects(prefix: str) -> Iterator[tuple[str, str]]:
    """Key and SHA-256 of every object under a prefix, read whole."""
    pages = storage.storage().get_paginator("list_objects_v2")
    for page in pages.paginate(Bucket=settings.STORAGE_BUCKET, Prefix=prefix):
        for item in page.get("Contents", ()):
            digest = hashlib.sha256()
            for chunk in storage.read(item["Key"]):
                digest.update(chunk)
            yield item["Key"], digest.hexdigest()
