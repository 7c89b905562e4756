"""A room at Larache's centre: a facilitator, a group of women on a course, and a session of today."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from unittest import mock

from django.utils import timezone
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from learners.facilitated.models import GroupSession
from learners.facilitated.services import plan_session
from lms.accounts.models import Person
from lms.organisations.models import Organisation
from tests.cast import Country, client_for, make_person, make_staff, publish_course

PUBLISHED_FOR: Final = timedelta(days=90)


@dataclass
class Room:
    country: Country
    bouchra: Person
    course: Course
    cohort: Cohort
    session: GroupSession
    women: list[Enrolment]

    @property
    def client(self) -> APIClient:
        return client_for(self.bouchra)

    @property
    def texts(self) -> list[PublishedLesson]:
        return [lesson for lesson in self._lessons() if lesson.kind == "text"]

    @property
    def quiz(self) -> PublishedLesson:
        return next(lesson for lesson in self._lessons() if lesson.kind == "quiz")

    def _lessons(self) -> list[PublishedLesson]:
        return list(PublishedLesson.objects.filter(publication=self.course.newest_id))

    def event(self, enrolment: Enrolment, lesson: PublishedLesson, **fields: Any) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "enrolment": str(enrolment.uuid),
            "lesson": str(lesson.uuid),
            "done_on": timezone.localdate().isoformat(),
        } | fields

    def send(self, *events: Any, by: Person | None = None, **more: Any) -> Any:
        client = client_for(by or self.bouchra)
        return client.post("/api/v1/attestations", {"events": events, **more}, format="json")

    def said(self, *events: Any, by: Person | None = None, **more: Any) -> list[str]:
        """One word for each event sent: its code when refused, else its status."""
        answer = self.send(*events, by=by, **more)
        assert answer.status_code == 200, answer.content
        return [result.get("code") or result["status"] for result in answer.json()["results"]]

    def mark(self, *women: Enrolment, presence: str = "present", by: Person | None = None) -> Any:
        marks = [{"enrolment": str(woman.uuid), "presence": presence} for woman in women]
        return self.put({"marks": marks}, by=by)

    def put(self, body: dict[str, Any], *, by: Person | None = None) -> Any:
        path = f"/api/v1/sessions/{self.session.uuid}/attendance"
        return client_for(by or self.bouchra).put(path, body, format="json")

    def seats(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.client.get(
            f"/api/v1/sessions/{self.session.uuid}/attendance"
        ).json()["results"]
        return rows


def woman_in(cohort: Cohort, **fields: Any) -> Enrolment:
    learner = make_person(home=cohort.organisation, **fields)
    enrolment, _new = enrol(learner=learner, course=cohort.course, cohort=cohort, at=timezone.now())
    return enrolment


def session_of(cohort: Cohort, by: Person, *, starts_at: datetime | None = None, **said: Any) -> GroupSession:
    starts_at = starts_at or timezone.now() - timedelta(minutes=30)
    return plan_session(
        course=cohort.course,
        organisation=cohort.organisation,
        cohort=cohort,
        by=by,
        at=timezone.now(),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        **said,
    )


def open_room(country: Country, *, place: Organisation | None = None, women: int = 2) -> Room:
    centre = place or country.larache_centre
    with mock.patch("django.utils.timezone.now", return_value=timezone.now() - PUBLISHED_FOR):
        course = publish_course(country, slug=f"course-{uuid.uuid4().hex[:8]}")
    bouchra = make_staff("facilitator", centre, first_name="بشرى")
    cohort = Cohort.objects.create(course=course, organisation=centre, title={"ar": "فوج", "fr": "Groupe"})
    enrolments = [woman_in(cohort, first_name=f"متدربة {number}") for number in range(women)]
    return Room(country, bouchra, course, cohort, session_of(cohort, bouchra), enrolments)
