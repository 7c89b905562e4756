"""Recording for a woman what she did at her centre: an event of hers under the name of who recorded it.

It goes the way of every event: stored once, folded, and the last lesson completes the course. The number of
statements does not grow with the room.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from courses.publishing.models import PublishedLesson
from courses.publishing.rules import LessonRule, lesson_rules
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.progress.batch import Item
from learners.progress.models import ProgressEvent, Verb
from learners.progress.services import fold_events, rebuild_progress, refresh_enrolments
from lms.accounts.models import Person
from lms.statements import rows

DEVICE: Final = "attested"
QUIZ: Final = "quiz"
NOON: Final = time(12)


@dataclass
class Attested:
    """One thing recorded for a woman, and what became of it: `code` is set when it is refused.

    `score` (0–100) of a quiz on paper; without one the lesson was done together. `event`: the key of the stored one.
    """

    id: UUID
    enrolment: UUID
    lesson: UUID
    done_on: date
    score: int | None = None
    status: str = ""
    code: str = ""
    event: int | None = None

    @property
    def said(self) -> bytes:
        """What it says, without its id: the same id with another digest is another event."""
        words = [self.enrolment, self.lesson, self.done_on, self.score, DEVICE]
        return hashlib.sha256(orjson.dumps(words)).digest()[:16]


@transaction.atomic
def record_attested(
    *, by: Person, items: Sequence[Attested], enrolments: Sequence[Enrolment], at: datetime
) -> None:
    """Store what is new of `items`, fold it, complete what is finished, and say of each what became of it.

    `enrolments`: those that the items name and `by` may record for. Each item ends accepted, duplicate or refused:
    `enrolment_withdrawn`, `own_enrolment`, `lesson_not_in_course`, `not_a_quiz`, `quiz_needs_score`, `in_the_future`,
    `before_the_publication`, `event_id_reused`. Safe to repeat.
    """
    locked = _lock(enrolments)
    rules = {uuid: lesson_rules(each.publication_id) for uuid, each in locked.items()}
    since = _published_since(items)
    for item in items:
        item.code = item.code or _refusal(item, locked[item.enrolment], rules[item.enrolment], by, since, at)
        item.status = "refused" if item.code else ""
    passing = _pass_marks(items, locked)
    events = {item.id: _event(item, passing, at) for item in items}
    _store([item for item in items if not item.status], events, locked, by, at)
    fresh = [events[item.id] for item in items if item.status == "accepted"]
    if fresh:
        fold_events(fresh, locked, at, attested=True)
        _refresh(fresh, locked, at)


def _lock(enrolments: Iterable[Enrolment]) -> dict[UUID, Enrolment]:
    """In the order of their keys, as everyone locks them."""
    locked = Enrolment.objects.select_for_update(no_key=True).order_by("id")
    return {each.uuid: each for each in locked.filter(pk__in=[each.pk for each in enrolments])}


def _published_since(items: Iterable[Attested]) -> dict[UUID, date]:
    """The day on which each lesson was first published."""
    asked = PublishedLesson.objects.filter(uuid__in={item.lesson for item in items}).order_by()
    first = asked.values("uuid").annotate(at=Min("publication__published_at"))
    return {row["uuid"]: timezone.localdate(row["at"]) for row in first}


def _refusal(
    item: Attested,
    enrolment: Enrolment,
    rules: Mapping[UUID, LessonRule],
    by: Person,
    since: Mapping[UUID, date],
    at: datetime,
) -> str:
    rule = rules.get(item.lesson)
    if enrolment.learner_id == by.pk:
        return "own_enrolment"
    if enrolment.state == EnrolmentState.WITHDRAWN:
        return "enrolment_withdrawn"
    if rule is None:
        return "lesson_not_in_course"
    if (item.score is None) == (rule.kind == QUIZ):
        return "quiz_needs_score" if rule.kind == QUIZ else "not_a_quiz"
    if item.done_on > timezone.localdate(at):
        return "in_the_future"
    return "before_the_publication" if item.done_on < since[item.lesson] else ""


def _pass_marks(
    items: Iterable[Attested], enrolments: Mapping[UUID, Enrolment]
) -> dict[tuple[UUID, UUID], int]:
    """What each woman's publication asks of a quiz, by enrolment and lesson. One statement, none without a quiz."""
    marked = [item for item in items if item.score is not None and not item.status]
    if not marked:
        return {}
    publications = {enrolments[item.enrolment].publication_id for item in marked}
    asked = PublishedLesson.objects.filter(
        publication__in=publications, uuid__in={item.lesson for item in marked}
    ).order_by()
    marks = {
        (publication, uuid): percent
        for publication, uuid, percent in asked.values_list("publication_id", "uuid", "pass_percent")
    }
    return {
        (item.enrolment, item.lesson): marks[enrolments[item.enrolment].publication_id, item.lesson]
        for item in marked
    }


