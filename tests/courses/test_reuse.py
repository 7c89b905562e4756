"""What was written once: taken back, copied, renewed; and read for what makes it hard to learn from."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from courses.authoring.captions import broken_line
from courses.authoring.models import Lesson, LessonRevision
from courses.authoring.revisions import LESSON_SAYS, VARIANT_SAYS
from tests.cast import Country, client_for, make_staff
from tests.courses.writing import RIGHT, Author


def lesson_of(author: Author) -> dict[str, Any]:
    author.course()
    lesson = author.lesson(author.module())
    author.write(lesson, "ar", body="الأول")
    return lesson


def another_sitting() -> None:
    earlier = timezone.now() - timedelta(minutes=11)
    LessonRevision.objects.update(replaced_at=earlier)


def call(author: Author, path: str, *, match: str = "*", **body: Any) -> Any:
    headers = {"If-Match": match}
    return author.client.post(f"/api/v1/authoring/{path}", body, format="json", headers=headers)


def words(lesson: dict[str, Any]) -> dict[str, str]:
    return {language: said["body"] for language, said in lesson["variants"].items()}


def test_what_is_kept_of_a_lesson_is_all_that_it_says() -> None:
    assert {"title", "required", "minutes", "pass_percent"} <= set(LESSON_SAYS)
    assert {"body", "captions", "questions", "upload_id"} <= set(VARIANT_SAYS)
    assert not {"id", "position", "version", "module_id", "lesson_id", "source_id"} & {
        *LESSON_SAYS,
        *VARIANT_SAYS,
    }


def test_a_lesson_takes_back_what_it_said_and_takes_that_back_too(trainer: Author) -> None:
    lesson = lesson_of(trainer)
    another_sitting()
    trainer.write(lesson, "ar", body="الثاني")
    trainer.write(lesson, "fr", body="Deux")
    kept = trainer.client.get(f"/api/v1/authoring/lessons/{lesson['id']}/revisions").json()["results"]
    assert [revision["content"]["variants"].get("ar", {}).get("body") for revision in kept] == ["الأول", None]
    back = call(trainer, f"lessons/{lesson['id']}/revisions/{kept[0]['version']}/restore")
    assert (back.status_code, words(back.json())) == (200, {"ar": "الأول"})
    newest = LessonRevision.objects.order_by("-version").first()
    assert newest
    again = call(trainer, f"lessons/{lesson['id']}/revisions/{newest.version}/restore")
    assert words(again.json()) == {"ar": "الثاني", "fr": "Deux"}


def test_one_sitting_is_kept_once_and_another_author_begins_her_own(
    country: Country, trainer: Author
) -> None:
    lesson = lesson_of(trainer)
    for number in range(5):
        trainer.write(lesson, "ar", body=f"نص {number}")
    assert LessonRevision.objects.count() == 1
    colleague = Author(client_for(make_staff("trainer", country.institute)))
    colleague.write(lesson, "ar", body="لها")
    assert LessonRevision.objects.count() == 2


@pytest.mark.parametrize(("match", "status"), [("", 428), ('"1"', 412)])
def test_nothing_is_taken_back_over_work_that_was_not_seen(trainer: Author, match: str, status: int) -> None:
    lesson = lesson_of(trainer)
    headers = {"If-Match": match} if match else {}
    path = f"/api/v1/authoring/lessons/{lesson['id']}/revisions/1/restore"
    assert trainer.client.post(path, headers=headers).status_code == status
    assert call(trainer, f"lessons/{lesson['id']}/revisions/99/restore").status_code == 404


def test_a_module_and_a_course_are_copied_whole(trainer: Author) -> None:
    trainer.course()
    module = trainer.module()
    quiz = trainer.lesson(module, "quiz")
    trainer.write(quiz, "ar", questions=RIGHT)
    trainer.write(trainer.lesson(module), "ar", body="نص")
    copied = trainer.post(f"modules/{module['id']}/copies", {})
    assert [lesson["kind"] for lesson in copied["lessons"]] == ["quiz", "text"]
    assert (
        copied["lessons"][0]["variants"]["ar"]["questions"]
        == (trainer.draft()["modules"][0]["lessons"][0]["variants"]["ar"]["questions"])
    )
    other = trainer.post("courses/biz/copies", {"slug": "biz-2027"})
    assert (other["slug"], len(other["modules"]), other["publication"]) == ("biz-2027", 2, None)
    taken = call(trainer, "courses/biz/copies", slug="biz-2027")
    assert (taken.status_code, taken.json()["code"]) == (409, "slug_taken")
    ids = [
        lesson["id"]
        for draft in (trainer.draft(), other)
        for part in draft["modules"]
        for lesson in part["lessons"]
    ]
    assert len(ids) == len(set(ids)) == 8


def test_a_copy_in_another_course_says_when_there_is_something_newer_and_takes_it(trainer: Author) -> None:
    lesson = lesson_of(trainer)
    trainer.post("courses", {"slug": "other", "languages": ["ar"], "title": {"ar": "أخرى"}})
    module = trainer.post("courses/other/modules", {"title": {"ar": "و"}})
    copy = trainer.post(f"lessons/{lesson['id']}/copies", {"module": module["id"]})
    assert copy["source"] == {"lesson": lesson["id"], "version": 2, "newer": False}
    early = call(trainer, f"lessons/{copy['id']}/renewal")
    assert (early.status_code, early.json()["code"]) == (409, "nothing_newer")
    trainer.write(lesson, "ar", body="الأحدث")
    trainer.write(lesson, "fr", body="La plus récente")
    seen = trainer.client.get(f"/api/v1/authoring/lessons/{copy['id']}").json()
    assert seen["source"]["newer"]
    renewed = call(trainer, f"lessons/{copy['id']}/renewal").json()
    assert words(renewed) == {"ar": "الأحدث"}  # French is no language of that course
    assert not renewed["source"]["newer"]
    Lesson.objects.get(uuid=lesson["id"]).delete()
    left = trainer.client.get(f"/api/v1/authoring/lessons/{copy['id']}").json()
    assert (left["source"], words(left)) == (None, {"ar": "الأحدث"})


def test_a_course_that_speaks_another_language_takes_no_copy(trainer: Author) -> None:
    lesson = lesson_of(trainer)
    trainer.post("courses", {"slug": "other", "languages": ["en"], "title": {"en": "Other"}})
    module = trainer.post("courses/other/modules", {"title": {"en": "M"}})
    answer = call(trainer, f"lessons/{lesson['id']}/copies", module=module["id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "first_language_differs")


GOOD = "WEBVTT\n\nNOTE أولا\n\n1\n00:00.000 --> 00:02.500 align:start\nالثمن\n\n00:02.500 --> 01:00:04.000\nالعادل\n"


@pytest.mark.parametrize(
    ("captions", "line"),
    [
        (GOOD, None),
        (GOOD.replace("\n", "\r\n"), None),
        ("WEBVTT", None),
        ("WEBVTT\nx", 1),
        ("WEBVTTX\n\n00:00.000 --> 00:01.000\nx", 1),
        ("WEBVTT\n\n00:00,000 --> 00:01,000\nx", 3),
        ("WEBVTT\n\n00:02.000 --> 00:01.000\nx", 3),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n\n", 3),
        ("WEBVTT\n\nwords without a time", 3),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\nx\n\n2\n00:61.000 --> 00:62.000\ny", 7),
    ],
)
def test_captions_are_read_as_players_read_them(captions: str, line: int | None) -> None:
    assert broken_line(captions) == line


def test_captions_that_no_player_reads_are_refused_with_their_line(trainer: Author) -> None:
    trainer.course()
    lesson = trainer.lesson(trainer.module(), "video")
    refused = trainer.try_write(lesson, "ar", captions="WEBVTT\n\n00:02.000 --> 00:01.000\nx")
    assert (refused.status_code, refused.json()["code"]) == (422, "captions_broken")
    assert "3" in refused.json()["detail"]


def test_what_is_hard_to_learn_from_is_said_and_keeps_nothing_from_being_published(trainer: Author) -> None:
    lesson = lesson_of(trainer)
    trainer.write(lesson, "ar", body="كلمة " * 700 + "[رابط](http://example.org)")
    found = trainer.client.get("/api/v1/authoring/courses/biz/readiness").json()
    assert found["problems"] == []
    at = "/modules/0/lessons/0/variants"
    assert [(one["pointer"], one["code"]) for one in found["warnings"]] == [
        (f"{at}/fr", "language_missing"),
        (f"{at}/ar/body", "link_not_https"),
        (f"{at}/ar/body", "more_words_than_minutes"),
    ]
    assert all(one["detail"] and one["lesson"] == lesson["id"] for one in found["warnings"])
