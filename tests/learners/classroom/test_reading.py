"""What is taught, as learners and strangers read it: catalogue, outlines, lessons, files."""

import gzip
import hashlib
from typing import Any

import brotli
import httpx
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from courses.catalogue.models import Course
from learners.enrolments.services import enrol, withdraw
from lms.accounts.models import Person
from lms.files.models import StoredFile, Upload
from tests.cast import Country, client_for, make_person, make_staff, publish_course
from tests.courses.writing import Author
from tests.lms.files.sending import document, send_file
from tests.outbox import work_off

OUTLINE = "/api/v1/courses/course/outline"


@pytest.fixture
def alice(country: Country) -> Person:
    return make_person(home=country.larache_centre)


@pytest.fixture
def publisher(country: Country) -> Author:
    first, second = (client_for(make_staff("publisher", country.institute)) for _ in range(2))
    return Author(first, second=second)


def take(learner: Person, course: Course) -> Any:
    """Enrol her, also where only a cohort could."""
    is_open, course.open = course.open, True
    enrolment, _new = enrol(learner=learner, course=course, at=timezone.now())
    course.open = is_open
    return enrolment


# The catalogue


def test_anyone_reads_the_catalogue_in_her_language(country: Country, client: APIClient) -> None:
    publish_course(country)
    [course] = client.get("/api/v1/courses", headers={"Accept-Language": "fr"}).json()["results"]
    assert course["bytes"].keys() == {"full", "text"}
    del course["bytes"]
    assert course == {
        "slug": "course",
        "title": "Cours course",
        "summary": "Un petit cours",
        "language": "fr",
        "languages": ["ar", "fr"],
        "topic": "enterprise",
        "open": True,
        "modules": 2,
        "lessons": 3,
        "minutes": 15,
        "hours": 12,
        "publication": 1,
        "prerequisite": None,
        "enrolment": None,
    }
    [english] = client.get("/api/v1/courses", headers={"Accept-Language": "en"}).json()["results"]
    assert (english["title"], english["language"]) == ("دورة course", "ar")


def test_drafts_stand_in_no_catalogue(publisher: Author, client: APIClient) -> None:
    publisher.small_course()
    assert client.get("/api/v1/courses").json()["results"] == []
    assert client.get("/api/v1/courses/biz").status_code == 404
    assert client.get("/api/v1/courses/biz/outline").status_code == 404


def test_a_learner_sees_where_she_stands_and_nobody_elses(
    country: Country, alice: Person, client: APIClient
) -> None:
    enrolment = take(alice, publish_course(country))
    hers = {"id": str(enrolment.uuid), "state": "active", "percent": 0}
    her_client = client_for(alice)
    assert her_client.get("/api/v1/courses").json()["results"][0]["enrolment"] == hers
    assert her_client.get("/api/v1/courses/course").json()["enrolment"] == hers
    other = client_for(make_person(home=country.larache_centre))
    assert other.get("/api/v1/courses/course").json()["enrolment"] is None
    assert client.get("/api/v1/courses/course").json()["enrolment"] is None


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "المُقاوله"}, ["law"]),
        ({"q": "COURS CREE"}, ["law"]),
        ({"q": "لا شيء كهذا"}, []),
        ({"q": "%"}, ["law", "biz"]),
        ({"language": "fr"}, ["law"]),
        ({"language": "ar"}, ["law", "biz"]),
        ({"topic": "leading"}, ["biz"]),
        ({"topic": "leading", "language": "fr"}, []),
    ],
)
def test_the_catalogue_narrows_by_words_language_and_topic(
    publisher: Author, client: APIClient, asked: dict[str, str], found: list[str]
) -> None:
    publisher.small_course(slug="law", title={"ar": "المقاولة الذاتية", "fr": "Cours : créer"})
    publisher.small_course(slug="biz", languages=["ar"], title={"ar": "القيادة"}, topic="leading")
    publisher.publish("law")
    publisher.publish("biz")
    slugs = [course["slug"] for course in client.get("/api/v1/courses", asked).json()["results"]]
    assert slugs == found


def test_the_catalogue_costs_three_statements_however_long_it_is(
    country: Country, alice: Person, django_assert_num_queries: Any
) -> None:
    for number in range(4):
        take(alice, publish_course(country, slug=f"course-{number}", lessons=(("text",),)))
    her_client = client_for(alice)
    with django_assert_num_queries(3):
        assert len(her_client.get("/api/v1/courses").json()["results"]) == 4


# Outlines


