"""The platform as processes on real servers, women who use it over HTTP, and the account of what became of it.

Nothing here sleeps and hopes: every wait is for a condition, with a deadline that only a broken platform meets.
"""

import hashlib
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
import psutil
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from config.embedded.process import Process
from courses.catalogue.models import Course
from learners.certificates.models import LIVE, Certificate
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from learners.notifications.models import Notification
from learners.reports.models import Tally
from learners.reports.services import reconcile_tallies
from lms.accounts.models import Person
from lms.events.models import EventDelivery, StoredEvent
from lms.files import storage
from tasks.base import lock_number
from tests.cast import Country, make_person, make_staff, publish_course, token_for
from tests.servers import Platform

PATIENCE: Final = 180.0
LATER: Final = 10.0
EVENTS: Final = "/api/v1/progress/events"
OPEN: Final = {"done_at": None, "dead_at": None}


def until(holds: Callable[[], object], what: str) -> None:
    """Wait until `holds()` is true; fail, saying `what` was awaited, when a broken platform keeps us waiting."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"still waiting until {what}; open: {still_open()}"
        time.sleep(0.05)


def still_open() -> list[tuple[object, ...]]:
    """What the outbox has not done yet, for whoever reads why a test failed."""
    rows = EventDelivery.objects.filter(**OPEN).order_by("id")
    return list(rows.values_list("id", "handler", "attempts", "last_error", "due_at")[:20])


@dataclass
class Phone:
    """Someone signed in, speaking to the platform over HTTP."""

    http: httpx.Client
    key: str

    def post(self, path: str, body: Any = None) -> httpx.Response:
        return self.http.post(path, json=body, headers={"Authorization": f"Bearer {self.key}"})

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path, headers={"Authorization": f"Bearer {self.key}"})


@dataclass
class Woman(Phone):
    """A learner with her phone."""

    person: Person
    enrolment: Enrolment
    lesson: uuid.UUID

    def event(self, verb: str = "finished") -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "enrolment": str(self.enrolment.uuid),
            "lesson": str(self.lesson),
            "verb": verb,
            "occurred_at": timezone.now().isoformat(),
        }

    def send(self, *events: dict[str, Any]) -> httpx.Response:
        return self.post(EVENTS, {"device": "phone", "events": list(events)})

    def finish(self) -> httpx.Response:
        """Finish the only lesson of her course, and so the course."""
        return self.send(self.event())

    def finish_surely(self) -> Counter[int]:
        """The same event again until it is taken, as phones do; what was answered, 0 for no answer at all."""
        event, answers = self.event(), Counter[int]()

        def taken() -> bool:
            try:
                status = self.send(event).status_code
            except httpx.TransportError:
                status = 0
            answers[status] += 1
            return status == httpx.codes.OK

        until(taken, "her lesson is taken")
        return answers

    @property
    def certificate(self) -> Certificate:
        return Certificate.objects.get(enrolment=self.enrolment)


@dataclass
class Living:
    """The running platform, and ways to see into it."""

    platform: Platform
    country: Country
    http: httpx.Client
    courses: list[Course] = field(default_factory=list)

    def process(self, name: str) -> Process:
        """ "web", "worker" or "relay"."""
        return self.platform.processes[name]

    def kill(self, name: str) -> None:
        """kill -9 of a process and its children."""
        self.process(name).kill()

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """A process and its children stand still within the block."""
        family = whole_family(self.process(name))
        for each_one in family:
            each_one.suspend()
        try:
            yield
        finally:
            for each_one in family:
                with suppress(psutil.NoSuchProcess):
                    each_one.resume()

    def women(self, count: int, **fields: Any) -> list[Woman]:
        """Learners of Larache's centre, each enrolled on a course of one text; `fields` as `make_person` takes them."""
        if not self.courses:
            self.courses.append(publish_course(self.country, slug="one-text", lessons=(("text",),)))
        return [self._woman(self.courses[0], **fields) for _ in range(count)]

    def _woman(self, course: Course, **fields: Any) -> Woman:
        person = make_person(home=self.country.larache_centre, **fields)
        enrolment, _ = enrol(learner=person, course=course, at=timezone.now())
        lesson = enrolment.publication.lessons.get()
        return Woman(self.http, token_for(person), person, enrolment, lesson.uuid)

    def staff(self, role: str, at: str) -> Phone:
        """Someone who holds `role` at a place of the country."""
        return Phone(self.http, token_for(make_staff(role, self.country.places[at])))

    def settle(self, *, later: bool = False) -> None:
        """Wait until every fact was told and every delivery is done or dead; `later` shortens leases and back-off."""
        until(later_settled() if later else is_settled, "the outbox is worked off")


