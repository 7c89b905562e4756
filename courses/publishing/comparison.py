"""What a new publication would change for learners, lesson by lesson."""

from dataclasses import dataclass

from courses.catalogue.models import Course
from courses.publishing.snapshots import published_lessons, read_draft, snapshot_of


@dataclass(frozen=True)
class Changes:
    """Counts of lessons, and the number that the publication would have."""

    number: int
    added: int
    removed: int
    changed: int


def changes_since_publication(course: Course) -> Changes:
    """The draft against the newest publication. A lesson that only moved is not changed."""
    now = {lesson.uuid: lesson for lesson in snapshot_of(read_draft(course)).lessons}
    before = published_lessons(course.newest) if course.newest else {}
    return Changes(
        number=course.newest.number + 1 if course.newest else 1,
        added=len(now.keys() - before.keys()),
        removed=len(before.keys() - now.keys()),
        changed=sum(now[uuid].content() != before[uuid].content() for uuid in now.keys() & before.keys()),
    )
