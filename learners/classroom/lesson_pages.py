"""Taking a lesson: reading, watching, listening, and saying that it is finished."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from courses.publishing.queries import published_lesson
from courses.publishing.snapshots import SnapshotLesson
from learners.classroom.endings import after_finishing, onward
from learners.classroom.pages import present_standing, see_other
from learners.classroom.queries import Standing, Step, enrolment_in, standing_of, unfinished_attempt
from learners.classroom.quiz_pages import name_to_confirm
from learners.classroom.services import finish_lesson, open_lesson
from learners.progress.openings import ModuleClosed
from lms.accounts.models import Person
from lms.errors import NotFound, Refusal
from lms.files.models import Purpose, Rendition, RenditionKind, StoredFile
from lms.files.queries import ready_renditions
from lms.ids import uuid7
from lms.languages import ARABIC
from lms.pages.page import Page

QUIZ: Final = "quiz"


@dataclass(frozen=True, kw_only=True)
class Content:
    """What a lesson says and plays on a page. `languages` are those she can choose, `chosen` the one at hand.

    `played` is the lightest that there is of its file, `sound` a film without its pictures.
    """

    language: str
    html: SafeString
    chosen: str
    languages: Sequence[str]
    file: StoredFile | None
    played: StoredFile | Rendition | None
    sound: Rendition | None
    wide: Rendition | None
    file_url: str
    poster_url: str
    captions_url: str


def content_of(standing: Standing, step: Step, asked: str, *, way: str = "") -> Content:
    """The lesson in the language asked for (`?language=`), else hers, else one that it has. Three statements at most.

    `way`: `listen` to a film's sound alone, watch it `wide` (480 lines), where these were made.
    """
    enrolment = standing.enrolment
    found = enrolment and published_lesson(enrolment.publication_id, step.id)
    if not enrolment or not found:
        raise NotFound
    lesson, languages = found
    hers = get_language() or ARABIC
    wanted = asked if asked in lesson.variants else hers
    language, words = lesson.said_in(wanted if _says(lesson, wanted) else hers, languages)
    heard, played = lesson.file_in(wanted, languages)
    address = [standing.slug, enrolment.publication.number, step.id]
    light = _light(played.file)
    shown = _chosen(played.file, light, way=way)
    query = urlencode(
        {"language": heard, **({"rendition": shown.kind} if isinstance(shown, Rendition) else {})}
    )
    return Content(
        language=language or standing.language,
        html=mark_safe(words.html),  # noqa: S308  # cleaned when it was published (courses/publishing/rendering.py)
        chosen=heard if played.file else language,
        languages=list(lesson.variants),
        file=played.file,
        played=shown,
        sound=light.get(RenditionKind.AUDIO),
        wide=light.get(RenditionKind.VIDEO_480P),
        file_url=f"{reverse('published-file', args=address)}?{query}",
        poster_url=_poster(address, heard) if RenditionKind.POSTER in light else "",
        captions_url=f"{reverse('published-captions', args=address)}?{query}" if played.captions else "",
    )


def _light(file: StoredFile | None) -> dict[str, Rendition]:
    """What was made of a film or a sound in fewer bytes, by kind."""
    if file is None or file.purpose not in (Purpose.VIDEO, Purpose.AUDIO):
        return {}
    return {rendition.kind: rendition for rendition in ready_renditions([file.pk]).get(file.pk, ())}


def _poster(address: Sequence[object], language: str) -> str:
    query = urlencode({"language": language, "rendition": RenditionKind.POSTER})
    return f"{reverse('published-file', args=address)}?{query}"


WAYS: Final = {"listen": RenditionKind.AUDIO, "wide": RenditionKind.VIDEO_480P}


def _chosen(
    file: StoredFile | None, light: Mapping[str, Rendition], *, way: str
) -> StoredFile | Rendition | None:
    film = file is not None and file.purpose == Purpose.VIDEO
    kind = WAYS.get(way, RenditionKind.VIDEO_240P) if film else RenditionKind.AUDIO
    return light.get(kind, file)


def _says(lesson: SnapshotLesson, language: str) -> bool:
    return language in lesson.variants and bool(lesson.variants[language].html)


class LessonPage(Page):
    """GET: the lesson, once its module is open; opening it is recorded. POST: finished, and on to the next.

    Finished counts also where the module is closed: she had it before her.
    """

    ability = {"GET": "lesson.read", "POST": "lesson.complete"}

    def get(self, request: HttpRequest, slug: str, lesson_id: UUID) -> HttpResponse:
        person = cast("Person", request.user)
        standing, step = self._find(slug, lesson_id)
        if not step.open:
            return self._closed(standing, step)
        content = content_of(
            standing,
            step,
            request.GET.get("language", ""),
            way=next(filter(request.GET.__contains__, WAYS), ""),
        )
        if request.method == "GET" and standing.enrolment:
            open_lesson(person=person, enrolment=standing.enrolment, lesson=lesson_id, at=timezone.now())
        return self._show(standing, step, content)

    def post(self, request: HttpRequest, slug: str, lesson_id: UUID) -> HttpResponse:
        person = cast("Person", request.user)
        enrolment = enrolment_in(person, slug)
        try:
            finish_lesson(
                person=person,
                enrolment=enrolment,
                lesson=lesson_id,
                event_id=_event_id(request),
                at=timezone.now(),
            )
        except NotFound:
            raise
        except Refusal as refusal:
            standing, step = self._find(slug, lesson_id)
            content = content_of(standing, step, "")
            return self._show(standing, step, content, status=refusal.status, refusal=refusal.detail)
        standing, step = self._find(slug, lesson_id)
        return see_other(after_finishing(standing, step))

    def _find(self, slug: str, lesson_id: UUID) -> tuple[Standing, Step]:
        standing = standing_of(enrolment_in(cast("Person", self.request.user), slug), at=timezone.now())
        step = standing.step(lesson_id)
        if step is None:
            raise NotFound
        return standing, step

    def _closed(self, standing: Standing, step: Step) -> HttpResponse:
        part = next(part for part in standing.parts if step in part.steps)
        shown = {"standing": standing, "step": step, "part": part, "refusal": ModuleClosed.message}
        return self.show("learners/classroom/closed.html", status=ModuleClosed.status, **shown)

    def _show(
        self, standing: Standing, step: Step, content: Content, *, status: int = 200, refusal: str = ""
    ) -> HttpResponse:
        shown = {
            **present_standing(standing),
            "step": step,
            "content": content,
            "onward": onward(standing, step),
            "new_id": uuid7(),
            "refusal": refusal,
        }
        if step.kind == QUIZ:
            begun = standing.enrolment and unfinished_attempt(standing.enrolment, step.id)
            name = name_to_confirm(standing, step, cast("Person", self.request.user))
            return self.show("learners/classroom/quiz.html", status=status, **shown, begun=begun, name=name)
        return self.show("learners/classroom/lesson.html", status=status, **shown)


def _event_id(request: HttpRequest) -> UUID:
    """The id that the form was given; a fresh one where someone sent another form."""
    try:
        return UUID(request.POST.get("event", ""))
    except ValueError:
        return uuid7()