def is_settled() -> bool:
    """Whether every fact was told and every delivery is done or dead."""
    waiting = StoredEvent.objects.filter(expanded_at=None)
    return not (waiting.exists() or EventDelivery.objects.filter(**OPEN).exists())


def forget_what_is_open() -> None:
    """Give up what a failed test left behind, so that the next one judges its own women only."""
    if not is_settled() or EventDelivery.objects.exclude(dead_at=None).exists():
        StoredEvent.objects.all().delete()
        reconcile_tallies(at=timezone.now())


def open_deliveries(*women: Woman, handler: str = "") -> list[EventDelivery]:
    """Deliveries not done yet, of one handler or all; with women named, those of their certificates."""
    rows = EventDelivery.objects.filter(**OPEN).select_related("event").order_by("id")
    if handler:
        rows = rows.filter(handler=handler)
    ids = {woman.certificate.pk for woman in women}
    return [row for row in rows if not women or row.event.payload.get("certificate_id") in ids]


def later_settled() -> Callable[[], bool]:
    """As `is_settled`; now and then the time passes for which open deliveries wait: tallies have three minutes."""
    next_at = time.monotonic()

    def settled() -> bool:
        nonlocal next_at
        if time.monotonic() >= next_at:
            next_at = time.monotonic() + LATER
            EventDelivery.objects.filter(**OPEN).update(due_at=timezone.now())
        return is_settled()

    return settled


def being_worked_on(*deliveries: EventDelivery) -> int:
    """How many of these a worker has in its hands at this moment."""
    numbers = [lock_number(str(delivery.uuid)) for delivery in deliveries]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT count(*) FROM pg_locks
             WHERE locktype = 'advisory' AND granted AND objsubid = 1
               AND (classid::bigint << 32) + objid::bigint = ANY(%s)
            """,
            [numbers],
        )
        return int(cursor.fetchone()[0])


def broker() -> redis.Redis:
    """A client of the workers' queues; whoever opens it closes it."""
    return redis.Redis.from_url(settings.BROKER_URL, socket_timeout=5)


def someone_waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def whole_family(process: Process) -> list[psutil.Process]:
    """A process and what it started."""
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def account_of(women: Sequence[Woman]) -> dict[str, int]:
    """What became of them: the counts that must all be their number."""
    enrolments = [woman.enrolment.pk for woman in women]
    people = {woman.person.pk for woman in women}
    certificates = list(Certificate.objects.filter(enrolment__in=enrolments))
    objects = stored_documents({str(certificate.uuid) for certificate in certificates})
    told = Counter(Notification.objects.filter(person__in=people).values_list("kind", flat=True))
    ids = [certificate.pk for certificate in certificates]
    return {
        "completions": Enrolment.objects.filter(pk__in=enrolments, state="completed").count(),
        "certificates": len(certificates),
        "serials": len({certificate.serial for certificate in certificates}),
        "ready": sum(certificate.state == "ready" for certificate in certificates),
        "objects": len(objects),
        "documents as drawn": sum(objects.get(c.key) == c.sha256 for c in certificates),
        "enrolments told": told.pop("enrolled", 0),
        "completions told": told.pop("course_completed", 0),
        "certificates told": told.pop("certificate_ready", 0),
        "facts of completion": _facts("course_completed", ids),
        "facts of readiness": _facts("certificate_ready", ids),
    } | dict(told)


def each(count: int) -> dict[str, int]:
    """The account in which nothing is lost and nothing doubled."""
    return dict.fromkeys(account_of([]), count)


def _facts(topic: str, certificate_ids: Iterable[int]) -> int:
    return StoredEvent.objects.filter(topic=topic, payload__certificate_id__in=list(certificate_ids)).count()


def stored_documents(names: set[str]) -> dict[str, str]:
    """SHA-256 by key of every object in the bucket that has one of these certificates in its name."""
    pages = storage.storage().get_paginator("list_objects_v2").paginate(Bucket=settings.STORAGE_BUCKET)
    keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
    ours = [key for key in keys if any(name in key for name in names)]
    return {key: hashlib.sha256(b"".join(storage.read(key))).hexdigest() for key in ours}


def tallies() -> dict[tuple[int, str], int]:
    """What reports say: course × stage."""
    counts = Counter[tuple[int, str]]()
    for tally in Tally.objects.all():
        counts[tally.course_id, tally.stage] += tally.count
    return dict(+counts)


def recount() -> dict[tuple[int, str], int]:
    """What there is: every enrolment looked at (these courses have one lesson, so nobody is halfway)."""
    certified = set(Certificate.objects.filter(state__in=LIVE).values_list("enrolment_id", flat=True))
    return dict(
        Counter(
            (row.course_id, "certified" if row.pk in certified else "not_started")
            for row in Enrolment.objects.all()
        )
    )
