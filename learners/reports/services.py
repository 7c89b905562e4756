"""Keeping the tallies true. An enrolment is counted in one place at a time; a handler adds the difference.

Everything here re-reads the enrolments, so that neither the order nor the number of calls matters. Whoever writes
tallies holds one lock: two who counted the same enrolment at once would both add the same difference.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from learners.certificates.models import Certificate
from learners.reports.models import FOLDED_DAY, CountedEnrolment, Tally
from lms.languages import CASABLANCA
from lms.operations.services import keep_finding

TALLY_LOCK = 0x7A11
SILENT_AFTER = timedelta(days=14)


def active_since(at: datetime) -> date:
    """The first day in Casablanca on which an event still makes an enrolment `active` at that moment."""
    return timezone.localdate(at) - SILENT_AFTER


# Where an enrolment counts now. Who belongs to no organisation counts at the root of the tree, so that the national
# totals are true; who withdrew counts nowhere.
PRESENT = """
SELECT enrolment.id, enrolment.course_id, COALESCE(enrolment.organisation_id, root.id) AS organisation_id,
       state.stage,
       CASE WHEN state.stage IN ('completed', 'certified') THEN %(folded)s
            ELSE COALESCE((SELECT max(day) FROM unnest(%(days)s::date[], %(midnights)s::timestamptz[])
                               AS recent (day, midnight) WHERE midnight <= enrolment.last_active_at), %(folded)s)
       END AS day
  FROM enrolment
 CROSS JOIN (SELECT id FROM organisation WHERE parent_id IS NULL ORDER BY path LIMIT 1) AS root
 CROSS JOIN LATERAL (
       SELECT CASE WHEN enrolment.state = 'completed' AND EXISTS (
                        SELECT FROM certificate WHERE certificate.enrolment_id = enrolment.id
                           AND certificate.state IN ('pending', 'ready')) THEN 'certified'
                   WHEN enrolment.state = 'completed' THEN 'completed'
                   WHEN enrolment.percent >= 50 THEN 'halfway'
                   WHEN enrolment.percent > 0 THEN 'started'
                   ELSE 'not_started' END AS stage) AS state
 WHERE enrolment.state <> 'withdrawn'
"""

KEEP = """INSERT INTO counted_enrolment AS counted (enrolment_id, course_id, organisation_id, stage, day)
    SELECT id, course_id, organisation_id, stage, day FROM present
    ON CONFLICT (enrolment_id) DO UPDATE
       SET course_id = excluded.course_id, organisation_id = excluded.organisation_id,
           stage = excluded.stage, day = excluded.day
     WHERE (counted.course_id, counted.organisation_id, counted.stage, counted.day)
           <> (excluded.course_id, excluded.organisation_id, excluded.stage, excluded.day)"""

GONE = "NOT EXISTS (SELECT FROM present WHERE present.id = counted_enrolment.enrolment_id)"

# All parts of the statement see the moment before it: `before` still holds what is being overwritten.
COUNT = f"""
WITH present AS ({PRESENT} AND enrolment.id = ANY(%(ids)s)),
before AS (SELECT * FROM counted_enrolment WHERE enrolment_id = ANY(%(ids)s)),
gone AS (
    DELETE FROM counted_enrolment
     WHERE enrolment_id = ANY(%(ids)s) AND {GONE}
),
kept AS (
    {KEEP}
),
difference AS (
    SELECT organisation_id, course_id, stage, day, sum(change) AS change
      FROM (SELECT organisation_id, course_id, stage, day, 1 AS change FROM present
             UNION ALL
            SELECT organisation_id, course_id, stage, day, -1 FROM before) AS changes
     GROUP BY organisation_id, course_id, stage, day
    HAVING sum(change) <> 0
)
INSERT INTO tally (organisation_id, course_id, stage, day, count)
SELECT organisation_id, course_id, stage, day, change FROM difference
ON CONFLICT (organisation_id, course_id, stage, day) DO UPDATE SET count = tally.count + excluded.count
"""  # noqa: S608  # put together from constants


@transaction.atomic
def count_enrolments(
    *, enrolment_ids: Sequence[int], at: datetime, certificate_ids: Sequence[int] = ()
) -> None:
    """Count these enrolments, and those of these certificates, where they stand now. Safe to repeat.

    Three statements however many there are.
    """
    _lock()
    certified = Certificate.objects.filter(pk__in=certificate_ids).values_list("enrolment_id", flat=True)
    ids = sorted({*enrolment_ids, *(certified if certificate_ids else ())})
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {**_days(at), "ids": ids})


FOLD = """
WITH old AS (
    DELETE FROM tally WHERE day > %(folded)s AND day < %(active_since)s
    RETURNING organisation_id, course_id, stage, count
)
INSERT INTO tally (organisation_id, course_id, stage, day, count)
SELECT organisation_id, course_id, stage, %(folded)s, sum(count) FROM old GROUP BY organisation_id, course_id, stage
ON CONFLICT (organisation_id, course_id, stage, day) DO UPDATE SET count = tally.count + excluded.count
"""


@transaction.atomic
def fold_tallies(*, at: datetime) -> None:
    """Lay the days too old to be `active` together, so that tallies do not grow with time. Safe to repeat."""
    _lock()
    with connection.cursor() as cursor:
        cursor.execute(FOLD, _days(at))
    CountedEnrolment.objects.filter(day__gt=FOLDED_DAY, day__lt=active_since(at)).update(day=FOLDED_DAY)
    Tally.objects.filter(count=0).delete()


RECOUNT = f"""
WITH present AS ({PRESENT}),
gone AS (DELETE FROM counted_enrolment WHERE {GONE})
{KEEP}
"""  # noqa: S608  # put together from constants

# The sum is taken from the table that only holders of the lock write: an enrolment that changes meanwhile is the
# business of its own event.
REPAIR = """
WITH counted AS (
    SELECT organisation_id, course_id, stage, day, count(*) AS count
      FROM counted_enrolment GROUP BY organisation_id, course_id, stage, day
),
wrong AS (
    SELECT organisation_id, course_id, stage, day, COALESCE(counted.count, 0) AS count
      FROM tally FULL JOIN counted USING (organisation_id, course_id, stage, day)
     WHERE COALESCE(tally.count, 0) <> COALESCE(counted.count, 0)
),
repaired AS (
    INSERT INTO tally (organisation_id, course_id, stage, day, count) SELECT * FROM wrong
    ON CONFLICT (organisation_id, course_id, stage, day) DO UPDATE SET count = excluded.count
)
SELECT count(*) FROM wrong
"""


@transaction.atomic
def reconcile_tallies(*, at: datetime) -> int:
    """Count everyone anew and repair what differs; returns the number of wrong cells. The target is zero.

    Safe to repeat. A change whose event is still on its way counts as wrong too, which is why this runs at night.
    """
    fold_tallies(at=at)
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, _days(at))
        cursor.execute(REPAIR)
        wrong: int = cursor.fetchone()[0]
    keep_finding(job="reconcile_tallies", numbers={"wrong": wrong}, at=at)
    return wrong


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TALLY_LOCK])


def _days(at: datetime) -> dict[str, Any]:
    """The days that still count, and when each began in Casablanca.

    PostgreSQL has time zones of its own, older or newer than ours: days are decided in one place only.
    """
    since = active_since(at)
    days = [since + timedelta(days=number) for number in range(SILENT_AFTER.days + 2)]
    midnights = [datetime.combine(day, time.min, tzinfo=CASABLANCA) for day in days]
    return {"active_since": since, "folded": FOLDED_DAY, "days": days, "midnights": midnights}
