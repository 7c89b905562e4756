"""The world in which access is proven: everyone who could ask, and two women with everything that could leak.

Alice learns at Larache's centre, Samira at the shelter of the same province. Each has finished a course, with a
certificate, a quiz under way, a message, a registration that waits and a second device. Samira's secrets are words
that stand nowhere else, so that one of them in an answer is a leak.
"""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import orjson
from django.conf import settings
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone

from courses.authoring.services import add_lesson, add_module, create_course
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from courses.publishing.models import PublishedVariant
from courses.reviewing.models import Review
from courses.reviewing.services import comment, submit_draft
from learners.attempts.models import Attempt
from learners.certificates.models import Certificate, VerificationLink
from learners.cohorts.models import Cohort
from learners.devices.models import Device as KnownDevice
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from learners.facilitated.attesting import attest
from learners.facilitated.models import Attestation, GroupSession
from learners.facilitated.services import plan_session
from learners.help.models import MessageKind
from learners.help.services import Asked, ask_for_help, choose_help
from learners.imports.lists import Sheet, seal_sample
from learners.imports.models import Import
from learners.notifications.models import NotificationDelivery, NotificationKind
from learners.notifications.services import Message, tell
from learners.progress.attesting import Attested
from learners.support.services import ask_for_support
from lms import sealing
from lms.accounts.models import Person
from lms.accounts.queries import names_of
from lms.accounts.services import NewPerson, create_people
from lms.events.models import EventDelivery, StoredEvent
from lms.files.announcing import start_upload
from lms.files.models import StoredFile
from lms.ids import uuid7
from lms.organisations.models import Organisation, PartnerAgreement
from lms.organisations.queries import scope_of
from lms.registrations.models import Registration, State
from lms.sign_in.models import Passkey, Recovery, Session
from lms.sign_in.sessions import Device, start_session
from lms.voice.services import check_voice, receive_voice
from lms.ways_in.services import open_recovery
from tests.cast import Country, build_country, client_for, make_organisation, make_staff, publish_course
from tests.learners.learning import Learning
from tests.learners.reports.crowd import count, crowd
from tests.lms.files.recordings import tone

NOBODY: Final = "nobody"
# How many things each woman's phone still owes.
WAITING: Final = {"alice": 7_007, "bahija": 0, "samira": 8_008}
# Who works where: name, role, place.
STAFF: Final = (
    ("facilitator", "facilitator", "larache_centre"),
    ("centre_admin", "centre_admin", "larache_centre"),
    ("partner", "facilitator", "partner"),  # by an agreement for Larache's centre
    ("former_partner", "facilitator", "former_partner"),  # whose agreement ended yesterday
    ("sibling_facilitator", "facilitator", "ksar_centre"),
    ("sibling_centre_admin", "centre_admin", "ksar_centre"),
    ("province_admin", "province_admin", "larache"),
    ("sibling_province_admin", "province_admin", "tetouan"),
    ("region_admin", "region_admin", "north"),
    ("sibling_region_admin", "region_admin", "south"),
    ("ministry_admin", "ministry_admin", "ministry"),
    ("auditor", "auditor", "ministry"),
    ("operator", "operator", "ministry"),
    ("trainer", "trainer", "institute"),
    ("publisher", "publisher", "institute"),
    ("foreign_trainer", "trainer", "association"),
    ("foreign_publisher", "publisher", "association"),
    ("shelter_admin", "centre_admin", "shelter"),
    ("shelter_facilitator", "facilitator", "shelter"),
)
# `proven` has shown that a number is hers and is nobody yet; `bahija` learns beside Alice.
ACTORS: Final = (NOBODY, "proven", "alice", "bahija", "samira", *(name for name, _role, _place in STAFF))

# What stands nowhere else, by woman: one of these in an answer is hers.
SECRETS: Final = {
    "alice": {
        "name": "أليسا",
        "printed": "أليسا المطبوعة",
        "family name": "المرتضوية",
        "phone": "687654321",
        "birth year": "1953",
    },
    "samira": {
        "name": "كناريسة",
        "printed": "كناريسة المطبوعة",
        "family name": "المحجوبية",
        "phone": "698765432",
        "birth year": "1947",
        "address": "زنقة السر المكنون",
    },
}

NAMES: Final = {"name", "printed", "family name"}


