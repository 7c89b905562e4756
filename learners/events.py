"""What this package tells others."""

from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class EnrolmentsChanged(Event):
    """Something that reports count has changed: a new enrolment, a stage, a day, a place. Up to 1,000 ids."""

    enrolment_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class CourseCompleted(Event):
    """Told in the transaction that completes the enrolment; its certificate row is born in the same one."""

    enrolment_id: int
    certificate_id: int


@dataclass(frozen=True, kw_only=True)
class CertificateReady(Event):
    certificate_id: int


@dataclass(frozen=True, kw_only=True)
class CertificateRevoked(Event):
    certificate_id: int


@dataclass(frozen=True, kw_only=True)
class CertificateCorrected(Event):
    """A certificate was replaced by a new one under the same link; the new one waits to be drawn."""

    certificate_id: int
    replaces_id: int


@dataclass(frozen=True, kw_only=True)
class DocumentsToLookFor(Event):
    """Whether the documents of ready certificates are still in the storage is to be seen. Up to 1,000.

    Those from one to another in the order of their public ids.
    """

    first_certificate: str
    last_certificate: str


@dataclass(frozen=True, kw_only=True)
class PersonErased(Event):
    """Someone was forgotten; her documents are still to be removed from the storage, by their keys."""

    documents: list[str]


@dataclass(frozen=True, kw_only=True)
class LearnersFellSilent(Event):
    """Enrolments without an event for seven, fourteen or twenty-one days: a nudge is due. Up to 1,000 ids."""

    enrolment_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class LearnersEnrolled(Event):
    """New places on courses. Up to 1,000 ids."""

    enrolment_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class LearnersAlmostThere(Event):
    """Enrolments shortly before their end, and paused. Up to 1,000 ids."""

    enrolment_ids: list[int]


@dataclass(frozen=True, kw_only=True)
class LettersWaiting(Event):
    """E-mails and SMS wait to be sent: those of a kind, or whichever are due."""

    kind: str


@dataclass(frozen=True, kw_only=True)
class RowsWaiting(Event):
    """Rows of a list of learners wait to be worked off; told again after each step of a long one."""

    import_id: int


@dataclass(frozen=True, kw_only=True)
class ImportDone(Event):
    """A list of learners came to its end: done, tried out, or stopped. The import's row says which."""

    import_id: int


@dataclass(frozen=True, kw_only=True)
class SupportAsked(Event):
    """A woman wants support with her project. Her centre's list has it."""

    support_request_id: int


@dataclass(frozen=True, kw_only=True)
class HelpAsked(Event):
    """A woman waits for help. Her centre's queue has her."""

    thread_id: int


@dataclass(frozen=True, kw_only=True)
class HelpAnswered(Event):
    """Someone answered her."""

    message_id: int


@dataclass(frozen=True, kw_only=True)
class MoveBegun(Event):
    """The learners of a course are to be brought to its newest publication."""

    move_id: int
