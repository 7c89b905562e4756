"""The worker of films killed while it draws: the film is drawn again, and there is one of each."""

from pathlib import Path

import psutil
import pytest
from django.utils import timezone

from lms.files import storage
from lms.files.models import Rendition, RenditionState, StoredFile
from lms.files.renditions import KINDS, ask_for_renditions
from tests.faults.living import Living, until, whole_family
from tests.lms.files.recordings import film, keep, needs_ffmpeg

pytestmark = [needs_ffmpeg, pytest.mark.media]


def draws(living: Living) -> bool:
    """Whether the worker of films, or what it started, runs ffmpeg just now."""
    names = []
    for process in whole_family(living.process("worker-media")):
        try:
            names.append(process.name())
        except psutil.NoSuchProcess:
            continue
    return "ffmpeg" in names


def states(file: StoredFile) -> set[str]:
    return set(Rendition.objects.filter(file=file).values_list("state", flat=True))


def test_a_worker_killed_in_the_middle_of_a_film_draws_it_again(living: Living, tmp_path: Path) -> None:
    file = keep(film(tmp_path, size="1280x720", seconds=20), "video")
    ask_for_renditions(files=[file], at=timezone.now())
    until(lambda: draws(living), "the film is being drawn")
    living.kill("worker-media")
    assert RenditionState.WAITING in states(file)
    living.process("worker-media").start()
    living.settle(later=True)
    assert states(file) == {RenditionState.READY}
    made = list(file.renditions.all())
    assert {row.kind for row in made} == set(KINDS["video"])
    assert all(storage.size_of(row.key) == row.bytes for row in made)
