"""Completion: decided against the publication she is pinned to, set once, and never taken away."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.certificates.services import issue_certificate
from learners.enrolments.models import Enrolment
from learners.progress.services import rebuild_progress
from tests.learners.learning import Learning


def test_the_last_lesson_brings_one_completion_and_one_certificate(learning: Learning) -> None:
    learning.finish_texts()
    assert learning.fresh().state == "active"
    learning.take_quiz()
    enrolment = learning.fresh()
    assert (enrolment.state, enrolment.percent) == ("completed", 100)
    assert enrolment.completed_publication_id == enrolment.publication_id
    assert Certificate.objects.filter(enrolment=enrolment).count() == 1


def test_the_order_of_quiz_and_lessons_does_not_matter(learning: Learning) -> None:
    learning.take_quiz()
    learning.finish_texts()
    assert learning.fresh().state == "completed"


def test_completion_keeps_its_moment_whatever_comes_later(learning: Learning) -> None:
    first = learning.complete().completed_at
    learning.send(learning.event(learning.texts[0], seconds=30))
    learning.take_quiz(right=False)
    rebuild_progress(enrolment=learning.enrolment, at=timezone.now())
    enrolment = learning.fresh()
    assert (enrolment.state, enrolment.percent, enrolment.completed_at) == ("completed", 100, first)
    assert Certificate.objects.filter(enrolment=enrolment).count() == 1


def test_half_the_lessons_are_not_all_of_them(learning: Learning) -> None:
    answer = learning.send(learning.event(learning.texts[0])).json()
    assert answer["enrolments"] == [
        {"id": str(learning.enrolment.uuid), "state": "active", "percent": 33, "completed_at": None}
    ]


def test_a_second_live_certificate_is_refused_by_the_database(learning: Learning) -> None:
    enrolment = learning.complete()
    with pytest.raises(IntegrityError, match="one_live_certificate"), transaction.atomic():
        issue_certificate(enrolment=enrolment, at=timezone.now())


def test_enrolling_twice_is_one_enrolment(learning: Learning) -> None:
    answer: Any = learning.client.post("/api/v1/enrolments", {"course": learning.course.slug}, format="json")
    assert answer.status_code == 200
    assert answer.json()["id"] == str(learning.enrolment.uuid)
    assert Enrolment.objects.filter(learner=learning.alice).count() == 1
