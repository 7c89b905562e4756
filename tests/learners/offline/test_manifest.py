"""The manifest of a publication: every file with the bytes and the hash of what its address really delivers."""

import hashlib
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from courses.authoring.models import Lesson
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from courses.publishing.models import PublishedVariant
from courses.publishing.services import publish_course as publish_draft
from lms.access.scoping import Grant, Scope
from lms.files.models import StoredFile
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.learners.classroom.richly import Classroom
from tests.learners.offline.keeping import fetch, manifest, manifest_path, render
from tests.statements import statements


@pytest.fixture
def her(classroom: Classroom) -> APIClient:
    return client_for(classroom.alice)


def renditions(said: dict[str, Any], kind: str, lesson: object) -> dict[str, dict[str, Any]]:
    return {file["rendition"]: file for file in said["files"] if file["lesson"] == str(lesson)}


def file_of(classroom: Classroom, kind: str, language: str = "ar") -> StoredFile:
    lesson = classroom.lessons[kind]
    file = PublishedVariant.objects.get(lesson__uuid=lesson, language=language).file
    assert file
    return file


def publish_again(country: Country, course: Course, **bodies: str) -> None:
    """Change the Arabic text of the course's text lesson and publish."""
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    lesson = Lesson.objects.get(module__course=course, kind="text")
    for language, body in bodies.items():
        put_variant(
            lesson=lesson, by=by, language=language, content={"body": body}, expected=None, at=timezone.now()
        )
    publish_draft(course=course, by=by, notes="", at=timezone.now())


def test_every_address_delivers_exactly_the_bytes_and_the_hash_that_the_manifest_names(
    classroom: Classroom, her: APIClient
) -> None:
    render(file_of(classroom, "video"), "video_240p", b"small film" * 300)
    render(file_of(classroom, "video"), "audio", b"its sound" * 100)
    for language in ("ar", "fr", "ary"):
        files = manifest(her, classroom, language=language)["files"]
        for file in files:
            content = fetch(her, file["url"])
            found = (len(content), hashlib.sha256(content).hexdigest())
            assert found == (file["bytes"], file["sha256"]), file["url"]
        assert len({file["url"] for file in files}) == len(files)


def test_what_is_kept_is_named_by_lesson_module_and_rendition(classroom: Classroom, her: APIClient) -> None:
    render(file_of(classroom, "video"), "audio", b"its sound" * 100)
    said = manifest(her, classroom)
    assert (said["course"], said["publication"], said["language"]) == (classroom.course.slug, 1, "ar")
    outline = said["files"][0]
    assert (outline["lesson"], outline["module"], outline["rendition"]) == (None, None, "text")
    kinds = {kind: set(renditions(said, kind, lesson)) for kind, lesson in classroom.lessons.items()}
    assert kinds == {
        "text": {"text"},
        "video": {"text", "captions", "original", "audio"},
        "audio": {"text", "original"},
        "document": {"text", "document"},
        "quiz": {"text", "quiz"},
    }
    assert {file["module"] for file in said["files"][1:]} == {1}


def test_the_totals_are_what_one_keeps_of_each_choice(classroom: Classroom, her: APIClient) -> None:
    film, sound = file_of(classroom, "video"), file_of(classroom, "audio")
    said = manifest(her, classroom)
    light = sum(
        file["bytes"]
        for file in said["files"]
        if file["rendition"] in {"text", "document", "captions", "quiz"}
    )
    # Where nothing was made smaller the originals serve.
    assert said["totals"] == {
        "text": light,
        "audio": light + film.bytes + sound.bytes,
        "video": light + film.bytes + sound.bytes,
    }
    render(film, "video_240p", b"f" * 900)
    render(film, "audio", b"a" * 70)
    render(sound, "audio", b"s" * 50)
    assert manifest(her, classroom)["totals"] == {
        "text": light,
        "audio": light + 70 + 50,
        "video": light + 900 + 50,
    }


