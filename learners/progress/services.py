"""Recording what a learner did, and deciding when a course is complete. The rules stand here and only here.

An event is stored once per person and id. Lesson progress is the fold of the events: a sum, maxima and minima, so
neither order nor repetition matters, and it can always be rebuilt. The number of statements does not grow with
the batch.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

from django.db import transaction

from courses.publishing.models import PublishedLesson
from courses.publishing.rules import LessonRule, lesson_rules
from learners.certificates.services import issue_certificate
from learners.devices.hearing import HEAR, Heard
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.events import EnrolmentsChanged
from learners.progress.batch import Item
from learners.progress.equivalence import carry_over, once_in_courses
from learners.progress.models import LessonState, Verb
from lms.accounts.models import Person
from lms.events.services import publish
from lms.statements import columns_of, loaded, rows


class GradedAttempt(Protocol):
    """What a fold reads of an attempt (learners/attempts stands above this subject)."""

    lesson: PublishedLesson
    score: int | None
    passed: bool | None
    submitted_at: datetime | None


@dataclass
class Outcome:
    items: Sequence[Item]
    enrolments: Sequence[Enrolment]


@transaction.atomic
def record_events(*, person: Person, device: Heard, items: Sequence[Item], received_at: datetime) -> Outcome:
    """Note what the device says of itself, store a batch, fold what is new, complete what is finished. Safe to repeat.

    Every item of the batch ends accepted, duplicate or refused with a code; one bad event spoils no other.
    """
    enrolments = _lock_enrolments(person, device, items, received_at)
    _judge(items, enrolments)
    former = _admit_former(items, enrolments)
    _store([item for item in items if not item.status], enrolments, person, device.device, received_at)
    fresh = [item for item in items if item.status == "accepted"]
    touched = [enrolments[uuid] for uuid in dict.fromkeys(_named(fresh))]
    if fresh:
        fold_events(fresh, enrolments, received_at)
        if former:
            carry_over(touched, at=received_at)
        seen = {
            enrolment.pk: max(i.happened_at(received_at) for i in fresh if i.enrolment == enrolment.uuid)
            for enrolment in touched
        }
        refresh_enrolments(touched, seen=seen, at=received_at)
    return Outcome(items, list(enrolments.values()))


def _named(items: Iterable[Item]) -> list[UUID]:
    return [item.enrolment for item in items if item.enrolment]


LOCK: Final = f"""
WITH heard AS ({HEAR})
SELECT {columns_of(Enrolment)}
  FROM enrolment
 WHERE learner_id = %(learner)s AND uuid = ANY(%(uuids)s::uuid[]) AND state <> 'withdrawn'
 ORDER BY id
   FOR NO KEY UPDATE
"""  # noqa: S608  # put together from constants


def _lock_enrolments(
    person: Person, device: Heard, items: Sequence[Item], at: datetime
) -> dict[UUID, Enrolment]:
    """The learner's enrolments that the batch names, locked in id order; withdrawn ones are none."""
    asked = {"learner": person.pk, "uuids": list(set(_named(items))), **device.values(at)}
    locked = [loaded(Enrolment, row) for row in rows(LOCK, asked)]
    return {enrolment.uuid: enrolment for enrolment in locked}


def _judge(items: Sequence[Item], enrolments: dict[UUID, Enrolment]) -> None:
    rules = {e.uuid: lesson_rules(e.publication_id) for e in enrolments.values()}
    for item in items:
        if not item.status and (code := _refusal(item, rules)):
            item.status, item.code = "refused", code


def _refusal(item: Item, rules: dict[UUID, dict[UUID, LessonRule]]) -> str:
    if item.enrolment not in rules:
        return "enrolment_unknown"
    rule = rules[item.enrolment].get(item.lesson) if item.lesson else None
    if rule is None:
        return "lesson_not_in_course"
    if item.verb == Verb.FINISHED and rule.kind == "quiz":
        return "quiz_needs_attempt"
    return ""


def _admit_former(items: Sequence[Item], enrolments: dict[UUID, Enrolment]) -> bool:
    """Let in what a phone says of lessons that only another publication of the course has: she may have been moved.

    Nothing is asked of the database for a batch that names none.
    """
    strange = [
        (item, (enrolments[item.enrolment].course_id, item.lesson))
        for item in items
        if item.code == "lesson_not_in_course" and item.enrolment and item.lesson
    ]
    kinds = once_in_courses([place for _item, place in strange]) if strange else {}
    for item, place in strange:
        if place in kinds:
            asks = item.verb == Verb.FINISHED and kinds[place] == "quiz"
            item.status, item.code = ("refused", "quiz_needs_attempt") if asks else ("", "")
    return bool(kinds)


