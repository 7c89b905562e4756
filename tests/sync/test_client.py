"""The reference client against the platform: long queues, broken lines, damaged files, a full phone, forged batches."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from django.utils import timezone

from courses.publishing.models import PublishedVariant
from learners.devices.models import Device
from learners.enrolments.models import Enrolment
from learners.enrolments.services import withdraw
from learners.progress.models import LessonProgress, ProgressEvent
from lms.files import storage
from tests.cast import Country, client_for
from tests.learners.classroom.richly import Classroom
from tests.learners.learning import Learning, begin_learning
from tests.learners.offline.keeping import render
from tests.sync.client import CHUNK, Answer, Damaged, NoAnswer, Phone, PhoneFull, Room, SignInAgain, chosen
from tests.sync.lines import LOST, UNHEARD, WELL, Fate, OurLine


class Waits(list[float]):
    """Time that passes without passing."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


def phone_of(client: Any, *fates: Fate, **more: Any) -> tuple[Phone, OurLine, Waits]:
    line, waits = OurLine(client, fates), Waits()
    return Phone("phone", line, waits, timezone.now, chance=Random(4), **more), line, waits


def batches(line: OurLine) -> list[int]:
    return [len(body["events"]) for _method, url, body in line.asked if url.endswith("/progress/events")]


def fill(phone: Phone, learning: Learning, number: int, **more: Any) -> None:
    lesson = learning.texts[0]
    for _ in range(number):
        phone.record(str(learning.enrolment.uuid), str(lesson.uuid), "progressed", seconds=1, **more)


def test_a_queue_of_5000_leaves_in_ten_batches_and_is_counted_once(learning: Learning) -> None:
    phone, line, _ = phone_of(learning.client)
    fill(phone, learning, 5_000)
    assert phone.sync()
    assert batches(line) == [500] * 10
    assert [body["waiting"] for _m, _u, body in line.asked] == list(range(4_500, -1, -500))
    assert ProgressEvent.objects.count() == 5_000
    assert LessonProgress.objects.get().seconds == 5_000
    assert Device.objects.get().waiting == 0


def test_batches_that_are_too_long_are_split_until_they_are_taken(learning: Learning) -> None:
    phone, line, _ = phone_of(learning.client, batch=1_200)
    fill(phone, learning, 1_200)
    assert phone.sync()
    assert batches(line) == [1_200, 600, 300, 300, 600, 300, 300]
    assert ProgressEvent.objects.count() == 1_200


def test_a_broken_line_is_waited_for_longer_each_time_and_nothing_counts_twice(learning: Learning) -> None:
    phone, line, waits = phone_of(learning.client, LOST, UNHEARD, LOST, UNHEARD, UNHEARD)
    fill(phone, learning, 3)
    assert phone.sync()
    assert [2**n <= 2 * wait <= 2 ** (n + 1) for n, wait in enumerate(waits, 1)] == [True] * 5
    assert LessonProgress.objects.get().seconds == 3
    assert len(line.asked) == 6


def test_a_line_that_stays_broken_leaves_everything_where_it_is(learning: Learning) -> None:
    phone, _, waits = phone_of(learning.client, *[LOST] * 40)
    fill(phone, learning, 2)
    assert not phone.sync()
    assert (phone.waiting, phone.aside, max(waits) <= 300) == (2, {}, True)


def test_a_server_that_says_when_to_come_back_is_heeded(learning: Learning) -> None:
    phone, line, waits = phone_of(learning.client)
    busy: Iterator[Answer] = iter(
        [Answer(503, {"Retry-After": "90"}, b""), Answer(429, {"Retry-After": "40"}, b"")]
    )
    line.spoil = lambda _url, answer: next(busy, answer)
    fill(phone, learning, 1)
    assert phone.sync()
    assert waits == [90.0, 40.0]


def test_an_ended_session_loses_nothing(learning: Learning) -> None:
    phone, _, _ = phone_of(learning.client)
    fill(phone, learning, 2)
    learning.client.delete("/api/v1/auth/sessions/current")
    with pytest.raises(SignInAgain):
        phone.sync()
    assert phone.waiting == 2
    phone.line = OurLine(client_for(learning.alice))
    assert phone.sync()
    assert LessonProgress.objects.get().seconds == 2


def test_events_of_a_course_that_she_has_left_are_set_aside_and_the_others_count(
    country: Country, learning: Learning
) -> None:
    other = begin_learning(country)
    Enrolment.objects.filter(pk=other.enrolment.pk).update(learner=learning.alice)
    phone, _, _ = phone_of(learning.client)
    fill(phone, learning, 2)
    fill(phone, other, 3)
    withdraw(enrolment=other.enrolment)
    assert phone.sync()
    assert sorted(phone.aside.values()) == ["enrolment_unknown"] * 3
    assert ProgressEvent.objects.count() == 2


def test_another_womans_batch_replayed_counts_for_nobody(country: Country, learning: Learning) -> None:
    """Bahija's phone sends what it copied from Alice's, before and after Alice did."""
    bahija = begin_learning(country)
    hers, line, _ = phone_of(learning.client)
    fill(hers, learning, 4)
    stolen, _, _ = phone_of(bahija.client, queue=dict(hers.queue))
    replayed, _, _ = phone_of(bahija.client, queue=dict(hers.queue))
    stolen.sync()
    assert set(stolen.aside.values()) == {"enrolment_unknown"}
    assert hers.sync()
    replayed.sync()
    assert set(ProgressEvent.objects.values_list("person", flat=True)) == {learning.alice.pk}
    assert LessonProgress.objects.get().seconds == 4
    assert hers.aside == {}
    assert line.asked


