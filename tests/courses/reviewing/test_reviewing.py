"""Two people stand behind every publication: one submits, another returns or approves, then it is published."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from courses.authoring.services import create_course
from courses.catalogue.models import Course
from courses.publishing.models import Publication
from courses.reviewing.models import Review
from courses.reviewing.services import publish_due
from lms.accounts.models import Person
from lms.organisations.models import Membership
from tests.cast import Country, client_for, make_staff
from tests.statements import statements

AUTHORING = "/api/v1/authoring"


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def publisher(country: Country) -> Person:
    return make_staff("publisher", country.institute)


@pytest.fixture
def course(country: Country, trainer: Person) -> Course:
    return create_course(
        organisation=country.institute,
        by=trainer,
        slug="suq",
        languages=["ar"],
        title={"ar": "البيع في السوق"},
        at=timezone.now(),
    )


def write(person: Person, course: Course, text: str = "نص الدرس") -> str:
    """A lesson of hers in the draft; its id."""
    client = client_for(person)
    module = client.post(
        f"{AUTHORING}/courses/{course.slug}/modules", {"title": {"ar": "الوحدة"}}, format="json"
    ).json()["id"]
    lesson: str = client.post(
        f"{AUTHORING}/modules/{module}/lessons", {"kind": "text", "title": {"ar": "الدرس"}}, format="json"
    ).json()["id"]
    assert rewrite(client, lesson, text).status_code == 200
    return lesson


def rewrite(client: APIClient, lesson: str, text: str) -> Any:
    path = f"{AUTHORING}/lessons/{lesson}/variants/ar"
    return client.put(path, {"body": text}, format="json", headers={"If-Match": "*"})


def submit(person: Person, course: Course) -> Any:
    return client_for(person).post(f"{AUTHORING}/courses/{course.slug}/reviews", {}, format="json")


def act(person: Person, verb: str, **body: Any) -> Any:
    review = Review.objects.latest("pk")
    return client_for(person).post(f"{AUTHORING}/reviews/{review.uuid}/{verb}", body, format="json")


def publish(person: Person, course: Course) -> Any:
    return client_for(person).post(f"{AUTHORING}/courses/{course.slug}/publications", {}, format="json")


def states() -> list[str]:
    return list(Review.objects.order_by("pk").values_list("state", flat=True))


def test_submitted_returned_with_a_comment_submitted_again_approved_and_published(
    trainer: Person, publisher: Person, course: Course
) -> None:
    lesson = write(trainer, course)
    assert submit(trainer, course).status_code == 201
    assert act(publisher, "return").json()["code"] == "comment_needed"
    said = act(publisher, "comments", text="المثال بعيد عن السوق", lesson=lesson)
    assert [(one["text"], one["lesson"]) for one in said.json()["comments"]] == [
        ("المثال بعيد عن السوق", lesson)
    ]
    assert act(publisher, "return").json()["state"] == "returned"
    rewrite(client_for(trainer), lesson, "مثال من السوق")
    assert submit(trainer, course).status_code == 201
    assert act(publisher, "approve").json()["state"] == "approved"
    assert publish(publisher, course).status_code == 201
    assert states() == ["returned", "published"]


def test_nobody_decides_on_what_she_submitted(publisher: Person, course: Course) -> None:
    write(publisher, course)
    submit(publisher, course)
    for verb in ("approve", "return"):
        refused = act(publisher, verb)
        assert (refused.status_code, refused.json()["code"]) == (409, "own_work")
    review = Review.objects.get()
    with pytest.raises(IntegrityError, match="decided_by_another_person"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(decided_by=review.submitted_by)


def test_who_has_written_publishes_only_with_anothers_approval_of_just_that(
    publisher: Person, course: Course, country: Country
) -> None:
    lesson = write(publisher, course)
    refused = publish(publisher, course)
    assert (refused.status_code, refused.json()["code"]) == (409, "second_person_needed")
    submit(publisher, course)
    another = make_staff("publisher", country.institute)
    assert act(another, "approve").status_code == 200
    rewrite(client_for(publisher), lesson, "غير ما قُرئ")
    assert publish(publisher, course).json()["code"] == "second_person_needed"
    rewrite(client_for(publisher), lesson, "نص الدرس")
    assert publish(publisher, course).status_code == 201


def test_who_has_not_written_is_the_second_person_herself(
    trainer: Person, publisher: Person, course: Course
) -> None:
    write(trainer, course)
    assert publish(publisher, course).status_code == 201


def test_a_trainer_neither_approves_nor_returns(trainer: Person, course: Course, country: Country) -> None:
    write(trainer, course)
    submit(trainer, course)
    other = make_staff("trainer", country.institute)
    assert act(other, "comments", text="جيد").status_code == 201
    assert act(other, "approve").json()["code"] == "publisher_needed"


def test_approval_is_for_what_was_submitted(trainer: Person, publisher: Person, course: Course) -> None:
    lesson = write(trainer, course)
    submit(trainer, course)
    rewrite(client_for(trainer), lesson, "تغير بعد الإرسال")
    assert act(publisher, "approve").json()["code"] == "changed_since_submitted"
    assert submit(trainer, course).status_code == 201
    assert states() == ["overtaken", "submitted"]
    assert act(publisher, "approve").status_code == 200
    assert act(publisher, "approve").json()["code"] == "review_decided"


def test_submitted_twice_it_waits_once(trainer: Person, course: Course) -> None:
    write(trainer, course)
    assert [submit(trainer, course).status_code for _ in range(2)] == [201, 200]
    assert states() == ["submitted"]


def test_what_is_not_ready_or_has_not_changed_is_not_submitted(
    trainer: Person, publisher: Person, course: Course
) -> None:
    assert submit(trainer, course).json()["code"] == "course_empty"
    write(trainer, course)
    publish(publisher, course)
    assert submit(trainer, course).json()["code"] == "nothing_changed"
    assert not Review.objects.exists()


def test_a_comment_on_a_lesson_of_another_course_is_refused(trainer: Person, course: Course) -> None:
    write(trainer, course)
    submit(trainer, course)
    assert act(trainer, "comments", text="هنا", lesson=str(uuid4())).status_code == 422


def at_its_time(publisher: Person, at: Any) -> Any:
    return act(publisher, "approve", publish_at=at.isoformat())


def test_what_was_approved_for_a_moment_is_published_then(
    trainer: Person, publisher: Person, course: Course
) -> None:
    now = timezone.now()
    write(trainer, course)
    submit(trainer, course)
    assert at_its_time(publisher, now - timedelta(hours=1)).json()["code"] == "publish_at_past"
    assert at_its_time(publisher, now + timedelta(hours=1)).status_code == 200
    assert publish_due(at=now) == 0
    assert [publish_due(at=now + timedelta(hours=2)) for _ in range(2)] == [1, 0]
    assert Publication.objects.get().published_by == publisher
    assert states() == ["published"]


def test_what_changed_meanwhile_is_not_published_at_its_time(
    trainer: Person, publisher: Person, course: Course
) -> None:
    now = timezone.now()
    lesson = write(trainer, course)
    submit(trainer, course)
    at_its_time(publisher, now + timedelta(hours=1))
    rewrite(client_for(trainer), lesson, "كلام لم يقرأه أحد")
    assert publish_due(at=now + timedelta(hours=2)) == 0
    assert not Publication.objects.exists()
    assert (Review.objects.get().state, Review.objects.get().problem) == (
        "returned",
        "changed_since_submitted",
    )


def test_who_lost_her_role_meanwhile_publishes_nothing(
    trainer: Person, publisher: Person, course: Course
) -> None:
    now = timezone.now()
    write(trainer, course)
    submit(trainer, course)
    at_its_time(publisher, now + timedelta(hours=1))
    Membership.objects.filter(person=publisher).delete()
    assert publish_due(at=now + timedelta(hours=2)) == 0
    assert Review.objects.get().problem == "publisher_needed"
    assert not Publication.objects.exists()


def test_what_is_elsewhere_does_not_exist(trainer: Person, course: Course, country: Country) -> None:
    write(trainer, course)
    submit(trainer, course)
    stranger = make_staff("publisher", country.association)
    assert act(stranger, "approve").status_code == 404
    assert submit(stranger, course).status_code == 404


def test_the_list_costs_the_same_for_one_review_and_for_many(
    trainer: Person, publisher: Person, course: Course
) -> None:
    lesson = write(trainer, course)
    client = client_for(trainer)
    for number in range(4):
        rewrite(client, lesson, f"نص {number}")
        submit(trainer, course)
        act(publisher, "comments", text="ملاحظة")
    with statements(4):  # session, course, reviews, comments
        assert len(client.get(f"{AUTHORING}/courses/{course.slug}/reviews").json()["results"]) == 4
