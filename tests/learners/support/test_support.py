"""«I want support with my project»: it lands at her centre and nowhere else, sealed, and is answered there."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from learners.enrolments.models import Enrolment
from learners.enrolments.services import withdraw
from learners.notifications.models import Notification
from learners.personal_data.services import erase_person, export_person
from learners.support.models import SupportRequest
from learners.support.services import SupportTaken, ask_for_support, close_request, take_request
from lms.accounts.models import Person
from lms.accounts.services import set_home
from lms.audit.models import AccessEntry, ChangeEntry
from lms.organisations.models import Organisation
from tests.cast import Country, browser_for, build_country, client_for, make_person, make_staff
from tests.learners.learning import Learning, begin_learning
from tests.outbox import work_off
from tests.statements import statements

WORDS = "أريد أن أبيع الحلويات من البيت"


@pytest.fixture
def learning(country: Country) -> Learning:
    learning = begin_learning(country, first_name="زهرة")
    learning.complete()
    return learning


def ask(learning: Learning, words: str = WORDS, **headers: str) -> Any:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/support"
    return learning.client.post(path, {"words": words}, format="json", headers=headers)


def listed(staff: Person, query: str = "") -> list[dict[str, Any]]:
    answer = client_for(staff).get(f"/api/v1/support-requests{query}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def act(staff: Person, verb: str) -> Any:
    request = SupportRequest.objects.get()
    return client_for(staff).post(f"/api/v1/support-requests/{request.uuid}/{verb}", {}, format="json")


def test_her_centre_reads_who_asks_and_what_she_wrote(country: Country, learning: Learning) -> None:
    assert ask(learning).status_code == 201
    [row] = listed(make_staff("facilitator", country.larache_centre))
    assert (row["name"], row["words"], row["state"]) == ("زهرة الاختبارية", WORDS, "new")
    assert row["course"]["slug"] == learning.course.slug


def test_she_may_ask_without_a_word(country: Country, learning: Learning) -> None:
    assert ask(learning, "").status_code == 201
    assert listed(make_staff("facilitator", country.larache_centre))[0]["words"] == ""
    assert bytes(SupportRequest.objects.get().words) == b""


def test_what_she_wrote_is_sealed_at_rest(learning: Learning) -> None:
    ask(learning)
    with connection.cursor() as cursor:
        cursor.execute("SELECT support_request::text FROM support_request")
        [[row]] = cursor.fetchall()
    assert WORDS not in row
    assert WORDS.encode().hex() not in row
    assert SupportRequest.objects.get().read() == WORDS


def test_asked_twice_she_has_asked_once(learning: Learning) -> None:
    first, second = ask(learning), ask(learning)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    other = ask(learning, "شيء آخر")
    assert (other.status_code, other.json()["code"]) == (409, "support_asked")
    assert SupportRequest.objects.get().read() == WORDS


def test_when_her_request_is_closed_she_may_ask_again(country: Country, learning: Learning) -> None:
    ask(learning)
    act(make_staff("facilitator", country.larache_centre), "close")
    assert ask(learning, "شيء آخر").status_code == 201
    assert SupportRequest.objects.count() == 2


def test_two_open_requests_of_one_enrolment_cannot_be_stored(learning: Learning) -> None:
    ask(learning)
    with pytest.raises(IntegrityError, match="one_open_support_request"), transaction.atomic():
        SupportRequest.objects.create(enrolment=learning.enrolment)


def test_who_has_not_finished_is_told_to_finish_first(country: Country) -> None:
    learning = begin_learning(country)
    answer = ask(learning)
    assert (answer.status_code, answer.json()["code"]) == (409, "course_not_completed")
    assert not SupportRequest.objects.exists()


def test_who_has_no_centre_is_told_to_join_one(country: Country) -> None:
    learning = begin_learning(country, home=None)
    learning.complete()
    answer = ask(learning)
    assert (answer.status_code, answer.json()["code"]) == (409, "no_centre_yet")


def test_another_learner_and_who_has_left_find_nothing_to_ask_on(
    country: Country, learning: Learning
) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}"
    another = client_for(make_person(home=country.larache_centre))
    assert another.post(f"{path}/support", {}, format="json").status_code == 404
    assert another.get(f"{path}/next-steps").status_code == 404
    withdraw(enrolment=learning.enrolment)
    assert ask(learning).status_code == 404


@pytest.mark.parametrize("words", ["ع" * 501, 7.5, ["نص"], None, "a\x00b"])
def test_words_that_cannot_be_kept_are_refused(learning: Learning, words: Any) -> None:
    answer = ask(learning, words)
    if words == 7.5:
        assert answer.status_code == 201  # a number is read as its digits, as everywhere
    else:
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


# who sees it


@pytest.mark.parametrize(
    ("role", "place"),
    [
        ("centre_admin", "ksar_centre"),
        ("facilitator", "ksar_centre"),
        ("province_admin", "larache"),
        ("region_admin", "north"),
        ("ministry_admin", "ministry"),
    ],
)
def test_nobody_above_or_beside_her_centre_learns_of_it(
    country: Country, learning: Learning, role: str, place: str
) -> None:
    ask(learning)
    staff = make_staff(role, getattr(country, place))
    assert listed(staff) == []
    assert act(staff, "take").status_code == act(staff, "close").status_code == 404
    assert SupportRequest.objects.get().state == "new"
    page = browser_for(staff).get("/support-requests").content.decode()
    assert "زهرة" not in page
    assert WORDS not in page


def test_of_a_confidential_centre_only_its_own_staff_learns(country: Country) -> None:
    learning = begin_learning(country, home=country.shelter, first_name="مستورة")
    learning.complete()
    ask(learning)
    work_off()
    for role, place in (("province_admin", country.larache), ("centre_admin", country.larache_centre)):
        staff = make_staff(role, place)
        assert listed(staff) == []
        assert not Notification.objects.filter(person=staff).exists()
    assert [row["name"] for row in listed(make_staff("facilitator", country.shelter))] == [
        "مستورة الاختبارية"
    ]


def test_when_she_moves_her_request_moves_with_her(country: Country, learning: Learning) -> None:
    """A woman who came to a shelter stands on no list of the centre she left."""
    ask(learning)
    before, now = (
        make_staff("facilitator", country.larache_centre),
        make_staff("facilitator", country.shelter),
    )
    assert len(listed(before)) == 1
    set_home(person=learning.alice, organisation=country.shelter)
    assert listed(before) == []
    assert len(listed(now)) == 1
    assert act(before, "take").status_code == 404


def test_who_looked_at_the_list_is_recorded(country: Country, learning: Learning) -> None:
    ask(learning)
    staff = make_staff("facilitator", country.larache_centre)
    listed(staff)
    browser_for(staff).get("/support-requests")
    looks = AccessEntry.objects.filter(surface="support", people__contains=[learning.alice.pk])
    assert looks.count() == 2


# taking and closing


def test_someone_of_her_centre_takes_it_and_she_sees_that(country: Country, learning: Learning) -> None:
    ask(learning)
    mine, colleague = (make_staff("facilitator", country.larache_centre) for _ in range(2))
    assert act(mine, "take").json()["state"] == "taken"
    assert act(mine, "take").status_code == 200  # safe to repeat
    refused = act(colleague, "take")
    assert (refused.status_code, refused.json()["code"]) == (409, "support_taken")
    assert [row["mine"] for row in listed(mine) + listed(colleague)] == [True, False]
    hers = learning.client.get(f"/api/v1/enrolments/{learning.enrolment.uuid}/next-steps").json()
    assert hers["support"]["state"] == "taken"
    assert ChangeEntry.objects.filter(verb="support.take").count() == 1


def test_a_closed_request_leaves_the_list_and_is_taken_no_more(country: Country, learning: Learning) -> None:
    ask(learning)
    staff = make_staff("centre_admin", country.larache_centre)
    assert act(staff, "close").status_code == act(staff, "close").status_code == 200
    assert act(staff, "take").json()["code"] == "support_closed"
    assert listed(staff) == []
    assert [row["state"] for row in listed(staff, "?state=closed")] == ["closed"]
    assert ChangeEntry.objects.filter(verb="support.close").count() == 1


def test_the_list_is_the_oldest_first_and_by_state(country: Country, learning: Learning) -> None:
    ask(learning, "الأولى")
    later = begin_learning(country)
    later.complete()
    ask(later, "الثانية")
    staff = make_staff("facilitator", country.larache_centre)
    assert [row["words"] for row in listed(staff)] == ["الأولى", "الثانية"]
    client_for(staff).post(f"/api/v1/support-requests/{listed(staff)[0]['id']}/take", {}, format="json")
    assert [row["words"] for row in listed(staff, "?state=taken")] == ["الأولى"]
    assert [row["words"] for row in listed(staff, "?state=new")] == ["الثانية"]
    assert client_for(staff).get("/api/v1/support-requests?state=lost").status_code == 422
    page = client_for(staff).get("/api/v1/support-requests?page_size=1").json()
    assert [row["words"] for row in client_for(staff).get(page["next"]).json()["results"]] == ["الثانية"]


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_at_once_do_not_both_have_it() -> None:
    country = build_country()
    learning = begin_learning(country)
    learning.complete()
    request, _new = ask_for_support(enrolment=learning.enrolment, words="", at=timezone.now())
    staff = [make_staff("facilitator", country.larache_centre) for _ in range(2)]
    start, refused = threading.Barrier(2), []

    def take(by: Person) -> None:
        start.wait()
        try:
            take_request(request=request, by=by, at=timezone.now())
        except SupportTaken:
            refused.append(by)
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[by]) for by in staff]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert SupportRequest.objects.get().taken_by in set(staff) - set(refused)


# telling


def administrators(place: Organisation) -> list[Person]:
    return [make_staff("centre_admin", place) for _ in range(2)]


def test_those_who_run_her_centre_are_told_once_and_nobody_else(country: Country, learning: Learning) -> None:
    told, beside = administrators(country.larache_centre), administrators(country.ksar_centre)
    gone = make_staff("centre_admin", country.larache_centre)
    gone.memberships.update(until_date=timezone.localdate() - timedelta(days=1))
    ask(learning)
    work_off()
    work_off()
    rows = Notification.objects.filter(kind="support_asked")
    assert sorted(rows.values_list("person_id", flat=True)) == sorted(person.pk for person in told)
    assert not Notification.objects.filter(person__in=[*beside, gone]).exists()
    assert not rows.exclude(deliveries=None).exists()  # nothing leaves the platform


def test_the_message_names_neither_her_nor_her_words(country: Country, learning: Learning) -> None:
    [staff, _other] = administrators(country.larache_centre)
    ask(learning)
    work_off()
    page = browser_for(staff).get("/messages").content.decode()
    assert 'href="/support-requests"' in page
    assert "زهرة" not in page
    assert WORDS not in page


def test_once_taken_nobody_is_called_any_more(country: Country, learning: Learning) -> None:
    [staff, _other] = administrators(country.larache_centre)
    ask(learning)
    take_request(request=SupportRequest.objects.get(), by=staff, at=timezone.now())
    work_off()
    assert not Notification.objects.filter(kind="support_asked").exists()


def test_a_woman_of_a_province_without_centre_is_answered_there(country: Country) -> None:
    learning = begin_learning(country, home=country.larache)
    learning.complete()
    province = make_staff("province_admin", country.larache)
    ask(learning)
    work_off()
    assert len(listed(province)) == 1
    assert Notification.objects.get(kind="support_asked").person == province


# her data


def test_she_is_given_what_she_wrote_and_it_goes_when_she_goes(learning: Learning) -> None:
    ask(learning)
    [held] = export_person(learning.alice)["held"]["support_request"]
    assert (held["words"], held["state"]) == (WORDS, "new")
    erase_person(person=learning.alice, by=None, reason="", at=timezone.now())
    assert not SupportRequest.objects.exists()


# the staff page


def test_staff_takes_and_closes_on_the_page(country: Country, learning: Learning) -> None:
    ask(learning, f"{WORDS} <script>")
    staff = make_staff("facilitator", country.larache_centre)
    browser = browser_for(staff)
    page = browser.get("/support-requests").content.decode()
    assert f"{WORDS} &lt;script&gt;" in page
    address = f"/support-requests/{SupportRequest.objects.get().uuid}"
    assert browser.post(address, {"action": "take"})["Location"] == "/support-requests"
    colleague = browser_for(make_staff("facilitator", country.larache_centre))
    assert colleague.post(address, {"action": "take"}).status_code == 409
    assert browser.post(address, {"action": "sell"}).status_code == 404
    browser.post(address, {"action": "close"})
    assert WORDS not in browser.get("/support-requests").content.decode()
    assert WORDS in browser.get("/support-requests?closed").content.decode()


def test_a_learner_has_no_list_of_others(learning: Learning) -> None:
    assert learning.client.get("/api/v1/support-requests").status_code == 403
    assert browser_for(learning.alice).get("/support-requests").status_code == 403


# the cost


def test_the_list_costs_the_same_for_one_as_for_many(country: Country, learning: Learning) -> None:
    ask(learning)
    client = client_for(make_staff("facilitator", country.larache_centre))
    client.get("/api/v1/support-requests")
    with statements(3):  # session, requests, the look
        client.get("/api/v1/support-requests")
    for _ in range(3):
        another = begin_learning(country)
        Enrolment.objects.filter(pk=another.enrolment.pk).update(
            completed_at=timezone.now(),
            completed_publication=another.enrolment.publication_id,
            state="completed",
        )
        ask_for_support(enrolment=another.enrolment, words="", at=timezone.now())
    with statements(3):
        client.get("/api/v1/support-requests")


def test_asking_costs_six_statements_and_reading_the_next_steps_three(learning: Learning) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}"
    with statements(6):  # session, enrolment, its lock, open ones, the request, the fact
        learning.client.post(f"{path}/support", {"words": WORDS}, format="json")
    with statements(3):  # session, enrolment with its publication, the request
        learning.client.get(f"{path}/next-steps")


def test_closing_what_a_colleague_took_keeps_who_took_it(country: Country, learning: Learning) -> None:
    ask(learning)
    first, second = (make_staff("facilitator", country.larache_centre) for _ in range(2))
    take_request(request=SupportRequest.objects.get(), by=first, at=timezone.now())
    close_request(request=SupportRequest.objects.get(), by=second, at=timezone.now())
    request = SupportRequest.objects.get()
    assert (request.taken_by, request.closed_by) == (first, second)
