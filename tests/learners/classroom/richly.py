"""A course with every kind of lesson, and someone who takes it with a browser."""

from dataclasses import dataclass
from uuid import UUID

from django.test import Client
from django.utils import timezone

from courses.authoring.services import add_lesson, add_module, create_course
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from courses.publishing.services import publish_course
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.files.models import StoredFile, Upload, UploadState
from tests.cast import Country, browser_for, make_person, make_staff

CAPTIONS = "WEBVTT\n\n00:00.000 --> 00:02.000\nمن الفكرة إلى أول بيع\n"
TYPES = {"video": "video/mp4", "audio": "audio/mp4", "document": "application/pdf"}
# kind, titles, required
LESSONS = (
    ("text", {"ar": "الفكرة قريبة منكِ", "fr": "L’idée est tout près de vous"}, True),
    ("video", {"ar": "شاهدي: أول بيع", "fr": "À voir : la première vente"}, True),
    ("audio", {"ar": "اسمعي: خلاصة الوحدة", "fr": "À écouter : l’essentiel"}, False),
    ("document", {"ar": "ورقة للطباعة", "fr": "Feuille à imprimer"}, False),
    ("quiz", {"ar": "أسئلة", "fr": "Questions"}, True),
)


def _choices(*texts: str, right: tuple[int, ...]) -> list[dict[str, object]]:
    return [{"id": f"c{place}", "text": text, "correct": place in right} for place, text in enumerate(texts)]


QUIZ = {
    "ar": [
        {"id": "q1", "kind": "single", "text": "ما هو الربح؟", "feedback": "الثمن ناقص التكلفة.",
         "choices": _choices("ما يبقى بعد التكلفة", "كل ما يدخل الصندوق", right=(0,))},
        {"id": "q2", "kind": "multiple", "text": "ما الذي ندخله في التكلفة؟", "feedback": "وقتكِ له ثمن أيضا.",
         "choices": _choices("المواد", "وقت العمل", "ثمن الجيران", right=(0, 1))},
        {"id": "q3", "kind": "true_false", "text": "الثمن أكبر من التكلفة.", "feedback": "وإلا فلا ربح.",
         "choices": _choices("صحيح", "خطأ", right=(0,))},
        {"id": "q4", "kind": "short", "text": "ما اسم عملة المغرب؟", "accepted": ["الدرهم", "درهم"],
         "feedback": "نكتب الثمن بالدرهم."},
    ],
    "fr": [
        {"id": "q1", "kind": "single", "text": "Qu’est-ce que le bénéfice ?", "feedback": "Le prix moins le coût.",
         "choices": _choices("Ce qui reste après le coût", "Tout ce qui entre en caisse", right=(0,))},
        {"id": "q2", "kind": "multiple", "text": "Que compte-t-on dans le coût ?", "feedback": "Votre temps aussi.",
         "choices": _choices("Les matières", "Le temps", "Le prix des voisines", right=(0, 1))},
        {"id": "q3", "kind": "true_false", "text": "Le prix dépasse le coût.", "feedback": "Sinon, aucun bénéfice.",
         "choices": _choices("Vrai", "Faux", right=(0,))},
        {"id": "q4", "kind": "short", "text": "La monnaie du Maroc ?", "accepted": ["Dirham"],
         "feedback": "Le prix s’écrit en dirhams."},
    ],
}  # fmt: skip
RIGHT = {"q-q1": "c0", "q-q2": ["c0", "c1"], "q-q3": "c0", "q-q4": "درهم"}
WRONG = {"q-q1": "c1", "q-q2": ["c2"], "q-q3": "c1", "q-q4": "لا أدري"}


@dataclass
class Classroom:
    """Alice and her browser before a course of every kind of lesson."""

    alice: Person
    browser: Client
    course: Course
    enrolment: Enrolment

    @property
    def lessons(self) -> dict[str, UUID]:
        rows = PublishedLesson.objects.filter(publication_id=self.course.newest_id)
        return dict(rows.values_list("kind", "uuid"))

    def url(self, kind: str) -> str:
        return f"/my/courses/{self.course.slug}/lessons/{self.lessons[kind]}"

    def page(self, path: str, **headers: str) -> str:
        answer = self.browser.get(path, headers=headers)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.content.decode()


def open_classroom(country: Country, **fields: object) -> Classroom:
    course = rich_course(country)
    alice = make_person(**{"home": country.larache_centre, **fields})  # type: ignore[arg-type]
    enrolment, _new = enrol(learner=alice, course=course, at=timezone.now())
    return Classroom(alice, browser_for(alice), course, enrolment)


def rich_course(country: Country, slug: str = "riyada") -> Course:
    at = timezone.now()
    by = make_staff("publisher", country.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", country.institute.path),))
    course = create_course(
        organisation=country.institute,
        by=by,
        slug=slug,
        languages=("ar", "fr"),
        title={"ar": "أساسيات ريادة الأعمال", "fr": "Les bases de l’entrepreneuriat"},
        summary={"ar": "من الفكرة إلى المشروع.", "fr": "De l’idée au projet."},
        is_open=True,
        topic="enterprise",
        hours=6,
        at=at,
    )
    module = add_module(course=course, by=by, title={"ar": "من الفكرة", "fr": "L’idée"}, at=at)
    for kind, title, required in LESSONS:
        lesson = add_lesson(
            module=module, by=by, kind=kind, title=title, required=required, minutes=10, at=at
        )
        for language, content in _contents(kind, by).items():
            put_variant(lesson=lesson, by=by, language=language, content=content, expected=None, at=at)
    publish_course(course=course, by=by, notes="", at=at)
    course.refresh_from_db()
    return course


def _contents(kind: str, by: Person) -> dict[str, dict[str, object]]:
    if kind == "text":
        return {"ar": {"body": "## خطوة\n\nنص **مهم**"}, "fr": {"body": "## Étape\n\nTexte **important**"}}
    if kind == "quiz":
        return {language: {"questions": questions} for language, questions in QUIZ.items()}
    contents: dict[str, dict[str, object]] = {"ar": {"upload": _file(kind, by)}}
    if kind == "video":
        contents["ar"]["captions"] = CAPTIONS
    if kind == "audio":
        contents["ary"] = {"upload": _file(kind, by)}
    return contents


def _file(kind: str, by: Person) -> Upload:
    """A file that was checked; nobody fetches it."""
    number = Upload.objects.count()
    key = f"content/{kind}-{number}"
    file = StoredFile.objects.create(
        purpose=kind, key=key, content_type=TYPES[kind], bytes=3_400_000, sha256=f"{number:064x}", seconds=60
    )
    return Upload.objects.create(
        owner=by,
        purpose=kind,
        key=f"sent/{key}",
        name=kind,
        size=1,
        part_size=1,
        state=UploadState.READY,
        file=file,
    )
