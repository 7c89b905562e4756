"""Publishing: everything that is missing is said at once; what was published stays as it was."""

import json
import threading
from typing import Any

import brotli
import pytest
from django.db import IntegrityError, connection, transaction

from courses.catalogue.models import Course
from courses.publishing.models import Publication, PublishedLesson, PublishedOutline, PublishedVariant
from courses.publishing.services import NothingChanged
from courses.publishing.services import publish_course as publish_draft
from lms.access.scoping import Grant, Scope
from lms.events.models import StoredEvent
from tests.cast import Country, build_country, client_for, make_staff, publish_course
from tests.courses.writing import RIGHT, Author
from tests.lms.files.sending import announce, document, send_file
from tests.outbox import work_off


def problems(answer: Any) -> list[tuple[str, str]]:
    return [(error["pointer"], error["code"]) for error in answer.json()["errors"]]


def test_a_publication_is_numbered_hashed_and_told(publisher: Author) -> None:
    publisher.small_course()
    first = publisher.publish()
    assert (first["number"], first["languages"], first["lessons"]) == (1, ["ar", "fr"], 1)
    assert len(first["content_hash"]) == 64
    assert StoredEvent.objects.filter(topic="course_published").count() == 1
    assert publisher.draft()["publication"] == 1


def test_a_trainer_hears_that_a_publisher_is_needed(trainer: Author) -> None:
    trainer.small_course()
    answer = trainer.try_publish()
    assert (answer.status_code, answer.json()["code"]) == (403, "publisher_needed")
    assert not Publication.objects.exists()


def test_a_publisher_of_another_place_cannot_publish_it_either(country: Country, trainer: Author) -> None:
    """She writes at the institute and publishes at an association: that is no publisher of this course."""
    person = make_staff("trainer", country.institute)
    person.memberships.create(
        organisation=country.association, role="publisher", from_date=person.memberships.get().from_date
    )
    trainer.small_course()
    assert Author(client_for(person)).try_publish().json()["code"] == "publisher_needed"


def test_publishing_again_without_a_change_is_refused(publisher: Author) -> None:
    lesson = publisher.small_course()
    publisher.publish()
    again = publisher.try_publish()
    assert (again.status_code, again.json()["code"]) == (409, "nothing_changed")
    publisher.write(lesson, "ar", body="نص")  # written anew, the same words
    assert publisher.try_publish().json()["code"] == "nothing_changed"
    publisher.write(lesson, "ar", body="نص آخر")
    assert publisher.publish()["number"] == 2
    publisher.write(lesson, "ar", body="نص")
    assert publisher.publish()["number"] == 3  # going back is a change too


def test_an_empty_course_is_refused(publisher: Author) -> None:
    publisher.course()
    answer = publisher.try_publish()
    assert (answer.status_code, answer.json()["code"]) == (422, "course_empty")
    publisher.module()
    assert publisher.try_publish().json()["code"] == "course_empty"
    assert not Publication.objects.exists()


def test_every_problem_is_named_at_once_with_its_place(publisher: Author) -> None:
    publisher.course(title={"fr": "Bases"})
    module = publisher.module()
    publisher.lesson(module)
    quiz = publisher.lesson(module, "quiz", title={"fr": "Quiz"})
    wrong = [{**RIGHT[0], "choices": [{"text": "ا"}, {"text": "ب"}]}, {**RIGHT[1], "accepted": ["  "]}]
    publisher.write(quiz, "ar", questions=wrong)
    publisher.write(quiz, "fr", questions=[{"kind": "multiple", "text": " ", "choices": []}])
    publisher.module()
    answer = publisher.try_publish()
    assert (answer.status_code, answer.json()["code"]) == (422, "draft_not_ready")
    assert problems(answer) == [
        ("/title/ar", "title_missing"),
        ("/modules/0/lessons/0", "lesson_empty"),
        ("/modules/0/lessons/1/title/ar", "title_missing"),
        ("/modules/0/lessons/1/variants/ar/questions/0", "quiz_without_right_answer"),
        ("/modules/0/lessons/1/variants/ar/questions/1", "quiz_without_right_answer"),
        ("/modules/0/lessons/1/variants/fr/questions/0/text", "question_text_missing"),
        ("/modules/0/lessons/1/variants/fr/questions/0/choices", "quiz_too_few_choices"),
        ("/modules/0/lessons/1/variants/fr/questions/0", "quiz_without_right_answer"),
        ("/modules/0/lessons/1/variants/fr/questions", "quiz_languages_differ"),
        ("/modules/1/lessons", "module_empty"),
    ]
    assert answer.json()["errors"][1]["lesson"]
    assert not Publication.objects.exists()


