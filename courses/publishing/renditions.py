"""Which files are to be had in fewer bytes: those of courses, drafts too, and nobody's own recordings."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from courses.authoring.models import LessonVariant
from courses.catalogue.models import Course
from courses.publishing.models import Publication, PublishedVariant
from courses.publishing.snapshots import SnapshotLesson, published_lessons
from lms.files.models import Purpose, Rendition, RenditionKind, RenditionState, StoredFile
from lms.files.queries import ready_renditions
from lms.files.renditions import ASK_AGAIN, KINDS, ask_for_renditions

HEARD: Final = (Purpose.VIDEO, Purpose.AUDIO)

AT_A_TIME: Final = 20  # so that a file that a trainer has just sent does not wait for hundreds of films


def find_renditions(*, at: datetime) -> int:
    """Ask for the renditions that courses lack, the oldest twenty files at most; returns how many. Safe to repeat."""
    taught = Q(Exists(PublishedVariant.objects.filter(file=OuterRef("pk")))) | Q(
        Exists(LessonVariant.objects.filter(upload__file=OuterRef("pk")))
    )
    known = Rendition.objects.filter(file=OuterRef("pk"))
    wanted = Q(Exists(known.filter(state=RenditionState.WAITING, asked_at__lte=at - ASK_AGAIN)))
    for purpose, kinds in KINDS.items():
        for kind in kinds:
            wanted |= Q(~Exists(known.filter(kind=kind)), purpose=purpose)
    files = StoredFile.objects.filter(taught).filter(wanted).order_by("pk")[:AT_A_TIME]
    return ask_for_renditions(files=files, at=at)


@transaction.atomic
def weigh_courses(*, file_id: int) -> None:
    """Say anew what the courses weigh whose newest publication has this film or sound. Safe to repeat."""
    here = PublishedVariant.objects.filter(lesson__publication=OuterRef("newest"), file=file_id)
    courses = Course.objects.filter(Exists(here)).select_related("newest")
    for course in courses.select_for_update(no_key=True, of=("self",)).order_by("pk"):
        if course.newest:
            course.weights = weights_of(course.newest, published_lessons(course.newest).values())
            course.save(update_fields=["weights"])


def weights_of(publication: Publication, lessons: Iterable[SnapshotLesson]) -> dict[str, int] | None:
    """What is kept of a publication in its first language: with the sounds alone, and with films at 240p.

    Where a rendition is not there the original counts. None without films and sounds. At most one statement.
    """
    first = publication.languages[0]
    found = [lesson.file_in(first, publication.languages)[1].file for lesson in lessons]
    files = [file for file in found if file]
    heard = [file for file in files if file.purpose in HEARD]
    if not heard:
        return None
    small = {
        (file, row.kind): row.bytes
        for file, rows in ready_renditions(file.pk for file in heard).items()
        for row in rows
    }
    light = int(publication.bytes["text"]) + sum(file.bytes for file in files if file not in heard)
    return {
        "audio": light + sum(small.get((file.pk, RenditionKind.AUDIO), file.bytes) for file in heard),
        "video": light + sum(small.get((file.pk, _seen_as(file)), file.bytes) for file in heard),
    }


def _seen_as(file: StoredFile) -> str:
    return RenditionKind.VIDEO_240P if file.purpose == Purpose.VIDEO else RenditionKind.AUDIO
