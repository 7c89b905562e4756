from collections.abc import Mapping
from dataclasses import dataclass

from courses.publishing.models import Publication
from learners.enrolments.models import Enrolment
from learners.faces.models import FaceGiven, ModuleFaces


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


def shown_of(publication: Publication) -> Mapping[int, Shown]:
    """What is shown of each module, by its number. One statement."""
    rows = ModuleFaces.objects.filter(publication=publication)
    return {
        module: Shown(*counts)
        for module, *counts in rows.values_list("module", "shown_good", "shown_so_so", "shown_hard")
    }
