"""Reading drafts."""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from django.db.models import F, Prefetch

from courses.authoring.models import Lesson, LessonVariant, Module
from courses.catalogue.models import CourseQuerySet
from lms.access.scoping import HasScope
from lms.errors import InvalidInput
from lms.files.models import Upload
from lms.organisations.models import Organisation


def with_numbers(courses: CourseQuerySet) -> CourseQuerySet:
    """Courses with their organisation, prerequisite and `newest_number`, the number of the newest publication."""
    return courses.select_related("organisation", "prerequisite").annotate(newest_number=F("newest__number"))


def with_draft(courses: CourseQuerySet) -> CourseQuerySet:
    """Courses with modules, lessons, variants and their uploads: four statements, whatever the size."""
    variants = LessonVariant.objects.select_related("upload__file").order_by("id")
    lessons = (
        Lesson.objects.select_related("source")
        .order_by("position", "id")
        .prefetch_related(Prefetch("variants", variants))
    )
    modules = Module.objects.order_by("position", "id").prefetch_related(Prefetch("lessons", lessons))
    return with_numbers(courses).prefetch_related(Prefetch("modules", modules))


def state_of_files(variants: Sequence[LessonVariant]) -> str:
    """A short digest of how far the uploads of a draft are: it changes without the draft's version."""
    states = [(v.pk, v.upload.state) for v in variants if v.upload]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:8] if states else ""


def upload_named(author: HasScope, lesson: Lesson, upload_id: UUID) -> Upload:
    """Her own upload, or one that a colleague already put into this lesson. Refuses with `upload_unknown`."""
    own = Upload.objects.visible_to(author).filter(uuid=upload_id).first()
    found = own or Upload.objects.filter(uuid=upload_id, pk__in=lesson.variants.values("upload")).first()
    if found is None:
        detail = str(InvalidInput.message)
        raise InvalidInput(errors=[{"pointer": "/upload", "code": "upload_unknown", "detail": detail}])
    return found


def organisation_for(author: HasScope, code: str | None) -> Organisation:
    """Where her new course belongs: the node she names, else the one where she writes courses."""
    hers = Organisation.objects.visible_to(author)
    found = hers.filter(code=code) if code else hers.filter(path__in=author.scope.paths)
    nodes = list(found.order_by("path")[:2])
    if len(nodes) != 1:
        unclear = "organisation_unknown" if not nodes else "organisation_needed"
        detail = str(InvalidInput.message)
        raise InvalidInput(errors=[{"pointer": "/organisation", "code": unclear, "detail": detail}])
    return nodes[0]