@dataclass
class World:
    country: Country
    people: dict[str, Person] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)  # by woman: what a path may name
    courses: dict[str, Course] = field(default_factory=dict)

    def browser(self, actor: str) -> Client:
        """A client that carries the actor's session: as an app under /api/, else as a browser."""
        return _Visitor(self.tokens.get(actor, ""))

    def fill(self, template: str) -> str:
        """`{alice.enrolment}` → the id of Alice's enrolment."""
        if not template.startswith("{"):
            return template
        woman, _dot, thing = template.strip("{}").partition(".")
        return self.things[woman][thing]

    def secrets_of(self, woman: str) -> dict[str, str]:
        return SECRETS[woman] | {"session token": self.tokens[woman], "uuid": str(self.people[woman].uuid)}


_HANDLER: Final = ClientHandler(enforce_csrf_checks=False)  # one for all: it loads the middleware


class _Visitor(Client):
    def __init__(self, token: str) -> None:
        super().__init__()
        self.handler = _HANDLER
        self.token = token
        if token:
            self.cookies[settings.SESSION_COOKIE] = token

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        if self.token and path.startswith("/api/"):
            kwargs["headers"] = {**(kwargs.get("headers") or {}), "Authorization": f"Bearer {self.token}"}
        return super().generic(method, path, *args, **kwargs)


def build_world() -> World:
    world = World(build_country())
    _add_places(world.country)
    for name, role, place in STAFF:
        world.people[name] = make_staff(role, world.country.places[place], first_name=f"موظفة {name}")
    world.people["bahija"] = _learner(world, "larache_centre", first_name="باهجة", family_name="البنت")
    for name, place in (("alice", "larache_centre"), ("samira", "shelter")):
        secret = SECRETS[name]
        world.people[name] = _learner(
            world,
            place,
            first_name=secret["name"],
            family_name=secret["family name"],
            printed_name=secret["printed"],
            phone=f"0{secret['phone']}",
            birth_year=int(secret["birth year"]),
        )
    for name, person in world.people.items():
        world.tokens[name] = _session(person).token
    world.tokens["proven"] = start_session(
        person=None, device=Device(), number="+212612121212", at=timezone.now()
    ).token
    # The table asks for longer than a proof is fresh.
    Session.objects.update(proven_at=timezone.now() + timedelta(days=1))
    _write_courses(world)
    common = _common_things(world)
    for name in ("alice", "samira"):
        world.things[name] = common | _things_of(world, name)
    _send_samira_by_way_of_others(world)
    return world


def _add_places(country: Country) -> None:
    """Beside the small country: another region, two partners, an address for the shelter."""
    country.places["south"] = make_organisation(code="south", kind="region", parent=country.agency)
    for name, days_left in (("partner", 30), ("former_partner", -1)):
        country.places[name] = partner = make_organisation(
            code=name.replace("_", "-"), kind="partner", parent=country.ministry
        )
        PartnerAgreement.objects.create(
            partner=partner,
            centre=country.larache_centre,
            from_date=timezone.localdate() - timedelta(days=60),
            until_date=timezone.localdate() + timedelta(days=days_left),
        )
    shelter = country.shelter
    shelter.address = sealing.seal(
        SECRETS["samira"]["address"], table="organisation", column="address", row=shelter.uuid
    )
    Organisation.objects.filter(pk=shelter.pk).update(address=shelter.address)


def _learner(world: World, place: str, **told: Any) -> Person:
    [person] = create_people([NewPerson(home=world.country.places[place], **told)], at=timezone.now())
    return person


def _session(person: Person) -> Any:
    return start_session(person=person, device=Device(), at=timezone.now())


def _write_courses(world: World) -> None:
    """`course`: open, published. `closed`: published, only for Alice. `draft`: never published. All the institute's."""
    country, at = world.country, timezone.now()
    world.courses["course"] = publish_course(country, slug="open-course")
    world.courses["closed"] = publish_course(
        country, slug="closed-course", is_open=False, lessons=(("text",),)
    )
    world.courses["unseen"] = publish_course(country, slug="new-course", lessons=(("text",),))
    lesson = world.courses["closed"].newest.lessons.get()  # type: ignore[union-attr]  # it was published
    file = StoredFile.objects.create(
        purpose="audio", key="files/00/closed", content_type="audio/mp4", bytes=9, sha256="0" * 64
    )
    PublishedVariant.objects.create(lesson=lesson, language="ary", file=file, captions="WEBVTT closed")
    trainer = world.people["trainer"]
    words: dict[str, Any] = {"by": trainer, "at": at}
    draft = create_course(
        organisation=country.institute, slug="draft-course", languages=["ar"], title={"ar": "مسودة"}, **words
    )
    module = add_module(course=draft, title={"ar": "وحدة"}, **words)
    lesson = add_lesson(module=module, kind="text", title={"ar": "درس"}, **words)
    put_variant(lesson=lesson, language="ar", content={"body": "نص المسودة"}, expected=None, **words)
    review, _new = submit_draft(course=draft, notes="", **words)
    comment(review=review, words="ملاحظة", **words)
    world.courses["draft"] = draft
    for place in ("larache_centre", "ksar_centre", "tetouan_centre"):
        crowd(country.places[place], world.courses["course"], 6)


