"""What she reads when she opens her course: the outline of her edition and how far she is, in one answer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from courses.publishing.rules import module_rules
from learners.classroom.outlines import LANGUAGE, OutlineSerializer, language_wanted
from learners.enrolments.models import Enrolment
from learners.progress.api import ProgressSerializer, present_progress
from learners.progress.models import LessonProgress
from learners.progress.openings import Gate, finished_in, gates
from learners.progress.queries import progress_of
from lms.access.scoping import HasScope
from lms.api.views import Endpoint, Request
from lms.errors import NotFound
from lms.statements import columns_of, loaded, row

HERS: Final = f"""
SELECT outline.language, outline.identity, cohort.starts_on, {columns_of(Enrolment)}
  FROM enrolment
  JOIN publication ON publication.id = enrolment.publication_id
  JOIN published_outline AS outline
    ON outline.publication_id = publication.id AND outline.language IN (%(language)s, publication.languages[1])
  LEFT JOIN cohort ON cohort.id = enrolment.cohort_id
 WHERE enrolment.uuid = %(enrolment)s AND enrolment.learner_id = %(owner)s AND enrolment.state <> 'withdrawn'
 ORDER BY outline.language = %(language)s DESC
 LIMIT 1
"""  # noqa: S608  # put together from constants


@dataclass(frozen=True)
class Opened:
    """`outline` is JSON as it was stored; `modules` are the gates in its order."""

    enrolment: Enrolment
    language: str
    outline: bytes
    done: dict[UUID, LessonProgress]
    modules: list[Gate]


def open_own(reader: HasScope, enrolment: UUID, language: str, *, at: datetime) -> Opened:
    """Her own enrolment with what it teaches in a language, else in the course's first. Two statements.

    `NotFound` for another's, and for a course that she has left.
    """
    asked = {"enrolment": enrolment, "owner": reader.scope.owner_id, "language": language}
    found = row(HERS, asked)
    if found is None:
        raise NotFound
    spoken, outline, begins, *columns = found
    hers = loaded(Enrolment, columns)
    done = progress_of(hers)
    modules = gates(
        module_rules(hers.publication_id),
        finished=finished_in(done.values()),
        begins=begins,
        today=timezone.localdate(at),
        completed=hers.completed_at is not None,
    )
    return Opened(hers, spoken, bytes(outline), done, modules)


class OwnOutlineSerializer(serializers.Serializer[Any]):
    outline = OutlineSerializer()
    progress = ProgressSerializer()


class OwnOutline(Endpoint):
    ability = "enrolment.read"

    @extend_schema(
        summary="Her edition's outline and her progress in it, in one request",
        description="For her alone. A device that keeps the outline asks for `/progress` instead.",
        parameters=[LANGUAGE],
        responses=OwnOutlineSerializer,
    )
    def get(self, request: Request, enrolment_id: UUID) -> Response:
        opened = open_own(request.user, enrolment_id, language_wanted(request), at=timezone.now())
        response = Response(
            {
                "outline": orjson.Fragment(opened.outline),
                "progress": present_progress(opened.enrolment, opened.done, opened.modules),
            }
        )
        response["Content-Language"] = opened.language
        return response