@pytest.mark.parametrize("kind", ["single", "true_false"])
def test_where_one_answer_is_right_two_are_none(publisher: Author, kind: str) -> None:
    publisher.course()
    quiz = publisher.lesson(publisher.module(), "quiz")
    both = [{"text": "ا", "correct": True}, {"text": "ب", "correct": True}]
    publisher.write(quiz, "ar", questions=[{"kind": kind, "text": "س", "choices": both}])
    assert publisher.try_publish().json()["code"] == "quiz_without_right_answer"
    publisher.write(quiz, "ar", questions=[{"kind": "multiple", "text": "س", "choices": both}])
    assert publisher.publish()["number"] == 1


def test_a_course_with_nothing_required_could_never_be_finished(publisher: Author) -> None:
    publisher.course()
    publisher.write(publisher.lesson(publisher.module(), required=False), "ar", body="نص")
    assert publisher.try_publish().json()["code"] == "nothing_required"


def test_a_lesson_waits_for_the_check_of_its_file(publisher: Author) -> None:
    publisher.course()
    sheet = publisher.lesson(publisher.module(), "document")
    publisher.write(sheet, "ar", upload=announce(publisher.client, document(), "document")["id"])
    assert publisher.try_publish().json()["code"] == "file_being_checked"

    publisher.write(sheet, "ar", upload=send_file(publisher.client, document(), "document")["id"])
    answer = publisher.try_publish()
    assert (answer.status_code, answer.json()["code"]) == (409, "file_being_checked")
    assert problems(answer) == [("/modules/0/lessons/0/variants/ar/upload", "file_being_checked")]
    work_off()
    assert publisher.publish()["number"] == 1


def test_a_refused_file_is_said_so(publisher: Author) -> None:
    publisher.course()
    sheet = publisher.lesson(publisher.module(), "document")
    publisher.write(sheet, "ar", upload=send_file(publisher.client, b"%PDF-1.7 broken", "document")["id"])
    work_off()
    answer = publisher.try_publish()
    assert (answer.status_code, answer.json()["code"]) == (422, "file_refused")


def test_the_database_refuses_to_change_what_was_published(country: Country) -> None:
    publish_course(country)
    changes = [
        lambda: Publication.objects.update(notes="x"),
        lambda: PublishedLesson.objects.update(minutes=1),
        lambda: PublishedVariant.objects.update(html="x"),
        lambda: PublishedOutline.objects.update(etag="x"),
        lambda: PublishedOutline.objects.all().delete(),
    ]
    for change in changes:
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            change()


def test_learners_go_on_reading_the_publication_while_its_draft_changes(
    publisher: Author, client: Any
) -> None:
    lesson = publisher.small_course()
    publisher.publish()
    before = client.get("/api/v1/courses/biz/publications/1/outline/ar").content
    publisher.client.patch(
        "/api/v1/authoring/courses/biz",
        {"title": {"ar": "عنوان المسودة"}},
        format="json",
        headers={"If-Match": "*"},
    )
    publisher.client.delete(f"/api/v1/authoring/lessons/{lesson['id']}", headers={"If-Match": "*"})
    assert client.get("/api/v1/courses/biz/outline").content == before
    assert client.get("/api/v1/courses/biz").json()["title"] == "أساسيات"


def test_what_a_trainer_writes_cannot_run_on_our_pages(publisher: Author, client: Any) -> None:
    lesson = publisher.small_course()
    publisher.write(
        lesson,
        "ar",
        body="# عنوان\n\n<script>x()</script> [رابط](javascript:x) [جيد](https://www.cmi.gov.ma)\n\n"
        "![صورة](https://x.example/p.png)\n\n| ا | ب |\n|---|---|\n| 1 | 2 |",
    )
    publisher.publish()
    html = client.get(f"/api/v1/courses/biz/publications/1/lessons/{lesson['id']}").json()["html"]
    assert "<h2>عنوان</h2>" in html
    assert "<table>" in html
    assert 'href="https://www.cmi.gov.ma"' in html
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "<img" not in html


