"""The two courses of the demonstration: written by a trainer, published by a publisher, through the services."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import yaml
from django.db import transaction
from django.utils import timezone

from courses.authoring.next_steps import set_next_steps
from courses.authoring.services import add_lesson, add_module, create_course
from courses.authoring.variants import put_variant
from courses.catalogue.models import Course
from courses.publishing.services import publish_course
from learners.certificates.models import SignatureHolder
from learners.demonstration.media import keep_trusted
from lms.access.policy import PUBLISHER, TRAINER
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.files.models import Upload
from lms.organisations.models import Organisation

CONTENT: Final = Path(__file__).parent / "content"
SLUGS: Final = ("asasiyat-riyadat-al-aamal", "maharat-hayatiya-wa-qiyada")
MEDIA: Final = ("video", "audio", "document")
PUBLISHED_BEFORE: Final = timedelta(days=150)

Words = Mapping[str, str]
Say = Callable[[str], None]
Written = Mapping[str, Any]


def missing_courses() -> list[str]:
    """Slugs of the demonstration that are not published yet. One statement."""
    published = set(Course.objects.filter(slug__in=SLUGS).published().values_list("slug", flat=True))
    return [slug for slug in SLUGS if slug not in published]


def load_course(
    slug: str, *, institute: Organisation, trainer: Person, publisher: Person, at: datetime, say: Say
) -> Course:
    """Store the files of one course, then write and publish it in one transaction, as of 150 days ago.

    The format of `content/<slug>/course.yaml` is that of the files there. A lesson whose film, sound or sheet is not
    on disk (`media_making/` makes them) is left out and named. Refusals: those of authoring and publishing.
    """
    folder = CONTENT / slug
    written = yaml.safe_load((folder / "course.yaml").read_text(encoding="utf-8"))
    for path in _leave_out_missing(written, folder):
        say(f"! {slug}/{path} is missing: its lesson is left out")
    paths = sorted({(lesson["kind"], path) for lesson, path in _files(written)})
    uploads = keep_trusted(
        {path: (folder / path, kind) for kind, path in paths}, owner=trainer, at=at, home=f"content/{slug}"
    )
    for person, role in ((trainer, TRAINER), (publisher, PUBLISHER)):
        person.scope = Scope(person_id=person.pk, grants=(Grant(role, institute.path),))
    return _write(written, folder, uploads, institute, trainer, publisher, at - PUBLISHED_BEFORE)


def _leave_out_missing(written: Written, folder: Path) -> list[str]:
    """Take lessons without their files out of what is to be written; the files that are missing."""
    missing: list[str] = []
    for module in written["modules"]:
        for lesson in list(module["lessons"]):
            paths = [path for path in lesson.get("file", {}).values() if not (folder / path).is_file()]
            if paths:
                module["lessons"].remove(lesson)
                missing += sorted(set(paths))
    return missing


def _files(written: Written) -> Iterator[tuple[Written, str]]:
    for module in written["modules"]:
        for lesson in module["lessons"]:
            yield from ((lesson, path) for path in lesson.get("file", {}).values())


@transaction.atomic
def _write(
    written: Written,
    folder: Path,
    uploads: Mapping[str, Upload],
    institute: Organisation,
    trainer: Person,
    publisher: Person,
    at: datetime,
) -> Course:
    languages: Sequence[str] = written["languages"]
    course = create_course(
        organisation=institute,
        by=trainer,
        slug=written["slug"],
        languages=languages,
        title=_in(languages, written["title"]),
        summary=_in(languages, written["summary"]),
        is_open=written["open"],
        topic=written["topic"],
        hours=written["hours"],
        at=at,
    )
    for module in written["modules"]:
        row = add_module(course=course, by=trainer, title=_in(languages, module["title"]), at=at)
        for lesson in module["lessons"]:
            _write_lesson(row, lesson, folder, uploads, languages, trainer, at)
    steps = [_next_step(languages, step) for step in written.get("next_steps", ())]
    set_next_steps(course=course, by=publisher, steps=steps, expected=None, at=at)
    publish_course(course=course, by=publisher, notes="النشرة الأولى", at=at)
    course.refresh_from_db()
    return course


def _in(languages: Sequence[str], words: Words) -> dict[str, str]:
    return {language: words[language] for language in languages if language in words}


def _next_step(languages: Sequence[str], step: Written) -> dict[str, Any]:
    return {"kind": step["kind"], **{name: _in(languages, step[name]) for name in ("title", "body")}}


def _write_lesson(
    module: Any,
    lesson: Written,
    folder: Path,
    uploads: Mapping[str, Upload],
    languages: Sequence[str],
    by: Person,
    at: datetime,
) -> None:
    row = add_lesson(
        module=module,
        by=by,
        kind=lesson["kind"],
        title=_in(languages, lesson["title"]),
        required=lesson["required"],
        minutes=lesson["minutes"],
        pass_percent=lesson.get("pass_percent", 60),
        at=at,
    )
    for language in languages:
        content = said_in(language, lesson, folder, uploads)
        if content:
            put_variant(lesson=row, by=by, language=language, content=content, expected=None, at=at)


def said_in(language: str, lesson: Written, folder: Path, uploads: Mapping[str, Upload]) -> dict[str, Any]:
    """What `put_variant` takes: the words, file, captions and questions of one language."""
    content: dict[str, Any] = {}
    for name in ("body", "captions"):
        path = folder / lesson.get(name, {}).get(language, "")
        if path.is_file():
            content[name] = path.read_text(encoding="utf-8")
    if language in lesson.get("file", {}):
        content["upload"] = uploads[lesson["file"][language]]
    if lesson["kind"] == "quiz":
        content["questions"] = [_question(language, question) for question in lesson["questions"]]
    return content


def _question(language: str, question: Written) -> dict[str, Any]:
    return {
        "kind": question["kind"],
        "text": question["text"][language],
        "choices": [
            {"text": choice["text"][language], "correct": choice["correct"]}
            for choice in question.get("choices", ())
        ],
        "accepted": question.get("accepted", {}).get(language, []),
        "feedback": question.get("feedback", {}).get(language, ""),
    }


def name_signatories(institute: Organisation, *, at: datetime) -> None:
    """Two invented people sign the institute's certificates. Safe to repeat."""
    if SignatureHolder.objects.filter(organisation=institute).exists():
        return
    since = timezone.localdate(at - PUBLISHED_BEFORE)
    SignatureHolder.objects.bulk_create(
        SignatureHolder(organisation=institute, position=place, from_date=since, name=name, function=function)
        for place, (name, function) in enumerate(SIGNATORIES)
    )


SIGNATORIES: Final = (
    (
        {"ar": "مليكة عبدلاوي", "fr": "Malika Abdellaoui"},
        {"ar": "مديرة المعهد", "fr": "Directrice de l'institut"},
    ),
    (
        {"ar": "رشيدة المكناسي", "fr": "Rachida Meknassi"},
        {"ar": "مسؤولة التكوين عن بعد", "fr": "Responsable de la formation à distance"},
    ),
)
