from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from courses.catalogue.models import Course
from courses.publishing.models import Publication
from learners.enrolments.models import Enrolment
from learners.faces.models import FaceGiven, ModuleFaces, ModuleVoice
from lms.voice.models import VoiceNote, VoiceState


@dataclass(frozen=True)
class Shown:
    """What trainers see of a module: nothing before five answers."""

    good: int
    so_so: int
    hard: int

    @property
    def answers(self) -> int:
        return self.good + self.so_so + self.hard


NOTHING = Shown(0, 0, 0)


def has_answered(enrolment: Enrolment, module: int) -> bool:
    """Whether she said already how this module of her publication was. One statement."""
    given = FaceGiven.objects.filter(enrolment=enrolment, publication_id=enrolment.publication_id)
    return given.filter(module=module).exists()


def voices_of(publication: Publication, modules: Collection[int]) -> Mapping[int, Sequence[VoiceNote]]:
    """What was said of these modules and can be played, by their number. One statement, or none."""
    found: dict[int, list[VoiceNote]] = {}
    rows = ModuleVoice.objects.filter(
        publication=publication, module__in=modules, note__state=VoiceState.READY
    )
    for said in rows.select_related("note").order_by("pk"):  # a random key: no order of time
        found.setdefault(said.module, []).append(said.note)
    return found


def voice_in_course(course: Course, id_: UUID) -> VoiceNote | None:
    """One of the notes that are shown of a course's modules. Two statements."""
    said = ModuleVoice.objects.filter(publication__course=course, note__uuid=id_)
    found = said.select_related("note", "publication").first()
    shown = found and shown_of(found.publication).get(found.module, NOTHING).answers
    return found.note if found and shown else None


def shown_of(publication: Publication) -> Mapping[int, Shown]:
    """What is shown of each module, by its number. One statement."""
    rows = ModuleFaces.objects.filter(publication=publication)
    return {
        module: Shown(*counts)
        for module, *counts in rows.values_list("module", "shown_good", "shown_so_so", "shown_hard")
    }
