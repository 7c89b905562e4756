"""The storm: phones in use while one thing after the other breaks; then calm, the outbox worked off, the account."""

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from queue import SimpleQueue
from typing import Final

import httpx
from django.db import DatabaseError, connection
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.enrolments.services import enrol
from lms.accounts.services import NewPerson, create_people
from lms.events.models import EventDelivery, StoredEvent
from lms.sign_in.models import Session
from lms.sign_in.queries import key_hash
from tests.cast import Country, build_country, make_person, make_staff, publish_course, token_for
from tests.chaos.account import FAULTS, Account, account_for
from tests.chaos.faults import Breaker
from tests.chaos.phones import FINE, NO_ANSWER, Answer, Cast, Course, Heard, Phone, Woman
from tests.chaos.plan import SHARE_OF_STORAGE_FAULTS, Plan
from tests.chaos.storage_proxy import Trouble, failing_storage
from tests.faults.living import EVENTS, OPEN
from tests.servers import BreakableServers, Platform, keeping_bytecode, running_platform

NO_FONT_HAS_THIS: Final = "\U00013000"
SAY_EVERY: Final = 5.0
LONGEST_CALM: Final = 300.0
SLOTS: Final = "2"
REFUSALS: Final = {
    NO_ANSWER: "no answer: nobody was there",
    409: "409: the document is being drawn, or the first of two is under way",
    503: "503: come back in a moment",
}


