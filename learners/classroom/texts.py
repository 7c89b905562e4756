"""What is still missing before a certificate, as one sentence."""

from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learners.classroom.queries import Standing

QUIZ: Final = "quiz"


def count_missing(standing: Standing) -> tuple[int, int]:
    """How many required lessons, and how many required quizzes, she has not finished; also those not open yet."""
    quizzes = sum(step.kind == QUIZ for step in standing.missing)
    return len(standing.missing) - quizzes, quizzes


def missing_words(standing: Standing) -> str:
    """`Still to do before your certificate: 2 lessons and the last quiz.` Nothing where nothing is missing."""
    lessons, quizzes = count_missing(standing)
    if not lessons and not quizzes:
        return ""
    of_lessons = ngettext("%(count)s lesson", "%(count)s lessons", lessons) % {"count": lessons}
    of_quizzes = ngettext("%(count)s quiz", "%(count)s quizzes", quizzes) % {"count": quizzes}
    if quizzes == 1:
        of_quizzes = _("the last quiz")
    both = _("%(first)s and %(second)s") % {"first": of_lessons, "second": of_quizzes}
    steps = both if lessons and quizzes else of_lessons if lessons else of_quizzes
    return _("Still to do before your certificate: %(steps)s.") % {"steps": steps}
