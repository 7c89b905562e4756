"""What is still missing before a certificate, as one sentence."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from learners.classroom.queries import Standing


def missing_words(standing: Standing) -> str:
    """`3 lessons and 1 quiz are left before your certificate.` Nothing where nothing is missing."""
    missing = standing.missing
    if len(missing) < 2:
        return _("One step is left before your certificate.") if missing else ""
    quizzes = sum(step.kind == "quiz" for step in missing)
    lessons = len(missing) - quizzes
    of_lessons = ngettext("%(count)s lesson", "%(count)s lessons", lessons) % {"count": lessons}
    of_quizzes = ngettext("%(count)s quiz", "%(count)s quizzes", quizzes) % {"count": quizzes}
    both = _("%(first)s and %(second)s") % {"first": of_lessons, "second": of_quizzes}
    steps = both if lessons and quizzes else of_lessons if lessons else of_quizzes
    return _("Still to do before your certificate: %(steps)s.") % {"steps": steps}
