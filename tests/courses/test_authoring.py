"""A trainer writes; nobody overwrites unseen work, and nothing reaches learners before it is published."""

from typing import Any

import pytest

from courses.authoring.models import Lesson
from courses.catalogue.models import Course
from lms.audit.models import ChangeEntry
from tests.cast import Country, client_for, make_staff
from tests.courses.writing import COURSE, RIGHT, Author
from tests.lms.files.sending import document, picture, send_file


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_trainers_course_belongs_to_her_node_and_the_draft_shows_all_of_it(trainer: Author) -> None:
    trainer.course()
    lesson = trainer.lesson(trainer.module(), minutes=8)
    trainer.write(lesson, "ar", body="**نص**")
    draft = trainer.draft()
    assert (draft["organisation"], draft["publication"]) == ("institute", None)
    assert draft["title"] == COURSE["title"]
    [module] = draft["modules"]
    assert module["lessons"][0]["minutes"] == 8
    assert module["lessons"][0]["variants"]["ar"]["body"] == "**نص**"
    assert ChangeEntry.objects.filter(subject="course:biz").count() == 4


def test_the_slug_of_another_course_is_taken(trainer: Author) -> None:
    trainer.course()
    again = trainer.client.post("/api/v1/authoring/courses", COURSE, format="json")
    assert code_of(again) == (409, "slug_taken")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"slug": "with space"}, "/slug"),
        ({"languages": []}, "/languages"),
        ({"languages": ["ary"]}, "/languages/0"),
        ({"title": {}}, "/title"),
        ({"title": "نص"}, "/title"),
        ({"title": {"en": "Basics"}}, "/title/en"),
        ({"title": {"ar": "ا" * 201}}, "/title/ar"),
        ({"hours": 0}, "/hours"),
        ({"organisation": "larache-centre"}, "/organisation"),
    ],
)
def test_what_cannot_be_a_course_is_refused_with_the_place(
    trainer: Author, changes: dict[str, Any], pointer: str
) -> None:
    answer = trainer.client.post("/api/v1/authoring/courses", COURSE | changes, format="json")
    assert code_of(answer) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not Course.objects.exists()


def test_a_draft_does_not_exist_for_a_trainer_of_another_node(country: Country, trainer: Author) -> None:
    lesson = trainer.small_course()
    other = Author(client_for(make_staff("trainer", country.association)))
    module = trainer.draft()["modules"][0]
    assert other.client.get("/api/v1/authoring/courses").json()["results"] == []
    for answer in (
        other.client.get("/api/v1/authoring/courses/biz"),
        other.client.patch("/api/v1/authoring/courses/biz", {}, format="json", headers={"If-Match": "*"}),
        other.client.post("/api/v1/authoring/courses/biz/modules", {}, format="json"),
        other.client.post("/api/v1/authoring/courses/biz/order", {}, format="json"),
        other.client.post(f"/api/v1/authoring/modules/{module['id']}/lessons", {}, format="json"),
        other.client.delete(f"/api/v1/authoring/modules/{module['id']}", headers={"If-Match": "*"}),
        other.client.delete(f"/api/v1/authoring/lessons/{lesson['id']}", headers={"If-Match": "*"}),
        other.client.get("/api/v1/authoring/courses/biz/publications/impact"),
        other.try_write(lesson, "ar", body="x"),
        other.try_publish(),
    ):
        assert code_of(answer) == (404, "not_found")
    assert trainer.draft()["version"] == 4


def test_a_change_names_the_version_it_was_made_on(trainer: Author) -> None:
    lesson = trainer.small_course()
    assert code_of(trainer.try_write(lesson, "ar", match="", body="x")) == (428, "precondition_required")
    for path in (f"lessons/{lesson['id']}", "courses/biz"):
        answer = trainer.client.patch(f"/api/v1/authoring/{path}", {"title": {"ar": "جديد"}}, format="json")
        assert code_of(answer) == (428, "precondition_required")
        assert trainer.client.delete(f"/api/v1/authoring/lessons/{lesson['id']}").status_code == 428


def test_two_trainers_cannot_overwrite_each_other_unseen(trainer: Author) -> None:
    lesson = trainer.small_course()
    seen = trainer.client.get(f"/api/v1/authoring/lessons/{lesson['id']}").headers["ETag"]
    first = trainer.try_write(lesson, "ar", match=seen, body="الأولى")
    assert first.status_code == 200
    second = trainer.try_write(lesson, "ar", match=seen, body="الثانية")
    assert code_of(second) == (412, "changed_meanwhile")
    assert trainer.draft()["modules"][0]["lessons"][0]["variants"]["ar"]["body"] == "الأولى"
    assert (
        trainer.try_write(lesson, "ar", match=f"W/{first.headers['ETag']}", body="الثالثة").status_code == 200
    )
    assert code_of(trainer.try_write(lesson, "ar", match='"old"', body="x")) == (412, "changed_meanwhile")


