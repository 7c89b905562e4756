"""May this role do it? One table. A view that names no ability is closed to all.

`learner` is not a membership: every signed-in person is one for her own rows. `anyone` is the public.
"""

from typing import Final

ANYONE: Final = "anyone"
LEARNER: Final = "learner"

TRAINER: Final = "trainer"
PUBLISHER: Final = "publisher"
FACILITATOR: Final = "facilitator"
CENTRE_ADMIN: Final = "centre_admin"
PROVINCE_ADMIN: Final = "province_admin"
REGION_ADMIN: Final = "region_admin"
MINISTRY_ADMIN: Final = "ministry_admin"
AUDITOR: Final = "auditor"
OPERATOR: Final = "operator"

ROLES: Final = (
    TRAINER,
    PUBLISHER,
    FACILITATOR,
    CENTRE_ADMIN,
    PROVINCE_ADMIN,
    REGION_ADMIN,
    MINISTRY_ADMIN,
    AUDITOR,
    OPERATOR,
)

_CENTRE = (FACILITATOR, CENTRE_ADMIN)
_ABOVE = (PROVINCE_ADMIN, REGION_ADMIN, MINISTRY_ADMIN)
_COUNTS = (*_CENTRE, *_ABOVE, AUDITOR)

POLICY: Final[dict[str, tuple[str, ...]]] = {
    # the public
    "page.read": (ANYONE,),
    "catalogue.read": (ANYONE,),
    "organisation.list": (ANYONE,),
    "certificate.verify": (ANYONE,),
    "session.open": (ANYONE,),
    "service.probe": (ANYONE,),
    "language.choose": (ANYONE,),
    "registration.send": (ANYONE, *_CENTRE),  # with a proven phone, or staff with her: the service asks
    # a person, for herself
    "session.own": (LEARNER,),
    "self.read": (LEARNER,),
    "self.change": (LEARNER,),
    "notification.read": (LEARNER,),
    "lesson.read": (LEARNER,),
    "lesson.complete": (LEARNER,),
    "attempt.take": (LEARNER,),
    "enrolment.create": (LEARNER,),
    "support.ask": (LEARNER,),
    "help.ask": (LEARNER,),
    "voice.record": (LEARNER,),
    # learning, seen by her and by those who answer for it
    "device.read": (LEARNER, *_CENTRE),
    "enrolment.read": (LEARNER, *_CENTRE, *_ABOVE),  # not the auditor, who reads counts
    "certificate.read": (LEARNER, *_CENTRE, *_ABOVE),
    "certificate.revoke": _ABOVE,
    "certificate.correct": (CENTRE_ADMIN, *_ABOVE),  # her centre knows how her name is written
    # her centre
    "registration.read": (*_CENTRE, *_ABOVE),
    "registration.decide": (*_CENTRE, *_ABOVE),
    "way_in.read": _CENTRE,
    "card.issue": _CENTRE,
    "recovery.open": _CENTRE,
    "recovery.sign": (*_CENTRE, *_ABOVE),  # the second of two, never the one who opened it
    "support.answer": (*_CENTRE, *_ABOVE),  # each only where she herself works: SupportRequest.visible_to
    "help.answer": (*_CENTRE, TRAINER),  # at her own centre; a trainer by pseudonym: HelpThread.visible_to
    "help.hear": (LEARNER, *_CENTRE, TRAINER),  # the voice of a message that she may read
    "organisation.read": _COUNTS,
    "person.reveal": (CENTRE_ADMIN, *_ABOVE),
    "learner.import": (CENTRE_ADMIN, *_ABOVE),
    "facilitation.attend": (LEARNER,),
    "facilitation.manage": _CENTRE,  # at the very centre where she works
    "attestation.record": _CENTRE,
    "attestation.read": (*_CENTRE, PROVINCE_ADMIN),
    "attestation.audit": (CENTRE_ADMIN, PROVINCE_ADMIN),  # never of what she recorded herself
    "cohort.read": (*_CENTRE, *_ABOVE),
    "gradebook.read": _CENTRE,  # at the very centre where she works
    "cohort.manage": (CENTRE_ADMIN, *_ABOVE),
    # counts
    "report.read": _COUNTS,
    "report.people": (*_CENTRE, *_ABOVE),
    "export.make": (CENTRE_ADMIN, *_ABOVE),
    # what is taught
    "course.author": (TRAINER, PUBLISHER),
    "course.publish": (TRAINER, PUBLISHER),  # a trainer hears `publisher_needed`: the draft is hers to see
    "upload.send": (TRAINER, PUBLISHER),
    # /admin/: each of its lists asks for an ability of its own
    "admin.use": (TRAINER, PUBLISHER, *_COUNTS, OPERATOR),
    # keeping it running
    "operations.read": (OPERATOR,),
    "operations.replay": (OPERATOR,),
}


def roles_with(ability: str) -> tuple[str, ...]:
    """The roles that hold an ability; a name that is not in the table is a programming error, not a refusal."""
    return POLICY[ability]
