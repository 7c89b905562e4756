"""Completion over the tree, and the people behind a number. Reads tallies: the cost does not grow with learners."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from threading import Lock
from typing import Any, Final
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Exists, OuterRef, Q, QuerySet

from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.reports.services import active_since
from learners.reports.tree import Figures, Level, Node, Report, Start, Tree
from lms.access.scoping import Scope, within
from lms.accounts.models import Person
from lms.languages import CASABLANCA
from lms.statements import rows


class ReportState(models.TextChoices):
    """The report's words for an enrolment; the `certified` are among the `completed`."""

    ACTIVE = "active"
    SILENT = "silent"
    COMPLETED = "completed"
    CERTIFIED = "certified"


# Each a few megabytes at most: the whole country for one course.
TREES_KEPT: Final = 12
# Whoever asks while a tree is put together waits for it, instead of doing the same work beside it.
_putting_together = Lock()

VERSION: Final = "SELECT version FROM report_version"

# The sum over all courses decides the folding; the others answer the question. A path ends in a slash, and 0 is the
# character after it: what lies between the two is found by the index.
NODES: Final = """
SELECT organisation.id, organisation.path, organisation.kind, COALESCE(centre_type.confidential, false),
       COALESCE(sums.everyone, 0), organisation.code, organisation.name, organisation.sort_name,
       COALESCE(sums.enrolled, 0), COALESCE(sums.active, 0), COALESCE(sums.completed, 0),
       COALESCE(sums.certified, 0), COALESCE(sums.started, 0), COALESCE(sums.halfway, 0)
  FROM unnest(%(paths)s::text[]) AS top (path)
  JOIN organisation ON organisation.path ~>=~ top.path AND organisation.path ~<~ (rtrim(top.path, '/') || '0')
  LEFT JOIN centre_type ON centre_type.id = organisation.centre_type_id
 CROSS JOIN LATERAL (
       SELECT sum(count) AS everyone,
              sum(count) FILTER (WHERE asked.course) AS enrolled,
              sum(count) FILTER (WHERE asked.course AND day >= %(active_since)s AND NOT finished) AS active,
              sum(count) FILTER (WHERE asked.course AND finished) AS completed,
              sum(count) FILTER (WHERE asked.course AND stage = 'certified') AS certified,
              sum(count) FILTER (WHERE asked.course AND stage <> 'not_started') AS started,
              sum(count) FILTER (WHERE asked.course AND (finished OR stage = 'halfway')) AS halfway
         FROM tally
        CROSS JOIN LATERAL (SELECT %(course)s::bigint IS NULL OR course_id = %(course)s AS course,
                                   stage IN ('completed', 'certified') AS finished) AS asked
        WHERE tally.organisation_id = organisation.id) AS sums
"""


def load_tree(scope: Scope, *, course: Course | None, at: datetime) -> Tree:
    """The organisations of a scope with their sums, for one course or for all.

    One statement while neither tallies nor places have changed since this process last put the same tree together,
    else two. The version is read first: a tree that is newer than it is only put together once more.
    """
    [(version,)] = rows(VERSION, {})
    with _putting_together:
        return _tree(version, scope.paths, scope.home_paths, course and course.pk, active_since(at))


@lru_cache(maxsize=TREES_KEPT)
def _tree(
    _version: UUID, paths: Collection[str], home_paths: Collection[str], course_id: int | None, since: date
) -> Tree:
    found = rows(NODES, {"paths": _outermost(paths), "course": course_id, "active_since": since})
    return Tree([_node(*row) for row in found], home_paths=home_paths)


def _outermost(paths: Iterable[str]) -> list[str]:
    """Without those that lie under another one, so that no place is read twice."""
    kept: list[str] = []
    for path in sorted(paths):
        if not kept or not path.startswith(kept[-1]):
            kept.append(path)
    return kept


def _node(*row: Any) -> Node:
    id_, path, kind, confidential, everyone, code, name, sort_name, *figures = row
    return Node(
        id=id_,
        path=path,
        kind=kind,
        confidential=confidential,
        enrolled=int(everyone),
        code=code,
        name=orjson.loads(name),
        sort_name=sort_name,
        figures=Figures(*map(int, figures)),
    )


