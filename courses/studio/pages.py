"""The pages on which courses are written: the list, a course's outline, one lesson with its languages side by side."""

from collections.abc import Collection, Mapping
from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from courses.authoring.inputs import CourseSerializer
from courses.authoring.languages import TEXTS, VOICE_CODES, languages_of
from courses.authoring.models import Lesson, LessonKind, LessonRevision, LessonVariant
from courses.authoring.queries import organisation_for, upload_named, with_draft, with_numbers
from courses.authoring.refusals import ChangedMeanwhile
from courses.authoring.reuse import copy_lesson, copy_module, renew_lesson, restore_lesson
from courses.authoring.services import add_lesson, add_module, change_module, create_course
from courses.catalogue.models import Course
from courses.catalogue.texts import in_language
from courses.publishing.rendering import to_html
from courses.publishing.withdrawing import offer_again, withdraw_course
from courses.reviewing.services import approve_draft, comment, release, return_draft, submit_draft
from courses.studio.changes import changes_of
from courses.studio.queries import (
    KINDS,
    MESSAGES,
    difference,
    missing_languages,
    open_review,
    problems_of,
    warnings_of,
    weights_of,
)
from courses.studio.quizzes import EDITABLE, questions_in, questions_on_page
from courses.studio.services import Written, move, write_lesson
from lms.access.policy import PUBLISHER
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.files.models import Upload
from lms.languages import ARABIC, FRENCH
from lms.pages.lists import page_of
from lms.pages.page import Page

MINUTES_AT_MOST: Final = 600
# What a file chooser offers first for each kind of lesson that has a file; what arrives is judged by its content.
ACCEPTED: Final[Mapping[str, str]] = {
    LessonKind.VIDEO: "video/*,.mkv",
    LessonKind.AUDIO: "audio/*",
    LessonKind.DOCUMENT: "application/pdf",
}
BOTH_ARE_HERE: Final = _("Someone else has written here meanwhile. Both texts are below: choose, then keep.")


def words_in(sent: QueryDict, name: str, languages: list[str]) -> dict[str, str]:
    """What a form says in each language; languages it left empty are left out."""
    said = {code: sent.get(f"{name}_{code}", "").replace("\r\n", "\n").strip() for code in languages}
    return {code: text for code, text in said.items() if text}


def number_in(sent: QueryDict, name: str) -> int | None:
    text = sent.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def uuid_in(sent: QueryDict, name: str) -> UUID:
    try:
        return UUID(sent.get(name, ""))
    except ValueError as error:
        raise NotFound from error


class Studio(Page):
    """The courses she may write, the newest first."""

    ability = "course.author"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, following = page_of(
            with_numbers(Course.objects.visible_to(cast("Person", request.user))), request
        )
        return self.show(
            "courses/studio/drafts.html", courses=[_summary(row) for row in rows], next=following
        )


def _summary(course: Course) -> dict[str, Any]:
    return {
        "slug": course.slug,
        "title": in_language(course.title, course.languages, get_language()),
        "languages": course.languages,
        "number": course.newest_number,  # type: ignore[attr-defined]  # annotated by with_numbers
    }


class StudioNew(Page):
    """The form that starts a course. GET and POST."""

    ability = "course.author"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._shown()

    def post(self, request: HttpRequest) -> HttpResponse:
        sent, person = request.POST, cast("Person", request.user)
        languages = [code for code in TEXTS if sent.get(f"language_{code}")]
        asked = {
            "slug": sent.get("slug", "").strip(),
            "languages": languages,
            "open": "open" in sent,
            "title": words_in(sent, "title", languages),
            "summary": words_in(sent, "summary", languages),
        }
        facts = CourseSerializer(data=asked)
        if not facts.is_valid():
            return self._shown(status=422, wrong=set(facts.errors))
        said = dict(facts.validated_data)
        try:
            course = create_course(
                organisation=organisation_for(person, None),
                by=person,
                is_open=said.pop("open"),
                at=timezone.now(),
                **said,
            )
        except Refusal as refusal:
            return self._shown(status=refusal.status, refusal=str(refusal.detail))
        return HttpResponseRedirect(reverse("studio-course", args=[course.slug]), status=303)

    def _shown(
        self, *, status: int = 200, wrong: Collection[str] = (), refusal: str | None = None
    ) -> HttpResponse:
        sent = self.request.POST
        tongues = [
            {
                "code": code,
                "spoken": bool(sent.get(f"language_{code}")) if sent else code in (ARABIC, FRENCH),
                "title": sent.get(f"title_{code}", ""),
                "summary": sent.get(f"summary_{code}", ""),
            }
            for code in TEXTS
        ]
        return self.show(
            "courses/studio/new.html",
            status=status,
            tongues=tongues,
            slug=sent.get("slug", ""),
            wrong=wrong,
            refusal=refusal,
        )


