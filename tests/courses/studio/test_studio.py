"""Writing a course on pages: outline, languages side by side, review; nobody overwrites work that she has not seen."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from courses.authoring.models import Lesson, Module
from courses.authoring.reuse import copy_lesson
from courses.authoring.services import add_lesson, add_module, create_course
from courses.catalogue.models import Course
from courses.publishing.models import Publication
from courses.reviewing.models import Review
from lms.accounts.models import Person
from lms.files.models import Rendition
from tests.cast import Country, browser_for, make_staff
from tests.lms.files.recordings import keep, sent_by, tone

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:01.000\nالثمن العادل\n"


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def course(country: Country, trainer: Person) -> Course:
    return create_course(
        organisation=country.institute,
        by=trainer,
        slug="suq",
        languages=["ar", "fr"],
        title={"ar": "البيع في السوق", "fr": "Vendre au marché"},
        at=timezone.now(),
    )


@pytest.fixture
def lessons(course: Course, trainer: Person) -> list[Lesson]:
    """Two modules of two lessons each."""
    words: dict[str, Any] = {"by": trainer, "at": timezone.now()}
    made = []
    for place in (1, 2):
        module = add_module(course=course, title={"ar": f"الوحدة {place}"}, **words)
        made += [
            add_lesson(module=module, kind="text", title={"ar": f"الدرس {place}.{number}"}, **words)
            for number in (1, 2)
        ]
    return made


def order() -> list[list[str]]:
    return [
        [lesson.title["ar"].removeprefix("الدرس ") for lesson in module.lessons.order_by("position")]
        for module in Module.objects.order_by("position")
    ]


def act(browser: Client, course: Course, action: str, **fields: Any) -> Any:
    return browser.post(f"/studio/courses/{course.slug}", {"action": action, **fields})


def version(course: Course) -> int:
    return Course.objects.get(pk=course.pk).version


def form(lesson: Lesson, **changes: str) -> dict[str, Any]:
    kept = Lesson.objects.get(pk=lesson.pk)
    said = {variant.language: variant.body for variant in kept.variants.all()}
    return {
        "version": kept.version,
        "minutes": kept.minutes,
        "required": "1",
        **{f"title_{code}": kept.title.get(code, "") for code in ("ar", "fr")},
        **{f"body_{code}": said.get(code, "") for code in ("ar", "fr")},
        **changes,
    }


def test_from_an_empty_course_to_what_is_still_missing(trainer: Person, course: Course) -> None:
    browser = browser_for(trainer)
    assert "البيع في السوق" in browser.get("/studio").content.decode()
    assert act(browser, course, "add-module", title_ar="الوحدة الأولى").status_code == 303
    module = str(Module.objects.get().uuid)
    assert act(browser, course, "add-lesson", module=module, kind="text", title_ar="الثمن").status_code == 303
    page = browser.get(f"/studio/courses/{course.slug}").content.decode()
    assert f"/studio/lessons/{Lesson.objects.get().uuid}" in page
    assert 'value="submit"' not in page, "it is not ready"


@pytest.mark.parametrize(
    ("moved", "way", "expected"),
    [
        (1, "up", [["1.2", "1.1"], ["2.1", "2.2"]]),
        (1, "down", [["1.1"], ["1.2", "2.1", "2.2"]]),
        (2, "up", [["1.1", "1.2", "2.1"], ["2.2"]]),
        (0, "up", [["1.1", "1.2"], ["2.1", "2.2"]]),
        (3, "down", [["1.1", "1.2"], ["2.1", "2.2"]]),
    ],
)
def test_a_lesson_moves_by_buttons_into_the_neighbouring_module_too(
    trainer: Person, course: Course, lessons: list[Lesson], moved: int, way: str, expected: list[list[str]]
) -> None:
    answer = act(browser_for(trainer), course, way, moved=str(lessons[moved].uuid), version=version(course))
    assert answer.status_code == 303
    assert order() == expected


def test_a_module_moves_with_its_lessons(trainer: Person, course: Course, lessons: list[Lesson]) -> None:
    module = Module.objects.order_by("position").first()
    assert module is not None
    act(browser_for(trainer), course, "down", moved=str(module.uuid), version=version(course))
    assert order() == [["2.1", "2.2"], ["1.1", "1.2"]]


def test_an_order_that_was_not_seen_is_not_changed(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    seen = version(course)
    browser = browser_for(trainer)
    act(browser, course, "down", moved=str(lessons[0].uuid), version=seen)
    stale = act(browser, course, "down", moved=str(lessons[0].uuid), version=seen)
    assert stale.status_code == 412
    assert order() == [["1.2", "1.1"], ["2.1", "2.2"]]


def test_a_lesson_is_written_in_two_languages_at_once_and_seen_as_a_learner_will(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    browser, path = browser_for(trainer), f"/studio/lessons/{lessons[0].uuid}"
    sent = form(
        lessons[0], body_ar="# الثمن\n\n**مهم** <script>alert(1)</script>", body_fr="Le *prix*", minutes="12"
    )
    assert browser.post(path, sent)["Location"].endswith("?kept")
    page = browser.get(path).content.decode()
    assert "<strong>مهم</strong>" in page
    assert "<em>prix</em>" in page
    assert "<script>alert" not in page
    assert Lesson.objects.get(pk=lessons[0].pk).minutes == 12


def test_kept_again_nothing_changes(trainer: Person, course: Course, lessons: list[Lesson]) -> None:
    browser, path = browser_for(trainer), f"/studio/lessons/{lessons[0].uuid}"
    browser.post(path, form(lessons[0], body_ar="نص"))
    before = Lesson.objects.get(pk=lessons[0].pk).version
    assert browser.post(path, form(lessons[0])).status_code == 303
    assert Lesson.objects.get(pk=lessons[0].pk).version == before


def test_two_trainers_on_one_lesson_see_both_texts_and_choose(
    trainer: Person, course: Course, lessons: list[Lesson], country: Country
) -> None:
    path = f"/studio/lessons/{lessons[0].uuid}"
    hers, another = browser_for(trainer), browser_for(make_staff("trainer", country.institute))
    mine = form(lessons[0], body_ar="نصي أنا", body_fr="mon texte")
    another.post(path, form(lessons[0], body_ar="نص الأخرى"))
    shown = hers.post(path, mine)
    page = shown.content.decode()
    assert shown.status_code == 412
    assert "<del>نص الأخرى</del>" in page
    assert "<ins>نصي أنا</ins>" in page
    assert Lesson.objects.get(pk=lessons[0].pk).variants.get(language="ar").body == "نص الأخرى"

    [fresh] = re.findall(r'name="version" value="(\d+)"', page)
    assert hers.post(path, mine | {"version": fresh, "take_ar": "1"}).status_code == 303
    said = dict(Lesson.objects.get(pk=lessons[0].pk).variants.values_list("language", "body"))
    assert said == {"ar": "نص الأخرى", "fr": "mon texte"}


def test_a_refusal_keeps_what_she_wrote_on_the_page(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    browser, path = browser_for(trainer), f"/studio/lessons/{lessons[0].uuid}"
    browser.post(path, form(lessons[0], body_ar="نص"))
    stale = form(lessons[0], body_ar="نص طويل كتبته في ساعة") | {"version": "1"}
    assert "نص طويل كتبته في ساعة" in browser.post(path, stale).content.decode()


def test_submitted_commented_approved_and_published_on_the_page(
    trainer: Person, course: Course, country: Country
) -> None:
    hers = browser_for(trainer)
    act(hers, course, "add-module", title_ar="الوحدة")
    act(hers, course, "add-lesson", module=str(Module.objects.get().uuid), kind="text", title_ar="الثمن")
    lesson = Lesson.objects.get()
    hers.post(f"/studio/lessons/{lesson.uuid}", form(lesson, body_ar="نص"))
    assert act(hers, course, "submit").status_code == 303
    publisher = browser_for(make_staff("publisher", country.institute))
    act(publisher, course, "comment", words="أحسنتِ، أضيفي مثالا")
    assert "أضيفي مثالا" in hers.get(f"/studio/courses/{course.slug}").content.decode()
    assert act(hers, course, "approve").status_code == 403
    assert act(publisher, course, "approve").status_code == 303
    assert act(publisher, course, "publish").status_code == 303
    assert Publication.objects.get().number == 1
    assert Review.objects.get().state == "published"


def test_an_unknown_act_or_thing_is_not_there(
    trainer: Person, course: Course, lessons: list[Lesson], country: Country
) -> None:
    browser = browser_for(trainer)
    assert act(browser, course, "erase").status_code == 404
    assert act(browser, course, "up", moved="x", version=version(course)).status_code == 404
    assert (
        act(browser, course, "add-lesson", module=str(uuid4()), kind="text", title_ar="ا").status_code == 404
    )
    stranger = browser_for(make_staff("trainer", country.association))
    for path in (f"/studio/courses/{course.slug}", f"/studio/lessons/{lessons[0].uuid}"):
        assert stranger.get(path).status_code == 404
        assert Client().get(path).status_code == 302


def test_a_course_is_begun_on_a_page(trainer: Person) -> None:
    browser = browser_for(trainer)
    assert 'name="slug"' in browser.get("/studio/new").content.decode()
    said = {"slug": "suq-2", "language_ar": "1", "language_fr": "1", "title_ar": "السوق", "open": "1"}
    answer = browser.post("/studio/new", said)
    assert (answer.status_code, answer["Location"]) == (303, "/studio/courses/suq-2")
    made = Course.objects.get()
    assert (made.languages, made.title, made.open) == (["ar", "fr"], {"ar": "السوق"}, True)
    for wrong, status in (
        ({"slug": "two words"}, 422),
        ({"language_ar": "", "language_fr": ""}, 422),
        ({}, 409),
    ):
        again = browser.post("/studio/new", said | wrong)
        assert again.status_code == status
        assert "السوق" in again.content.decode()


def test_a_module_is_renamed_and_copied_and_a_lesson_too(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    browser = browser_for(trainer)
    module = lessons[0].module.uuid
    act(browser, course, "rename-module", moved=module, title_ar="اسم آخر", version=version(course))
    assert Module.objects.get(uuid=module).title == {"ar": "اسم آخر"}
    act(browser, course, "copy-lesson", moved=lessons[0].uuid)
    act(browser, course, "copy-module", moved=module)
    assert order() == [["1.1", "1.2", "1.1"], ["2.1", "2.2"], ["1.1", "1.2", "1.1"]]


def test_what_a_lesson_said_is_seen_and_taken_back(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    browser, lesson = browser_for(trainer), lessons[0]
    browser.post(f"/studio/lessons/{lesson.uuid}", form(lesson, body_ar="الثمن العادل"))
    page = browser.get(f"/studio/lessons/{lesson.uuid}/history").content.decode()
    assert "<del>الثمن العادل</del>" in page
    answer = browser.post(f"/studio/lessons/{lesson.uuid}/history", {"version": "1"})
    assert (answer.status_code, answer["Location"]) == (303, f"/studio/lessons/{lesson.uuid}")
    assert not lesson.variants.exists()
    copied = copy_lesson(lesson=lesson, into=lesson.module, by=trainer, at=timezone.now())
    browser.post(f"/studio/lessons/{lesson.uuid}", form(lesson, body_ar="أحدث"))
    assert "history" in browser.get(f"/studio/courses/{course.slug}").content.decode()
    assert browser.post(f"/studio/lessons/{copied.uuid}/history", {"renew": "1"}).status_code == 303
    assert copied.variants.get().body == "أحدث"


def test_a_lesson_takes_files_captions_and_voices_and_says_what_they_cost(
    trainer: Person, course: Course, lessons: list[Lesson]
) -> None:
    browser = browser_for(trainer)
    heard = add_lesson(
        module=lessons[0].module, by=trainer, kind="audio", title={"ar": "استمعي"}, at=timezone.now()
    )
    file = keep(tone(), "audio")
    Rendition.objects.create(
        file=file, kind="audio", state="ready", key="renditions/x", bytes=9_000_000, sha256="0" * 64
    )
    upload = sent_by(trainer, file)
    page = f"/studio/lessons/{heard.uuid}"
    said = {"upload_ar": str(upload.uuid), "captions_ar": CAPTIONS, "upload_shi": str(upload.uuid)}
    assert browser.post(page, form(heard, **said)).status_code == 303
    kept = {variant.language: variant for variant in heard.variants.all()}
    assert {language: variant.upload for language, variant in kept.items()} == {"ar": upload, "shi": upload}
    assert kept["ar"].captions == CAPTIONS
    seen = browser.get(page).content.decode()
    assert dict(re.findall(r'name="upload_(\w+)" value="([^"]*)"', seen)) == {
        **dict.fromkeys(("ar", "shi"), str(upload.uuid)),
        **dict.fromkeys(("fr", "ary", "tzm", "rif"), ""),
    }
    assert 'value="0.9' in seen  # percent of a month's data
    assert browser.post(page, form(heard, **said, drop_ar="1")).status_code == 303
    assert heard.variants.get(language="ar").upload is None
    assert browser.post(page, form(heard, upload_ar=str(uuid4()))).status_code == 422