def test_a_voice_is_kept_by_its_own_manifest(classroom: Classroom, her: APIClient) -> None:
    original = renditions(manifest(her, classroom, language="ary"), "audio", classroom.lessons["audio"])
    assert original["original"]["sha256"] == file_of(classroom, "audio", "ary").sha256
    assert manifest(her, classroom, language="tlh")["language"] == "ar"


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_its_etag_is_strong_and_what_has_not_changed_is_not_sent_again(
    classroom: Classroom, her: APIClient, encoding: str
) -> None:
    path = f"{manifest_path(classroom)}?language=ar"
    first = her.get(path, headers={"Accept-Encoding": encoding})
    assert first["ETag"].startswith('"')
    again = her.get(path, headers={"Accept-Encoding": encoding, "If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_a_rendition_made_later_is_added_and_changes_nothing_that_stood_there(
    classroom: Classroom, her: APIClient
) -> None:
    before = her.get(f"{manifest_path(classroom)}?language=ar")
    render(file_of(classroom, "video"), "video_240p", b"small film" * 300)
    after = her.get(f"{manifest_path(classroom)}?language=ar", headers={"If-None-Match": before["ETag"]})
    assert after.status_code == 200
    added = [file for file in after.json()["files"] if file not in before.json()["files"]]
    assert [file["rendition"] for file in added] == ["video_240p"]
    assert len(after.json()["files"]) == len(before.json()["files"]) + 1


def test_a_rendition_that_is_not_ready_is_not_there(classroom: Classroom, her: APIClient) -> None:
    file_of(classroom, "video").renditions.create(kind="audio", code="ffmpeg_absent")
    film = renditions(manifest(her, classroom), "video", classroom.lessons["video"])
    assert "audio" not in film
    assert her.get(f"{film['original']['url']}&rendition=audio").status_code == 404
    assert her.get(f"{film['original']['url']}&rendition=hologram").status_code == 404


def test_a_phone_that_keeps_the_older_publication_fetches_only_what_is_new(
    country: Country, classroom: Classroom, her: APIClient
) -> None:
    old = manifest(her, classroom)
    publish_again(country, classroom.course, ar="نص جديد")
    new, delta = manifest(her, classroom, 2), manifest(her, classroom, 2, since=1)
    old_hashes = {file["sha256"] for file in old["files"]}
    new_hashes = {file["sha256"] for file in new["files"]}
    assert {file["sha256"] for file in delta["files"]} == new_hashes - old_hashes
    assert {file["rendition"] for file in delta["files"]} == {"text"}
    assert len(delta["files"]) == 2  # the outline and the changed lesson
    assert delta["gone"] == sorted(old_hashes - new_hashes)
    assert delta["totals"]["text"] == sum(file["bytes"] for file in delta["files"])
    assert "gone" not in new


@pytest.mark.parametrize("since", ["7", "0", "-1", "x", "", "١", "9" * 30])
def test_a_delta_of_an_edition_that_never_was_is_refused(
    classroom: Classroom, her: APIClient, since: str
) -> None:
    answer = her.get(manifest_path(classroom), {"since": since})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == "publication_unknown"


def test_the_superseded_publication_she_is_pinned_to_stays_whole_while_it_is_fetched(
    country: Country, classroom: Classroom
) -> None:
    her = client_for(classroom.alice)
    Course.objects.filter(pk=classroom.course.pk).update(open=False)
    before = manifest(her, classroom)
    publish_again(country, classroom.course, ar="نص جديد")
    assert manifest(her, classroom) == before
    for file in before["files"]:
        assert hashlib.sha256(fetch(her, file["url"])).hexdigest() == file["sha256"]


def test_a_closed_course_shows_its_manifest_and_quizzes_to_its_learners_alone(country: Country) -> None:
    course = publish_course(country, slug="closed", is_open=False)
    stranger = client_for(make_person())
    quiz = course.newest.lessons.get(kind="quiz").uuid  # type: ignore[union-attr]  # it was published
    home = "/api/v1/courses/closed/publications/1"
    assert stranger.get(f"{home}/manifest").status_code == 404
    assert stranger.get(f"{home}/lessons/{quiz}/quiz").status_code == 404


def test_it_costs_three_statements_once_its_publication_is_known(
    country: Country, classroom: Classroom, her: APIClient
) -> None:
    publish_again(country, classroom.course, ar="نص جديد")
    for since in ({}, {"since": 1}):
        manifest(her, classroom, 2, **since)
    with statements(3):  # her session, the publication, the renditions
        manifest(her, classroom, 2)
    with statements(4):  # and the older publication
        manifest(her, classroom, 2, since=1)


def test_a_film_goes_on_where_the_line_broke(classroom: Classroom, her: APIClient) -> None:
    film = renditions(manifest(her, classroom), "video", classroom.lessons["video"])["original"]
    whole = fetch(her, film["url"])
    link = her.get(film["url"])["Location"]
    rest = httpx.get(link, headers={"Range": "bytes=1000-"}, timeout=30)
    assert rest.status_code == 206
    assert rest.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert rest.content == whole[1000:]


def test_a_page_of_ours_may_read_a_part_of_a_film_from_the_storage_and_nobody_elses(
    classroom: Classroom, her: APIClient
) -> None:
    film = renditions(manifest(her, classroom), "video", classroom.lessons["video"])["original"]
    link = her.get(film["url"])["Location"]
    part = httpx.get(link, headers={"Origin": settings.PUBLIC_URL, "Range": "bytes=10-19"}, timeout=30)
    assert part.headers["Access-Control-Allow-Origin"] == settings.PUBLIC_URL
    exposed = {name.strip().lower() for name in part.headers["Access-Control-Expose-Headers"].split(",")}
    assert {"etag", "content-range"} <= exposed
    asked = httpx.options(
        link,
        headers={
            "Origin": settings.PUBLIC_URL,
            "Access-Control-Request-Method": "GET",
            "Access-Control-Request-Headers": "range",
        },
        timeout=30,
    )
    assert asked.status_code in {200, 204}
    assert "range" in asked.headers["Access-Control-Allow-Headers"].lower()
    other = httpx.get(link, headers={"Origin": "https://elsewhere.example"}, timeout=30)
    assert "Access-Control-Allow-Origin" not in other.headers
