"""A quiz written on one page: its questions once, its words in every language; and it can be solved."""

from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from courses.authoring.models import Lesson
from courses.authoring.services import add_lesson, add_module, create_course
from courses.studio.queries import problems_of
from lms.accounts.models import Person
from tests.cast import Country, browser_for, make_staff


class Fields(HTMLParser):
    """What a browser would send of a page's forms: name → values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sent: dict[str, list[str]] = {}
        self.writing = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, kind = said.get("name") or "", said.get("type") or ""
        if tag == "textarea":
            self.writing = name
            self.sent.setdefault(name, []).append("")
        elif tag == "input" and name and (kind not in ("radio", "checkbox") or "checked" in said):
            self.sent.setdefault(name, []).append(said.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self.writing = "" if tag == "textarea" else self.writing

    def handle_data(self, data: str) -> None:
        if self.writing:
            self.sent[self.writing][-1] += data


class Page:
    def __init__(self, browser: Client, lesson: Lesson) -> None:
        self.browser, self.lesson, self.path = browser, lesson, f"/studio/lessons/{lesson.uuid}"

    def send(self, **changes: str) -> int:
        """What the page shows, with these fields written anew."""
        fields = Fields(self.browser.get(self.path).content.decode()).sent
        said: dict[str, Any] = fields | {name.replace("__", "-"): [value] for name, value in changes.items()}
        return int(self.browser.post(self.path, said).status_code)

    def asked(self, language: str = "ar") -> list[dict[str, Any]]:
        questions: list[dict[str, Any]] = self.lesson.variants.get(language=language).questions
        return questions


@pytest.fixture
def trainer(country: Country) -> Person:
    return make_staff("trainer", country.institute)


@pytest.fixture
def page(country: Country, trainer: Person) -> Page:
    now = timezone.now()
    course = create_course(
        organisation=country.institute,
        by=trainer,
        slug="suq",
        languages=["ar", "fr"],
        title={"ar": "البيع", "fr": "Vendre"},
        at=now,
    )
    module = add_module(course=course, by=trainer, title={"ar": "الوحدة"}, at=now)
    lesson = add_lesson(module=module, by=trainer, kind="quiz", title={"ar": "اختبار"}, at=now)
    return Page(browser_for(trainer), lesson)


def write_the_first(page: Page) -> None:
    assert page.send(**{"add-question": "single"}) == 303
    words = {"0__text_ar": "ما هو الربح؟", "0__0__text_ar": "ما يبقى", "0__1__text_ar": "كل شيء"}
    french = {"0__text_fr": "Le gain ?", "0__0__text_fr": "Ce qui reste", "0__1__text_fr": "Tout"}
    assert (
        page.send(**words, **french, **{"0__right": "0", "0__2__text_ar": "لا شيء", "0__2__text_fr": "Rien"})
        == 303
    )


def test_a_question_is_written_once_with_its_words_in_both_languages(page: Page) -> None:
    write_the_first(page)
    [arabic], [french] = page.asked("ar"), page.asked("fr")
    assert [choice["text"] for choice in arabic["choices"]] == ["ما يبقى", "كل شيء", "لا شيء"]
    assert [choice["text"] for choice in french["choices"]] == ["Ce qui reste", "Tout", "Rien"]
    assert [choice["correct"] for choice in french["choices"]] == [True, False, False]
    assert arabic["id"] == french["id"]
    assert [choice["id"] for choice in arabic["choices"]] == [choice["id"] for choice in french["choices"]]
    assert problems_of(page.lesson.module.course) == []


def test_keeping_the_page_as_it_is_changes_nothing(page: Page) -> None:
    write_the_first(page)
    before = Lesson.objects.get(pk=page.lesson.pk).version
    assert page.send() == 303
    assert Lesson.objects.get(pk=page.lesson.pk).version == before


def test_every_kind_can_be_written_and_the_quiz_be_solved(page: Page) -> None:
    write_the_first(page)
    for kind in ("multiple", "true_false", "short"):
        assert page.send(**{"add-question": kind}) == 303
    assert [problem[1] for problem in problems_of(page.lesson.module.course)] != []
    several = {"1__text_ar": "ما هي التكاليف؟", "1__0__text_ar": "النقل", "1__1__text_ar": "المواد"}
    true = {"2__text_ar": "الثمن أكبر من التكلفة", "2__right": "0"}
    short = {"3__text_ar": "عملة المغرب؟", "3__accepted_ar": "الدرهم\nدرهم\n", "3__feedback_ar": "أحسنتِ"}
    french = {f"{key}__text_fr": "?" for key in (1, 2, 3)} | {"3__accepted_fr": "dirham"}
    marks = {
        "1__0__correct": "0",
        "1__1__correct": "1",
        "1__0__text_fr": "Transport",
        "1__1__text_fr": "Matières",
    }
    assert page.send(**several, **true, **short, **french, **marks, pass_percent="80") == 303
    kinds = {question["kind"]: question for question in page.asked()}
    assert [choice["correct"] for choice in kinds["multiple"]["choices"]] == [True, True]
    assert [choice["text"] for choice in kinds["true_false"]["choices"]] == ["صحيح", "خطأ"]
    assert kinds["short"]["accepted"] == ["الدرهم", "درهم"]
    assert Lesson.objects.get(pk=page.lesson.pk).pass_percent == 80
    assert problems_of(page.lesson.module.course) == []


def test_a_number_and_an_order_are_written_too(page: Page) -> None:
    page.send(**{"add-question": "numeric"})
    page.send(**{"add-question": "ordering"})
    number = {"0__text_ar": "كم الربح؟", "0__text_fr": "Le gain ?", "0__value": "٣٫٥", "0__tolerance": "x"}
    steps = {"1__text_ar": "رتبي", "1__text_fr": "Ordonnez"}
    for place, words in enumerate((("اشتري", "Achetez"), ("اصنعي", "Fabriquez"), ("بيعي", "Vendez"))):
        steps |= {f"1__{place}__text_ar": words[0], f"1__{place}__text_fr": words[1]}
    assert page.send(**number, **steps) == 303
    [asked, ordered] = page.asked()
    assert (asked["value"], asked["tolerance"]) == ("٣٫٥", "0")
    assert [choice["text"] for choice in ordered["choices"]] == ["اشتري", "اصنعي", "بيعي"]
    assert [choice["text"] for choice in page.asked("fr")[1]["choices"]] == ["Achetez", "Fabriquez", "Vendez"]
    assert problems_of(page.lesson.module.course) == []


def test_a_question_is_moved_and_removed(page: Page) -> None:
    write_the_first(page)
    page.send(**{"add-question": "short"})
    page.send(**{"1__text_ar": "الثانية"})
    page.send(**{"1__place": "1"})
    assert [question["text"] for question in page.asked()] == ["الثانية", "ما هو الربح؟"]
    page.send(**{"0__remove": "1"})
    assert [question["text"] for question in page.asked()] == ["ما هو الربح؟"]


def test_an_answer_without_words_in_any_language_is_left_out(page: Page) -> None:
    write_the_first(page)
    page.send(**{"0__2__text_ar": "", "0__2__text_fr": ""})
    assert [choice["text"] for choice in page.asked()[0]["choices"]] == ["ما يبقى", "كل شيء"]
    page.send(**{"0__1__text_fr": ""})
    assert [choice["text"] for choice in page.asked("fr")[0]["choices"]] == ["Ce qui reste", ""]
