"""What this package tells others."""

from dataclasses import dataclass

from lms.events.facts import Event


@dataclass(frozen=True, kw_only=True)
class CoursePublished(Event):
    publication_id: int


@dataclass(frozen=True, kw_only=True)
class DraftDecided(Event):
    """A review was approved, returned, or could not be published at its time."""

    review_id: int
