"""Which modules are open to a learner. The rule stands here and only here; it paces, it does not protect.

What she did in a module before it opened (on paper, from a card, offline) is recorded all the same; lessons can be
read through the API at any time, so that a phone has them before the day.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from courses.authoring.models import Opening
from courses.publishing.rules import ModuleRule, module_rules
from learners.enrolments.models import Enrolment
from learners.progress.models import LessonProgress, LessonState
from lms.errors import Refusal


class ModuleClosed(Refusal):
    code = "module_closed"
    status = 409
    message = _("This part of the course is not open yet.")


@dataclass(frozen=True)
class Gate:
    """Whether a module is open to her. Where not: the day it opens, or the module to finish first, counted from 1."""

    open: bool = True
    on: date | None = None
    after: int | None = None


OPEN: Final = Gate()


def gates(
    modules: Sequence[ModuleRule],
    *,
    finished: Collection[UUID],
    begins: date | None,
    today: date,
    completed: bool = False,
) -> list[Gate]:
    """One gate for each module, in order.

    finished   the lessons she has finished
    begins     her cohort's first day: nothing opens before it; without one, no module waits for a date
    completed  whether she has ever completed the course: then all of it stays open
    """
    found: list[Gate] = []
    for place, module in enumerate(modules):
        waits = module.opens == Opening.AFTER_PREVIOUS and place > 0
        day = begins and begins + timedelta(days=module.after_days)
        if completed:
            found.append(OPEN)
        elif waits and not (found[-1].open and modules[place - 1].required <= set(finished)):
            found.append(Gate(open=False, after=place))
        else:
            found.append(Gate(open=False, on=day) if day and today < day else OPEN)
    return found


def gates_of(
    enrolment: Enrolment, modules: Sequence[ModuleRule], *, finished: Collection[UUID], at: datetime
) -> list[Gate]:
    """The gates of her enrolment at a moment; its days are Morocco's. No statement where its cohort is at hand."""
    return gates(
        modules,
        finished=finished,
        begins=enrolment.cohort.starts_on if enrolment.cohort else None,
        today=timezone.localdate(at),
        completed=enrolment.completed_at is not None,
    )


def refuse_closed(*, enrolment: Enrolment, lesson: UUID, at: datetime) -> None:
    """Refuse with `module_closed` a lesson whose module is not open to her."""
    modules = module_rules(enrolment.publication_id)
    waits = any(module.opens == Opening.AFTER_PREVIOUS for module in modules)
    opened = gates_of(enrolment, modules, finished=_finished(enrolment) if waits else (), at=at)
    if not all(gate.open for gate, module in zip(opened, modules, strict=True) if lesson in module.lessons):
        raise ModuleClosed


def finished_in(done: Iterable[LessonProgress]) -> set[UUID]:
    return {row.lesson for row in done if row.state == LessonState.FINISHED}


def _finished(enrolment: Enrolment) -> set[UUID]:
    done = LessonProgress.objects.filter(enrolment=enrolment, state=LessonState.FINISHED)
    return set(done.values_list("lesson", flat=True))
