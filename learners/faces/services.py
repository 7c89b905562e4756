"""At a module's end she shows one of three faces. See `learners.faces.models` for what is kept and what is not."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.publishing.rules import module_rules
from learners.enrolments.models import Enrolment
from learners.faces.models import SHOWN_BY, Face, ModuleVoice
from learners.progress.openings import finished_in
from learners.progress.queries import progress_of
from lms.accounts.models import Person
from lms.accounts.queries import herself
from lms.accounts.services import is_confidential
from lms.errors import NotFound, Refusal
from lms.statements import rows
from lms.voice.services import release_voice


class ModuleNotFinished(Refusal):
    code = "module_not_finished"
    status = 409
    message = _("First finish this part of the course.")


class VoiceIsOff(Refusal):
    code = "voice_off"
    status = 409
    message = _("No recording here: someone might know your voice.")


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
RETURNING 1
"""  # noqa: S608  # put together from constants


@transaction.atomic
def give_face(
    *, enrolment: Enrolment, module: int, face: Face, voice: UUID | None = None, at: datetime
) -> None:
    """Count how a module (counted from 1) of her publication was for her. Safe to repeat: the first face counts.

    What she answered before cannot be looked up, so another face sent later is neither compared nor refused.
    Two statements without a voice. Refusals: `not_found` for a module that the course has not, `module_not_finished`,
    `voice_off`, `voice_unknown`.
    """
    modules = module_rules(enrolment.publication_id)
    if not 1 <= module <= len(modules):
        raise NotFound
    if not modules[module - 1].required <= finished_in(progress_of(enrolment).values()):
        raise ModuleNotFinished
    counts = {each.value: int(each == face) for each in Face}
    asked = {"enrolment": enrolment.pk, "publication": enrolment.publication_id, "module": module}
    if rows(GIVE, asked | counts) and voice:
        _give_voice(enrolment, module, voice, at)


def _give_voice(enrolment: Enrolment, module: int, voice: UUID, at: datetime) -> None:
    if not may_speak(enrolment.learner):
        raise VoiceIsOff
    note = release_voice(owner=enrolment.learner, id_=voice, at=at)
    ModuleVoice.objects.create(publication_id=enrolment.publication_id, module=module, note=note)


def may_speak(person: Person) -> bool:
    """Whether a voice note is asked of her: nobody must know her by it. At most one statement."""
    return not person.discreet and not is_confidential(herself(person).home_organisation)
