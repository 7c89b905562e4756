"""Many devices of two women, broken lines, cut connections, wrong clocks, new editions: nothing lost, nothing invented.

A machine of hypothesis draws what happens; after each step what the phones were told is compared with what the server
keeps, and at the end with a simple fold. `JISR_SYNC_EXAMPLES` draws more stories than the suite has time for.
"""

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, ClassVar, Final
from uuid import uuid4

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from courses.authoring.models import Lesson as DraftLesson
from courses.authoring.models import Module
from courses.authoring.services import add_lesson, remove_lesson
from courses.authoring.variants import put_variant
from courses.publishing.models import PublishedLesson
from courses.publishing.services import publish_course as publish_draft
from learners.attempts.models import Attempt
from learners.certificates.models import LIVE, Certificate
from learners.devices.models import Device
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol
from learners.progress.models import LessonProgress, ProgressEvent
from lms.access.scoping import Grant, Scope
from lms.accounts.models import Person
from tests.cast import Country, build_country, client_for, make_person, make_staff, publish_course
from tests.sync.client import Phone
from tests.sync.lines import LOST, UNHEARD, WELL, OurLine
from tests.sync.model import fold

EXAMPLES: Final = int(os.environ.get("JISR_SYNC_EXAMPLES", "12"))
STEPS: Final = 25
SKEWS: Final = [timedelta(days=days) for days in (0, 0, -3, -399, -1_500, 3_650)]
RIGHT: Final = [{"question": "q1", "choices": ["c1"]}]
WRONG: Final = [{"question": "q1", "choices": ["c2"]}]
# A request that goes well most often, else is lost, or acts unheard, or loses the database at one of its statements.
FATES: Final = st.lists(st.sampled_from([WELL, WELL, WELL, LOST, UNHEARD, 2, 3, 4, 5, 6]), max_size=5)
DEVICES: Final = st.integers(0, 3)


@dataclass
class Woman:
    """A learner, what she did on all her devices, and what was still on a phone that she reset."""

    person: Person
    enrolment: Enrolment
    done: dict[str, dict[str, Any]] = field(default_factory=dict)
    goes: dict[str, tuple[str, bool]] = field(default_factory=dict)
    reset: set[str] = field(default_factory=set)
    completed: bool = False


@dataclass
class Hand:
    """A device in the hands of one woman, with a clock of its own."""

    woman: Woman
    phone: Phone
    line: OurLine
    skew: timedelta


