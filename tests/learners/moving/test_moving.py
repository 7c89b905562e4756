"""A better edition of a course, and the women who are on the way through the one before."""

import uuid
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from courses.authoring.models import Lesson
from courses.authoring.services import add_lesson, remove_lesson
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment
from learners.moving import services
from learners.moving.models import Move
from learners.progress.services import rebuild_progress
from lms.accounts.models import Person
from tests.cast import Country, browser_for, client_for, make_person, make_staff
from tests.courses.writing import Author
from tests.outbox import work_off


class Edition:
    """A course of two texts on which women are under way, and its next publication."""

    def __init__(self, country: Country) -> None:
        self.publisher: Person = make_staff("publisher", country.institute)
        self.author = Author(
            client_for(self.publisher), second=client_for(make_staff("publisher", country.institute))
        )
        self.author.course()
        self.module = self.author.module()
        self.first, self.second = self.text("الأول"), self.text("الثاني")
        self.publish()
        self.women = [self.woman(country) for _ in range(3)]

    @property
    def course(self) -> Course:
        return Course.objects.select_related("newest", "organisation").get()

    def text(self, words: str) -> dict[str, Any]:
        lesson = self.author.lesson(self.module, title={"ar": words})
        self.author.write(lesson, "ar", body=words)
        return lesson

    def publish(self) -> None:
        self.author.publish()

    def woman(self, country: Country) -> Person:
        woman = make_person(home=country.larache_centre)
        body = {"course": "biz"}
        assert client_for(woman).post("/api/v1/enrolments", body, format="json").status_code == 201
        return woman

    def enrolment(self, woman: Person) -> Enrolment:
        return Enrolment.objects.select_related("publication").get(learner=woman)

    def finish(self, woman: Person, lesson: dict[str, Any], verb: str = "finished") -> Any:
        event = {
            "id": str(uuid.uuid4()),
            "enrolment": str(self.enrolment(woman).uuid),
            "lesson": lesson["id"],
            "verb": verb,
            "occurred_at": timezone.now().isoformat(),
        }
        body = {"device": "هاتف", "events": [event]}
        return client_for(woman).post("/api/v1/progress/events", body, format="json").json()["results"][0]

    def replace_second(self) -> dict[str, Any]:
        """The next edition has another second lesson."""
        row = Lesson.objects.get(uuid=self.second["id"])
        remove_lesson(lesson=row, by=self.publisher, expected=None, at=timezone.now())
        new = self.text("الثاني، أحسن")
        self.publish()
        return new

    def move(self, **equivalents: str) -> Any:
        body = {"equivalents": equivalents}
        return client_for(self.publisher).post("/api/v1/authoring/courses/biz/moves", body, format="json")

    def preview(self) -> dict[str, Any]:
        said: dict[str, Any] = (
            client_for(self.publisher).get("/api/v1/authoring/courses/biz/moves/preview").json()
        )
        return said


@pytest.fixture
def edition(country: Country) -> Edition:
    return Edition(country)


def test_whom_it_touches_is_said_before(edition: Edition) -> None:
    edition.finish(edition.women[0], edition.first)
    edition.finish(edition.women[0], edition.second)
    edition.replace_second()
    said = edition.preview()
    left = said.pop("left")
    assert said == {"to": 2, "learners": 3, "completed": 1, "moving": 2, "with_new_required": 2}
    assert [lesson["lesson"] for lesson in left] == [edition.second["id"]]


def test_everyone_under_way_is_moved_and_who_has_completed_stays(edition: Edition) -> None:
    done, half, fresh = edition.women
    for lesson in (edition.first, edition.second):
        edition.finish(done, lesson)
    edition.finish(half, edition.first)
    edition.replace_second()
    answer = edition.move()
    assert (answer.status_code, answer.json()["total"], answer.json()["done_at"]) == (202, 2, None)
    assert "move_learners" in work_off()
    assert [edition.enrolment(woman).publication.number for woman in (done, half, fresh)] == [1, 2, 2]
    assert [edition.enrolment(woman).percent for woman in (done, half, fresh)] == [100, 50, 0]
    assert Certificate.objects.count() == 1
    [move] = client_for(edition.publisher).get("/api/v1/authoring/courses/biz/moves").json()["results"]
    assert (move["moved"], move["to"]) == (2, 2)
    assert move["done_at"]


