"""The programme of a course as its authors write it: what comes before it, and when each module opens."""

from typing import Any

import pytest
from django.db import IntegrityError
from rest_framework.test import APIClient

from courses.authoring.models import Module
from courses.catalogue.models import Course
from courses.publishing.models import PublishedOutline
from tests.cast import Country, client_for, make_staff, publish_course
from tests.courses.writing import Author


def change_course(author: Author, slug: str = "biz", **changes: Any) -> Any:
    path = f"/api/v1/authoring/courses/{slug}"
    return author.client.patch(path, changes, format="json", headers={"If-Match": "*"})


def change_module(author: Author, module: dict[str, Any], **changes: Any) -> Any:
    path = f"/api/v1/authoring/modules/{module['id']}"
    return author.client.patch(path, changes, format="json", headers={"If-Match": "*"})


def said(answer: Any) -> tuple[int, str, list[tuple[str, str]]]:
    body = answer.json()
    errors = [(error["pointer"], error["code"]) for error in body.get("errors", ())]
    return answer.status_code, body.get("code", ""), errors


def outline(slug: str = "biz") -> dict[str, Any]:
    return APIClient().get(f"/api/v1/courses/{slug}/outline?language=ar").json()


# what comes before


def test_a_course_names_the_one_to_complete_first_and_can_forget_it(
    country: Country, publisher: Author
) -> None:
    publish_course(country, slug="first")
    publisher.small_course(prerequisite="first")
    assert publisher.draft()["prerequisite"] == "first"
    assert change_course(publisher, prerequisite=None).json()["prerequisite"] is None


def test_a_course_that_does_not_exist_for_the_author_cannot_come_first(
    country: Country, publisher: Author
) -> None:
    stranger = Author(client_for(make_staff("trainer", country.association)))
    stranger.course(slug="theirs")
    publisher.small_course()
    for slug in ("theirs", "nowhere"):
        assert said(change_course(publisher, prerequisite=slug)) == (
            422,
            "invalid",
            [("/prerequisite", "prerequisite_unknown")],
        )


def test_courses_never_wait_for_each_other_in_a_circle(publisher: Author) -> None:
    for slug in ("one", "two", "three"):
        publisher.course(slug=slug)
    assert change_course(publisher, "two", prerequisite="one").status_code == 200
    assert change_course(publisher, "three", prerequisite="two").status_code == 200
    for waits in ("one", "two", "three"):
        assert said(change_course(publisher, "one", prerequisite=waits)) == (
            422,
            "invalid",
            [("/prerequisite", "prerequisite_circle")],
        )
    assert Course.objects.get(slug="one").prerequisite is None


def test_a_course_is_published_only_after_the_one_that_comes_first(publisher: Author) -> None:
    publisher.small_course(slug="first")
    publisher.small_course(prerequisite="first")
    refused = publisher.try_publish()
    assert said(refused) == (
        422,
        "prerequisite_unpublished",
        [("/prerequisite", "prerequisite_unpublished")],
    )
    publisher.publish("first")
    publisher.publish()
    newest = Course.objects.get(slug="biz").newest
    assert newest is not None
    assert newest.prerequisite == Course.objects.get(slug="first")


def test_a_circle_with_what_is_already_published_is_refused(publisher: Author) -> None:
    publisher.small_course(slug="first")
    publisher.publish("first")
    publisher.small_course(prerequisite="first")
    publisher.publish()
    assert change_course(publisher, prerequisite=None).status_code == 200
    # No draft waits for the other any more, but the published one still does.
    assert change_course(publisher, "first", prerequisite="biz").status_code == 200
    assert said(publisher.try_publish("first")) == (
        422,
        "prerequisite_circle",
        [("/prerequisite", "prerequisite_circle")],
    )


def test_the_catalogue_names_what_comes_first_in_the_readers_language(
    country: Country, publisher: Author
) -> None:
    publish_course(country, slug="first")
    publisher.small_course(prerequisite="first")
    publisher.publish()
    course = APIClient().get("/api/v1/courses/biz", headers={"Accept-Language": "fr"}).json()
    assert course["prerequisite"] == {"slug": "first", "title": "Cours first", "language": "fr"}


# when modules open


def test_a_module_says_when_it_opens_and_another_rule_forgets_the_days(publisher: Author) -> None:
    publisher.course()
    module = publisher.module()
    assert (module["opens"], module["opens_after_days"]) == ("at_once", 0)
    dated = change_module(publisher, module, opens="on_cohort_date", opens_after_days=14).json()
    assert (dated["opens"], dated["opens_after_days"]) == ("on_cohort_date", 14)
    renamed = change_module(publisher, module, title={"ar": "اسم آخر"}).json()
    assert (renamed["opens"], renamed["opens_after_days"]) == ("on_cohort_date", 14)
    following = change_module(publisher, module, opens="after_previous").json()
    assert (following["opens"], following["opens_after_days"]) == ("after_previous", 0)


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"opens": "after_previous", "opens_after_days": 3}, "/opens_after_days", "days_need_cohort_date"),
        ({"opens_after_days": 3}, "/opens_after_days", "days_need_cohort_date"),
        ({"opens": "someday"}, "/opens", "invalid_choice"),
        ({"opens": "on_cohort_date", "opens_after_days": -1}, "/opens_after_days", "min_value"),
        ({"opens": "on_cohort_date", "opens_after_days": 731}, "/opens_after_days", "max_value"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    publisher: Author, changes: dict[str, Any], pointer: str, code: str
) -> None:
    publisher.course()
    module = publisher.module()
    assert said(change_module(publisher, module, **changes)) == (422, "invalid", [(pointer, code)])
    path = "courses/biz/modules"
    added = publisher.client.post(
        f"/api/v1/authoring/{path}", {"title": {"ar": "و"}} | changes, format="json"
    )
    assert said(added) == (422, "invalid", [(pointer, code)])


def test_the_database_refuses_days_that_count_from_nothing(publisher: Author) -> None:
    publisher.course()
    publisher.module()
    with pytest.raises(IntegrityError, match="days_count_from_a_cohort_date"):
        Module.objects.update(opens_after_days=2)


def test_a_publication_freezes_when_its_modules_open(publisher: Author) -> None:
    publisher.small_course()
    first = publisher.publish()
    module = publisher.draft()["modules"][0]
    change_module(publisher, module, opens="on_cohort_date", opens_after_days=7)
    before = outline()["modules"][0]
    assert (before["opens"], before["opens_after_days"]) == ("at_once", 0)
    second = publisher.publish()
    after = outline()["modules"][0]
    assert (after["opens"], after["opens_after_days"]) == ("on_cohort_date", 7)
    assert first["content_hash"] != second["content_hash"]
    lesson = Course.objects.get(slug="biz").newest.lessons.get()  # type: ignore[union-attr]  # just published
    assert (lesson.module_opens, lesson.module_opens_after_days) == ("on_cohort_date", 7)
    assert PublishedOutline.objects.filter(publication__course__slug="biz").count() == 4


def test_the_one_that_comes_first_counts_as_a_change(country: Country, publisher: Author) -> None:
    publish_course(country, slug="first")
    publisher.small_course()
    first = publisher.publish()
    change_course(publisher, prerequisite="first")
    assert publisher.publish()["content_hash"] != first["content_hash"]
    assert said(publisher.try_publish())[1] == "nothing_changed"