def _common_things(world: World) -> dict[str, str]:
    """What is nobody's own: courses, their lessons, a cohort, an upload on its way, a delivery that died."""
    trainer, at = world.people["trainer"], timezone.now()
    draft, closed = world.courses["draft"], world.courses["closed"]
    module = draft.modules.get()
    upload, _new = start_upload(owner=trainer, name="شريط.mp4", size=1000, purpose="document", at=at)
    spare, _new = start_upload(owner=trainer, name="صوت.mp3", size=1000, purpose="audio", at=at)
    event = StoredEvent.objects.create(
        topic="course_completed", key="enrolment:1", payload={}, expanded_at=at
    )
    delivery = EventDelivery.objects.create(
        event=event, handler="draw_certificate", dead_at=at, attempts=15, last_error="OSError"
    )
    cohort = Cohort.objects.create(
        course=closed, organisation=world.country.larache_centre, title={"ar": "الفوج الأول"}
    )
    return {
        "course": "open-course",
        "course_id": str(world.courses["course"].uuid),
        "cohort": str(cohort.uuid),
        "closed": "closed-course",
        "closed_lesson": str(closed.newest.lessons.get().uuid),  # type: ignore[union-attr]  # it was published
        "draft": "draft-course",
        "draft_module": str(module.uuid),
        "review": str(Review.objects.get(course=draft).uuid),
        "draft_lesson": str(module.lessons.get().uuid),
        "upload": str(upload.uuid),
        "spare_upload": str(spare.uuid),
        "delivery": str(delivery.uuid),
    }


def _things_of(world: World, name: str) -> dict[str, str]:
    """One of everything that is a woman's own."""
    woman, at = world.people[name], timezone.now()
    enrolment, _new = enrol(learner=woman, course=world.courses["course"], at=at)
    learning = Learning(woman, client_for(woman), world.courses["course"], enrolment)
    learning.complete()
    attempt = learning.start_quiz()["id"]
    if name == "alice":
        Enrolment.objects.create(
            learner=woman,
            course=world.courses["closed"],
            publication_id=world.courses["closed"].newest_id,
            organisation=woman.home_organisation,
        )
    KnownDevice.objects.filter(person=woman).update(name=f"phone-of-{name}", waiting=WAITING[name])
    count(list(Enrolment.objects.filter(learner=woman)))
    certificate = _drawn(enrolment)
    tell(kind=NotificationKind.NUDGE, messages=[Message(woman.pk, "test", enrolment.pk)], at=at)
    registration = Registration.objects.create(
        person=woman, organisation=woman.home_organisation, consent_version="1", consent_at=at
    )
    return {
        "person": str(woman.uuid),
        "enrolment": str(enrolment.uuid),
        "lesson": str(learning.texts[0].uuid),
        "quiz": str(learning.quiz.uuid),
        "attempt": attempt,
        "attempt_given": str(Attempt.objects.filter(enrolment=enrolment).earliest("pk").uuid),
        "certificate": str(certificate.uuid),
        "code": VerificationLink.objects.get(enrolment=enrolment).code,
        "serial": certificate.serial,
        "device": f"phone-of-{name}",
        "notification": str(woman.notifications.get(kind=NotificationKind.NUDGE).uuid),
        "registration": str(registration.uuid),
        "recovery": str(_recovery_of(world, woman, name).uuid),
        "support": str(ask_for_support(enrolment=enrolment, words="مشروعي", at=at)[0].uuid),
        **_help_for(enrolment, learning),
        "passkey": str(_passkey_of(woman, name).uuid),
        "letter": str(_letter_that_failed(woman).uuid),
        "session": str(_session(woman).session.uuid),
        "import": str(_list_with(world, woman, name).uuid),
        "gathering": str(_gathering_of(world, woman, name).uuid),
        "attestation": str(_attested_for(world, enrolment, learning, name).uuid),
        "own_cohort": str(_group_of(world, woman).uuid),
        "home": woman.home_organisation.code if woman.home_organisation else "",
        "home_id": str(woman.home_organisation.uuid) if woman.home_organisation else "",
    }


