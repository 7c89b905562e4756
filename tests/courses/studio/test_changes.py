"""What would change, so that a person can read it: lesson by lesson, line by line."""

from typing import Any

from courses.authoring.models import Lesson
from tests.cast import Country, browser_for, make_staff
from tests.courses.writing import RIGHT, Author


def changes(author: Author) -> dict[str, Any]:
    answer = author.client.get("/api/v1/authoring/courses/biz/changes")
    assert answer.status_code == 200
    return {change["lesson"]: change for change in answer.json()["results"]}


def test_what_was_added_removed_and_written_anew_is_said(country: Country, publisher: Author) -> None:
    publisher.course()
    module = publisher.module()
    first, gone, quiz = (publisher.lesson(module, kind) for kind in ("text", "text", "quiz"))
    publisher.write(first, "ar", body="# العنوان\n\nالثمن عادل.\n\n- المواد\n- النقل")
    publisher.write(gone, "ar", body="نص")
    publisher.write(quiz, "ar", questions=RIGHT)
    assert changes(publisher) == {}
    publisher.publish()
    assert changes(publisher) == {}

    publisher.write(first, "ar", body="# العنوان\n\nالثمن واضح.\n\n- المواد\n- النقل")
    publisher.write(first, "fr", body="Le prix")
    Lesson.objects.filter(uuid=first["id"]).update(minutes=9)
    Lesson.objects.get(uuid=gone["id"]).delete()
    publisher.write(quiz, "ar", questions=[RIGHT[1]])
    new = publisher.lesson(module, title={"ar": "الجديد"})
    said = changes(publisher)
    assert {lesson: change["signs"] for lesson, change in said.items()} == {
        first["id"]: ["words", "rules"],
        quiz["id"]: ["questions"],
        new["id"]: ["added"],
        gone["id"]: ["removed"],
    }
    words = said[first["id"]]["words"]
    assert [(line["sign"], line["text"]) for line in words["ar"] if line["sign"]] == [
        ("-", "الثمن عادل."),
        ("+", "الثمن واضح."),
    ]
    assert words["fr"] == [{"sign": "+", "text": "Le prix"}]

    page = browser_for(make_staff("trainer", country.institute)).get("/studio/courses/biz/changes")
    assert "<del>الثمن عادل.</del>" in page.content.decode()


def test_a_course_that_was_never_published_has_no_such_page(country: Country, publisher: Author) -> None:
    publisher.course()
    browser = browser_for(make_staff("trainer", country.institute))
    assert browser.get("/studio/courses/biz/changes").status_code == 404