def _event(item: Attested, passing: Mapping[tuple[UUID, UUID], int], at: datetime) -> Item:
    """A lesson done, or a quiz passed, finishes it; a quiz that was not passed leaves its score."""
    passed = item.score is None or item.score >= passing.get((item.enrolment, item.lesson), 101)
    noon = timezone.make_aware(datetime.combine(item.done_on, NOON)).astimezone(UTC)
    return Item(
        id=str(item.id),
        pointer="",
        event_id=item.id,
        enrolment=item.enrolment,
        lesson=item.lesson,
        verb=Verb.FINISHED if passed else Verb.OPENED,
        occurred_at=min(noon, at),
        score=item.score,
        content_hash=item.said,
    )


STORE: Final = """
WITH sent AS (
    SELECT * FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[],
                         %s::int[], %s::bytea[])
        AS sent (person_id, event_id, enrolment_id, lesson, verb, occurred_at, clock, score, hash)
), stored AS (
    INSERT INTO progress_event (person_id, event_id, enrolment_id, lesson, verb, occurred_at, received_at, clock,
                                device, seconds, score, content_hash, attested_by_id)
    SELECT person_id, event_id, enrolment_id, lesson, verb, occurred_at, %s, clock, %s, 0, score, hash, %s
      FROM sent
    ON CONFLICT (person_id, event_id) DO NOTHING
    RETURNING id, person_id, event_id
)
SELECT sent.enrolment_id, sent.event_id, stored.id, known.content_hash IS NULL OR known.content_hash = sent.hash
  FROM sent
  LEFT JOIN stored USING (person_id, event_id)
  LEFT JOIN progress_event AS known USING (person_id, event_id)
"""


def _store(
    items: Sequence[Attested],
    events: Mapping[UUID, Item],
    enrolments: Mapping[UUID, Enrolment],
    by: Person,
    at: datetime,
) -> None:
    """Insert what is new and say of each item which it was, in one statement."""
    if not items:
        return
    sent = [_columns(events[item.id], enrolments[item.enrolment], at) for item in items]
    columns = [list(column) for column in zip(*sent, strict=True)]
    stored = rows(STORE, [*columns, at, DEVICE, by.pk])
    verdicts = {(enrolment, event): (key, same) for enrolment, event, key, same in stored}
    for item in items:
        item.event, same = verdicts[enrolments[item.enrolment].pk, item.id]
        item.status = "accepted" if item.event else "duplicate" if same else "refused"
        item.code = "event_id_reused" if item.status == "refused" else ""


def _columns(event: Item, enrolment: Enrolment, at: datetime) -> tuple[Any, ...]:
    told = [event.lesson, event.verb, event.occurred_at, event.clock(at).value, event.score]
    return (enrolment.learner_id, event.event_id, enrolment.pk, *told, event.content_hash)


def _refresh(events: Sequence[Item], enrolments: Mapping[UUID, Enrolment], at: datetime) -> None:
    seen: dict[int, datetime] = {}
    for event in events:
        key = enrolments[event.enrolment].pk  # type: ignore[index]  # stored: it names one
        seen[key] = max(seen.get(key, event.happened_at(at)), event.happened_at(at))
    refresh_enrolments([each for each in enrolments.values() if each.pk in seen], seen=seen, at=at)


@transaction.atomic
def void_event(*, event: ProgressEvent, at: datetime) -> None:
    """Let an attested event count no more: the mark stands beside what it says, and her lessons are folded anew.

    A completion that rested on it stays (domain.md, rule 3). Safe to repeat.
    """
    enrolment = Enrolment.objects.select_for_update(no_key=True).get(pk=event.enrolment_id)
    ProgressEvent.objects.filter(pk=event.pk, voided_at=None).exclude(attested_by=None).update(voided_at=at)
    rebuild_progress(enrolment=enrolment, at=at)