def completion_report(
    *,
    scope: Scope,
    at: datetime,
    course: Course | None = None,
    organisation: str | None = None,
    level: Level | None = None,
) -> Report:
    """Enrolled, active, silent, completed and certified for each node at a level of the tree.

    `scope` is narrowed to the ability at hand. Without `organisation` (a code) it starts at her highest nodes;
    without `level` the lines are one below the start. Raises `NotFound` for an organisation that does not exist for
    her: unknown, another's or folded. One statement.
    """
    tree = load_tree(scope, course=course, at=at)
    return tree.report_from(organisation, level)


@dataclass(frozen=True)
class Behind:
    """The enrolments behind a number. `codes`: the organisations she may read, by id; `named`: where she sees names."""

    enrolments: QuerySet[Enrolment]
    codes: dict[int, str]
    named: frozenset[int]


def learners_behind(
    *,
    viewer: Person,
    at: datetime,
    course: Course | None = None,
    organisation: str | None = None,
    state: ReportState | None = None,
) -> Behind:
    """The enrolments that `completion_report` counts, as far as `viewer` (scope narrowed) may see them. One statement.

    An organisation that the report folds has no code here. Raises `NotFound` as the report does.
    """
    tree = load_tree(viewer.scope, course=course, at=at)
    starts = tree.starts(organisation)
    lines = tree.report_from(organisation, Level.CENTRE).lines
    enrolments = _under(viewer, [start for start in starts if start.shown])
    if course:
        enrolments = enrolments.filter(course=course)
    named = frozenset(node.id for node in tree.nodes.values() if tree.is_home(node))
    return Behind(
        enrolments=_with_learners(in_state(enrolments, state, at=at), named=bool(named)),
        codes={
            line.node.id: line.node.code
            for line in lines
            if line.node and tree.folding.is_leaf(line.node.path)
        },
        named=named,
    )


def _with_learners(enrolments: QuerySet[Enrolment], *, named: bool) -> QuerySet[Enrolment]:
    """What a page shows and no more: sealed names leave their table only to be read."""
    own = ("uuid", "publication", "organisation", "state", "percent", "last_active_at", "completed_at")
    hers = ("learner__uuid", "learner__pseudonym")
    if not named:
        return enrolments.select_related("learner").only(*own, *hers)
    return enrolments.select_related("learner__identity").only(*own, *hers, "learner__identity__names")


def _under(viewer: Person, starts: Sequence[Start]) -> QuerySet[Enrolment]:
    """Not the withdrawn. Who belongs to no organisation belongs to the root, as in the tallies."""
    rows = Enrolment.objects.visible_to(viewer).exclude(state=EnrolmentState.WITHDRAWN)
    found = within([start.node.path for start in starts], "organisation__path")
    if any(start.node.path.count("/") == 2 for start in starts):
        nowhere = Enrolment.objects.filter(organisation=None).exclude(state=EnrolmentState.WITHDRAWN)
        return rows.filter(found) | nowhere
    return rows.filter(found)


def in_state(
    enrolments: QuerySet[Enrolment], state: ReportState | None, *, at: datetime
) -> QuerySet[Enrolment]:
    """Those that a report counts under `state`."""
    live = Certificate.objects.live().filter(enrolment=OuterRef("pk"))
    completed = Q(state=EnrolmentState.COMPLETED)
    recent = Q(last_active_at__gte=datetime.combine(active_since(at), time.min, tzinfo=CASABLANCA))
    conditions = {
        None: Q(),
        ReportState.ACTIVE: ~completed & recent,
        ReportState.SILENT: ~completed & ~recent,
        ReportState.COMPLETED: completed,
        ReportState.CERTIFIED: completed & Exists(live),
    }
    return enrolments.filter(conditions[state])


def state_of(enrolment: Enrolment, *, at: datetime) -> ReportState:
    """`active`, `silent` or `completed`, as a report counts it."""
    if enrolment.state == EnrolmentState.COMPLETED:
        return ReportState.COMPLETED
    last_day = enrolment.last_active_at.astimezone(CASABLANCA).date()
    return ReportState.ACTIVE if last_day >= active_since(at) else ReportState.SILENT