def test_an_equivalent_counts_as_finished_and_may_complete_a_course(edition: Edition) -> None:
    nearly, half, _fresh = edition.women
    edition.finish(nearly, edition.second)
    edition.finish(half, edition.second)
    new = edition.replace_second()
    edition.finish(nearly, edition.first)
    assert edition.enrolment(nearly).state == "completed"  # against the edition she was on
    edition.move(**{edition.second["id"]: new["id"]})
    work_off()
    assert edition.enrolment(half).percent == 50
    edition.finish(half, edition.first)
    assert edition.enrolment(half).state == "completed"
    assert edition.enrolment(half).completed_publication_id == edition.course.newest_id


def test_what_a_phone_says_late_of_a_lesson_that_is_gone_still_counts(edition: Edition) -> None:
    woman = edition.women[0]
    new = edition.replace_second()
    edition.move(**{edition.second["id"]: new["id"]})
    work_off()
    assert edition.finish(woman, edition.second)["status"] == "accepted"
    assert edition.enrolment(woman).percent == 50
    before = list(
        edition.enrolment(woman).lessons.order_by("lesson").values_list("lesson", "state", "percent")
    )
    rebuild_progress(enrolment=edition.enrolment(woman), at=timezone.now())
    after = list(
        edition.enrolment(woman).lessons.order_by("lesson").values_list("lesson", "state", "percent")
    )
    assert before == after


def test_a_lesson_of_no_edition_of_the_course_is_still_refused(edition: Edition) -> None:
    stranger = {"id": str(uuid.uuid4())}
    assert edition.finish(edition.women[0], stranger)["code"] == "lesson_not_in_course"


@pytest.mark.parametrize("wrong", ["old_unknown", "new_unknown", "still_there", "quiz"])
def test_equivalents_that_are_none_are_refused_and_nothing_begins(edition: Edition, wrong: str) -> None:
    quiz = add_lesson(
        module=Lesson.objects.get(uuid=edition.first["id"]).module,
        by=edition.publisher,
        kind="quiz",
        title={"ar": "اختبار"},
        required=False,
        at=timezone.now(),
    )
    right = {"text": "؟", "kind": "short", "accepted": ["نعم"]}
    put_variant(
        lesson=quiz,
        by=edition.publisher,
        language="ar",
        content={"questions": [right]},
        expected=None,
        at=timezone.now(),
    )
    new = edition.replace_second()["id"]
    said, code = {
        "old_unknown": ({str(uuid.uuid4()): new}, "lesson_not_in_course"),
        "new_unknown": ({edition.second["id"]: str(uuid.uuid4())}, "lesson_not_in_course"),
        "still_there": ({edition.first["id"]: new}, "same_lesson"),
        "quiz": ({edition.second["id"]: str(quiz.uuid)}, "another_kind"),
    }[wrong]
    answer = edition.move(**said)
    assert answer.status_code == 422
    assert [error["code"] for error in answer.json()["errors"]] == [code]
    assert not Move.objects.exists()


def test_a_trainer_moves_nobody_and_nothing_is_moved_twice(country: Country, edition: Edition) -> None:
    assert edition.move().json()["code"] == "nobody_to_move"
    edition.replace_second()
    trainer = client_for(make_staff("trainer", country.institute))
    refused = trainer.post("/api/v1/authoring/courses/biz/moves", {}, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "publisher_needed")
    assert edition.move().status_code == 202
    assert edition.move().json()["code"] == "move_under_way"


def test_a_move_that_was_broken_off_goes_on_where_it_stopped(edition: Edition) -> None:
    edition.replace_second()
    edition.move()
    with patch.object(services, "AT_A_TIME", 1):
        assert services.move_some(move_id=Move.objects.get().pk, at=timezone.now())
    numbers = sorted(row.publication.number for row in Enrolment.objects.select_related("publication"))
    assert numbers == [1, 1, 2]
    work_off()
    assert Move.objects.get().moved == 3
    assert not Enrolment.objects.exclude(publication__number=2).exists()


def test_a_publisher_moves_them_on_a_page_and_sees_how_far_it_is(edition: Edition) -> None:
    edition.finish(edition.women[0], edition.second)
    new = edition.replace_second()
    browser, page = browser_for(edition.publisher), "/studio/courses/biz/learners"
    assert page in browser.get("/studio/courses/biz").content.decode()
    assert f'name="instead-{edition.second["id"]}"' in browser.get(page).content.decode()
    said = {f"instead-{edition.second['id']}": new["id"], "instead-x": "y"}
    assert browser.post(page, said).status_code == 303
    assert "data-running" in browser.get(page).content.decode()
    assert browser.post(page, said).status_code == 409
    work_off()
    seen = browser.get(page).content.decode()
    assert "data-running" not in seen
    assert 'value="3"' in seen
    assert edition.enrolment(edition.women[0]).percent == 50