def test_work_on_one_lesson_does_not_disturb_work_on_another(trainer: Author) -> None:
    lesson = trainer.small_course()
    other = trainer.lesson(trainer.draft()["modules"][0])
    trainer.write(other, "ar", body="غيره")
    assert trainer.try_write(lesson, "ar", match='"2"', body="نصها").status_code == 200


def test_the_course_and_its_modules_go_by_the_drafts_version(trainer: Author) -> None:
    trainer.small_course()
    draft = trainer.client.get("/api/v1/authoring/courses/biz")
    old = draft.headers["ETag"]
    changed = trainer.client.patch(
        "/api/v1/authoring/courses/biz",
        {"title": {"ar": "جديد"}, "languages": ["ar"]},
        format="json",
        headers={"If-Match": old},
    )
    assert (changed.status_code, changed.json()["title"]) == (200, {"ar": "جديد"})
    module = f"/api/v1/authoring/modules/{draft.json()['modules'][0]['id']}"
    assert trainer.client.delete(module, headers={"If-Match": old}).status_code == 412
    renamed = trainer.client.patch(
        module, {"title": {"ar": "غيرها"}}, format="json", headers={"If-Match": changed.headers["ETag"]}
    )
    assert renamed.json()["title"] == {"ar": "غيرها"}
    last = renamed.headers["ETag"]
    assert trainer.client.delete(module, headers={"If-Match": last}).status_code == 204
    assert trainer.draft()["modules"] == []


def test_lessons_move_between_modules_when_the_whole_order_is_named(trainer: Author) -> None:
    trainer.course()
    first, second = trainer.module(), trainer.module()
    a, b = trainer.lesson(first), trainer.lesson(first)
    path = "/api/v1/authoring/courses/biz/order"
    order = [{"id": second["id"], "lessons": [b["id"], a["id"]]}, {"id": first["id"], "lessons": []}]
    moved = trainer.client.post(path, {"modules": order}, format="json").json()
    assert [module["id"] for module in moved["modules"]] == [second["id"], first["id"]]
    assert [lesson["id"] for lesson in moved["modules"][0]["lessons"]] == [b["id"], a["id"]]

    for wrong in (order[:1], [*order, order[0]], [{**order[0], "lessons": [a["id"], a["id"]]}, order[1]]):
        answer = trainer.client.post(path, {"modules": wrong}, format="json")
        assert code_of(answer) == (422, "order_incomplete")
    stale = trainer.client.post(path, {"modules": order}, format="json", headers={"If-Match": '"1"'})
    assert code_of(stale) == (412, "changed_meanwhile")


def test_questions_get_ids_and_a_second_language_takes_those_of_the_first(trainer: Author) -> None:
    trainer.course()
    quiz = trainer.lesson(trainer.module(), "quiz")
    arabic = trainer.write(quiz, "ar", questions=RIGHT)["variants"]["ar"]["questions"]
    french = trainer.write(quiz, "fr", questions=RIGHT)["variants"]["fr"]["questions"]
    assert len({question["id"] for question in arabic}) == 2
    assert [q["id"] for q in french] == [q["id"] for q in arabic]
    assert [c["id"] for c in french[0]["choices"]] == [c["id"] for c in arabic[0]["choices"]]
    again = trainer.write(quiz, "ar", questions=[*RIGHT, {**RIGHT[0], "id": "mine"}])
    assert [q["id"] for q in again["variants"]["ar"]["questions"]] == [*(q["id"] for q in arabic), "mine"]


def test_an_id_that_stands_twice_is_refused(trainer: Author) -> None:
    trainer.course()
    quiz = trainer.lesson(trainer.module(), "quiz")
    twice = [{**RIGHT[0], "id": "q"}, {**RIGHT[1], "id": "q"}]
    answer = trainer.try_write(quiz, "ar", questions=twice)
    assert answer.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/questions/1/id",
        "code": "id_repeated",
        "detail": "",
    }


