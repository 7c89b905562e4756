"""Reading what is stored."""

from collections.abc import Iterable

from django.db.models import Count, Prefetch

from lms.files.models import Rendition, RenditionState, StoredFile, UploadQuerySet


def with_renditions(uploads: UploadQuerySet) -> UploadQuerySet:
    """Uploads with their file and all that is made of it. Two statements."""
    made = Prefetch("file__renditions", Rendition.objects.order_by("kind"))
    return uploads.select_related("file").prefetch_related(made)


def rendered(file: StoredFile, kind: str) -> StoredFile | Rendition | None:
    """The file itself, or its rendition of a kind where that is ready. At most one statement."""
    return file.renditions.filter(kind=kind, state=RenditionState.READY).first() if kind else file


def ready_renditions(files: Iterable[int]) -> dict[int, list[Rendition]]:
    """The renditions that are ready of these stored files, by file. One statement."""
    found: dict[int, list[Rendition]] = {}
    ready = Rendition.objects.filter(file__in=set(files), state=RenditionState.READY)
    for rendition in ready.order_by("file", "kind"):
        found.setdefault(rendition.file_id, []).append(rendition)
    return found


def waiting_by_reason() -> dict[str, int]:
    """How many renditions wait, by code: `""` those whose turn has not come. One statement."""
    waiting = Rendition.objects.filter(state=RenditionState.WAITING).order_by()
    return dict(waiting.values_list("code").annotate(Count("pk")))