STORE: Final = """
WITH sent AS (
    SELECT * FROM unnest(%s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[],
                         %s::int[], %s::int[], %s::int[], %s::int[], %s::bytea[])
        AS sent (event_id, enrolment_id, lesson, verb, occurred_at, clock, seconds, position, percent, score, hash)
), stored AS (
    INSERT INTO progress_event (person_id, event_id, enrolment_id, lesson, verb, occurred_at, received_at, clock,
                                device, seconds, position, percent, score, content_hash)
    SELECT %s, event_id, enrolment_id, lesson, verb, occurred_at, %s, clock, %s, seconds, position, percent, score,
           hash
      FROM sent
    ON CONFLICT (person_id, event_id) DO NOTHING
    RETURNING event_id
)
SELECT sent.event_id, stored.event_id IS NOT NULL, known.content_hash IS NULL OR known.content_hash = sent.hash
  FROM sent
  LEFT JOIN stored USING (event_id)
  LEFT JOIN progress_event AS known ON known.person_id = %s AND known.event_id = sent.event_id
"""


def _store(
    items: Sequence[Item],
    enrolments: dict[UUID, Enrolment],
    person: Person,
    device: str,
    received_at: datetime,
) -> None:
    """Insert what is new and say of each item which it was, in one statement."""
    if not items:
        return
    columns = _columns(items, enrolments, received_at)
    stored = rows(STORE, [*columns, person.pk, received_at, device, person.pk])
    verdicts = {event_id: (new, same) for event_id, new, same in stored}
    for item in items:
        new, same = verdicts[item.event_id]
        item.status = "accepted" if new else "duplicate" if same else "refused"
        item.code = "event_id_reused" if item.status == "refused" else ""


def _columns(
    items: Sequence[Item], enrolments: dict[UUID, Enrolment], received_at: datetime
) -> list[list[Any]]:
    sent = [
        (
            item.event_id,
            enrolments[item.enrolment].pk,  # type: ignore[index]  # judged: every item left names one
            item.lesson,
            item.verb,
            item.occurred_at,
            item.clock(received_at).value,
            item.seconds,
            item.position,
            item.percent,
            item.score,
            item.content_hash,
        )
        for item in items
    ]
    return [list(column) for column in zip(*sent, strict=True)]


# Lesson progress as a fold of events: seconds add up, percent only rises, the position is the one of the latest
# moment, and finishing is remembered at its earliest moment. `happened_at` is her clock or, doubtful, ours. A score
# counts where somebody else recorded it: what a device says of its own quiz is nothing.
FOLD: Final = """
INSERT INTO lesson_progress AS known (enrolment_id, lesson, score, attested, state, percent, seconds, position,
                                      position_at, finished_at, last_at)
SELECT enrolment_id, lesson, max(score) FILTER (WHERE attested), bool_or(attested),
       CASE WHEN bool_or(verb = 'finished') THEN 'finished' ELSE 'opened' END,
       CASE WHEN bool_or(verb = 'finished') THEN 100 ELSE COALESCE(max(percent), 0) END,
       LEAST(sum(seconds), 2147483647),
       (array_agg(position ORDER BY happened_at DESC, position DESC) FILTER (WHERE position IS NOT NULL))[1],
       max(happened_at) FILTER (WHERE position IS NOT NULL),
       min(happened_at) FILTER (WHERE verb = 'finished'),
       max(happened_at)
  FROM {source}
 GROUP BY enrolment_id, lesson
 ORDER BY enrolment_id, lesson
ON CONFLICT (enrolment_id, lesson) DO UPDATE SET
    state = CASE WHEN 'finished' IN (known.state, excluded.state) THEN 'finished' ELSE 'opened' END,
    percent = GREATEST(known.percent, excluded.percent),
    score = GREATEST(known.score, excluded.score),
    attested = known.attested OR excluded.attested,
    seconds = LEAST(known.seconds::bigint + excluded.seconds, 2147483647),
    position = CASE WHEN (excluded.position_at, excluded.position) > (known.position_at, known.position)
                      OR known.position_at IS NULL THEN excluded.position ELSE known.position END,
    position_at = GREATEST(known.position_at, excluded.position_at),
    finished_at = LEAST(known.finished_at, excluded.finished_at),
    last_at = GREATEST(known.last_at, excluded.last_at)
"""

SENT: Final = """unnest(%s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::int[], %s::int[], %s::int[],
                        %s::int[], %s::bool[])
    AS sent (enrolment_id, lesson, verb, happened_at, seconds, position, percent, score, attested)"""

STORED: Final = """(SELECT enrolment_id, lesson, verb, seconds, position, percent, score,
                    attested_by_id IS NOT NULL AS attested,
                    CASE clock WHEN 'trusted' THEN occurred_at ELSE received_at END AS happened_at
               FROM progress_event WHERE enrolment_id = %s AND voided_at IS NULL) AS stored"""

FOLD_SENT: Final = FOLD.format(source=SENT)
FOLD_STORED: Final = FOLD.format(source=STORED)


