"""One lesson stands for another: who has finished the old one has finished the new one, now and whenever she says so.

It is told as a progress event of its own, so that a fold of all events gives the same as what was folded.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.enrolments.models import Enrolment
from learners.progress.models import LessonEquivalence
from lms.statements import rows

DEVICE: Final = "equivalent"

TELL: Final = """
WITH told AS (
    INSERT INTO progress_event (person_id, event_id, enrolment_id, lesson, verb, occurred_at, received_at, clock,
                                device, seconds, content_hash)
    SELECT her.learner_id, md5('equivalent ' || her.uuid || ' ' || twin.new)::uuid, her.id, twin.new, 'finished',
           min(done.finished_at), %(at)s::timestamptz, 'trusted',
           %(device)s::text, 0, decode(md5(twin.new::text), 'hex')
      FROM enrolment AS her
      JOIN lesson_equivalence AS twin ON twin.course_id = her.course_id
      JOIN lesson_progress AS done ON done.enrolment_id = her.id AND done.lesson = twin.old AND done.state = 'finished'
      JOIN published_lesson AS lesson ON lesson.publication_id = her.publication_id AND lesson.uuid = twin.new
     WHERE her.id = ANY(%(enrolments)s::bigint[])
     GROUP BY her.id, twin.new
    ON CONFLICT (person_id, event_id) DO NOTHING
    RETURNING enrolment_id, lesson, occurred_at
)
INSERT INTO lesson_progress AS known (enrolment_id, lesson, state, percent, seconds, finished_at, last_at)
SELECT enrolment_id, lesson, 'finished', 100, 0, occurred_at, occurred_at FROM told
ON CONFLICT (enrolment_id, lesson) DO UPDATE SET
    state = 'finished',
    percent = 100,
    finished_at = LEAST(known.finished_at, excluded.finished_at),
    last_at = GREATEST(known.last_at, excluded.last_at)
"""


def carry_over(enrolments: Collection[Enrolment], *, at: datetime) -> None:
    """Count as finished what stands for a finished lesson in the publication each is pinned to. Safe to repeat.

    The enrolments are locked by the caller, who refreshes them afterwards. One statement.
    """
    ids = sorted(enrolment.pk for enrolment in enrolments)
    rows(TELL, {"enrolments": ids, "device": DEVICE, "at": at})


def set_equivalents(*, course: Course, equivalents: Mapping[UUID, UUID]) -> None:
    """Say which new lesson stands for which old one; an old one that was named before is named anew."""
    LessonEquivalence.objects.bulk_create(
        [LessonEquivalence(course=course, old=old, new=new) for old, new in equivalents.items()],
        update_conflicts=True,
        unique_fields=["course", "old"],
        update_fields=["new"],
    )


def once_in_courses(lessons: Collection[tuple[int, UUID]]) -> dict[tuple[int, UUID], str]:
    """The kind of those (course, lesson) that some publication has, or had. One statement."""
    known = PublishedLesson.objects.filter(
        publication__course__in={course for course, _lesson in lessons},
        uuid__in={lesson for _course, lesson in lessons},
    )
    found = known.values_list("publication__course_id", "uuid", "kind").distinct()
    return {(course, lesson): kind for course, lesson, kind in found}
