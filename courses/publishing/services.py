"""Publishing: the draft becomes an immutable, numbered publication with a content hash."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from courses.authoring.services import lock_course, require_publisher
from courses.catalogue.models import Course
from courses.events import CoursePublished
from courses.publishing.models import Publication, PublishedLesson, PublishedVariant
from courses.publishing.outlines import compile_outline
from courses.publishing.problems import refuse_unready
from courses.publishing.renditions import weights_of
from courses.publishing.snapshots import Snapshot, read_draft, snapshot_of
from lms.accounts.models import Person
from lms.audit.services import record_change
from lms.errors import Refusal
from lms.events.services import publish
from lms.normalising import normalise


class NothingChanged(Refusal):
    code = "nothing_changed"
    status = 409
    message = _("Nothing has changed since the last publication.")


@transaction.atomic
def publish_course(*, course: Course, by: Person, notes: str, at: datetime) -> Publication:
    """Publish the draft as the next number. Learners who are on an earlier publication stay on it.

    Refusals: `publisher_needed`, the problems of `courses.publishing.problems` all at once, `nothing_changed`.
    The course's lock makes two publishers follow each other: the second has nothing new to publish.
    """
    course = lock_course(course)
    require_publisher(by, course)
    draft = read_draft(course)
    refuse_unready(draft)
    snapshot = snapshot_of(draft)
    newest = course.publications.order_by("-number").first()
    content_hash = snapshot.content_hash()
    if newest and newest.content_hash == content_hash:
        raise NothingChanged
    publication = _store(course, snapshot, content_hash, newest.number + 1 if newest else 1, by, notes, at)
    course.newest = publication
    course.weights = weights_of(publication, snapshot.lessons)
    course.save(update_fields=["newest", "weights"])
    record_change(actor=by, verb="course.publish", subject=f"course:{course.slug}", at=at)
    publish(CoursePublished(publication_id=publication.pk))
    return publication


def _store(
    course: Course,
    snapshot: Snapshot,
    content_hash: str,
    number: int,
    by: Person,
    notes: str,
    at: datetime,
) -> Publication:
    lessons = snapshot.lessons
    first = snapshot.languages[0]
    weights = [lesson.bytes_in(first, snapshot.languages) for lesson in lessons]
    text = sum(words for words, _file in weights)
    publication = Publication.objects.create(
        course=course,
        number=number,
        content_hash=content_hash,
        languages=list(snapshot.languages),
        title=snapshot.title,
        summary=snapshot.summary,
        topic=snapshot.topic,
        search_text=normalise(" ".join([*snapshot.title.values(), *snapshot.summary.values()])),
        hours=snapshot.hours,
        prerequisite=snapshot.prerequisite,
        next_steps=list(snapshot.next_steps),
        notes=notes,
        module_count=len(snapshot.modules),
        lesson_count=len(lessons),
        required_count=sum(lesson.required for lesson in lessons),
        minutes=sum(lesson.minutes for lesson in lessons),
        bytes={"full": text + sum(file for _words, file in weights), "text": text},
        published_by=by,
        published_at=at,
    )
    _store_lessons(publication, snapshot)
    publication.outlines.bulk_create(
        compile_outline(publication, snapshot, language) for language in snapshot.languages
    )
    return publication


def _store_lessons(publication: Publication, snapshot: Snapshot) -> None:
    rows = {
        lesson.uuid: PublishedLesson(
            publication=publication,
            uuid=lesson.uuid,
            module_position=place,
            module_title=module.title,
            module_opens=module.opens,
            module_opens_after_days=module.opens_after_days,
            position=inner_place,
            kind=lesson.kind,
            title=lesson.title,
            required=lesson.required,
            minutes=lesson.minutes,
            pass_percent=lesson.pass_percent,
            questions=list(lesson.questions),
        )
        for place, module in enumerate(snapshot.modules)
        for inner_place, lesson in enumerate(module.lessons)
    }
    PublishedLesson.objects.bulk_create(rows.values())
    PublishedVariant.objects.bulk_create(
        PublishedVariant(
            lesson=rows[lesson.uuid],
            language=language,
            html=variant.html,
            captions=variant.captions,
            file=variant.file,
        )
        for lesson in snapshot.lessons
        for language, variant in lesson.variants.items()
    )