def _recovery_of(world: World, woman: Person, name: str) -> Recovery:
    """A new way in that her centre's facilitator asked for; nobody has signed."""
    by = world.people["facilitator" if name == "alice" else "shelter_facilitator"]
    return open_recovery(person=woman, reason="سبب", by=by, at=timezone.now())


def _help_for(enrolment: Enrolment, learning: Learning) -> dict[str, str]:
    """What she said, by voice too."""
    choose_help(person=enrolment.learner, wanted=True)
    voice, _new = receive_voice(
        owner=enrolment.learner, id_=uuid7(), sound=tone(0.2), at=timezone.now() - timedelta(days=1)
    )
    check_voice(voice_id=voice.pk)
    asked = Asked(
        id=uuid7(),
        kind=MessageKind.STUCK,
        words="لم أفهم",
        occurred_at=timezone.now(),
        lesson=learning.texts[0].uuid,
        voice=voice.uuid,
    )
    message, _new = ask_for_help(enrolment=enrolment, asked=asked, at=timezone.now())
    return {"help": str(message.thread.uuid), "message": str(message.uuid), "voice": str(voice.uuid)}


def _passkey_of(woman: Person, name: str) -> Passkey:
    return Passkey.objects.create(person=woman, credential_id=name.encode(), public_key=b"", name="هاتف")


def _group_of(world: World, woman: Person) -> Cohort:
    """A group of her own centre."""
    return Cohort.objects.create(
        course=world.courses["course"], organisation=woman.home_organisation, title={"ar": "فوجها"}
    )


def _gathering_of(world: World, woman: Person, name: str) -> GroupSession:
    """A session of her centre on her course that has just begun."""
    at = timezone.now()
    assert woman.home_organisation is not None
    return plan_session(
        course=world.courses["course"],
        organisation=woman.home_organisation,
        cohort=None,
        by=world.people["facilitator" if name == "alice" else "shelter_facilitator"],
        at=at,
        starts_at=at,
        ends_at=at + timedelta(hours=2),
    )


def _attested_for(world: World, enrolment: Enrolment, learning: Learning, name: str) -> Attestation:
    """What her centre's facilitator recorded for her."""
    by = world.people["facilitator" if name == "alice" else "shelter_facilitator"]
    by.scope = scope_of(by, at=timezone.now())
    day = timezone.localdate()
    done = Attested(id=uuid.uuid4(), enrolment=enrolment.uuid, lesson=learning.texts[0].uuid, done_on=day)
    attest(by=by, items=[done], at=timezone.now())
    return Attestation.objects.get(enrolment=enrolment)


def _letter_that_failed(woman: Person) -> NotificationDelivery:
    """To her number; the gateway would not have it."""
    nudge = woman.notifications.get(kind=NotificationKind.NUDGE)
    letter, _new = NotificationDelivery.objects.update_or_create(
        notification=nudge,
        channel="sms",
        defaults={"state": "failed", "reason": "http 400", "ended_at": timezone.now()},
    )
    return letter


def _list_with(world: World, woman: Person, name: str) -> Import:
    """A list that her centre's administrator sent and holds, with her in it."""
    names = names_of(woman)
    sheet = Sheet(["first_name", "family_name"], [orjson.dumps([2, names.first, names.family])])
    held = Import(
        by=world.people["centre_admin" if name == "alice" else "shelter_admin"],
        organisation=woman.home_organisation,
        name="list.csv",
        fingerprint=name.encode(),
        columns={"first_name": 0, "family_name": 1},
        rows=1,
    )
    held.key, held.sample = f"imports/{held.uuid}", seal_sample(sheet, held.uuid)
    held.save()
    return held


def _drawn(enrolment: Enrolment) -> Certificate:
    """The certificate as the worker leaves it, without drawing."""
    certificate = Certificate.objects.get(enrolment=enrolment)
    key = f"certificates/{certificate.uuid}.pdf"
    Certificate.objects.filter(pk=certificate.pk).update(
        state="ready", key=key, sha256="0" * 64, ready_at=timezone.now()
    )
    return certificate


def _send_samira_by_way_of_others(world: World) -> None:
    """She once registered with the province, and once at an ordinary centre, before the shelter took her in."""
    at, samira = timezone.now(), world.people["samira"]
    for place in (world.country.larache, world.country.larache_centre):
        Registration.objects.create(
            person=samira,
            organisation=place,
            state=State.CONFIRMED,
            consent_version="1",
            consent_at=at,
            decided_at=at,
            decided_by=world.people["province_admin"],
        )


def fresh_id() -> str:
    return str(uuid.uuid4())
