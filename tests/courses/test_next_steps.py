"""What a course says she may do after it: written by a publisher, frozen with the publication."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from courses.publishing.models import Publication
from courses.publishing.snapshots import read_draft, snapshot_of
from tests.courses.writing import Author

CENTRE = {
    "kind": "centre",
    "title": {"ar": "زوري مركزكِ", "fr": "Passez à votre centre"},
    "body": {"ar": "خذي معكِ شهادتكِ."},
    "link": "",
}
FUND = {"kind": "funding", "title": {"ar": "التمويل"}, "body": {}, "link": "https://example.ma/fonds"}


def put(author: Author, *steps: Any, match: str = "*") -> Any:
    return author.client.put(
        "/api/v1/authoring/courses/biz/next-steps",
        {"steps": steps},
        format="json",
        headers={"If-Match": match} if match else {},
    )


def outline(language: str = "ar") -> dict[str, Any]:
    return APIClient().get(f"/api/v1/courses/biz/outline?language={language}").json()


def test_a_publisher_writes_the_next_steps_and_the_draft_shows_them_in_order(publisher: Author) -> None:
    publisher.small_course()
    answer = put(publisher, CENTRE, FUND)
    assert answer.status_code == 200, answer.content
    assert answer.json()["next_steps"] == publisher.draft()["next_steps"] == [CENTRE, FUND]
    assert put(publisher, FUND).json()["next_steps"] == [FUND]
    assert put(publisher).json()["next_steps"] == []


def test_a_trainer_hears_that_a_publisher_is_needed(trainer: Author) -> None:
    trainer.small_course()
    answer = put(trainer, CENTRE)
    assert (answer.status_code, answer.json()["code"]) == (403, "publisher_needed")
    assert Course.objects.get(slug="biz").next_steps == []


def test_next_steps_written_on_an_older_draft_are_refused(publisher: Author) -> None:
    publisher.small_course()
    assert put(publisher, CENTRE, match="").status_code == 428
    assert put(publisher, CENTRE, match='"1"').status_code == 412
    assert put(publisher, CENTRE, match=f'"{publisher.draft()["version"]}"').status_code == 200


@pytest.mark.parametrize(
    "step",
    [
        CENTRE | {"kind": "lottery"},
        CENTRE | {"title": {}},
        CENTRE | {"title": {"ar": "ع" * 201}},
        CENTRE | {"title": {"zgh": "ⴰⵣⵓⵍ"}},
        CENTRE | {"body": {"en": "Go"}},
        CENTRE | {"link": "http://example.ma"},
        CENTRE | {"link": "javascript:alert(1)"},
        CENTRE | {"link": "https://example.ma/a b"},
        CENTRE | {"link": "https://"},
        {"title": {"ar": "بلا نوع"}},
        "نص",
    ],
)
def test_a_step_that_nobody_could_follow_is_refused(publisher: Author, step: Any) -> None:
    publisher.small_course()
    answer = put(publisher, step)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.content


def test_more_than_a_dozen_steps_are_refused(publisher: Author) -> None:
    publisher.small_course()
    assert put(publisher, *[CENTRE] * 13).status_code == 422
    assert put(publisher, *[CENTRE] * 12).status_code == 200


def test_what_is_published_keeps_its_steps_when_the_draft_changes(publisher: Author) -> None:
    publisher.small_course()
    put(publisher, CENTRE)
    publisher.publish()
    put(publisher, FUND)
    assert [step["title"] for step in outline()["next_steps"]] == ["زوري مركزكِ"]
    assert Publication.objects.get().next_steps == [CENTRE]
    publisher.publish()
    assert [step["link"] for step in outline()["next_steps"]] == ["https://example.ma/fonds"]


def test_the_outline_says_the_steps_in_its_language_else_in_the_first(publisher: Author) -> None:
    publisher.small_course()
    put(publisher, CENTRE)
    publisher.publish()
    [step] = outline("fr")["next_steps"]
    assert step == {
        "kind": "centre",
        "title": "Passez à votre centre",
        "body": "خذي معكِ شهادتكِ.",
        "link": "",
    }


def test_a_course_without_steps_keeps_its_hash_and_its_outline(publisher: Author) -> None:
    publisher.small_course()
    course = Course.objects.get(slug="biz")
    before = snapshot_of(read_draft(course)).content_hash()
    put(publisher, CENTRE)
    course.refresh_from_db()
    assert snapshot_of(read_draft(course)).content_hash() != before
    put(publisher)
    publisher.publish()
    assert Publication.objects.get().content_hash == before
    assert "next_steps" not in outline()


def test_steps_alone_are_something_new_to_publish(publisher: Author) -> None:
    publisher.small_course()
    publisher.publish()
    assert publisher.try_publish().json()["code"] == "nothing_changed"
    put(publisher, CENTRE)
    assert publisher.publish()["number"] == 2


def test_a_step_without_a_title_in_the_first_language_is_named_when_publishing(publisher: Author) -> None:
    publisher.small_course()
    put(publisher, CENTRE, FUND | {"title": {"fr": "Financement"}})
    answer = publisher.try_publish()
    assert answer.json()["code"] == "title_missing"
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/next_steps/1/title/ar"]
