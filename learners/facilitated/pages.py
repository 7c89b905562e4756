"""The pages of a session: the list, a new one, who came, what was done, and sheets to print."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast
from uuid import UUID, uuid4, uuid5

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from courses.assessment.questions import ORDERING, choices_shown
from courses.catalogue.texts import in_language, language_of
from courses.publishing.models import PublishedLesson
from learners.enrolments.models import Enrolment
from learners.facilitated.attesting import attest
from learners.facilitated.forms import NewSessionForm, RecordForm, SessionForm, initial_of
from learners.facilitated.models import GroupSession, Presence
from learners.facilitated.queries import (
    Seat,
    cohorts_where_she_works,
    courses_taken_where_she_works,
    lessons_of,
    quiz_of,
    recorded_in,
    seats_of,
    sessions_of,
)
from learners.facilitated.services import (
    ROOM_AT_MOST,
    SessionCancelled,
    SessionHeld,
    cancel_session,
    change_session,
    mark_attendance,
    mark_room,
    plan_session,
)
from learners.facilitated.wording import PRESENCES, REFUSED
from learners.progress.attesting import Attested
from lms.accounts.models import Person
from lms.errors import InvalidInput, NotFound
from lms.languages import ARABIC
from lms.pages.lists import page_of
from lms.pages.page import Page
from lms.texts import in_words

SEE_OTHER: Final = 303


def staff_of(request: HttpRequest) -> Person:
    return cast("Person", request.user)


def find_session(request: HttpRequest, session_id: UUID) -> GroupSession:
    session: GroupSession = get_object_or_404(sessions_of(staff_of(request)), uuid=session_id)
    return session


def named(session: GroupSession) -> dict[str, Any]:
    """What a page says of whom a session is for."""
    course = session.course.newest or session.course
    return {
        "course": in_words(course.title),
        "group": in_words(session.cohort.title) if session.cohort else "",
        "centre": in_words(session.organisation.name),
    }


class SessionsPage(Page):
    """The sessions of the centre where she works, the latest first."""

    ability = "facilitation.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        rows, more = page_of(sessions_of(staff_of(request)), request, ordering=("-starts_at", "-id"))
        shown = [{"session": row, **named(row)} for row in rows]
        return self.show("learners/facilitated/sessions.html", sessions=shown, more=more, now=timezone.now())


class NewSession(Page):
    ability = "facilitation.manage"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(NewSessionForm(whom=[(key, word) for key, word, _whom in self._whom()]))

    def post(self, request: HttpRequest) -> HttpResponse:
        choices = self._whom()
        form = NewSessionForm(request.POST, whom=[(key, word) for key, word, _whom in choices])
        if form.is_valid():
            course, organisation, cohort = next(
                whom for key, _word, whom in choices if key == form.cleaned_data["whom"]
            )
            try:
                session = plan_session(
                    course=course,
                    organisation=organisation,
                    cohort=cohort,
                    by=staff_of(request),
                    at=timezone.now(),
                    **form.said(),
                )
            except InvalidInput as refusal:
                beside(form, refusal)
            else:
                return to_session(session)
        return self._show(form, status=422)

    def _whom(self) -> list[tuple[str, str, tuple[Any, ...]]]:
        """For whom a session can be: each group of her centres, and all women of a course there."""
        staff = staff_of(self.request)
        day = timezone.localdate()
        groups = [
            (str(cohort.uuid), _group_words(cohort), (cohort.course, cohort.organisation, cohort))
            for cohort in cohorts_where_she_works(staff).order_by("-id")
            if not cohort.is_over(day)
        ]
        rooms = [
            (f"{place.code}/{course.slug}", _room_words(place, course), (course, place, None))
            for place, course in courses_taken_where_she_works(staff)
        ]
        return groups + rooms

    def _show(self, form: NewSessionForm, status: int = 200) -> HttpResponse:
        return self.show("learners/facilitated/edit.html", status=status, form=form)


def _group_words(cohort: Any) -> str:
    course = cohort.course.newest or cohort.course
    return f"{in_words(cohort.title)} · {in_words(course.title)}"


def _room_words(place: Any, course: Any) -> str:
    title = in_words((course.newest or course).title)
    return _("All women on “%(course)s” · %(centre)s") % {"course": title, "centre": in_words(place.name)}


FIELDS: Final = {"starts_at": "day", "ends_at": "ends", "link": "link"}


def beside(form: SessionForm, refusal: InvalidInput) -> None:
    """The refusals of a service beside the fields they are about."""
    for error in refusal.errors:
        form.add_error(FIELDS.get(error["pointer"].strip("/")), error["detail"])


def to_session(session: GroupSession) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("group-session", args=[session.uuid]), status=SEE_OTHER)


class ChangeSession(Page):
    """When and where; POST `cancel` calls it off."""

    ability = "facilitation.manage"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        return self._show(session, SessionForm(initial=initial_of(session)))

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session, form = find_session(request, session_id), SessionForm(request.POST)
        staff, at = staff_of(request), timezone.now()
        try:
            if "cancel" in request.POST:
                return to_session(cancel_session(session=session, by=staff, at=at))
            if form.is_valid():
                change_session(session=session, by=staff, changes=form.said(), expected=None, at=at)
                return to_session(session)
        except InvalidInput as refusal:
            beside(form, refusal)
        except (SessionHeld, SessionCancelled) as refusal:
            form = SessionForm(initial=initial_of(session))
            return self._show(session, form, status=refusal.status, refusal=refusal.detail)
        return self._show(session, form, status=422)

    def _show(self, session: GroupSession, form: SessionForm, status: int = 200, **said: Any) -> HttpResponse:
        return self.show("learners/facilitated/edit.html", status=status, form=form, session=session, **said)


class SessionPage(Page):
    """GET: who came. POST: say so, woman by woman or of everyone of whom nothing was said yet."""

    ability = "facilitation.manage"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        women, more = page_of(session.women().select_related("learner"), request, ordering="id")
        return self.show(
            "learners/facilitated/session.html",
            session=session,
            **named(session),
            seats=seats_of(session, women, staff=staff_of(request), at=timezone.now()),
            presences=PRESENCES.items(),
            more=more,
        )

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session, staff, at = find_session(request, session_id), staff_of(request), timezone.now()
        marks = _marks(request.POST)
        if marks:
            mark_attendance(session=session, marks=marks, by=staff, at=at)
        if "everyone" in request.POST:
            mark_room(session=session, presence=Presence.PRESENT, by=staff, at=at)
        return HttpResponseRedirect(request.get_full_path(), status=SEE_OTHER)


def _marks(sent: Mapping[str, Any]) -> dict[UUID, str]:
    """`presence-<enrolment>` → what was said of her; what is no mark is left out."""
    marks: dict[UUID, str] = {}
    for name, presence in sent.items():
        prefix, _dash, uuid = name.partition("-")
        if prefix == "presence" and presence in Presence.values and len(marks) < ROOM_AT_MOST:
            with contextlib.suppress(ValueError):
                marks[UUID(uuid)] = presence
    return marks


@dataclass(frozen=True)
class Line:
    """One woman where something is recorded of a room: her seat, what is recorded already, what was refused."""

    seat: Seat
    recorded: Any
    refusal: str | Promise = ""


class RecordPage(Page):
    """GET: choose a lesson, then tick the women or write the results on their papers. POST: record them."""

    ability = "attestation.record"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        lessons, chosen = self._lessons(session, request.GET.get("lesson", ""))
        if chosen is None:
            return self.show(
                "learners/facilitated/lessons.html", session=session, **named(session), lessons=lessons
            )
        return self._show(session, chosen)

    def post(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        _lessons, chosen = self._lessons(session, request.POST.get("lesson", ""))
        if chosen is None:
            raise NotFound
        women, _more = page_of(session.women().select_related("learner"), request, ordering="id")
        items, refused = _read(request, session, chosen, women)
        if items:
            attest(by=staff_of(request), items=items, session=session, at=timezone.now())
        refused |= {item.enrolment: REFUSED[item.code] for item in items if item.code}
        if refused:
            return self._show(session, chosen, status=422, refused=refused)
        return HttpResponseRedirect(_record_url(session, chosen["uuid"]), status=SEE_OTHER)

    def _lessons(
        self, session: GroupSession, asked: str
    ) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
        lessons = lessons_of(session)
        for lesson in lessons:
            lesson["words"] = in_words(lesson["title"])
        return lessons, next((lesson for lesson in lessons if str(lesson["uuid"]) == asked), None)

    def _show(
        self,
        session: GroupSession,
        lesson: dict[str, Any],
        *,
        status: int = 200,
        refused: Mapping[UUID, str | Promise] | None = None,
    ) -> HttpResponse:
        rows, more = page_of(session.women().select_related("learner"), self.request, ordering="id")
        recorded = recorded_in(session, lesson["uuid"])
        seats = seats_of(session, rows, staff=staff_of(self.request), at=timezone.now())
        lines = [
            Line(seat, recorded.get(seat.enrolment.pk), (refused or {}).get(seat.enrolment.uuid, ""))
            for seat in seats
        ]
        return self.show(
            "learners/facilitated/record.html",
            status=status,
            session=session,
            lesson=lesson,
            lines=lines,
            refused=bool(refused),
            batch=uuid4(),
            more=more,
        )


def _record_url(session: GroupSession, lesson: UUID) -> str:
    return f"{reverse('session-record', args=[session.uuid])}?lesson={lesson}"


def _read(
    request: HttpRequest, session: GroupSession, lesson: Mapping[str, Any], women: Sequence[Enrolment]
) -> tuple[list[Attested], dict[UUID, str | Promise]]:
    """What the form says of these women, and beside whom it says nonsense. Sent twice it names the same events."""
    items: list[Attested] = []
    wrong: dict[UUID, str | Promise] = {}
    batch, quiz = _batch(request), lesson["kind"] == "quiz"
    for woman in women:
        form = RecordForm(request.POST, prefix=str(woman.uuid))
        if not form.is_valid():
            wrong[woman.uuid] = REFUSED["score"]
            continue
        score = form.cleaned_data["score"] if quiz else None
        if score is not None or (not quiz and form.cleaned_data["done"]):
            day = timezone.localdate(session.starts_at)
            items.append(
                Attested(uuid5(batch, str(woman.uuid)), woman.uuid, lesson["uuid"], day, score=score)
            )
    return items, wrong


def _batch(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("batch", ""))
    except ValueError:
        return uuid4()


class SessionSheet(Page):
    """To print: the names, and room for signatures."""

    ability = "facilitation.manage"

    def get(self, request: HttpRequest, session_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        women = list(session.women().select_related("learner").order_by("id")[:ROOM_AT_MOST])
        seats = seats_of(session, women, staff=staff_of(request), at=timezone.now())
        return self.show(
            "learners/facilitated/sheet.html",
            session=session,
            **named(session),
            seats=sorted(seats, key=lambda seat: seat.shown),
            empty_rows=range(3),
        )


class PaperQuiz(Page):
    """To print: the questions of a quiz in one language. What is right stands nowhere on it."""

    ability = "facilitation.manage"

    def get(self, request: HttpRequest, session_id: UUID, lesson_id: UUID) -> HttpResponse:
        session = find_session(request, session_id)
        quiz = quiz_of(session, lesson_id)
        if quiz is None:
            raise NotFound
        newest = session.course.newest
        languages = newest.languages if newest else [ARABIC]
        asked = request.GET.get("language", "")
        wanted = asked if asked in languages else get_language() or ARABIC
        chosen = language_of(quiz.title, languages, wanted)
        return self.show(
            "learners/facilitated/paper.html",
            session=session,
            quiz_title=in_language(quiz.title, languages, chosen),
            lesson=quiz.uuid,
            chosen=chosen,
            tongues=languages,
            questions=_on_paper(quiz, languages, chosen),
            **named(session),
        )


def _on_paper(quiz: PublishedLesson, languages: Sequence[str], language: str) -> list[dict[str, Any]]:
    """The questions as they are asked, and nothing that tells what is right."""
    return [
        {
            "text": in_language(question["text"], languages, language),
            "several": question["kind"] == "multiple",
            "ordered": question["kind"] == ORDERING,
            "choices": [
                in_language(choice["text"], languages, language) for choice in choices_shown(question)
            ],
        }
        for question in quiz.questions
    ]
