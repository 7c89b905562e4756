"""At a module's end she shows one of three faces. See `learners.faces.models` for what is kept and what is not."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.publishing.rules import module_rules
from learners.enrolments.models import Enrolment
from learners.faces.models import SHOWN_BY, Face
from learners.progress.openings import finished_in
from learners.progress.queries import progress_of
from lms.errors import NotFound, Refusal
from lms.statements import rows


class ModuleNotFinished(Refusal):
    code = "module_not_finished"
    status = 409
    message = _("First finish this part of the course.")


# The count moves only where her mark is new: twice at once, or sent again, she is counted once.
GIVE: Final = f"""
WITH first AS (
    INSERT INTO face_given (id, enrolment_id, publication_id, module)
    VALUES (gen_random_uuid(), %(enrolment)s, %(publication)s, %(module)s)
    ON CONFLICT (enrolment_id, publication_id, module) DO NOTHING
    RETURNING publication_id, module
)
INSERT INTO module_faces AS known (publication_id, module, good, so_so, hard, shown_good, shown_so_so, shown_hard)
SELECT publication_id, module, %(good)s, %(so_so)s, %(hard)s, 0, 0, 0 FROM first
ON CONFLICT (publication_id, module) DO UPDATE SET
    (good, so_so, hard, shown_good, shown_so_so, shown_hard) = (
        SELECT sum.good, sum.so_so, sum.hard,
               CASE WHEN sum.full THEN sum.good ELSE known.shown_good END,
               CASE WHEN sum.full THEN sum.so_so ELSE known.shown_so_so END,
               CASE WHEN sum.full THEN sum.hard ELSE known.shown_hard END
          FROM (SELECT known.good + excluded.good AS good, known.so_so + excluded.so_so AS so_so,
                       known.hard + excluded.hard AS hard,
                       (known.good + known.so_so + known.hard + 1) %% {SHOWN_BY} = 0 AS full) AS sum)
"""  # noqa: S608  # put together from constants


@transaction.atomic
def give_face(*, enrolment: Enrolment, module: int, face: Face) -> None:
    """Count how a module (counted from 1) of her publication was for her. Safe to repeat: the first face counts.

    What she answered before cannot be looked up, so another face sent later is neither compared nor refused.
    Two statements. Refusals: `not_found` for a module that the course has not, `module_not_finished`.
    """
    modules = module_rules(enrolment.publication_id)
    if not 1 <= module <= len(modules):
        raise NotFound
    if not modules[module - 1].required <= finished_in(progress_of(enrolment).values()):
        raise ModuleNotFinished
    counts = {each.value: int(each == face) for each in Face}
    asked = {"enrolment": enrolment.pk, "publication": enrolment.publication_id, "module": module}
    rows(GIVE, asked | counts)