class StudioCourse(Page):
    """A draft's outline, what keeps it from being published, and what its review says.

    POST `action`: `up` or `down` with `moved`; `add-module`; `add-lesson`; `submit`, `comment`, `return`, `approve`,
    `publish`.
    """

    ability = {"GET": "course.author", "POST": "course.author"}

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        return self._shown(self._find(slug))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        course = self._find(slug)
        act = ACTS.get(request.POST.get("action", ""))
        if act is None:
            raise NotFound
        try:
            act(course, cast("Person", request.user), request.POST)
        except NotFound:
            raise
        except Refusal as refusal:
            return self._shown(self._find(slug), refusal)
        return HttpResponseRedirect(reverse("studio-course", args=[slug]), status=303)

    def _find(self, slug: str) -> Course:
        hers = with_draft(Course.objects.visible_to(cast("Person", self.request.user)))
        found: Course = get_object_or_404(hers, slug=slug)
        return found

    def _shown(self, course: Course, refusal: Refusal | None = None) -> HttpResponse:
        person = cast("Person", self.request.user)
        review = open_review(course)
        return self.show(
            "courses/studio/course.html",
            status=refusal.status if refusal else 200,
            course=course,
            summary=_summary(course),
            modules=[_module(module, course) for module in course.modules.all()],
            problems=[_problem(*problem) for problem in problems_of(course)],
            warnings=[_problem(*warning) for warning in warnings_of(course)],
            kinds=KINDS,
            review=review,
            publishes=PUBLISHER in person.scope.roles,
            own=review is not None and review.submitted_by_id == person.pk,
            refusal=refusal and refusal.detail,
            sent=self.request.POST,
        )


def _module(module: Any, course: Course) -> dict[str, Any]:
    lessons = [
        {
            "id": lesson.uuid,
            "kind": lesson.kind,
            "title": in_language(lesson.title, course.languages, get_language()),
            "required": lesson.required,
            "minutes": lesson.minutes,
            "missing": missing_languages(lesson, course),
            "newer": lesson.has_newer_source,
        }
        for lesson in module.lessons.all()
    ]
    title = in_language(module.title, course.languages, get_language())
    return {
        "id": module.uuid,
        "title": title,
        "words": [(code, module.title.get(code, "")) for code in course.languages],
        "lessons": lessons,
    }


def _problem(pointer: str, code: str, lesson: Lesson | None) -> dict[str, Any]:
    return {
        "pointer": pointer,
        "words": MESSAGES[code],
        "lesson": lesson and lesson.uuid,
        "title": lesson and in_language(lesson.title, [], get_language()),
    }


def _move(course: Course, by: Person, sent: QueryDict) -> None:
    way = "up" if sent["action"] == "up" else "down"
    move(
        course=course,
        by=by,
        moved=uuid_in(sent, "moved"),
        way=way,  # type: ignore[arg-type]  # one of the two
        expected=number_in(sent, "version"),
        at=timezone.now(),
    )


def _add_module(course: Course, by: Person, sent: QueryDict) -> None:
    add_module(course=course, by=by, title=words_in(sent, "title", course.languages), at=timezone.now())


def _add_lesson(course: Course, by: Person, sent: QueryDict) -> None:
    module = get_object_or_404(course.modules, uuid=uuid_in(sent, "module"))
    kind = str(sent.get("kind", ""))
    if kind not in KINDS:
        raise NotFound
    title = words_in(sent, "title", course.languages)
    add_lesson(module=module, by=by, kind=kind, title=title, at=timezone.now())


def _copy_module(course: Course, by: Person, sent: QueryDict) -> None:
    copied = get_object_or_404(course.modules, uuid=uuid_in(sent, "moved"))
    copy_module(module=copied, by=by, at=timezone.now())


def _copy_lesson(course: Course, by: Person, sent: QueryDict) -> None:
    copied = get_object_or_404(
        Lesson.objects.filter(module__course=course).select_related("module__course"),
        uuid=uuid_in(sent, "moved"),
    )
    copy_lesson(lesson=copied, into=copied.module, by=by, at=timezone.now())


def _rename_module(course: Course, by: Person, sent: QueryDict) -> None:
    change_module(
        module=get_object_or_404(course.modules.select_related("course"), uuid=uuid_in(sent, "moved")),
        by=by,
        changes={"title": words_in(sent, "title", course.languages)},
        expected=number_in(sent, "version"),
        at=timezone.now(),
    )


def _submit(course: Course, by: Person, sent: QueryDict) -> None:
    submit_draft(course=course, by=by, notes=sent.get("words", "").strip()[:2_000], at=timezone.now())