@dataclass
class Storm:
    """One run of a plan against a platform that is up."""

    plan: Plan
    platform: Platform
    servers: BreakableServers
    trouble: Trouble
    say: Callable[[str], None]
    faults: Counter[str] = field(default_factory=Counter)
    phones: list[Phone] = field(default_factory=list)
    quiet: list[tuple[float, float]] = field(default_factory=list)
    drained: float = 0.0
    died: int = 0
    last: str = "none"

    def run(self) -> Account:
        cast, poisoned = self._prepare()
        self.breaker = Breaker(self.platform, self.servers)
        connection.close()
        self._let_rage(cast)
        poison = _deliveries_of(poisoned)
        self.drained = self._wait(lambda: _is_settled(poison), since=self.calm_at)
        self._wait(lambda: _is_dead(poison), since=time.monotonic())
        return account_for(self.heard, poisoned=poisoned)

    @property
    def heard(self) -> list[Heard]:
        return [phone.heard for phone in self.phones]

    @property
    def answers(self) -> list[Answer]:
        return [answer for heard in self.heard for answer in heard.answers]

    def _prepare(self) -> tuple[Cast, Certificate]:
        country = build_country()
        course = publish_course(country)
        lessons = list(course.newest.lessons.all())  # type: ignore[union-attr]  # it was just published
        cast = Cast(
            women=_women(country, self.plan.women),
            course=Course(
                course.slug,
                [str(lesson.uuid) for lesson in lessons if lesson.kind == "text"],
                next(str(lesson.uuid) for lesson in lessons if lesson.kind == "quiz"),
            ),
            facilitator=token_for(make_staff("facilitator", country.larache_centre)),
            centre_admin=token_for(make_staff("centre_admin", country.larache_centre)),
            province_admin=token_for(make_staff("province_admin", country.larache)),
            centre=country.larache_centre.code,
        )
        return cast, _poison(country, self.platform.base_url)

    def _let_rage(self, cast: Cast) -> None:
        stop = threading.Event()
        self.phones = [
            Phone(self.platform.base_url, cast, self.plan.random(f"phone {number}"), stop)
            for number in range(self.plan.phones)
        ]
        threads = [threading.Thread(target=phone.use, daemon=True) for phone in self.phones]
        for thread in threads:
            thread.start()
        try:
            self._break_things(until=time.monotonic() + self.plan.seconds)
        finally:
            stop.set()
            self.trouble.share = 0.0
            self.breaker.mend()
            self.calm_at = time.monotonic()
        for thread in threads:
            thread.join(LONGEST_CALM)

    def _break_things(self, *, until: float) -> None:
        self.began = self.said = time.monotonic()
        self.trouble.share = SHARE_OF_STORAGE_FAULTS
        for happening in self.plan.happenings():
            began = time.monotonic()
            self._pass(happening.pause, until)
            self.quiet.append((began, time.monotonic()))
            if time.monotonic() >= until:
                return
            self.died += self._start_who_died()
            self.faults[happening.kind] += 1
            self.last = happening.kind
            self.breaker.break_for(happening.kind, lambda lasts=happening.lasts: self._pass(lasts, until))

    def _start_who_died(self) -> int:
        """Start again, as a supervisor would, whoever ended though nobody killed it; how many."""
        died = self.breaker.died_by_themselves()
        for process in died:
            self.say(f"! {process.name} ended by itself. {process.last_words(40)}")
        self.breaker.mend()
        return len(died)

    def _pass(self, seconds: float, until: float) -> None:
        """Let time go by, saying now and then how things stand."""
        end = min(time.monotonic() + seconds, until)
        while (now := time.monotonic()) < end:
            if now >= self.said + SAY_EVERY:
                self.said = now
                self._say_how_things_stand(now - self.began)
            time.sleep(min(0.1, end - now))

    def _say_how_things_stand(self, seconds: float) -> None:
        answers = self.answers
        taken = sum(answer.status in FINE for answer in answers)
        self.say(
            f"{seconds:5.0f} s  {len(answers):6} requests  {taken:6} acknowledged  "
            f"{_open()} deliveries open  {sum(self.faults.values()):3} faults, the last: {self.last}"
        )

    def _wait(self, holds: Callable[[], bool], *, since: float) -> float:
        """The seconds until it holds, since a moment; at most LONGEST_CALM."""
        while not holds() and time.monotonic() < since + LONGEST_CALM:
            time.sleep(0.1)
        return time.monotonic() - since

    def table(self, account: Account) -> list[str]:
        """What the run comes to, as a table of two columns."""
        answers = self.answers
        frozen, quiet = within(answers, self.breaker.frozen), within(answers, self.quiet)
        refused = Counter(answer.status for answer in answers if answer.status not in FINE)
        faulty = sum(n for kind, n in self.trouble.counted.items() if kind)
        rows: list[tuple[str, object]] = [
            ("seconds of faults, seed", f"{self.plan.seconds:.0f}, {self.plan.seed}"),
            ("requests of phones", f"{len(answers):,}"),
            ("acknowledged", f"{sum(answer.status in FINE for answer in answers):,}"),
            *((_refusal(status), f"{count:,}") for status, count in sorted(refused.items())),
            *((kind, count) for kind, count in sorted(self.faults.items())),
            ("processes that ended by themselves", self.died),
            ("storage requests, of them failed", f"{self.trouble.counted.total():,}, {faulty:,}"),
            *((name, f"{count:,}") for name, count in account.figures.items()),
            *((f"**{fault}**", f"**{account.counts[fault]}**") for fault in FAULTS),
            (f"seconds to drain (a lease is {self.plan.lease} s)", f"{self.drained:.1f}"),
            ("p50, p99 of all requests, ms", _percentiles(answers)),
            (f"p50, p99 of {len(quiet):,} between two faults, ms", _percentiles(quiet)),
            (f"p50, p99 of {len(frozen):,} while Valkey was frozen, ms", _percentiles(frozen)),
        ]
        return ["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)]


def _refusal(status: int) -> str:
    return REFUSALS.get(status, f"refused with {status}")


def within(answers: Sequence[Answer], times: Sequence[tuple[float, float]]) -> list[Answer]:
    """Those that were asked and answered within one of these times."""
    return [
        each
        for each in answers
        if any(start <= each.began and each.began + each.seconds <= end for start, end in times)
    ]


def _percentiles(answers: Sequence[Answer]) -> str:
    seconds = [answer.seconds for answer in answers if answer.status != NO_ANSWER]
    if len(seconds) < 2:
        return "–"
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"{cuts[49] * 1000:.0f}, {cuts[98] * 1000:.0f}"


def _women(country: Country, count: int) -> SimpleQueue[Woman]:
    at, women = timezone.now(), SimpleQueue[Woman]()
    row = NewPerson(first_name="فاطمة", family_name="الاختبارية", home=country.larache_centre)
    people = create_people([row] * count, at=at)
    keys = [f"chaos-{person.uuid}" for person in people]
    Session.objects.bulk_create(
        Session(key_hash=key_hash(key), person=person, kind="app", expires_at=at + timedelta(days=1))
        for key, person in zip(keys, people, strict=True)
    )
    for key, person in zip(keys, people, strict=True):
        women.put(Woman(person.pk, key))
    return women


def _poison(country: Country, base_url: str) -> Certificate:
    """Someone whose name no font has finishes a course: her certificate can never be drawn."""
    person = make_person(home=country.larache_centre, first_name=NO_FONT_HAS_THIS)
    course = publish_course(country, slug="one-text", lessons=(("text",),))
    enrolment, _ = enrol(learner=person, course=course, at=timezone.now())
    event = {
        "id": str(enrolment.uuid),
        "enrolment": str(enrolment.uuid),
        "lesson": str(enrolment.publication.lessons.get().uuid),
        "verb": "finished",
        "occurred_at": timezone.now().isoformat(),
    }
    headers = {"Authorization": f"Bearer {token_for(person)}"}
    answer = httpx.post(f"{base_url}{EVENTS}", json={"device": "phone", "events": [event]}, headers=headers)
    answer.raise_for_status()
    return Certificate.objects.get(enrolment=enrolment)


def _deliveries_of(certificate: Certificate) -> "object":
    return EventDelivery.objects.filter(
        handler="draw_certificate", event__payload__certificate_id=certificate.pk
    )


def _is_settled(besides: "object") -> bool:
    """Whether every fact was told and every delivery is done or dead, besides some."""
    waiting = StoredEvent.objects.filter(expanded_at=None).exists()
    return (
        not waiting and not EventDelivery.objects.filter(**OPEN).exclude(pk__in=besides.values("pk")).exists()
    )


def _is_dead(deliveries: "object") -> bool:
    """Whether these are; the time between two attempts passes at once."""
    waiting = deliveries.filter(dead_at=None)
    waiting.exclude(last_error="").update(due_at=timezone.now())
    return not waiting.exists()


def _open() -> str:
    with suppress(DatabaseError):
        return f"{EventDelivery.objects.filter(**OPEN).count():5}"
    connection.close()
    return "    ?"


def rage(plan: Plan, servers: BreakableServers, *, say: Callable[[str], None]) -> bool:
    """Run the plan on these servers and print its table; whether nothing is wrong and it drained in time."""
    trouble = Trouble(plan.random("storage"), 0.0)
    with failing_storage(servers.storage.server.start()["STORAGE_ENDPOINT"], trouble) as endpoint:
        changes = {
            "STORAGE_ENDPOINT": endpoint,
            "DELIVERY_LEASE": str(plan.lease),
            "QUEUE_SLOTS": SLOTS,
            **keeping_bytecode(),
        }
        with running_platform(**changes) as platform:
            storm = Storm(plan, platform, servers, trouble, say)
            account = storm.run()
    for line in [*storm.table(account), *account.examples]:
        say(line)
    in_time = storm.drained <= plan.drain
    if not in_time:
        say(f"✗ the outbox took {storm.drained:.1f} s to drain, over {plan.drain:.0f} s")
    return account.is_clean and in_time