def test_a_quiz_is_published_once_for_all_its_languages(publisher: Author) -> None:
    publisher.course()
    quiz = publisher.lesson(publisher.module(), "quiz")
    publisher.write(quiz, "ar", questions=RIGHT)
    publisher.write(quiz, "fr", questions=[{**RIGHT[0], "text": "Le bénéfice ?"}, RIGHT[1]])
    publisher.publish()
    single, short = PublishedLesson.objects.get().questions
    assert single["text"] == {"ar": "ما هو الربح؟", "fr": "Le bénéfice ?"}
    assert [choice["correct"] for choice in single["choices"]] == [True, False]
    assert set(single["choices"][0]["text"]) == {"ar", "fr"}
    assert short["accepted"]["ar"] == ["الدرهم", "درهم"]


def test_the_stored_encodings_carry_the_same_bytes_and_no_answers(publisher: Author) -> None:
    publisher.course()
    quiz = publisher.lesson(publisher.module(), "quiz")
    publisher.write(quiz, "ar", questions=RIGHT)
    publisher.publish()
    row = PublishedOutline.objects.get(language="ar")
    assert brotli.decompress(bytes(row.brotli)) == bytes(row.identity)
    assert "الدرهم" not in bytes(row.identity).decode()
    assert json.loads(bytes(row.identity))["modules"][0]["lessons"][0]["pass_percent"] == 60


def test_impact_says_beforehand_whom_a_publication_touches(publisher: Author) -> None:
    lesson = publisher.small_course()
    path = "/api/v1/authoring/courses/biz/publications/impact"
    unpublished = publisher.client.get(path).json()
    assert unpublished["publication"] == 1
    assert unpublished["changed_lessons"] == {"added": 1, "removed": 0, "changed": 0}
    publisher.publish()
    assert publisher.client.get(path).json() == {
        "publication": 2,
        "learners": 0,
        "completed": 0,
        "changed_lessons": {"added": 0, "removed": 0, "changed": 0},
    }
    publisher.write(lesson, "ar", body="غيره")
    publisher.lesson(publisher.draft()["modules"][0])
    assert publisher.client.get(path).json()["changed_lessons"] == {"added": 1, "removed": 0, "changed": 1}
    publisher.client.delete(f"/api/v1/authoring/lessons/{lesson['id']}", headers={"If-Match": "*"})
    assert publisher.client.get(path).json()["changed_lessons"] == {"added": 1, "removed": 1, "changed": 0}


def test_the_publications_of_a_course_are_listed_the_newest_first(trainer: Author, publisher: Author) -> None:
    lesson = publisher.small_course()
    publisher.publish()
    publisher.write(lesson, "ar", body="غيره")
    publisher.publish()
    listed = trainer.client.get("/api/v1/authoring/courses/biz/publications").json()["results"]
    assert [publication["number"] for publication in listed] == [2, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_go", range(5))
def test_two_publishers_at_once_never_make_one_number_twice(_go: int) -> None:
    country = build_country()
    course = publish_course(country)
    Course.objects.filter(pk=course.pk).update(title={"ar": "جديد"})
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    start, ends = threading.Barrier(2), []

    def publish() -> None:
        start.wait(10)
        try:
            ends.append(publish_draft(course=course, by=by, notes="", at=course.created_at).number)
        except NothingChanged:
            ends.append("nothing_changed")
        finally:
            connection.close()

    threads = [threading.Thread(target=publish) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, ends)) == ["2", "nothing_changed"]
    assert list(course.publications.order_by("number").values_list("number", flat=True)) == [1, 2]


def test_publishing_costs_the_same_number_of_statements_however_many_lessons(
    country: Country, django_assert_max_num_queries: Any
) -> None:
    for slug, lessons in (("small", (("text",),)), ("large", (("text",) * 6,) * 3)):
        course = publish_course(country, slug=slug, lessons=lessons)
        Course.objects.filter(pk=course.pk).update(title={"ar": "جديد"})
        by = make_staff("publisher", country.institute)
        by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
        with django_assert_max_num_queries(14):
            publish_draft(course=course, by=by, notes="", at=course.created_at)