def fold_events(
    items: Sequence[Item],
    enrolments: dict[UUID, Enrolment],
    received_at: datetime,
    *,
    attested: bool = False,
) -> None:
    """Fold new events into their lessons; `attested` for those that somebody else recorded for her."""
    sent = [
        (
            enrolments[item.enrolment].pk,  # type: ignore[index]  # accepted: it names one
            item.lesson,
            item.verb,
            item.happened_at(received_at),
            item.seconds,
            item.position,
            item.percent,
            item.score,
            attested,
        )
        for item in items
    ]
    rows(FOLD_SENT, [list(column) for column in zip(*sent, strict=True)])


@transaction.atomic
def rebuild_progress(*, enrolment: Enrolment, at: datetime) -> None:
    """Fold all stored events and graded attempts of one enrolment anew. Safe to repeat; un-finishes nobody."""
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=enrolment.pk)
    enrolment.lessons.all().delete()
    rows(FOLD_STORED, [enrolment.pk])
    for attempt in enrolment.attempts.exclude(submitted_at=None).select_related("lesson"):
        fold_attempt(enrolment=enrolment, attempt=attempt)
    refresh_enrolments([enrolment], seen={}, at=at)


FOLD_ATTEMPT: Final = """
INSERT INTO lesson_progress AS known (enrolment_id, lesson, state, percent, score, seconds, finished_at, last_at)
VALUES (%s, %s, %s, %s, %s, 0, %s, %s)
ON CONFLICT (enrolment_id, lesson) DO UPDATE SET
    state = CASE WHEN 'finished' IN (known.state, excluded.state) THEN 'finished' ELSE 'opened' END,
    percent = GREATEST(known.percent, excluded.percent),
    score = GREATEST(known.score, excluded.score),
    finished_at = LEAST(known.finished_at, excluded.finished_at),
    last_at = GREATEST(known.last_at, excluded.last_at)
"""


def fold_attempt(*, enrolment: Enrolment, attempt: GradedAttempt) -> None:
    """Fold a graded attempt into its lesson: the best score counts, a pass finishes the lesson. Safe to repeat."""
    at, passed = attempt.submitted_at, attempt.passed
    state = LessonState.FINISHED if passed else LessonState.OPENED
    done = [100 if passed else 0, attempt.score, at if passed else None, at]
    rows(FOLD_ATTEMPT, [enrolment.pk, attempt.lesson.uuid, state.value, *done])


REFRESH: Final = """
UPDATE enrolment
   SET percent = CASE WHEN enrolment.state = 'completed' THEN 100
                      ELSE 100 * done.finished / GREATEST(publication.required_count, 1) END,
       last_active_at = GREATEST(enrolment.last_active_at, done.seen)
  FROM (SELECT e.id, e.seen,
               (SELECT count(*) FROM lesson_progress
                  JOIN enrolment AS mine ON mine.id = e.id
                  JOIN published_lesson AS lesson ON lesson.publication_id = mine.publication_id
                   AND lesson.uuid = lesson_progress.lesson AND lesson.required
                 WHERE lesson_progress.enrolment_id = e.id AND lesson_progress.state = 'finished') AS finished
          FROM unnest(%s::bigint[], %s::timestamptz[]) AS e (id, seen)) AS done,
       publication
 WHERE enrolment.id = done.id AND publication.id = enrolment.publication_id
RETURNING enrolment.id, enrolment.percent, enrolment.last_active_at,
          done.finished >= publication.required_count AND publication.required_count > 0
"""


def refresh_enrolments(enrolments: Sequence[Enrolment], *, seen: dict[int, datetime], at: datetime) -> None:
    """Bring percent and last activity up to date and complete what is finished. The rows must be locked.

    A course is complete when every required lesson of the publication she is pinned to is finished, and it has
    at least one. Completion is set once and stays.
    """
    by_id = {enrolment.pk: enrolment for enrolment in enrolments}
    ids = sorted(by_id)
    finished = []
    refreshed = rows(REFRESH, [ids, [seen.get(id_) for id_ in ids]])
    for id_, percent, last_active_at, complete in refreshed:
        enrolment = by_id[id_]
        enrolment.percent, enrolment.last_active_at = percent, last_active_at
        if complete and enrolment.state == EnrolmentState.ACTIVE:
            finished.append(enrolment)
    for enrolment in finished:
        complete_enrolment(enrolment=enrolment, at=at)
    publish(EnrolmentsChanged(enrolment_ids=ids))


def complete_enrolment(*, enrolment: Enrolment, at: datetime) -> None:
    """Set the completion, and give birth to its certificate in the same transaction."""
    enrolment.state = EnrolmentState.COMPLETED
    enrolment.percent = 100
    enrolment.completed_at = at
    enrolment.completed_publication_id = enrolment.publication_id
    enrolment.save(update_fields=["state", "percent", "completed_at", "completed_publication"])
    issue_certificate(enrolment=enrolment, at=at)