def _comment(course: Course, by: Person, sent: QueryDict) -> None:
    comment(review=_review(course), by=by, words=sent.get("words", "")[:2_000], at=timezone.now())


def _return(course: Course, by: Person, _sent: QueryDict) -> None:
    return_draft(review=_review(course), by=by, at=timezone.now())


def _approve(course: Course, by: Person, _sent: QueryDict) -> None:
    approve_draft(review=_review(course), by=by, publish_at=None, at=timezone.now())


def _publish(course: Course, by: Person, sent: QueryDict) -> None:
    release(course=course, by=by, notes=sent.get("words", "").strip()[:2_000], at=timezone.now())


def _withdraw(course: Course, by: Person, _sent: QueryDict) -> None:
    withdraw_course(course=course, by=by, at=timezone.now())


def _offer(course: Course, by: Person, _sent: QueryDict) -> None:
    offer_again(course=course, by=by, at=timezone.now())


def _review(course: Course) -> Any:
    review = open_review(course)
    if review is None:
        raise NotFound
    return review


ACTS: Final[Mapping[str, Any]] = {
    "up": _move,
    "down": _move,
    "add-module": _add_module,
    "copy-module": _copy_module,
    "copy-lesson": _copy_lesson,
    "rename-module": _rename_module,
    "add-lesson": _add_lesson,
    "submit": _submit,
    "comment": _comment,
    "return": _return,
    "approve": _approve,
    "publish": _publish,
    "withdraw": _withdraw,
    "offer": _offer,
}


class StudioLesson(Page):
    """A lesson in its languages side by side. POST keeps it; what another wrote meanwhile is shown to choose from."""

    ability = {"GET": "course.author", "POST": "course.author"}

    def get(self, request: HttpRequest, lesson_id: UUID) -> HttpResponse:
        return self._shown(self._find(lesson_id))

    def post(self, request: HttpRequest, lesson_id: UUID) -> HttpResponse:
        lesson = self._find(lesson_id)
        person = cast("Person", request.user)
        written = _written(request.POST, lesson, person)
        try:
            write_lesson(
                lesson=lesson,
                by=person,
                written=written,
                expected=number_in(request.POST, "version"),
                at=timezone.now(),
            )
        except ChangedMeanwhile as refusal:
            return self._shown(self._find(lesson_id), refusal, written)
        except Refusal as refusal:
            return self._shown(lesson, refusal, written)
        to = "#questions" if "add-question" in request.POST else ""
        return HttpResponseRedirect(f"{reverse('studio-lesson', args=[lesson_id])}?kept{to}", status=303)

    def _find(self, lesson_id: UUID) -> Lesson:
        hers = Lesson.objects.visible_to(cast("Person", self.request.user))
        rows = hers.select_related("module__course", "source").prefetch_related(
            "variants__upload__file__renditions"
        )
        found: Lesson = get_object_or_404(rows, uuid=lesson_id)
        return found

    def _shown(
        self, lesson: Lesson, refusal: Refusal | None = None, written: Written | None = None
    ) -> HttpResponse:
        course = lesson.module.course
        variants = lesson.variants.all()
        voices = [code for code in languages_of(lesson.kind, course.languages) if code in VOICE_CODES]
        return self.show(
            "courses/studio/lesson.html",
            status=refusal.status if refusal else 200,
            lesson=lesson,
            slug=course.slug,
            title=in_language(lesson.title, course.languages, get_language()),
            tongues=[_tongue(code, lesson, written) for code in course.languages],
            voices=[_tongue(code, lesson, written) for code in voices],
            accept=ACCEPTED.get(lesson.kind),
            questions=questions_on_page({one.language: one for one in variants}, course.languages),
            question_kinds=EDITABLE,
            pass_percent=written.pass_percent if written else lesson.pass_percent,
            required=written.required if written else lesson.required,
            minutes=written.minutes if written else lesson.minutes,
            minutes_at_most=MINUTES_AT_MOST,
            refusal=refusal and (BOTH_ARE_HERE if isinstance(refusal, ChangedMeanwhile) else refusal.detail),
            kept="kept" in self.request.GET,
        )


def _written(sent: QueryDict, lesson: Lesson, author: Person) -> Written:
    """What the form says; a language in which she takes the other's text keeps that."""
    languages = lesson.module.course.languages
    known = {variant.language: variant for variant in lesson.variants.all()}
    contents = {
        code: _content(sent, code, lesson, known.get(code), author)
        for code in languages_of(lesson.kind, languages)
    }
    if lesson.kind == LessonKind.QUIZ:
        for code, questions in questions_in(sent, known, languages).items():
            contents[code]["questions"] = questions
    return Written(
        title=words_in(sent, "title", languages),
        contents=contents,
        required="required" in sent,
        minutes=min(number_in(sent, "minutes") or lesson.minutes, MINUTES_AT_MOST),
        pass_percent=min(number_in(sent, "pass_percent") or lesson.pass_percent, 100),
    )


