"""The demonstration: as large and as true as it says, and loaded once."""

from datetime import timedelta

import orjson
import pytest
from django.db.models import Count, F, Q
from django.utils import timezone

from courses.catalogue.models import Course
from courses.publishing.models import PublishedLesson
from learners.certificates.models import Certificate, VerificationLink
from learners.certificates.services import facts_of
from learners.demonstration import cast, places
from learners.demonstration.loading import load
from learners.enrolments.models import Enrolment, EnrolmentState
from learners.progress.batch import read_batch
from learners.progress.models import LessonProgress, ProgressEvent
from learners.progress.services import rebuild_progress
from learners.reports.queries import completion_report
from learners.reports.services import reconcile_tallies
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Identity, Person
from lms.accounts.pins import pin_matches
from lms.accounts.queries import names_of, people_on_number
from lms.events.models import StoredEvent
from lms.organisations.models import Kind, Organisation, PartnerAgreement
from lms.registrations.models import Registration, State
from tests.learners.demonstration.conftest import Demonstration

pytestmark = pytest.mark.usefixtures("demonstration")


def of_cast(part: str) -> Person:
    heard = next(heard for heard in cast.LEARNERS if heard.part == part)
    sharing = [each for each in cast.LEARNERS if each.number == heard.number]
    return people_on_number(cast.phone(heard.number))[sharing.index(heard)]


