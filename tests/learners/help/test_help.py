"""From stuck to answered: a private conversation for each enrolment, sealed, that survives a bad line."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from learners.enrolments.services import withdraw
from learners.help.models import HelpMessage, HelpThread
from learners.help.services import MESSAGES_AN_HOUR
from learners.notifications.models import Notification
from learners.personal_data.services import erase_person, export_person
from lms.accounts.models import Person
from lms.audit.models import AccessEntry, ChangeEntry
from lms.files import storage
from lms.voice.models import VoiceNote
from lms.voice.services import LARGEST
from tests.cast import Country, browser_for, client_for, make_person, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.lms.files.recordings import tone
from tests.lms.voice.sounds import sent_voice
from tests.outbox import work_off
from tests.statements import statements

WORDS = "لم أفهم كيف أحسب الربح"
ANSWER = "الربح هو الثمن ناقص التكلفة"


@pytest.fixture
def learning(country: Country) -> Learning:
    return begin_learning(country, first_name="زهرة")


@pytest.fixture
def facilitator(country: Country) -> Person:
    return make_staff("facilitator", country.larache_centre)


def ask(learning: Learning, text: str = WORDS, **more: Any) -> Any:
    body = {
        "id": str(uuid4()),
        "enrolment": str(learning.enrolment.uuid),
        "lesson": str(learning.texts[0].uuid),
        "kind": "stuck",
        "text": text,
        "occurred_at": "2099-01-01T10:00:00Z",
    }
    return learning.client.post("/api/v1/help/messages", body | more, format="json")


def queue(staff: Person, query: str = "") -> list[dict[str, Any]]:
    answer = client_for(staff).get(f"/api/v1/help/threads{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def act(staff: Person, verb: str, **body: Any) -> Any:
    thread = HelpThread.objects.get()
    return client_for(staff).post(f"/api/v1/help/threads/{thread.uuid}/{verb}", body, format="json")


def reply(staff: Person, text: str = ANSWER) -> Any:
    return act(staff, "answers", id=str(uuid4()), text=text)


def hers(learning: Learning) -> dict[str, Any]:
    said: dict[str, Any] = learning.client.get(f"/api/v1/enrolments/{learning.enrolment.uuid}/help").json()
    return said


def test_from_stuck_to_answered(learning: Learning, facilitator: Person) -> None:
    assert hers(learning) == {"state": None, "messages": []}
    assert ask(learning).status_code == 201
    [waiting] = queue(facilitator)
    assert (waiting["name"], waiting["state"]) == ("زهرة الاختبارية", "waiting")
    seen = client_for(facilitator).get(f"/api/v1/help/threads/{waiting['id']}").json()
    assert [(said["text"], said["from_learner"]) for said in seen["messages"]] == [(WORDS, True)]
    assert reply(facilitator).status_code == 201
    assert [(said["text"], said["from_learner"]) for said in hers(learning)["messages"]] == [
        (WORDS, True),
        (ANSWER, False),
    ]
    assert (hers(learning)["state"], queue(facilitator, "?state=waiting")) == ("answered", [])


def test_what_her_phone_sends_twice_is_said_once(learning: Learning) -> None:
    id_ = str(uuid4())
    first, again = ask(learning, id=id_), ask(learning, id=id_)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    other = ask(learning, "كلام آخر", id=id_)
    assert (other.status_code, other.json()["code"]) == (409, "help_id_reused")
    assert HelpMessage.objects.count() == 1


def test_an_answer_sent_twice_is_said_once(learning: Learning, facilitator: Person) -> None:
    ask(learning)
    id_ = str(uuid4())
    codes = [act(facilitator, "answers", id=id_, text=ANSWER).status_code for _ in range(2)]
    assert codes == [201, 200]
    assert act(facilitator, "answers", id=id_, text="آخر").json()["code"] == "help_id_reused"
    assert reply(facilitator, "  ").json()["code"] == "help_empty"
    assert len(hers(learning)["messages"]) == 2


def test_the_oldest_stands_first_and_a_closed_one_opens_again_when_she_writes(
    country: Country, learning: Learning, facilitator: Person
) -> None:
    ask(learning)
    second = begin_learning(country, first_name="مريم")
    ask(second)
    assert [row["name"].split()[0] for row in queue(facilitator)] == ["زهرة", "مريم"]
    thread = HelpThread.objects.earliest("id")
    path = f"/api/v1/help/threads/{thread.uuid}/close"
    assert [client_for(facilitator).post(path).status_code for _ in range(2)] == [204, 204]
    assert ChangeEntry.objects.filter(verb="help.close").count() == 1
    assert [row["name"].split()[0] for row in queue(facilitator)] == ["مريم"]
    ask(learning, "بقي سؤال")
    assert [row["name"].split()[0] for row in queue(facilitator)] == ["مريم", "زهرة"]


def test_only_her_own_centre_and_the_trainer_see_it_and_only_her_centre_her_name(
    country: Country, learning: Learning, facilitator: Person
) -> None:
    ask(learning)
    for role, place in (("facilitator", country.tetouan_centre), ("centre_admin", country.tetouan_centre)):
        assert queue(make_staff(role, place)) == []
        assert reply(make_staff(role, place)).status_code == 404
    trainer = make_staff("trainer", learning.course.organisation)
    [row] = queue(trainer)
    assert (row["name"], row["pseudonym"]) == ("", learning.alice.pseudonym)
    assert reply(trainer).status_code == 201
    assert not AccessEntry.objects.filter(viewer=trainer).exists()
    queue(facilitator)
    assert AccessEntry.objects.filter(viewer=facilitator, surface="help").count() == 1


def test_her_number_is_shown_to_her_centre_alone_and_only_when_she_wants_a_call(
    country: Country, facilitator: Person
) -> None:
    learning = begin_learning(country, first_name="زهرة", phone="+212612345679")
    ask(learning)
    assert act(facilitator, "number").status_code == 404
    ask(learning, "", kind="call")
    assert act(facilitator, "number").json() == {"number": "+212612345679"}
    assert AccessEntry.objects.get(fields=["phone"]).people == [learning.alice.pk]
    assert act(make_staff("trainer", learning.course.organisation), "number").status_code == 404


def test_help_is_off_in_discreet_mode_until_she_wishes_it(learning: Learning) -> None:
    Person.objects.filter(pk=learning.alice.pk).update(discreet=True)
    refused = ask(learning)
    assert (refused.status_code, refused.json()["code"]) == (409, "help_off")
    page = browser_for(learning.alice).get(f"/my/courses/{learning.course.slug}/help")
    assert "أرغب في ذلك" in page.content.decode()
    lesson = f"/my/courses/{learning.course.slug}/lessons/{learning.texts[0].uuid}"
    assert "/help?lesson=" not in browser_for(learning.alice).get(lesson).content.decode()
    assert learning.client.put("/api/v1/me/help", {"wanted": True}, format="json").json() == {"wanted": True}
    assert ask(learning).status_code == 201
    assert "/help?lesson=" in browser_for(learning.alice).get(lesson).content.decode()


@pytest.mark.parametrize(
    ("spoil", "status"),
    [
        ({"lesson": str(uuid4())}, 404),
        ({"enrolment": str(uuid4())}, 404),
        ({"kind": "answer"}, 422),
        ({"text": "ا" * 1001}, 422),
        ({"text": "nul\x00inside"}, 422),
        ({"id": "7"}, 422),
        ({"occurred_at": "yesterday"}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused_and_nothing_is_kept(
    learning: Learning, spoil: dict[str, str], status: int
) -> None:
    assert ask(learning, **spoil).status_code == status
    assert not HelpThread.objects.exists()


def test_a_course_that_she_left_asks_nothing_any_more(learning: Learning, facilitator: Person) -> None:
    ask(learning)
    withdraw(enrolment=learning.enrolment)
    assert ask(learning).status_code == 404
    assert queue(facilitator) == []


def test_a_flood_is_stopped_and_says_when_to_come_again(learning: Learning) -> None:
    for _ in range(MESSAGES_AN_HOUR):
        assert ask(learning).status_code == 201
    refused = ask(learning)
    assert (refused.status_code, refused.json()["code"], refused["Retry-After"]) == (
        429,
        "help_too_many",
        "3600",
    )
    HelpMessage.objects.update(at=timezone.now() - timedelta(hours=2))
    assert ask(learning).status_code == 201


def test_her_centre_hears_once_for_each_time_of_waiting_and_she_of_each_answer(
    learning: Learning, facilitator: Person
) -> None:
    ask(learning)
    ask(learning)
    work_off()
    assert Notification.objects.filter(person=facilitator, kind="help_asked").count() == 1
    reply(facilitator)
    work_off()
    told = Notification.objects.get(person=learning.alice, kind="help_answered")
    assert told.enrolment == learning.enrolment
    work_off()
    assert Notification.objects.filter(kind__startswith="help").count() == 2


def test_what_was_said_is_sealed_given_to_her_and_gone_when_she_is_forgotten(
    learning: Learning, facilitator: Person
) -> None:
    ask(learning)
    reply(facilitator)
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(encode(words, 'escape'), '') FROM help_message")
        assert "الربح" not in cursor.fetchone()[0]
    export = export_person(learning.alice)
    assert WORDS in str(export)
    assert ANSWER in str(export)
    erase_person(person=learning.alice, by=None, reason="asked", at=timezone.now())
    assert not HelpThread.objects.exists()
    assert not HelpMessage.objects.exists()


def test_the_queue_costs_the_same_for_one_and_for_many(country: Country, facilitator: Person) -> None:
    for name in ("زهرة", "مريم", "سعاد"):
        ask(begin_learning(country, first_name=name))
    client = client_for(facilitator)
    for size in (1, 3):
        with statements(3):  # her session; the page; the record of the look
            client.get("/api/v1/help/threads", {"page_size": size})


def test_pages_work_from_stuck_to_answered_without_scripts(learning: Learning, facilitator: Person) -> None:
    she, staff = browser_for(learning.alice), browser_for(facilitator)
    place = f"/my/courses/{learning.course.slug}/help?lesson={learning.texts[0].uuid}"
    form = {"id": str(uuid4()), "action": "call", "text": WORDS}
    assert [she.post(place, form).status_code for _ in range(2)] == [303, 303]
    assert WORDS in she.get(place).content.decode()
    thread = HelpThread.objects.get()
    assert str(thread.uuid) in staff.get("/help-requests").content.decode()
    page = f"/help-requests/{thread.uuid}"
    assert "زهرة" in staff.get(page).content.decode()
    empty = staff.post(page, {"action": "answer", "id": str(uuid4()), "text": ""})
    assert empty.status_code == 422
    assert (
        staff.post(page, {"action": "answer", "id": str(uuid4()), "text": ANSWER})["Location"]
        == "/help-requests"
    )
    assert ANSWER in she.get(place).content.decode()
    assert staff.post(page, {"action": "nonsense"}).status_code == 404


def test_a_stranger_to_the_course_has_no_such_page(country: Country, learning: Learning) -> None:
    other = browser_for(make_person(home=country.larache_centre))
    assert other.get(f"/my/courses/{learning.course.slug}/help").status_code == 404


def test_she_says_it_and_is_answered_by_voice(learning: Learning, facilitator: Person) -> None:
    asked = ask(learning, "", voice=sent_voice(learning.client))
    assert asked.status_code == 201, asked.content
    assert reply_by_voice(facilitator).status_code == 201
    first, second = hers(learning)["messages"]
    assert [(said["voice"]["state"], said["text"]) for said in (first, second)] == [("ready", "")] * 2
    for listener in (learning.client, client_for(facilitator)):
        for said in (first, second):
            heard = listener.get(said["voice"]["url"])
            assert (heard.status_code, heard["Cache-Control"]) == (200, "no-store")
            assert heard["Content-Disposition"] == 'inline; filename="sound"'
            assert len(heard.content) > 500


def reply_by_voice(staff: Person) -> Any:
    return act(staff, "answers", id=str(uuid4()), voice=sent_voice(client_for(staff)))


def test_a_voice_that_is_not_hers_or_was_used_is_refused(learning: Learning, facilitator: Person) -> None:
    another = sent_voice(client_for(facilitator))
    mine = sent_voice(learning.client)
    assert ask(learning, "", voice=another).json()["code"] == "voice_unknown"
    assert ask(learning, "", voice=mine).status_code == 201
    assert ask(learning, "", voice=mine).json()["code"] == "voice_unknown"
    assert HelpMessage.objects.count() == 1


def test_a_message_with_voice_sent_twice_is_said_once(learning: Learning) -> None:
    id_, voice = str(uuid4()), sent_voice(learning.client)
    assert [ask(learning, "", id=id_, voice=voice).status_code for _ in range(2)] == [201, 200]
    assert ask(learning, "", id=id_).json()["code"] == "help_id_reused"


def test_her_voice_is_heard_by_those_who_may_read_her_alone(learning: Learning, country: Country) -> None:
    ask(learning, "", voice=sent_voice(learning.client))
    url = hers(learning)["messages"][0]["voice"]["url"]
    others = [
        make_person(home=country.larache_centre),
        make_staff("facilitator", country.tetouan),
        make_staff("province_admin", country.larache),
        make_staff("ministry_admin", country.ministry),
    ]
    assert [client_for(other).get(url).status_code for other in others] == [404] * 4
    assert client_for(make_staff("trainer", learning.course.organisation)).get(url).status_code == 200


def test_no_trainer_hears_a_woman_of_a_confidential_centre(country: Country) -> None:
    hidden = begin_learning(country, home=country.shelter)
    client_for(hidden.alice).put("/api/v1/me/help", {"wanted": True}, format="json")
    assert ask(hidden, "", voice=sent_voice(hidden.client)).status_code == 201
    url = hers(hidden)["messages"][0]["voice"]["url"]
    trainer = make_staff("trainer", hidden.course.organisation)
    assert client_for(trainer).get(url).status_code == 404
    inside = make_staff("facilitator", country.shelter)
    assert client_for(inside).get(url).status_code == 200


def test_forgotten_she_takes_both_voices_with_her(learning: Learning, facilitator: Person) -> None:
    ask(learning, "", voice=sent_voice(learning.client))
    reply_by_voice(facilitator)
    keys = set(VoiceNote.objects.values_list("key", flat=True))
    erase_person(person=learning.alice, by=None, reason="asked", at=timezone.now())
    assert not VoiceNote.objects.exists()
    work_off()
    assert not keys & set(storage.sizes("voice/", after="", until="voice/~"))


def test_a_form_of_the_page_brings_her_voice(learning: Learning) -> None:
    browser = browser_for(learning.alice)
    path = f"/my/courses/{learning.course.slug}/help"
    form = {"id": str(uuid4()), "action": "stuck", "text": ""}
    sound = SimpleUploadedFile("voice.wav", tone(0.4), content_type="audio/wav")
    assert browser.post(path, form | {"voice": sound}).status_code == 303
    assert "التسجيل قيد الإعداد" in browser.get(path).content.decode()
    work_off()
    assert "<audio" in browser.get(path).content.decode()
    hour = SimpleUploadedFile("voice.wav", b"\x00" * (LARGEST + 1), content_type="audio/wav")
    refused = browser.post(path, form | {"id": str(uuid4()), "voice": hour})
    assert refused.status_code == 413
    assert HelpMessage.objects.count() == 1


def test_a_sound_that_the_storage_lost_is_not_found(learning: Learning) -> None:
    ask(learning, "", voice=sent_voice(learning.client))
    storage.delete(VoiceNote.objects.get().key)
    assert learning.client.get(hers(learning)["messages"][0]["voice"]["url"]).status_code == 404
