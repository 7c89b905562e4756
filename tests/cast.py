"""The cast of the tests: a small country, its people, and ways to make one more of anything.

Alice learns, Bouchra works at Alice's centre, Charaf at the neighbouring province: who must see, who may, who must
not. Nothing here goes around a rule of the platform except that it skips the sending of codes.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from courses.authoring.services import add_lesson, add_module, create_course
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from courses.publishing.services import publish_course as publish_draft
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.accounts.pins import seal_pin
from lms.accounts.services import NewPerson, create_people
from lms.organisations.models import CentreType, Membership, Organisation
from lms.sign_in.models import Session
from lms.sign_in.queries import key_hash


@dataclass
class Country:
    """The tree: `places["larache"]`; the people: `people["alice"]`, made when first asked for."""

    places: dict[str, Organisation] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Organisation:
        try:
            return self.__dict__["places"][name]
        except KeyError:
            raise AttributeError(name) from None


TREE: tuple[tuple[str, str, str, str | None], ...] = (
    # name, kind, centre type, parent
    ("ministry", "ministry", "", None),
    ("institute", "institute", "", "ministry"),
    ("agency", "agency", "", "ministry"),
    ("north", "region", "", "agency"),
    ("larache", "province", "", "north"),
    ("tetouan", "province", "", "north"),
    ("larache_centre", "centre", "education_training", "larache"),
    ("ksar_centre", "centre", "women_space", "larache"),
    ("shelter", "centre", "listening", "larache"),
    ("tetouan_centre", "centre", "education_training", "tetouan"),
    ("association", "association", "", "ministry"),
)


def build_country() -> Country:
    types = {
        code: CentreType.objects.create(code=code, name={"ar": code, "fr": code}, confidential=confidential)
        for code, confidential in (("education_training", False), ("women_space", False), ("listening", True))
    }
    country = Country()
    for name, kind, centre_type, parent in TREE:
        country.places[name] = make_organisation(
            code=name.replace("_", "-"),
            kind=kind,
            centre_type=types.get(centre_type),
            parent=country.places[parent] if parent else None,
        )
    return country


def make_organisation(*, code: str, kind: str, parent: Organisation | None, **fields: Any) -> Organisation:
    return Organisation.objects.create(
        code=code,
        kind=kind,
        parent=parent,
        name={"ar": f"مركز {code}", "fr": f"Centre {code}"},
        sort_name=code,
        path=f"{parent.path if parent else '/'}{code}/",
        **fields,
    )


def make_person(
    *,
    home: Organisation | None = None,
    first_name: str = "فاطمة",
    family_name: str = "الاختبارية",
    phone: str = "",
    email: str = "",
    password: str = "",
    pin: str = "",
    **fields: Any,
) -> Person:
    """A person with her sealed identity; `fields` are further columns of `Person`."""
    row = NewPerson(first_name=first_name, family_name=family_name, phone=phone, email=email, home=home)
    [person] = create_people([row], at=timezone.now())
    if password:
        person.set_password(password)
    for name, value in {**fields, "pin": seal_pin(pin) if pin else ""}.items():
        setattr(person, name, value)
    person.save()
    return person


def make_staff(role: str, at: Organisation, **fields: Any) -> Person:
    """A person who has held `role` at a node since yesterday."""
    person = make_person(**fields)
    Membership.objects.create(
        person=person, organisation=at, role=role, from_date=timezone.localdate() - timedelta(days=1)
    )
    return person


def token_for(person: Person) -> str:
    """The key of a fresh session of hers."""
    key = secrets.token_urlsafe(32)
    Session.objects.create(
        key_hash=key_hash(key), person=person, kind="app", expires_at=timezone.now() + timedelta(days=1)
    )
    return key


def client_for(person: Person) -> APIClient:
    """A client signed in as her, as an app would be."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(person)}")
    return client


def browser_for(person: Person) -> Client:
    """A browser that carries her session cookie."""
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE] = token_for(person)
    return browser


# Right answer of the quiz: {"question": "q1", "choices": ["c1"]}; wrong: ["c2"].
QUIZ = [
    {
        "id": "q1",
        "kind": "single",
        "text": "ما هو الربح؟",
        "choices": [
            {"id": "c1", "text": "ما يبقى بعد التكلفة", "correct": True},
            {"id": "c2", "text": "كل ما يدخل الصندوق", "correct": False},
        ],
        "feedback": "الربح هو الثمن ناقص التكلفة.",
    }
]
LESSONS = (("text", "text"), ("quiz",))  # kinds, module by module


def publish_course(
    country: Country,
    *,
    slug: str = "course",
    lessons: tuple[tuple[str, ...], ...] = LESSONS,
    is_open: bool = True,
    languages: tuple[str, ...] = ("ar", "fr"),
) -> Course:
    """A small published bilingual course of the institute: by default two modules, (text, text) and (quiz).

    `lessons`: kinds module by module ("text" and "quiz" only). The lessons in order:
    `course.newest.lessons.all()` (their `uuid` is the id that progress and attempts name).
    """
    at = timezone.now()
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    course = create_course(
        organisation=country.institute,
        by=by,
        slug=slug,
        languages=languages,
        title={"ar": f"دورة {slug}", "fr": f"Cours {slug}"},
        summary={"ar": "دورة قصيرة", "fr": "Un petit cours"},
        is_open=is_open,
        topic="enterprise",
        hours=12,
        at=at,
    )
    for place, kinds in enumerate(lessons, 1):
        module = add_module(
            course=course, by=by, title={"ar": f"الوحدة {place}", "fr": f"Module {place}"}, at=at
        )
        for number, kind in enumerate(kinds, 1):
            title = {"ar": f"الدرس {number}", "fr": f"Leçon {number}"}
            lesson = add_lesson(module=module, by=by, kind=kind, title=title, at=at)
            for language, text in (("ar", "نص الدرس"), ("fr", "Texte de la leçon")):
                content = {"questions": QUIZ} if kind == "quiz" else {"body": f"{text} **{number}**"}
                put_variant(lesson=lesson, by=by, language=language, content=content, expected=None, at=at)
    publish_draft(course=course, by=by, notes="", at=at)
    course.refresh_from_db()
    return course
