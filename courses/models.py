"""The models of this app; each lives in its subject."""

from courses.authoring.models import Lesson, LessonVariant, Module
from courses.catalogue.models import Course
from courses.publishing.models import Publication, PublishedLesson, PublishedOutline, PublishedVariant
from courses.reviewing.models import Review, ReviewComment

__all__ = [
    "Course",
    "Lesson",
    "LessonVariant",
    "Module",
    "Publication",
    "PublishedLesson",
    "PublishedOutline",
    "PublishedVariant",
    "Review",
    "ReviewComment",
]
