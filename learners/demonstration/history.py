"""Writing what the women did, straight into the tables and as the rules would have: events first, the rest from them.

The fold and the percentages are the statements of learners/progress itself; only the attempts are folded here, for
all at once.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db import connection, transaction

from courses.catalogue.models import Course
from learners.attempts.models import Attempt
from learners.certificates.services import issue_certificates
from learners.demonstration.walking import Step
from learners.enrolments.models import Enrolment
from learners.progress.services import FOLD, REFRESH
from learners.reports.services import count_enrolments
from lms.accounts.models import Person

WRITTEN_AT_ONCE: Final = 1_000
DEVICE: Final = "namoudaj"


@dataclass(frozen=True, kw_only=True)
class Way:
    """One woman on one course."""

    person: Person
    course: Course
    enrolled_at: datetime
    language: str = "ar"
    steps: Sequence[Step] = field(default_factory=tuple)


@transaction.atomic
def write_history(ways: Sequence[Way], *, at: datetime) -> int:
    """Write enrolments, events, attempts, progress, completions, certificates and tallies; returns the completions.

    The certificates are left pending: workers draw them.
    """
    enrolments = _enrol(ways)
    _stage(ways, enrolments)
    ids = [enrolment.pk for enrolment in enrolments]
    with connection.cursor() as cursor:
        cursor.execute(EVENTS, {"device": DEVICE})
        _write_attempts(ways, enrolments)
        cursor.execute(KNOW_THE_SIZES)
        cursor.execute(FOLD.format(source=STORED), [ids])
        cursor.execute(FOLD_ATTEMPTS, [ids])
        cursor.execute(KNOW_THE_SIZES)
        cursor.execute(LAST_SEEN, [ids])
        seen = dict(cursor.fetchall())
        cursor.execute(REFRESH, [ids, [seen.get(id_) for id_ in ids]])
        cursor.execute(COMPLETE, [ids])
        completed = [id_ for (id_,) in cursor.fetchall()]
        cursor.execute("DROP TABLE demonstration_step")
    _certify(completed)
    for start in range(0, len(ids), WRITTEN_AT_ONCE):
        count_enrolments(enrolment_ids=ids[start : start + WRITTEN_AT_ONCE], at=at)
    return len(completed)


def _enrol(ways: Sequence[Way]) -> list[Enrolment]:
    return Enrolment.objects.bulk_create(
        [
            Enrolment(
                learner=way.person,
                course=way.course,
                publication_id=way.course.newest_id,  # type: ignore[misc]  # published: that is how ways are made
                organisation_id=way.person.home_organisation_id,
                created_at=way.enrolled_at,
                last_active_at=way.enrolled_at,
            )
            for way in ways
        ],
        batch_size=WRITTEN_AT_ONCE,
    )


STAGE: Final = """
CREATE TEMPORARY TABLE demonstration_step (
    person_id bigint, enrolment_id bigint, enrolment uuid, lesson uuid, kind text,
    opened_at timestamptz, finished_at timestamptz, seconds int
) ON COMMIT DROP
"""


def _stage(ways: Sequence[Way], enrolments: Sequence[Enrolment]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(STAGE)
        with cursor.copy("COPY demonstration_step FROM STDIN") as copy:
            for row in _steps(ways, enrolments):
                copy.write_row(row)


def _steps(ways: Sequence[Way], enrolments: Sequence[Enrolment]) -> Iterator[tuple[object, ...]]:
    for way, enrolment in zip(ways, enrolments, strict=True):
        for step in way.steps:
            yield (
                way.person.pk,
                enrolment.pk,
                enrolment.uuid,
                step.lesson.uuid,
                step.lesson.kind,
                step.opened_at,
                step.finished_at,
                step.seconds,
            )


# Each step as its device told it: opened, for films and sounds also how far, finished. The hash is that of
# learners/progress/batch.py: what the event says, as JSON. Some phones were offline for up to a day.
EVENTS: Final = """
WITH said AS (
    SELECT step.*, event.verb, event.occurred_at, event.spent, event.place
      FROM demonstration_step AS step
     CROSS JOIN LATERAL (
           VALUES ('opened', opened_at, 0, NULL::int),
                  ('progressed',
                   CASE WHEN kind IN ('video', 'audio') THEN opened_at + make_interval(secs => seconds / 2) END,
                   seconds / 2, seconds / 2),
                  ('finished', finished_at,
                   CASE WHEN kind IN ('video', 'audio') THEN seconds - seconds / 2 ELSE seconds END, NULL)
           ) AS event (verb, occurred_at, spent, place)
     WHERE event.occurred_at IS NOT NULL
)
INSERT INTO progress_event (person_id, event_id, enrolment_id, lesson, verb, occurred_at, received_at, clock, device,
                            seconds, position, percent, score, content_hash)