def place(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def test_the_tree_has_12_regions_and_75_provinces_with_arabic_and_french_names() -> None:
    kinds = dict(Organisation.objects.values_list("kind").annotate(Count("id")))

    assert kinds[Kind.REGION] == 12
    assert kinds[Kind.PROVINCE] == 75
    assert 55 <= kinds[Kind.CENTRE] <= 65
    assert not Organisation.objects.exclude(name__has_keys=["ar", "fr"]).exists()
    assert place("p06-141").name["fr"] == "Délégation préfectorale de Casablanca"
    assert place("p05-081").name["fr"] == "Délégation provinciale d'Azilal"
    assert place("p05-081").territory == "05.081"
    assert place(places.LARACHE).path == "/ma/en/r01/p01-331/"


def test_2400_learners_are_dense_in_larache_and_tetouan_and_sparse_elsewhere() -> None:
    learners = Person.objects.exclude(home_organisation=None)

    assert learners.count() == 2_400
    for province in (places.LARACHE, places.TETOUAN):
        assert learners.filter(home_organisation__path__contains=f"/{province}/").count() >= 400
    few = Organisation.objects.filter(kind=Kind.CENTRE).annotate(size=Count("people")).filter(size__lt=5)
    assert few.exists()


def test_a_second_load_finds_everything_as_it_was(demonstration: Demonstration) -> None:
    before = (Person.objects.count(), Enrolment.objects.count(), StoredEvent.objects.count())
    said: list[str] = []

    again = load(at=timezone.now(), say=said.append)

    assert again.people == again.organisations == again.courses == again.enrolments == 0
    assert said == []
    assert (Person.objects.count(), Enrolment.objects.count(), StoredEvent.objects.count()) == before
    assert demonstration.loaded.people == 2_400


def test_both_courses_are_published_with_every_kind_of_lesson_in_two_languages() -> None:
    for course in Course.objects.select_related("newest"):
        assert course.newest
        assert course.newest.languages == ["ar", "fr"]
        kinds = set(PublishedLesson.objects.filter(publication=course.newest).values_list("kind", flat=True))
        assert kinds == {"text", "video", "audio", "document", "quiz"}
    assert Course.objects.count() == 2


def test_every_completion_has_one_certificate_with_her_name_and_a_link(demonstration: Demonstration) -> None:
    completed = Enrolment.objects.filter(state=EnrolmentState.COMPLETED)
    certificates = Certificate.objects.select_related("enrolment__learner__identity")

    assert completed.count() == certificates.count() == demonstration.loaded.completions
    assert demonstration.loaded.completions > 100
    assert VerificationLink.objects.count() == completed.count()
    assert StoredEvent.objects.filter(topic="course_completed").count() == completed.count()
    assert not certificates.exclude(issued_at=F("enrolment__completed_at")).exists()
    for certificate in certificates.order_by("?")[:5]:
        facts = facts_of(certificate)
        assert facts.name == names_of(certificate.enrolment.learner).full
        assert facts.specimen
        assert len(facts.signatories) == 2


def test_progress_folded_anew_from_its_events_is_the_same(demonstration: Demonstration) -> None:
    columns = (
        "enrolment_id",
        "lesson",
        "state",
        "percent",
        "score",
        "seconds",
        "position",
        "finished_at",
        "last_at",
    )
    sample = [
        *Enrolment.objects.filter(
            learner__in=[of_cast("heroine"), of_cast("certified"), of_cast("discreet")]
        ),
        *Enrolment.objects.filter(state=EnrolmentState.COMPLETED).order_by("id")[:8],
        *Enrolment.objects.filter(state=EnrolmentState.ACTIVE, percent__gt=10).order_by("id")[:12],
    ]

    for enrolment in sample:
        before = sorted(LessonProgress.objects.filter(enrolment=enrolment).values_list(*columns), key=str)
        rebuild_progress(enrolment=enrolment, at=demonstration.at)
        after = sorted(LessonProgress.objects.filter(enrolment=enrolment).values_list(*columns), key=str)
        assert before == after
        percent, state = enrolment.percent, enrolment.state
        enrolment.refresh_from_db()
        assert (enrolment.percent, enrolment.state) == (percent, state)


def test_an_event_sent_again_by_its_device_would_be_known() -> None:
    for event in ProgressEvent.objects.order_by("?").select_related("enrolment")[:20]:
        sent = {
            "id": str(event.event_id),
            "enrolment": str(event.enrolment.uuid),
            "lesson": str(event.lesson),
            "verb": event.verb,
            "occurred_at": event.occurred_at.isoformat(),
            "seconds": event.seconds,
            "position": event.position,
        }
        _device, [item] = read_batch(orjson.loads(orjson.dumps({"device": "d", "events": [sent]})))
        assert item.content_hash == bytes(event.content_hash)


def test_nothing_happens_before_she_enrolled_or_after_now(demonstration: Demonstration) -> None:
    assert not ProgressEvent.objects.filter(occurred_at__lt=F("enrolment__created_at")).exists()
    assert not ProgressEvent.objects.filter(occurred_at__gt=demonstration.at).exists()
    assert not ProgressEvent.objects.filter(received_at__gt=demonstration.at + timedelta(hours=1)).exists()
    assert not Enrolment.objects.filter(created_at__lt=F("learner__created_at")).exists()


def test_the_tallies_need_no_repair(demonstration: Demonstration) -> None:
    assert reconcile_tallies(at=demonstration.at) == 0


def test_the_heroine_stands_one_lesson_and_one_quiz_before_the_end() -> None:
    enrolment = Enrolment.objects.get(learner=of_cast("heroine"))
    finished = LessonProgress.objects.filter(enrolment=enrolment, state="finished").values_list(
        "lesson", flat=True
    )
    left = PublishedLesson.objects.filter(publication=enrolment.publication, required=True).exclude(
        uuid__in=finished
    )

    assert [lesson.kind for lesson in left] == ["text", "quiz"]
    assert enrolment.course.title["ar"] == "أساسيات ريادة الأعمال"
    assert enrolment.organisation == place(places.HER_CENTRE)


def test_the_listening_centre_has_six_learners_whom_nothing_leads_to(demonstration: Demonstration) -> None:
    centre = place(places.LISTENING_CENTRE)
    women = Person.objects.filter(home_organisation=centre)
    larache = Scope(grants=(Grant("province_admin", place(places.LARACHE).path),))

    report = completion_report(scope=larache, at=demonstration.at)

    assert women.count() == 6
    assert not women.filter(discreet=False).exists()
    assert not Identity.objects.filter(person__in=women).exclude(search_tokens=[]).exists()
    assert not VerificationLink.objects.filter(enrolment__organisation=centre, public=True).exists()
    shown = {line.node.code for line in report.lines if line.node}
    assert centre.code not in shown
    assert places.HER_CENTRE in shown
    assert Organisation.objects.filter(centre_type__confidential=True).get() == centre


def test_every_role_is_held_and_the_partner_is_lent_a_centre(demonstration: Demonstration) -> None:
    today = timezone.localdate(demonstration.at)

    roles = set(Person.objects.values_list("memberships__role", flat=True)) - {None}

    assert len(roles) == 9
    agreement = PartnerAgreement.objects.in_force(today).get()
    assert (agreement.partner.code, agreement.centre.code) == (places.PARTNER, places.LENT_CENTRE)


def test_mother_and_daughter_share_a_number_and_a_pin_chooses() -> None:
    mother, daughter = people_on_number(cast.phone(14))

    assert names_of(mother).first == "رحمة"
    assert pin_matches("2468", mother.pin)
    assert pin_matches("1357", daughter.pin)
    assert not pin_matches("2468", daughter.pin)


def test_completions_fall_in_tetouan_and_not_in_larache(demonstration: Demonstration) -> None:
    month = timedelta(days=30)
    counts = {}
    for code in (places.LARACHE, places.TETOUAN):
        done = Enrolment.objects.filter(organisation__path__contains=f"/{code}/").exclude(completed_at=None)
        counts[code] = done.aggregate(
            now=Count("id", filter=Q(completed_at__gt=demonstration.at - month)),
            before=Count(
                "id",
                filter=Q(
                    completed_at__lte=demonstration.at - month, completed_at__gt=demonstration.at - 2 * month
                ),
            ),
        )

    assert counts[places.TETOUAN]["now"] < counts[places.TETOUAN]["before"]
    assert counts[places.LARACHE]["now"] >= counts[places.LARACHE]["before"] * 0.8


def test_three_women_wait_for_the_centre_and_all_others_were_confirmed() -> None:
    states = dict(Registration.objects.values_list("state").annotate(Count("id")))

    assert states == {State.WAITING: 3, State.CONFIRMED: 2_400}


def test_every_number_lies_in_the_range_of_the_demonstration() -> None:
    for identity in Identity.objects.exclude(phone=b"").select_related("person").order_by("?")[:50]:
        assert identity.read("phone").startswith("+2126000")
