"""The catalogue: published courses, as their newest publication says them. One statement."""

from courses.catalogue.models import Course, CourseQuerySet
from lms.normalising import normalise


def catalogue(*, language: str = "", topic: str = "", words: str = "") -> CourseQuerySet:
    """Courses on offer, narrowed to a language they exist in, a topic, and words of title or summary.

    Words are compared in their normalised form: `المقاولة` finds `المُقاوله`.
    """
    courses = Course.objects.offered()
    if language:
        courses = courses.filter(newest__languages__contains=[language])
    if topic:
        courses = courses.filter(newest__topic=topic)
    for word in normalise(words).split()[:10]:
        courses = courses.filter(newest__search_text__contains=word)
    return courses
