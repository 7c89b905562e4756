"""What the draft says she may do after the course: a list in order, written by a publisher."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from courses.authoring.languages import check_words
from courses.authoring.services import course_changed, lock_course, require_publisher
from courses.catalogue.models import Course
from lms.accounts.models import Person


@transaction.atomic
def set_next_steps(
    *, course: Course, by: Person, steps: Sequence[Mapping[str, Any]], expected: int | None, at: datetime
) -> Course:
    """Put these steps in place of the draft's; learners meet them with the next publication.

    steps     `{"kind", "title": words, "body": words, "link": https address or ""}`, in order; none takes all away
    expected  the course's version that the writer saw

    What a next step promises (an office, a fund) an institution must keep: trainers hear `publisher_needed`. A link
    is shown to her and never fetched by us. Refusals: `publisher_needed`, `changed_meanwhile`, `invalid`.
    """
    course = lock_course(course, expected=expected)
    require_publisher(by, course)
    course.next_steps = [_kept(step, course.languages, place) for place, step in enumerate(steps)]
    course.save(update_fields=["next_steps"])
    return course_changed(course, by, "course.next_steps", at)


def _kept(step: Mapping[str, Any], languages: Sequence[str], place: int) -> dict[str, Any]:
    words = {
        name: check_words(step.get(name, {}), languages, pointer=f"/steps/{place}/{name}")
        for name in ("title", "body")
    }
    return {"kind": str(step["kind"]), **words, "link": step.get("link", "")}
