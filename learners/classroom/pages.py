"""The pages around a course: home, the catalogue, one course, her courses."""

from datetime import datetime
from typing import Any, Final, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from courses.catalogue.models import Course
from courses.catalogue.queries import catalogue
from learners.classroom.home import current_of
from learners.classroom.offers import Offer, offer_of, offers, present_offer
from learners.classroom.queries import (
    Standing,
    enrolment_in,
    outline_of,
    standing_of,
    standings_of,
)
from learners.classroom.texts import missing_words
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.enrolments.services import enrol
from learners.facilitated.queries import coming_sessions
from learners.notifications.queries import unread_count
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.pages.lists import page_of
from lms.pages.page import Page

SEE_OTHER: Final = 303
COURSES_AT_HOME: Final = 6
SESSIONS_AT_HOME: Final = 3


def see_other(url: str) -> HttpResponseRedirect:
    """After a form: on to a page that can be opened again."""
    return HttpResponseRedirect(url, status=SEE_OTHER)


def lesson_url(standing: Standing) -> str:
    """Where "continue" leads: her next lesson, or the course where none is left."""
    if standing.next is None:
        return reverse("course", args=[standing.slug])
    return reverse("lesson", args=[standing.slug, standing.next.id])


def present_standing(standing: Standing) -> dict[str, Any]:
    """A course of hers as a card shows it."""
    return {"standing": standing, "missing": missing_words(standing), "url": lesson_url(standing)}


def _card(offer: Offer) -> dict[str, Any]:
    """A course that she has left is offered like one that she has not joined."""
    left = {"enrolment": None} if offer.state == EnrolmentState.WITHDRAWN else {}
    return present_offer(offer) | left


class Home(Page):
    """For a stranger what this is; for a learner the one place where she goes on."""

    ability = "catalogue.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            return self._hers(request.user)
        first = catalogue().filter(open=True).order_by("position", "id")[:COURSES_AT_HOME]
        courses = offers(first.values_list("pk", flat=True), cast("Person", request.user))
        return self.show("learners/classroom/welcome.html", courses=[_card(offer) for offer in courses])

    def _hers(self, person: Person) -> HttpResponse:
        at = timezone.now()
        standings = standings_of(person, at=at)
        current = current_of(standings)
        return self.show(
            "learners/classroom/home.html",
            current=current and present_standing(current),
            others=[present_standing(standing) for standing in standings if standing is not current],
            completed=any(standing.completed for standing in standings),
            unread=unread_count(person),
            sessions=list(coming_sessions(person, at=at).order_by("starts_at", "id")[:SESSIONS_AT_HOME])
            if standings
            else [],
        )


class Catalogue(Page):
    ability = "catalogue.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        words = request.GET.get("q", "")
        found = catalogue(words=words).values("id", "position")
        page, more = page_of(found, request, ordering=("position", "id"))
        courses = offers([row["id"] for row in page], cast("Person", request.user))
        return self.show(
            "learners/classroom/catalogue.html",
            courses=[_card(offer) for offer in courses],
            words=words,
            next=more,
        )


class CoursePage(Page):
    """One course with its outline. POST: join it, and begin."""

    ability = {"GET": "catalogue.read", "POST": "enrolment.create"}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._show(slug)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        person = cast("Person", request.user)
        course = get_object_or_404(Course.objects.published(), slug=slug)
        try:
            enrol(learner=person, course=course, at=timezone.now())
        except NotFound:
            raise
        except Refusal as refusal:
            return self._show(slug, status=refusal.status, refusal=refusal.detail)
        return see_other(lesson_url(standing_of(enrolment_in(person, slug), at=timezone.now())))

    def _show(self, slug: str, *, status: int = 200, refusal: str = "") -> HttpResponse:
        person = cast("Person", self.request.user)
        offer = offer_of(slug, person)
        card = _card(offer)
        enrolment = enrolment_in(person, slug) if card["enrolment"] else None
        standing = _outline(offer, enrolment, timezone.now())
        return self.show(
            "learners/classroom/course.html",
            status=status,
            refusal=refusal,
            course=card,
            standing=standing,
            mine=enrolment and standing and present_standing(standing),
        )


def _outline(offer: Offer, enrolment: Enrolment | None, at: datetime) -> Standing | None:
    """Hers where she has joined, else the newest of an open course, else none."""
    if enrolment:
        return standing_of(enrolment, at=at)
    return outline_of(offer.publication_id, at=at) if offer.open else None


class MyCourses(Page):
    ability = "enrolment.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        standings = standings_of(cast("Person", request.user), at=timezone.now())
        return self.show(
            "learners/classroom/my_courses.html",
            active=[present_standing(standing) for standing in standings if not standing.completed],
            completed=[present_standing(standing) for standing in standings if standing.completed],
        )