@pytest.mark.parametrize(
    ("kind", "language", "content", "code"),
    [
        ("text", "en", {"body": "x"}, "language_not_in_course"),
        ("text", "ary", {"body": "x"}, "language_not_in_course"),
        ("text", "ar", {"questions": []}, "not_for_this_kind"),
        ("quiz", "ar", {"captions": "WEBVTT"}, "not_for_this_kind"),
        ("video", "ar", {"captions": "1\n00:00"}, "captions_not_webvtt"),
        ("video", "ar", {"upload": "01930b6e-5b1c-7cc0-9d1e-2f0a8f3f6a11"}, "upload_unknown"),
        ("text", "ar", {}, "nothing_sent"),
        ("text", "ar", {"body": "x" * 100_001}, "max_length"),
        ("quiz", "ar", {"questions": [{"kind": "essay", "text": "x"}]}, "invalid_choice"),
    ],
)
def test_what_a_lesson_has_no_place_for_is_refused(
    trainer: Author, kind: str, language: str, content: dict[str, Any], code: str
) -> None:
    trainer.course()
    lesson = trainer.lesson(trainer.module(), kind)
    answer = trainer.try_write(lesson, language, **content)
    assert answer.status_code == 422
    assert code in {answer.json()["code"], answer.json()["errors"][0]["code"]}
    assert Lesson.objects.get().version == 1


def test_a_voice_may_stand_beside_the_written_languages_of_a_film(trainer: Author) -> None:
    trainer.course()
    film = trainer.lesson(trainer.module(), "video")
    assert trainer.write(film, "ary", captions="WEBVTT\n")["variants"]["ary"]["captions"]


def test_words_can_be_changed_without_losing_the_file_beside_them(trainer: Author) -> None:
    trainer.course()
    sheet = trainer.lesson(trainer.module(), "document")
    upload = send_file(trainer.client, document(), "document")
    trainer.write(sheet, "ar", upload=upload["id"])
    variant = trainer.write(sheet, "ar", body="اطبعيها")["variants"]["ar"]
    assert (variant["upload"]["id"], variant["upload"]["state"]) == (upload["id"], "checking")
    assert trainer.write(sheet, "ar", upload=None)["variants"]["ar"]["upload"] is None


def test_a_file_goes_where_its_purpose_says_and_only_its_owner_puts_it_there(
    country: Country, trainer: Author
) -> None:
    trainer.course()
    sheet = trainer.lesson(trainer.module(), "document")
    image = send_file(trainer.client, picture(), "image")
    wrong = trainer.try_write(sheet, "ar", upload=image["id"])
    assert wrong.json()["errors"][0]["code"] == "upload_of_another_kind"

    colleague = Author(client_for(make_staff("trainer", country.institute)))
    hers = send_file(colleague.client, document(), "document")
    assert trainer.try_write(sheet, "ar", upload=hers["id"]).json()["errors"][0]["code"] == "upload_unknown"
    colleague.write(sheet, "ar", upload=hers["id"])
    assert trainer.write(sheet, "fr", upload=hers["id"])["variants"]["fr"]["upload"]["id"] == hers["id"]


def test_the_drafts_etag_changes_when_a_file_is_ready_but_a_writer_is_not_disturbed(trainer: Author) -> None:
    trainer.course()
    sheet = trainer.lesson(trainer.module(), "document")
    trainer.write(sheet, "ar", upload=send_file(trainer.client, document(), "document")["id"])
    path = f"/api/v1/authoring/lessons/{sheet['id']}"
    before = trainer.client.get(path).headers["ETag"]
    sheet_row = Lesson.objects.get()
    sheet_row.variants.get().upload.__class__.objects.update(state="refused", code="file_broken")
    after = trainer.client.get(path, headers={"If-None-Match": before})
    assert after.status_code == 200
    assert trainer.try_write(sheet, "ar", match=before, upload=None).status_code == 200


def test_once_published_only_a_publisher_opens_or_closes_a_course(trainer: Author, publisher: Author) -> None:
    trainer.small_course()
    body, headers = {"open": False}, {"If-Match": "*"}
    path = "/api/v1/authoring/courses/biz"
    assert trainer.client.patch(path, body, format="json", headers=headers).json()["open"] is False
    publisher.publish()
    refused = trainer.client.patch(path, {"open": True}, format="json", headers=headers)
    assert code_of(refused) == (403, "publisher_needed")
    assert publisher.client.patch(path, {"open": True}, format="json", headers=headers).json()["open"] is True


def test_reading_a_draft_costs_the_same_however_long_it_is(
    trainer: Author, django_assert_num_queries: Any
) -> None:
    trainer.course()
    for _ in range(3):
        module = trainer.module()
        for _ in range(3):
            trainer.write(trainer.lesson(module), "ar", body="نص")
    with django_assert_num_queries(6):  # session, course in sight, course, modules, lessons, variants
        trainer.draft()


def test_listing_drafts_costs_two_statements(trainer: Author, django_assert_num_queries: Any) -> None:
    for number in range(5):
        trainer.course(slug=f"course-{number}")
    with django_assert_num_queries(2):
        assert len(trainer.client.get("/api/v1/authoring/courses").json()["results"]) == 5
