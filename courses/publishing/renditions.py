"""Which films and sounds are to be had in fewer bytes: those of courses, drafts too, and nobody's own recordings."""

from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q

from courses.authoring.models import LessonVariant
from courses.publishing.models import PublishedVariant
from lms.files.models import Purpose, Rendition, RenditionState, StoredFile
from lms.files.renditions import ASK_AGAIN, ask_for_renditions

AT_A_TIME: Final = 100


def find_renditions(*, at: datetime) -> int:
    """Ask for the renditions that courses lack, the oldest hundred files at most; returns how many. Safe to repeat."""
    taught = Q(Exists(PublishedVariant.objects.filter(file=OuterRef("pk")))) | Q(
        Exists(LessonVariant.objects.filter(upload__file=OuterRef("pk")))
    )
    known = Rendition.objects.filter(file=OuterRef("pk"))
    late = known.filter(state=RenditionState.WAITING, asked_at__lte=at - ASK_AGAIN)
    lacking = StoredFile.objects.filter(purpose__in=(Purpose.VIDEO, Purpose.AUDIO)).filter(taught)
    files = lacking.filter(~Exists(known) | Exists(late)).order_by("pk")[:AT_A_TIME]
    return ask_for_renditions(files=files, at=at)