def test_goes_at_a_quiz_wait_with_the_events_and_are_graded_at_sync(learning: Learning) -> None:
    phone, line, _ = phone_of(learning.client, UNHEARD, UNHEARD, WELL, UNHEARD)
    enrolment, quiz = str(learning.enrolment.uuid), str(learning.quiz.uuid)
    wrong = phone.answer(enrolment, quiz, 1, learning.answers(right=False))
    right = phone.answer(enrolment, quiz, 1, learning.answers(right=True))
    lost = phone.answer(enrolment, str(uuid.uuid4()), 1, [])
    fill(phone, learning, 1)
    assert phone.waiting == 4
    assert phone.sync()
    assert (phone.grades[wrong.id]["passed"], phone.grades[right.id]["passed"]) == (False, True)
    assert phone.aside == {lost.id: "lesson_not_in_course"}
    assert line.asked


def test_a_forged_result_is_set_aside(learning: Learning) -> None:
    phone, _, _ = phone_of(learning.client)
    forged = phone.record(
        str(learning.enrolment.uuid), str(learning.quiz.uuid), "finished", percent=100, score=100
    )
    assert phone.sync()
    assert phone.aside == {forged["id"]: "quiz_needs_attempt"}
    assert not LessonProgress.objects.exists()


# Keeping a course


def kept(phone: Phone, classroom: Classroom, choice: str) -> dict[str, Any]:
    manifest = phone.manifest(classroom.course.slug, 1, "ar")
    phone.keep(manifest, choice)
    return manifest


@pytest.mark.parametrize("choice", ["text", "audio", "video"])
def test_what_is_kept_weighs_what_the_manifest_said(classroom: Classroom, choice: str) -> None:
    film = PublishedVariant.objects.get(lesson__uuid=classroom.lessons["video"]).file
    assert film
    render(film, "video_240p", b"small film" * 90)
    render(film, "audio", b"its sound" * 40)
    phone, _, _ = phone_of(client_for(classroom.alice))
    manifest = kept(phone, classroom, choice)
    assert sum(map(len, phone.room.files.values())) == manifest["totals"][choice]


def test_a_long_film_goes_on_where_the_line_broke(classroom: Classroom) -> None:
    film = PublishedVariant.objects.get(lesson__uuid=classroom.lessons["video"]).file
    assert film
    content = Random(1).randbytes(2 * CHUNK + 999)
    made = render(film, "video_240p", content)
    phone, line, _ = phone_of(client_for(classroom.alice))
    manifest = phone.manifest(classroom.course.slug, 1, "ar")
    [file] = [file for file in manifest["files"] if file["sha256"] == made.sha256]
    only = {**manifest, "files": [file]}
    line.fates = iter([WELL, WELL, *[LOST] * 8])
    with pytest.raises(NoAnswer):
        phone.keep(only, "video")
    assert len(phone.partly[made.sha256]) == CHUNK
    line.asked.clear()
    phone.keep(only, "video")
    assert phone.room.files[made.sha256] == content
    assert len(line.asked) == 4  # two pieces, each behind its redirect


def test_a_damaged_file_is_fetched_once_more_and_then_said(classroom: Classroom) -> None:
    document = PublishedVariant.objects.get(lesson__uuid=classroom.lessons["document"]).file
    assert document
    phone, line, _ = phone_of(client_for(classroom.alice))
    spoilt = iter([True])
    line.spoil = lambda url, answer: (
        replace(answer, body=b"x" + answer.body[1:])
        if document.key in url and answer.body and next(spoilt, False)
        else answer
    )
    kept(phone, classroom, "text")
    assert document.sha256 in phone.room.files

    other, line, _ = phone_of(client_for(classroom.alice))
    content = b"".join(storage.read(document.key))
    storage.put_bytes(
        content[::-1],
        document.key,
        sha256=hashlib.sha256(content[::-1]).hexdigest(),
        content_type=document.content_type,
    )
    with pytest.raises(Damaged, match="/file"):
        kept(other, classroom, "text")
    assert sum(document.key in url for _method, url, _body in line.asked) == 2
    assert document.sha256 not in other.room.files
    assert other.room.files, "what came before it stays"


def test_a_full_phone_says_so_and_keeps_what_it_has(classroom: Classroom) -> None:
    phone, _, _ = phone_of(client_for(classroom.alice), room=Room(most=9_000))
    with pytest.raises(PhoneFull):
        kept(phone, classroom, "video")
    before = dict(phone.room.files)
    assert 0 < sum(map(len, before.values())) <= 9_000
    phone.room.most = 10**6
    manifest = kept(phone, classroom, "video")
    assert before.items() <= phone.room.files.items()
    assert {file["sha256"] for file in chosen(manifest["files"], "video")} == set(phone.room.files)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", range(1, 7))
def test_a_database_that_ends_in_the_middle_of_a_batch_leaves_nothing_of_it(
    country: Country, learning: Learning, statement: int
) -> None:
    """Her session, the lock, the events, the fold, the enrolment, the fact: whichever the connection is cut before."""
    phone, line, waits = phone_of(learning.client)
    fill(phone, learning, 1)
    assert phone.sync()  # what the course asks is known to the process
    fill(phone, learning, 3)
    line.fates = iter([statement])
    seen: list[tuple[int, int]] = []
    line.spoil = lambda _url, answer: (
        seen.append((answer.status, ProgressEvent.objects.count())) or answer  # type: ignore[func-returns-value]
    )
    assert phone.sync()
    assert seen == [(503, 1), (200, 4)]
    assert waits
    assert LessonProgress.objects.get().seconds == 4
