"""Three faces at a module's end: counted, shown in fives to who writes the course, never beside a name."""

import threading
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from courses.catalogue.models import Course
from learners.enrolments.models import Enrolment
from learners.enrolments.services import enrol, withdraw
from learners.faces.models import Face, FaceGiven, ModuleFaces, ModuleVoice
from learners.faces.services import give_face
from learners.personal_data.services import erase_person, export_person
from learners.progress.models import LessonProgress
from lms.accounts.models import Person
from lms.api.models import IdempotencyKey
from lms.events.models import StoredEvent
from lms.voice.models import VoiceNote
from tests.cast import (
    Country,
    browser_for,
    build_country,
    client_for,
    make_person,
    make_staff,
    publish_course,
)
from tests.learners.learning import Learning, begin_learning
from tests.lms.files.recordings import tone
from tests.lms.voice.sounds import sent_voice
from tests.statements import statements


@pytest.fixture
def learning(country: Country) -> Learning:
    learning = begin_learning(country)
    learning.finish_texts()
    return learning


def show(learning: Learning, face: Any = "good", module: int = 1, **headers: str) -> Any:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/modules/{module}/face"
    return learning.client.put(path, {"face": face}, format="json", headers=headers)


def given(module: int = 1) -> tuple[int, int, int]:
    return ModuleFaces.objects.values_list("good", "so_so", "hard").get(module=module)


def finish_first_module(course: Course, country: Country) -> Enrolment:
    """Another woman who has finished both texts."""
    enrolment, _new = enrol(
        learner=make_person(home=country.larache_centre), course=course, at=timezone.now()
    )
    texts = course.newest.lessons.filter(kind="text")  # type: ignore[union-attr]  # it was published
    LessonProgress.objects.bulk_create(
        LessonProgress(enrolment=enrolment, lesson=text.uuid, state="finished", last_at=timezone.now())
        for text in texts
    )
    return enrolment


def shown(staff: Person, course: Course, query: str = "") -> Any:
    return client_for(staff).get(f"/api/v1/authoring/courses/{course.slug}/faces{query}")


def test_a_face_is_counted_for_its_module(learning: Learning) -> None:
    assert show(learning, "hard").status_code == 204
    assert given() == (0, 0, 1)


def test_sent_again_it_is_counted_once_and_the_first_face_stays(learning: Learning) -> None:
    for face in ("so_so", "so_so", "good"):
        assert show(learning, face).status_code == 204
    assert given() == (0, 1, 0)
    assert FaceGiven.objects.count() == 1


def test_each_module_has_its_own_answer(learning: Learning) -> None:
    learning.take_quiz()
    show(learning, "good", 1)
    show(learning, "hard", 2)
    assert (given(1), given(2)) == ((1, 0, 0), (0, 0, 1))


def test_a_module_that_she_has_not_finished_is_not_judged(learning: Learning, country: Country) -> None:
    answer = show(learning, module=2)
    assert (answer.status_code, answer.json()["code"]) == (409, "module_not_finished")
    assert show(begin_learning(country)).status_code == 409
    assert not ModuleFaces.objects.exists()


@pytest.mark.parametrize("module", [0, 3, 40_000, 99_999_999_999])
def test_a_module_that_is_not_there_is_not_found(learning: Learning, module: int) -> None:
    assert show(learning, module=module).status_code == 404


@pytest.mark.parametrize("face", ["angry", "", None, 3, ["good"], {"face": "good"}])
def test_a_face_that_is_none_is_refused(learning: Learning, face: Any) -> None:
    answer = show(learning, face)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


def test_another_womans_enrolment_and_one_she_left_are_not_found(
    learning: Learning, country: Country
) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/modules/1/face"
    another = client_for(make_person(home=country.larache_centre))
    assert another.put(path, {"face": "good"}, format="json").status_code == 404
    staff = client_for(make_staff("centre_admin", country.larache_centre))
    assert staff.put(path, {"face": "good"}, format="json").status_code == 404
    withdraw(enrolment=learning.enrolment)
    assert show(learning).status_code == 404


# who could tell


def columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_no_column_leads_from_an_answer_to_her() -> None:
    """Neither a face beside her mark, nor a time or a counter by which a mark could be laid beside a count."""
    assert columns_of("face_given") == {"id", "enrolment_id", "publication_id", "module"}
    counters = {f"{shown}{face.value}" for shown in ("", "shown_") for face in Face}
    assert columns_of("module_faces") == {"id", "publication_id", "module", *counters}
    assert FaceGiven._meta.pk.get_internal_type() == "UUIDField"


def test_an_answer_leaves_nothing_elsewhere(learning: Learning) -> None:
    before = StoredEvent.objects.count()
    show(learning, "hard", **{"Idempotency-Key": "one"})
    assert StoredEvent.objects.count() == before
    assert not IdempotencyKey.objects.exists()  # it would keep a digest of her answer under her name


def test_all_counters_are_written_with_every_answer(learning: Learning, country: Country) -> None:
    """PostgreSQL remembers which transaction wrote a row last: that must not tell one face from another."""
    show(learning, "good")
    another = finish_first_module(learning.course, country)
    give_face(enrolment=another, module=1, face=Face.HARD, at=timezone.now())
    assert ModuleFaces.objects.count() == 1
    assert given() == (1, 0, 1)


def test_marks_stand_in_no_order_of_their_coming(learning: Learning, country: Country) -> None:
    came = [finish_first_module(learning.course, country) for _ in range(12)]
    for enrolment in came:
        give_face(enrolment=enrolment, module=1, face=Face.GOOD, at=timezone.now())
    by_key = list(FaceGiven.objects.order_by("id").values_list("enrolment_id", flat=True))
    assert sorted(by_key) == [enrolment.pk for enrolment in came]
    assert by_key != [enrolment.pk for enrolment in came]


def test_nothing_is_shown_before_five_and_then_only_in_fives(learning: Learning, country: Country) -> None:
    trainer = make_staff("trainer", country.institute)
    seen = []
    for place in range(11):
        enrolment = finish_first_module(learning.course, country)
        give_face(
            enrolment=enrolment, module=1, face=Face.HARD if place == 5 else Face.GOOD, at=timezone.now()
        )
        first = shown(trainer, learning.course).json()["modules"][0]
        seen.append((first["answers"], first["good"], first["hard"]))
    assert seen == [*[(0, 0, 0)] * 4, *[(5, 5, 0)] * 5, *[(10, 9, 1)] * 2]


