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
class LearnersFellSilent(Event):
    """Enrolments without an event for seven days: the first nudge is due. Up to 1,000 ids."""

    enrolment_ids: list[int]