class Village(RuleBasedStateMachine):
    country: ClassVar[Country]

    @initialize(seed=st.integers(0, 10**6), skews=st.lists(st.sampled_from(SKEWS), min_size=4, max_size=4))
    def begin(self, seed: int, skews: list[timedelta]) -> None:
        self.chance = Random(seed)
        self.course = publish_course(
            self.country, slug=f"village-{timezone.now().timestamp():.6f}".replace(".", "-")
        )
        self.women = [self._woman() for _ in range(2)]
        owners = [self.women[0], self.women[0], self.women[0], self.women[1]]
        self.hands = [self._hand(woman, skew) for woman, skew in zip(owners, skews, strict=True)]
        self.acknowledged: dict[int, set[str]] = {woman.person.pk: set() for woman in self.women}
        self.retired: list[Phone] = []
        self.lessons = [str(lesson) for lesson in self._published()]

    def _published(self) -> list[Any]:
        rows = PublishedLesson.objects.filter(publication__course=self.course, kind="text")
        return sorted(set(rows.values_list("uuid", flat=True)))

    def _woman(self) -> Woman:
        person = make_person(home=self.country.larache_centre)
        enrolment, _new = enrol(learner=person, course=self.course, at=timezone.now())
        return Woman(person, enrolment)

    def _hand(self, woman: Woman, skew: timedelta) -> Hand:
        line = OurLine(client_for(woman.person))
        name = f"phone-{uuid4().hex[:8]}"

        def clock() -> datetime:
            return timezone.now() + skew

        # A story told again has other ids: those of goes are unique among all women.
        phone = Phone(name, line, lambda _: None, clock, chance=Random(uuid4().int), batch=3)  # a test
        return Hand(woman, phone, line, skew)

    # What happens

    @rule(
        device=DEVICES,
        lesson=st.integers(0, 9),
        verb=st.sampled_from(["opened", "progressed", "progressed", "finished"]),
        numbers=st.fixed_dictionaries(
            {},
            optional={
                "seconds": st.integers(0, 600),
                "percent": st.integers(0, 100),
                "position": st.integers(0, 900),
            },
        ),
    )
    def she_learns(self, device: int, lesson: int, verb: str, numbers: dict[str, int]) -> None:
        hand = self.hands[device]
        where = self.lessons[lesson % len(self.lessons)]
        event = hand.phone.record(str(hand.woman.enrolment.uuid), where, verb, **numbers)
        hand.woman.done[event["id"]] = event

    @rule(device=DEVICES, right=st.booleans())
    def she_answers_a_quiz(self, device: int, right: bool) -> None:  # drawn by name
        hand = self.hands[device]
        quiz = PublishedLesson.objects.filter(publication__course=self.course, kind="quiz").first()
        assert quiz
        number = (
            Enrolment.objects.select_related("publication").get(pk=hand.woman.enrolment.pk).publication.number
        )
        go = hand.phone.answer(
            str(hand.woman.enrolment.uuid), str(quiz.uuid), number, RIGHT if right else WRONG
        )
        hand.woman.goes[go.id] = (go.lesson, right)

    @rule(device=DEVICES, fates=FATES, shuffled=st.booleans())
    def a_device_sends(self, device: int, fates: list[Any], shuffled: bool) -> None:  # drawn by name
        hand = self.hands[device]
        if shuffled:
            events = list(hand.phone.queue.items())
            self.chance.shuffle(events)
            hand.phone.queue = dict(events)
        hand.line.fates = iter(fates)
        before = set(hand.phone.queue)
        hand.phone.sync()
        self.acknowledged[hand.woman.person.pk] |= before - set(hand.phone.queue) - set(hand.phone.aside)
        hand.line.fates = iter(())

    @rule(device=DEVICES, other=DEVICES)
    def what_was_sent_is_sent_again(self, device: int, other: int) -> None:
        """A copy of the phone's memory, brought back after it was sent; also on another device of hers."""
        hand = self.hands[device]
        if hand.woman is self.hands[other].woman:
            known = sorted(set(hand.woman.done) - hand.woman.reset)
            for id_ in self.chance.sample(known, min(3, len(known))):
                self.hands[other].phone.queue[id_] = hand.woman.done[id_]

    @rule(device=DEVICES)
    def another_replays_her_batch(self, device: int) -> None:
        hand = self.hands[device]
        thief = next(other for other in self.hands if other.woman is not hand.woman)
        copied = Phone("copy", thief.line, lambda _: None, timezone.now, queue=dict(hand.woman.done))
        copied.sync()
        assert set(copied.aside) == set(hand.woman.done)
        assert set(copied.aside.values()) <= {"enrolment_unknown"}

    @rule(device=DEVICES)
    def the_app_is_installed_anew(self, device: int) -> None:
        """What only that phone had is gone with it; all else comes back from the server."""
        hand = self.hands[device]
        elsewhere = {
            id_
            for other in self.hands
            if other is not hand and other.woman is hand.woman
            for id_ in (*other.phone.queue, *other.phone.goes)
        }
        hand.woman.reset |= {*hand.phone.queue, *hand.phone.goes} - elsewhere
        self.retired.append(hand.phone)
        self.hands[device] = self._hand(hand.woman, hand.skew)

    @rule(adds=st.booleans(), moves=st.booleans())
    def a_new_edition_is_published(self, adds: bool, moves: bool) -> None:  # drawn by name
        by, at = make_staff("publisher", self.country.institute), timezone.now()
        by.scope = Scope(person_id=by.pk, grants=(Grant("publisher", self.country.institute.path),))
        module = Module.objects.filter(course=self.course).order_by("position").first()
        assert module
        texts = DraftLesson.objects.filter(module__course=self.course, kind="text")
        if adds or texts.count() < 2:
            lesson = add_lesson(module=module, by=by, kind="text", title={"ar": f"درس {at}"}, at=at)
            put_variant(
                lesson=lesson, by=by, language="ar", content={"body": f"نص {at}"}, expected=None, at=at
            )
        else:
            remove_lesson(lesson=texts.latest("pk"), by=by, expected=None, at=at)
        self.course.refresh_from_db()
        newest = publish_draft(course=self.course, by=by, notes="", at=at)
        self.course.refresh_from_db()
        self.lessons = [str(lesson) for lesson in self._published()]
        if moves:
            woman = self.chance.choice(self.women)
            Enrolment.objects.filter(pk=woman.enrolment.pk).update(publication=newest)

    # What always holds

    @invariant()
    def what_was_acknowledged_is_kept_and_nothing_is_invented(self) -> None:
        for woman in self.women:
            kept = self._kept(woman)
            assert self.acknowledged[woman.person.pk] <= set(kept)
            assert set(kept) <= set(woman.done)

    @invariant()
    def a_completion_stays_and_has_one_certificate(self) -> None:
        for woman in self.women:
            row = Enrolment.objects.get(pk=woman.enrolment.pk)
            assert 0 <= row.percent <= 100
            assert row.completed_at or not woman.completed
            woman.completed = row.completed_at is not None
            proofs = Certificate.objects.filter(enrolment=row, state__in=LIVE).count()
            assert proofs == int(woman.completed)

    def _kept(self, woman: Woman) -> dict[str, ProgressEvent]:
        rows = ProgressEvent.objects.filter(person=woman.person)
        return {str(row.event_id): row for row in rows}

    def teardown(self) -> None:
        """The lines hold: everything arrives, and comes to what the simple fold says."""
        for hand in self.hands:
            assert hand.phone.sync()
        for woman in self.women:
            self._compare(woman)

    def _compare(self, woman: Woman) -> None:
        kept = self._kept(woman)
        phones = [*self.retired, *(hand.phone for hand in self.hands)]
        aside = {id_: code for phone in phones for id_, code in phone.aside.items()}
        missing = set(woman.done) - set(kept) - woman.reset
        assert all(aside.get(id_) == "lesson_not_in_course" for id_ in missing), missing
        events = [(woman.done[id_], row.received_at) for id_, row in kept.items()]
        graded = Attempt.objects.filter(enrolment=woman.enrolment).exclude(submitted_at=None)
        grades = [(*woman.goes[str(attempt.uuid)], attempt) for attempt in graded]
        assert all(
            (attempt.score, attempt.passed) == (100 * right, right) for _quiz, right, attempt in grades
        )
        handed_in = {str(attempt.uuid) for *_, attempt in grades}
        assert handed_in >= set(woman.goes) - woman.reset, aside
        expected = fold(events, [(quiz, 100 * right, right) for quiz, right, _attempt in grades])
        found = {str(row.lesson): row for row in LessonProgress.objects.filter(enrolment=woman.enrolment)}
        assert found.keys() == expected.keys()
        for lesson, row in found.items():
            ours = (row.state, row.percent, row.score, row.seconds, row.position)
            simple = expected[lesson]
            assert ours == (simple.state, simple.percent, simple.score, simple.seconds, simple.position)
        self._compare_completion(woman, {id_ for id_, row in found.items() if row.state == "finished"})

    def _compare_completion(self, woman: Woman, finished: set[str]) -> None:
        """One more visit, so that the edition she is on now is asked; what was complete before stays so."""
        hand = next(hand for hand in self.hands if hand.woman is woman)
        row = Enrolment.objects.get(pk=woman.enrolment.pk)
        before = woman.completed or row.completed_at is not None
        asked = PublishedLesson.objects.filter(publication_id=row.publication_id, required=True)
        required = {str(uuid) for uuid in asked.values_list("uuid", flat=True)}
        quiz = asked.filter(kind="quiz").get()
        hand.phone.record(str(row.uuid), str(quiz.uuid), "opened")
        assert hand.phone.sync()
        row.refresh_from_db()
        assert (row.completed_at is not None) == (before or required <= finished)
        heard = Device.objects.filter(person=woman.person, name=hand.phone.name)
        assert heard.values_list("waiting", flat=True).get() == 0


@pytest.fixture
def village(transactional_db: None) -> type[Village]:
    Village.country = build_country()
    return Village


def test_whatever_happens_to_their_phones_nothing_is_lost_and_nothing_invented(
    village: type[Village],
) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]  # hypothesis has no types for it
        village,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            # Making a story that fails shorter takes minutes: only where more are asked for.
            phases=[*Phase] if "JISR_SYNC_EXAMPLES" in os.environ else [Phase.reuse, Phase.generate],
            derandomize="JISR_SYNC_EXAMPLES" not in os.environ,
            suppress_health_check=list(HealthCheck),
        ),
    )