def test_the_outline_is_sent_as_it_was_stored_with_an_etag_per_encoding(
    country: Country, client: APIClient
) -> None:
    row = publish_course(country).newest.outlines.get(language="ar")
    plain = client.get(OUTLINE)
    zipped = client.get(OUTLINE, headers={"Accept-Encoding": "gzip"})
    best = client.get(OUTLINE, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert plain.content == bytes(row.identity)
    assert gzip.decompress(zipped.content) == plain.content
    assert brotli.decompress(best.content) == plain.content
    assert [answer.headers.get("Content-Encoding") for answer in (plain, zipped, best)] == [
        None,
        "gzip",
        "br",
    ]
    etags = {answer.headers["ETag"] for answer in (plain, zipped, best)}
    assert len(etags) == 3
    assert not any(etag.startswith("W/") for etag in etags)
    assert plain.headers["Cache-Control"] == "no-cache"
    assert {"Accept-Language", "Authorization", "Cookie", "Accept-Encoding"} <= set(
        plain.headers["Vary"].split(", ")
    )


@pytest.mark.parametrize("encoding", ["identity", "gzip", "br"])
def test_an_outline_that_has_not_changed_is_not_sent_again(
    country: Country, alice: Person, encoding: str, django_assert_num_queries: Any
) -> None:
    take(alice, publish_course(country))
    her_client = client_for(alice)
    headers = {"Accept-Encoding": encoding}
    first = her_client.get(OUTLINE, headers=headers)
    with django_assert_num_queries(2):
        again = her_client.get(OUTLINE, headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Content-Location"] == first.headers["Content-Location"]


def test_the_immutable_address_gives_the_same_bytes(country: Country, client: APIClient) -> None:
    publish_course(country)
    outline = client.get(OUTLINE, {"language": "fr"})
    assert outline.headers["Content-Language"] == "fr"
    assert outline.headers["Content-Location"] == "/api/v1/courses/course/publications/1/outline/fr"
    fixed = client.get(outline.headers["Content-Location"])
    assert fixed.content == outline.content
    assert fixed.headers["ETag"] == outline.headers["ETag"]
    assert fixed.headers["Cache-Control"] == "max-age=31536000, immutable"


@pytest.mark.parametrize(
    ("accepts", "asked", "given"),
    [
        ("fr", "", "fr"),
        ("ar", "fr", "fr"),
        ("en", "", "ar"),
        ("", "", "ar"),
        ("fr", "xx", "ar"),
        ("zgh", "", "ar"),
    ],
)
def test_the_outline_falls_back_to_the_courses_first_language_and_says_so(
    country: Country, client: APIClient, accepts: str, asked: str, given: str
) -> None:
    publish_course(country)
    answer = client.get(OUTLINE, {"language": asked} if asked else {}, headers={"Accept-Language": accepts})
    assert answer.json()["language"] == given
    assert answer.headers["Content-Language"] == given


def test_a_publication_exists_in_its_own_languages_only(country: Country, client: APIClient) -> None:
    publish_course(country)
    for missing in ("1/outline/en", "2/outline/ar", "0/outline/ar"):
        assert client.get(f"/api/v1/courses/course/publications/{missing}").status_code == 404


def test_an_enrolled_learner_stays_on_the_publication_she_began(publisher: Author, alice: Person) -> None:
    lesson = publisher.small_course()
    publisher.publish()
    take(alice, Course.objects.get())
    publisher.write(lesson, "ar", body="غيره")
    publisher.publish()
    hers = client_for(alice).get("/api/v1/courses/biz/outline").json()
    assert hers["publication"]["number"] == 1
    assert publisher.client.get("/api/v1/courses/biz/outline").json()["publication"]["number"] == 2


def test_a_closed_course_is_read_by_the_enrolled_alone(
    country: Country, alice: Person, client: APIClient
) -> None:
    course = publish_course(country, is_open=False)
    enrolment = take(alice, course)
    lesson = course.newest.lessons.first()
    fixed = "/api/v1/courses/course/publications/1"
    paths = [OUTLINE, f"{fixed}/outline/ar", f"{fixed}/lessons/{lesson.uuid}"]
    her_client = client_for(alice)
    for path in paths:
        answer = her_client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"].startswith("private")
    stranger = client_for(make_person(home=country.larache_centre))
    never_was = stranger.get("/api/v1/courses/never/outline").json()
    for path in paths:
        for reader in (client, stranger):
            refused = reader.get(path)
            assert refused.status_code == 404
            assert refused.json() | {"request_id": ""} == never_was | {"request_id": ""}
    withdraw(enrolment=enrolment)
    assert her_client.get(OUTLINE).status_code == 404
    assert client.get("/api/v1/courses/course").json()["open"] is False


def test_a_closed_courses_later_publication_is_not_hers_until_she_is_moved(
    country: Country, publisher: Author, alice: Person
) -> None:
    lesson = publisher.small_course(open=False)
    publisher.publish()
    take(alice, Course.objects.get())
    publisher.write(lesson, "ar", body="غيره")
    publisher.publish()
    her_client = client_for(alice)
    assert her_client.get("/api/v1/courses/biz/publications/1/outline/ar").status_code == 200
    assert her_client.get("/api/v1/courses/biz/publications/2/outline/ar").status_code == 404


# Lessons and files


def test_a_lesson_says_its_words_in_the_language_asked_for(country: Country, client: APIClient) -> None:
    lesson = publish_course(country).newest.lessons.first()
    path = f"/api/v1/courses/course/publications/1/lessons/{lesson.uuid}"
    french = client.get(path, {"language": "fr"})
    assert french.json()["html"] == "<p>Texte de la leçon <strong>1</strong></p>"
    assert french.headers["Cache-Control"] == "max-age=31536000, immutable"
    fallen_back = client.get(path, headers={"Accept-Language": "en"})
    assert (fallen_back.json()["language"], fallen_back.json()["files"]) == ("ar", [])
    assert fallen_back.headers["Cache-Control"] == "no-cache"


def test_a_quizs_answers_are_nowhere_in_its_lesson(country: Country, client: APIClient) -> None:
    quiz = publish_course(country).newest.lessons.get(kind="quiz")
    answer = client.get(f"/api/v1/courses/course/publications/1/lessons/{quiz.uuid}")
    assert answer.status_code == 200
    assert "correct" not in answer.content.decode()


def test_a_sheet_is_reached_by_a_signed_link_and_its_facts_stand_in_the_outline(
    publisher: Author, client: APIClient, django_assert_num_queries: Any
) -> None:
    publisher.course()
    sheet = publisher.lesson(publisher.module(), "document")
    publisher.write(
        sheet, "ar", body="اطبعيها", upload=send_file(publisher.client, document(), "document")["id"]
    )
    work_off()
    publisher.publish()
    [lesson] = client.get("/api/v1/courses/biz/outline").json()["modules"][0]["lessons"]
    [file] = lesson["files"]
    assert (file["content_type"], file["language"]) == ("application/pdf", "ar")
    assert lesson["bytes"] == file["bytes"] + len("<p>اطبعيها</p>".encode())

    path = f"/api/v1/courses/biz/publications/1/lessons/{sheet['id']}"
    assert client.get(path).json()["files"] == [file]
    with django_assert_num_queries(3):
        link = client.get(f"{path}/file", {"language": "fr"})
    assert (link.status_code, link.headers["Cache-Control"]) == (302, "no-store")
    assert "X-Amz-Expires=300" in link.headers["Location"]
    got = httpx.get(link.headers["Location"], timeout=10)
    assert hashlib.sha256(got.content).hexdigest() == file["sha256"]
    assert got.headers["Content-Disposition"] == 'inline; filename="document.pdf"'
    assert client.get(f"{path}/captions").status_code == 404


def test_a_lesson_without_a_file_has_no_link(country: Country, client: APIClient) -> None:
    lesson = publish_course(country).newest.lessons.first()
    assert client.get(f"/api/v1/courses/course/publications/1/lessons/{lesson.uuid}/file").status_code == 404


def checked_film(owner: Person, name: str) -> Upload:
    """An upload whose film was checked; what it shows plays no part here."""
    file = StoredFile.objects.create(
        purpose="video",
        key=f"files/{name}",
        content_type="video/mp4",
        bytes=1_000,
        sha256=name * 16,
        seconds=61.5,
    )
    return Upload.objects.create(
        owner=owner, purpose="video", name=name, size=1_000, part_size=1, key=name, state="ready", file=file
    )


CUE = "WEBVTT\n\n00:00.000 --> 00:01.000\n"


def test_a_film_is_heard_in_her_tongue_with_its_captions(country: Country, client: APIClient) -> None:
    person = make_staff("publisher", country.institute)
    publisher = Author(client_for(person), second=client_for(make_staff("publisher", country.institute)))
    publisher.course()
    film = publisher.lesson(publisher.module(), "video")
    for language in ("ar", "ary"):
        upload = checked_film(person, f"{language:_<4}")
        publisher.write(film, language, upload=str(upload.uuid), captions=f"{CUE}{language}")
    publisher.publish()

    outline = client.get("/api/v1/courses/biz/outline", {"language": "fr"}).json()
    [lesson] = outline["modules"][0]["lessons"]
    assert [file["language"] for file in lesson["files"]] == ["ar", "ary"]
    assert lesson["files"][0]["seconds"] == 61.5

    path = f"/api/v1/courses/biz/publications/1/lessons/{film['id']}"
    assert client.get(path, {"language": "ary"}).json()["captions"].endswith("ary")
    captions = client.get(f"{path}/captions", {"language": "fr"})
    assert captions.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert captions.content.decode().endswith("ar")
    link = client.get(f"{path}/file", {"language": "ary"}).headers["Location"]
    assert "/files/ary_?" in link
    assert "X-Amz-Expires=7200" in link