def _content(
    sent: QueryDict, code: str, lesson: Lesson, known: LessonVariant | None, author: Person
) -> dict[str, Any]:
    """What the form says in one language; what it has no field for stays as it was."""
    said = {
        name: sent.get(f"{name}_{code}", "").replace("\r\n", "\n")
        for name in ("body", "captions")
        if f"{name}_{code}" in sent
    }
    if sent.get(f"take_{code}"):
        said["body"] = known.body if known else ""
    return said | ({"upload": _file(sent, code, lesson, known, author)} if f"upload_{code}" in sent else {})


def _file(
    sent: QueryDict, code: str, lesson: Lesson, known: LessonVariant | None, author: Person
) -> Upload | None:
    named = sent.get(f"upload_{code}", "")
    if not named or sent.get(f"drop_{code}"):
        return None
    here = known.upload if known else None
    return (
        here
        if here and str(here.uuid) == named
        else upload_named(author, lesson, uuid_in(sent, f"upload_{code}"))
    )


def _tongue(code: str, lesson: Lesson, written: Written | None) -> dict[str, Any]:
    """One language: what stands there, what she wrote, where the two differ, and how a learner will see it."""
    variant = next((one for one in lesson.variants.all() if one.language == code), LessonVariant())
    said = written.contents.get(code, {}) if written else {}
    body = said.get("body", variant.body)
    return {
        "code": code,
        "title": (written.title if written else lesson.title).get(code, ""),
        "body": body,
        "captions": said.get("captions", variant.captions),
        "difference": difference(variant.body, body) if written else [],
        "seen": _seen(body),
        "upload": said.get("upload", variant.upload),
        "weights": weights_of(variant),
        "questions": len(variant.questions),
    }


def _seen(body: str) -> SafeString:
    return mark_safe(to_html(body))  # noqa: S308  # cleaned on this line (courses/publishing/rendering.py)


class StudioChanges(Page):
    """What the draft says otherwise than the newest edition."""

    ability = "course.author"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        hers = Course.objects.visible_to(cast("Person", request.user)).select_related(
            "newest", "prerequisite"
        )
        course = get_object_or_404(hers.exclude(newest=None), slug=slug)
        language = get_language()
        return self.show(
            "courses/studio/changes.html",
            slug=slug,
            title=in_language(course.title, course.languages, language),
            number=course.newest and course.newest.number,
            changes=[
                {
                    "title": in_language(change.title, course.languages, language),
                    "signs": change.signs,
                    "words": change.words,
                }
                for change in changes_of(course)
            ],
        )


class StudioHistory(Page):
    """What a lesson said before. POST `version` takes it back; `renew` takes what its source says now."""

    ability = {"GET": "course.author", "POST": "course.author"}

    def get(self, request: HttpRequest, lesson_id: UUID) -> HttpResponse:
        lesson = self._find(lesson_id)
        kept = lesson.revisions.select_related("replaced_by").order_by("-version")
        rows, following = page_of(kept, request)
        return self.show(
            "courses/studio/history.html",
            lesson=lesson,
            title=in_language(lesson.title, lesson.module.course.languages, get_language()),
            revisions=[_revision(row, lesson) for row in rows],
            next=following,
        )

    def post(self, request: HttpRequest, lesson_id: UUID) -> HttpResponse:
        lesson, person = self._find(lesson_id), cast("Person", request.user)
        if "renew" in request.POST:
            renew_lesson(lesson=lesson, by=person, expected=None, at=timezone.now())
        else:
            version = number_in(request.POST, "version") or 0
            restore_lesson(lesson=lesson, by=person, version=version, expected=None, at=timezone.now())
        return HttpResponseRedirect(reverse("studio-lesson", args=[lesson_id]), status=303)

    def _find(self, lesson_id: UUID) -> Lesson:
        hers = Lesson.objects.visible_to(cast("Person", self.request.user))
        rows = hers.select_related("module__course", "source").prefetch_related("variants")
        found: Lesson = get_object_or_404(rows, uuid=lesson_id)
        return found


def _revision(kept: LessonRevision, lesson: Lesson) -> dict[str, Any]:
    """A kept version beside what stands there now, language by language."""
    now = {variant.language: variant.body for variant in lesson.variants.all()}
    before = {code: said["body"] for code, said in kept.content["variants"].items()}
    return {
        "version": kept.version,
        "replaced_at": kept.replaced_at,
        "replaced_by": kept.replaced_by.pseudonym,
        "differences": [
            (code, difference(now.get(code, ""), before.get(code, "")))
            for code in dict.fromkeys([*now, *before])
            if now.get(code, "") != before.get(code, "")
        ],
    }