@pytest.mark.django_db(transaction=True)
def test_answers_at_once_are_all_counted_and_one_woman_twice_at_once_only_once() -> None:
    country = build_country()
    course = publish_course(country)
    women = [finish_first_module(course, country) for _ in range(3)]
    asked = [*women, women[0], women[0]]
    start = threading.Barrier(len(asked))

    def answer(enrolment: Enrolment) -> None:
        start.wait()
        try:
            give_face(enrolment=enrolment, module=1, face=Face.SO_SO, at=timezone.now())
        finally:
            connection.close()

    threads = [threading.Thread(target=answer, args=[enrolment]) for enrolment in asked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert given() == (0, 3, 0)


def test_trainers_see_every_module_of_the_publication_they_ask_for(
    learning: Learning, country: Country
) -> None:
    publisher = make_staff("publisher", country.institute)
    answer = shown(publisher, learning.course)
    assert answer.json()["publication"] == 1
    assert [(row["module"], row["title"]) for row in answer.json()["modules"]] == [
        (1, "الوحدة 1"),
        (2, "الوحدة 2"),
    ]
    assert shown(publisher, learning.course, "?publication=1").json() == answer.json()
    assert shown(publisher, learning.course, "?publication=2").status_code == 404
    for nonsense in ("x", "-1", "1e3", "٣", "9" * 30):
        assert shown(publisher, learning.course, f"?publication={nonsense}").status_code == 422


def test_only_who_writes_the_course_sees_its_faces(learning: Learning, country: Country) -> None:
    assert shown(make_staff("trainer", country.association), learning.course).status_code == 404
    for role, place in (("centre_admin", country.larache_centre), ("ministry_admin", country.ministry)):
        assert shown(make_staff(role, place), learning.course).status_code == 403
    assert shown(learning.alice, learning.course).status_code == 403


# what some say with it


def say(learning: Learning, **fields: Any) -> Any:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/modules/1/face"
    return learning.client.put(path, {"face": "good", **fields}, format="json")


def test_a_voice_is_heard_by_who_writes_the_course_once_five_have_answered(
    learning: Learning, country: Country
) -> None:
    assert say(learning, voice=sent_voice(learning.client)).status_code == 204
    trainer = make_staff("trainer", country.institute)
    id_ = VoiceNote.objects.get().uuid
    url = f"/api/v1/authoring/courses/{learning.course.slug}/voices/{id_}"
    assert shown(trainer, learning.course).json()["modules"][0]["voices"] == []
    assert client_for(trainer).get(url).status_code == 404
    for _ in range(4):
        enrolment = finish_first_module(learning.course, country)
        give_face(enrolment=enrolment, module=1, face=Face.GOOD, at=timezone.now())
    [voice] = shown(trainer, learning.course).json()["modules"][0]["voices"]
    assert (voice["url"], voice["state"]) == (url, "ready")
    assert client_for(trainer).get(url).status_code == 200
    stranger = make_staff("trainer", country.association)
    assert client_for(stranger).get(url).status_code == 404
    assert learning.client.get(url).status_code == 403


def test_nothing_leads_from_a_voice_to_her(learning: Learning) -> None:
    say(learning, voice=sent_voice(learning.client))
    note, said = VoiceNote.objects.get(), ModuleVoice.objects.get()
    assert (note.owner, note.created_at.hour, note.created_at.second) == (None, 0, 0)
    assert {field.name for field in said._meta.fields} == {"id", "publication", "module", "note"}
    assert said.id.version == 4
    assert learning.client.get(f"/api/v1/voice-notes/{note.uuid}").status_code == 404
    erase_person(person=learning.alice, by=None, reason="", at=timezone.now())
    assert ModuleVoice.objects.filter(note=note).exists()


def test_given_again_no_second_voice_is_taken(learning: Learning) -> None:
    first, second = sent_voice(learning.client), sent_voice(learning.client)
    assert [say(learning, voice=voice).status_code for voice in (first, first, second)] == [204] * 3
    assert ModuleVoice.objects.get().note.uuid == uuid.UUID(first)


@pytest.mark.parametrize("hidden", ["home", "discreet"])
def test_who_must_not_be_known_is_not_asked_for_her_voice(country: Country, hidden: str) -> None:
    fields = {"home": {"home": country.shelter}, "discreet": {"discreet": True}}[hidden]
    learning = begin_learning(country, **fields)
    learning.finish_texts()
    refused = say(learning, voice=sent_voice(learning.client))
    assert (refused.status_code, refused.json()["code"]) == (409, "voice_off")
    assert not FaceGiven.objects.exists()
    page = browser_for(learning.alice).get(f"/my/courses/{learning.course.slug}/modules/1")
    assert "data-record" not in page.content.decode()


def test_the_page_takes_a_face_with_a_voice(learning: Learning) -> None:
    browser = browser_for(learning.alice)
    path = f"/my/courses/{learning.course.slug}/modules/1"
    assert "data-record" in browser.get(path).content.decode()
    sound = SimpleUploadedFile("v.wav", tone(0.4), content_type="audio/wav")
    assert browser.post(path, {"id": str(uuid.uuid4()), "face": "hard", "voice": sound}).status_code == 303
    assert given() == (0, 0, 1)
    assert ModuleVoice.objects.count() == 1


# her data


def test_she_is_told_that_she_answered_and_her_mark_goes_while_the_count_stays(learning: Learning) -> None:
    show(learning, "hard")
    held = export_person(learning.alice)["held"]["face_given"]
    assert held == [{"course": learning.course.slug, "module": 1}]
    erase_person(person=learning.alice, by=None, reason="", at=timezone.now())
    assert not FaceGiven.objects.exists()
    assert given() == (0, 0, 1)


# the cost


def test_an_answer_costs_four_statements(learning: Learning) -> None:
    show(learning, module=2)  # what a publication demands is read once a process
    with statements(4):  # session, enrolment, progress, the answer
        show(learning)


def test_what_trainers_see_costs_four_statements(learning: Learning, country: Country) -> None:
    client = client_for(make_staff("trainer", country.institute))
    path = f"/api/v1/authoring/courses/{learning.course.slug}/faces"
    client.get(path)
    with statements(4):  # session, course, publication, counts
        client.get(path)
