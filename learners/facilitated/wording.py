"""Codes as sentences for people."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from learners.facilitated.models import AttestedKind, Presence, Verdict

PRESENCES: Final[dict[str, Promise]] = {
    Presence.PRESENT: _("Present"),
    Presence.ABSENT: _("Absent"),
    Presence.EXCUSED: _("Excused"),
}
KINDS: Final[dict[str, Promise]] = {
    AttestedKind.LESSON: _("Lesson done together"),
    AttestedKind.PAPER_QUIZ: _("Quiz on paper"),
}
VERDICTS: Final[dict[str, Promise]] = {
    "": _("Waiting"),
    Verdict.CONFIRMED: _("Confirmed"),
    Verdict.DISPUTED: _("Disputed"),
}
REFUSED: Final[dict[str, Promise]] = {
    "own_enrolment": _("You cannot record for yourself."),
    "enrolment_withdrawn": _("She has left the course."),
    "lesson_not_in_course": _("Her edition of the course does not have this lesson."),
    "quiz_needs_score": _("In her edition of the course this is a quiz."),
    "not_a_quiz": _("In her edition of the course this is no quiz."),
    "in_the_future": _("This day has not come yet."),
    "before_the_publication": _("The lesson was not published yet on that day."),
    "not_in_this_session": _("She does not take part in this session."),
    "marked_absent": _("She was marked absent."),
    "not_the_day_of_the_session": _("The session was on another day."),
    "event_id_reused": _("Open this page again and record it once more."),
    "score": _("Write a result from 0 to 100."),
}
