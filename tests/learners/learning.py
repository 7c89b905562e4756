"""A learner on a course, as the tests of progress, quizzes and certificates need her."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from lms.accounts.models import Person
from tests.cast import Country, client_for, make_person, publish_course


@dataclass
class Learning:
    """Alice on a course of two texts and a quiz, seen through the API."""

    alice: Person
    client: APIClient
    course: Course
    enrolment: Enrolment

    @property
    def lessons(self) -> list[PublishedLesson]:
        return list(PublishedLesson.objects.filter(publication_id=self.enrolment.publication_id))

    @property
    def texts(self) -> list[PublishedLesson]:
        return [lesson for lesson in self.lessons if lesson.kind == "text"]

    @property
    def quiz(self) -> PublishedLesson:
        return next(lesson for lesson in self.lessons if lesson.kind == "quiz")

    def event(self, lesson: PublishedLesson, verb: str = "finished", **fields: Any) -> dict[str, Any]:
        return {
            "id": str(uuid.uuid4()),
            "enrolment": str(self.enrolment.uuid),
            "lesson": str(lesson.uuid),
            "verb": verb,
            "occurred_at": timezone.now().isoformat(),
        } | fields

    def send(self, *events: Any) -> Any:
        return self.client.post(
            "/api/v1/progress/events", {"device": "هاتف", "events": events}, format="json"
        )

    def statuses(self, *events: Any) -> list[Any]:
        """One word for each event sent: its code when refused, else its status."""
        results = self.send(*events).json()["results"]
        return [result.get("code") or result["status"] for result in results]

    def finish_texts(self) -> Any:
        return self.send(*(self.event(lesson) for lesson in self.texts))

    def start_quiz(self) -> dict[str, Any]:
        path = f"/api/v1/enrolments/{self.enrolment.uuid}/lessons/{self.quiz.uuid}/attempts"
        started: dict[str, Any] = self.client.post(path, {}, format="json").json()
        return started

    def answers(self, *, right: bool) -> list[dict[str, Any]]:
        return [_answer(question, right=right) for question in self.quiz.questions]

    def take_quiz(self, *, right: bool = True) -> dict[str, Any]:
        attempt = self.start_quiz()["id"]
        answers = {"answers": self.answers(right=right)}
        self.client.put(f"/api/v1/attempts/{attempt}/answers", answers, format="json")
        verdict: dict[str, Any] = self.client.post(
            f"/api/v1/attempts/{attempt}/submit", {}, format="json"
        ).json()
        return verdict

    def complete(self) -> Enrolment:
        answer = self.finish_texts()
        assert {result["status"] for result in answer.json()["results"]} == {"accepted"}, answer.content
        verdict = self.take_quiz()
        assert verdict.get("passed"), verdict
        return self.fresh()

    def fresh(self) -> Enrolment:
        self.enrolment.refresh_from_db()
        return self.enrolment


def _answer(question: dict[str, Any], *, right: bool) -> dict[str, Any]:
    if question["kind"] == "short":
        accepted = next(iter(question["accepted"].values()))
        return {"question": question["id"], "text": accepted[0] if right else "لا أدري"}
    choices = [choice["id"] for choice in question["choices"] if choice["correct"] is right]
    return {"question": question["id"], "choices": choices if question["kind"] == "multiple" else choices[:1]}


def begin_learning(country: Country, **fields: Any) -> Learning:
    """Alice of Larache's centre, enrolled on a small published course of her own."""
    course = publish_course(country, slug=f"course-{uuid.uuid4().hex[:8]}")
    alice = make_person(home=fields.pop("home", country.larache_centre), **fields)
    enrolment, _ = enrol(learner=alice, course=course, at=timezone.now())
    return Learning(alice, client_for(alice), course, enrolment)