SELECT person_id, gen_random_uuid(), enrolment_id, lesson, verb, occurred_at,
       LEAST(occurred_at + CASE WHEN hashtext(lesson::text || enrolment_id) %% 12 = 0 THEN interval '23 hours'
                                ELSE interval '4 seconds' END, GREATEST(occurred_at, now())),
       'trusted', %(device)s, spent, place, NULL, NULL,
       substring(sha256(convert_to(format('["%%s","%%s","%%s","%%s",%%s,%%s,null,null]', enrolment, lesson, verb,
           to_char(occurred_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'), spent,
           COALESCE(place::text, 'null')), 'UTF8')) FROM 1 FOR 16)
  FROM said
"""

# Within this transaction nothing else tells the planner that empty tables have become large: without it one of the
# statements below has been seen to loop over them for minutes.
KNOW_THE_SIZES: Final = (
    "ANALYZE publication, published_lesson, enrolment, progress_event, attempt, lesson_progress"
)

STORED: Final = """(SELECT enrolment_id, lesson, verb, seconds, position, percent, score, false AS attested,
                           occurred_at AS happened_at
                      FROM progress_event WHERE enrolment_id = ANY(%s)) AS stored"""

# What learners/progress/services.fold_attempt does for one.
FOLD_ATTEMPTS: Final = """
INSERT INTO lesson_progress AS known (enrolment_id, lesson, state, percent, score, seconds, finished_at, last_at)
SELECT attempt.enrolment_id, lesson.uuid, CASE WHEN bool_or(attempt.passed) THEN 'finished' ELSE 'opened' END,
       CASE WHEN bool_or(attempt.passed) THEN 100 ELSE 0 END, max(attempt.score), 0,
       min(attempt.submitted_at) FILTER (WHERE attempt.passed), max(attempt.submitted_at)
  FROM attempt JOIN published_lesson AS lesson ON lesson.id = attempt.lesson_id
 WHERE attempt.enrolment_id = ANY(%s) AND attempt.submitted_at IS NOT NULL
 GROUP BY attempt.enrolment_id, lesson.uuid
ON CONFLICT (enrolment_id, lesson) DO UPDATE SET
    state = CASE WHEN 'finished' IN (known.state, excluded.state) THEN 'finished' ELSE 'opened' END,
    percent = GREATEST(known.percent, excluded.percent),
    score = GREATEST(known.score, excluded.score),
    finished_at = LEAST(known.finished_at, excluded.finished_at),
    last_at = GREATEST(known.last_at, excluded.last_at)
"""

LAST_SEEN: Final = """
SELECT enrolment_id, max(last_at) FROM lesson_progress WHERE enrolment_id = ANY(%s) GROUP BY enrolment_id
"""

COMPLETE: Final = """
UPDATE enrolment SET state = 'completed', percent = 100, completed_at = done.at,
                     completed_publication_id = enrolment.publication_id
  FROM (SELECT progress.enrolment_id, max(progress.finished_at) AS at, count(*) AS finished
          FROM lesson_progress AS progress
          JOIN enrolment ON enrolment.id = progress.enrolment_id
          JOIN published_lesson AS lesson ON lesson.publication_id = enrolment.publication_id
           AND lesson.uuid = progress.lesson AND lesson.required
         WHERE progress.enrolment_id = ANY(%s) AND progress.state = 'finished'
         GROUP BY progress.enrolment_id) AS done,
       publication
 WHERE enrolment.id = done.enrolment_id AND publication.id = enrolment.publication_id
   AND done.finished >= publication.required_count
RETURNING enrolment.id
"""


def _write_attempts(ways: Sequence[Way], enrolments: Sequence[Enrolment]) -> None:
    Attempt.objects.bulk_create(
        (
            Attempt(
                enrolment=enrolment,
                lesson_id=step.lesson.pk,
                language=way.language,
                answers=each.answers,
                score=each.score,
                passed=each.passed,
                started_at=each.started_at,
                submitted_at=each.submitted_at,
            )
            for way, enrolment in zip(ways, enrolments, strict=True)
            for step in way.steps
            for each in step.tries
        ),
        batch_size=WRITTEN_AT_ONCE,
    )


def _certify(enrolment_ids: Sequence[int]) -> None:
    """Each completion's certificate, born at the moment of the completion; its drawing waits in the outbox."""
    rows = Enrolment.objects.filter(pk__in=enrolment_ids).select_related(
        "learner__identity", "organisation__centre_type", "publication", "course__organisation"
    )
    issue_certificates(
        [(row, row.completed_at) for row in rows.order_by("completed_at", "id") if row.completed_at]
    )
