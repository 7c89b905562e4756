"""What must happen once happens once, however many try at the same moment. Each race is run fifteen times."""

import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from courses.authoring.services import change_course
from courses.catalogue.models import Course
from learners.certificates.models import Certificate
from learners.certificates.services import draw_certificate
from learners.cohorts.models import Cohort
from learners.enrolments.models import Enrolment
from learners.enrolments.services import CohortFull, enrol, withdraw
from learners.progress.models import LessonProgress
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from lms.errors import InvalidInput
from lms.events.models import EventDelivery, StoredEvent
from tasks import relay
from tasks.base import HANDLERS, handle
from tests.cast import Country, build_country, client_for, make_person, make_staff, publish_course
from tests.learners.learning import Learning, begin_learning
from tests.races.racing import TIMES, at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(transactional_db: None) -> Country:
    return build_country()


def test_two_devices_finish_the_last_lesson_and_one_certificate_is_born(place: Country) -> None:
    for _ in range(TIMES):
        learning = begin_learning(place)
        learning.take_quiz()
        first, last = learning.texts
        learning.send(learning.event(first))
        phones = [client_for(learning.alice) for _ in range(2)]
        at_once(*(lambda phone=phone: _finish(phone, learning, last) for phone in phones))
        assert learning.fresh().state == "completed"
        assert Certificate.objects.filter(enrolment=learning.enrolment).count() == 1
        told = StoredEvent.objects.filter(
            topic="course_completed", payload__enrolment_id=learning.enrolment.pk
        )
        assert told.count() == 1


def _finish(phone: Any, learning: Learning, lesson: Any) -> int:
    body = {"device": str(uuid.uuid4()), "events": [learning.event(lesson)]}
    return int(phone.post("/api/v1/progress/events", body, format="json").status_code)


def test_the_same_batch_from_two_devices_counts_once(place: Country) -> None:
    learning = begin_learning(place)
    for _ in range(TIMES):
        events = [learning.event(learning.texts[0], "progressed", seconds=1) for _ in range(20)]
        before = LessonProgress.objects.filter(enrolment=learning.enrolment).values_list("seconds", flat=True)
        seconds = next(iter(before), 0)
        phones = [client_for(learning.alice) for _ in range(2)]
        answers = at_once(*(lambda phone=phone: _send(phone, events) for phone in phones))
        statuses = Counter(result["status"] for answer in answers for result in answer["results"])
        assert statuses == {"accepted": 20, "duplicate": 20}
        assert LessonProgress.objects.get(enrolment=learning.enrolment).seconds == seconds + 20


def _send(phone: Any, events: list[dict[str, Any]]) -> Any:
    return phone.post("/api/v1/progress/events", {"device": "x", "events": events}, format="json").json()


def test_the_last_lesson_and_the_quiz_at_the_same_moment_complete_once(place: Country) -> None:
    for _ in range(TIMES):
        learning = begin_learning(place)
        first, last = learning.texts
        learning.send(learning.event(first))
        phone, other = client_for(learning.alice), learning
        at_once(lambda: _finish(phone, learning, last), lambda: other.take_quiz()["score"])
        assert learning.fresh().state == "completed"
        assert Certificate.objects.filter(enrolment=learning.enrolment).count() == 1


def test_two_workers_draw_one_certificate_once(place: Country) -> None:
    for _ in range(TIMES):
        learning = begin_learning(place)
        learning.complete()
        certificate = Certificate.objects.get(enrolment=learning.enrolment)
        draw = lambda pk=certificate.pk: draw_certificate(certificate_id=pk, at=timezone.now())  # noqa: E731
        at_once(draw, draw)
        certificate.refresh_from_db()
        assert certificate.state == "ready"
        assert (
            StoredEvent.objects.filter(
                topic="certificate_ready", payload__certificate_id=certificate.pk
            ).count()
            == 1
        )
        assert default_storage.exists(certificate.key)


def test_enrolling_from_two_devices_is_one_enrolment(place: Country) -> None:
    course = publish_course(place)
    for _ in range(TIMES):
        alice = make_person(home=place.larache_centre)
        join = lambda who=alice: enrol(learner=who, course=course, at=timezone.now())[1]  # noqa: E731
        assert sorted(at_once(join, join)) == [False, True]
        assert Enrolment.objects.filter(learner=alice).count() == 1


def test_the_last_seat_of_a_group_is_taken_once(place: Country) -> None:
    course = publish_course(place)
    for _ in range(TIMES):
        group = Cohort.objects.create(
            course=course, organisation=place.larache_centre, title={"ar": "فوج"}, seats=1
        )
        women = [make_person(home=place.larache_centre) for _ in range(2)]
        outcomes = at_once(*(partial(_join, who, group) for who in women))
        assert sorted(outcomes) == ["cohort_full", "seated"]
        assert group.enrolments.count() == 1


def test_a_seat_given_back_is_not_taken_by_who_returns_and_by_a_newcomer(place: Country) -> None:
    course = publish_course(place)
    for _ in range(TIMES):
        group = Cohort.objects.create(
            course=course, organisation=place.larache_centre, title={"ar": "فوج"}, seats=1
        )
        returning, newcomer = (make_person(home=place.larache_centre) for _ in range(2))
        enrolment, _new = enrol(learner=returning, course=course, cohort=group, at=timezone.now())
        withdraw(enrolment=enrolment)
        outcomes = at_once(partial(_join, returning, group), partial(_join, newcomer, group))
        assert sorted(outcomes) == ["cohort_full", "seated"]
        assert group.enrolments.exclude(state="withdrawn").count() == 1


def test_two_authors_never_tie_two_courses_into_a_circle(place: Country) -> None:
    by = make_staff("publisher", place.institute)
    by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", place.institute.path),))
    for number in range(TIMES):
        one, other = (publish_course(place, slug=f"{name}-{number}") for name in ("one", "other"))
        outcomes = at_once(partial(_tie, one, other, by), partial(_tie, other, one, by))
        assert sorted(outcomes) == ["invalid", "tied"]


def _tie(course: Course, first: Course, by: Person) -> str:
    changes = {"prerequisite": first.slug}
    try:
        change_course(course=course, by=by, changes=changes, expected=None, at=timezone.now())
    except InvalidInput as circle:
        return circle.code
    return "tied"


def _join(learner: Person, group: Cohort) -> str:
    try:
        enrol(learner=learner, course=group.course, cohort=group, at=timezone.now())
    except CohortFull as full:
        return full.code
    return "seated"


def test_two_relays_give_each_delivery_to_one_worker(place: Country) -> None:
    handler = HANDLERS["draw_certificate"]
    for _ in range(TIMES):
        learning = begin_learning(place)
        learning.complete()
        now = timezone.now()
        assert sum(at_once(lambda: relay.expand(at=now), lambda: relay.expand(at=now))) > 0
        claims = at_once(*(lambda: relay.claim(handler, 100, at=now)[0] for _ in range(2)))
        assert sorted(map(len, claims)) == [0, 1]
        claimed = [uuid for claim in claims for uuid in claim]
        at_once(*(lambda: handle(handler, claimed) for _ in range(3)))
        assert EventDelivery.objects.filter(uuid__in=claimed, done_at=None).count() == 0
        assert Certificate.objects.get(enrolment=learning.enrolment).state == "ready"
