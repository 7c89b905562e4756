"""Before her last quiz she sees her name as it will be printed, and says whether it is right."""

from typing import Any

import pytest
from django.utils import timezone

from learners.certificates.corrections import correct_certificate
from learners.certificates.models import Certificate, NameConfirmation
from learners.certificates.services import facts_of
from learners.help.models import HelpMessage, HelpThread
from lms.accounts.models import Person
from tests.cast import Country, browser_for, client_for, make_person, make_staff
from tests.learners.learning import Learning

NAME = "فاطمة الاختبارية"
LATIN = "Fatima El Ikhtibariya"
SHOWN = "ستحمل شهادتكِ هذا الاسم"


def say(learning: Learning, right: bool) -> Any:  # as she says it
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/name-confirmation"
    return learning.client.put(path, {"right": right}, format="json")


def quiz(learning: Learning) -> str:
    path = f"/my/courses/{learning.course.slug}/lessons/{learning.quiz.uuid}"
    return browser_for(learning.alice).get(path).content.decode()


def test_it_stands_before_her_last_quiz_until_she_has_said_something(learning: Learning) -> None:
    assert SHOWN not in quiz(learning), "two lessons are still to come"
    learning.finish_texts()
    assert SHOWN in quiz(learning)
    assert NAME in quiz(learning)
    form = {"name": "right", "lesson": str(learning.quiz.uuid)}
    answer = browser_for(learning.alice).post(f"/my/courses/{learning.course.slug}/name", form)
    assert answer["Location"].endswith(f"/lessons/{learning.quiz.uuid}")
    assert NameConfirmation.objects.get().right
    assert SHOWN not in quiz(learning)


def test_a_wrong_name_reaches_her_centre_once_also_in_discreet_mode(learning: Learning) -> None:
    Person.objects.filter(pk=learning.alice.pk).update(discreet=True)
    first, again = say(learning, right=False), say(learning, right=False)
    assert first.json() == again.json()
    assert (first.json()["name"], first.json()["right"]) == (NAME, False)
    assert [message.kind for message in HelpMessage.objects.all()] == ["name"]
    assert HelpThread.objects.get().state == "waiting"
    assert say(learning, right=True).json()["right"] is True
    assert HelpMessage.objects.count() == 1


def test_nothing_waits_for_it(learning: Learning) -> None:
    say(learning, right=False)
    assert learning.complete().state == "completed"


@pytest.mark.parametrize("form", [{}, {"name": "perhaps"}])
def test_another_form_says_nothing(learning: Learning, form: dict[str, str]) -> None:
    path = f"/my/courses/{learning.course.slug}/name"
    assert browser_for(learning.alice).post(path, form).status_code == 404
    assert not NameConfirmation.objects.exists()


def test_her_name_is_hers(country: Country, learning: Learning) -> None:
    path = f"/api/v1/enrolments/{learning.enrolment.uuid}/name-confirmation"
    assert learning.client.get(path).json() == {"name": NAME, "latin": "", "right": None, "at": None}
    assert client_for(make_person(home=country.larache_centre)).get(path).status_code == 404


def test_in_latin_letters_too_it_stands_before_her_and_on_the_paper(learning: Learning) -> None:
    learning.finish_texts()
    assert "#id_latin_name" in quiz(learning)
    changed = learning.client.patch("/api/v1/me", {"latin_name": " Fatima  El Ikhtibariya "}, format="json")
    assert changed.json()["latin_name"] == LATIN
    assert LATIN in quiz(learning)
    assert say(learning, right=True).json()["latin"] == LATIN
    learning.complete()
    facts = facts_of(Certificate.objects.get())
    assert (facts.name, facts.name_latin) == (NAME, LATIN)


@pytest.mark.parametrize("name", ["فاطمة", "Fatima 3", "<b>Fatima</b>", "Fatima\u202e"])
def test_other_letters_are_refused_as_latin_ones(learning: Learning, name: str) -> None:
    refused = learning.client.patch("/api/v1/me", {"latin_name": name}, format="json")
    assert refused.json()["code"] in {"not_latin", "invalid", "malformed"}
    assert learning.client.get("/api/v1/me").json()["latin_name"] == ""


def test_a_certificate_is_corrected_for_its_latin_name_too(learning: Learning, country: Country) -> None:
    learning.complete()
    old = Certificate.objects.get()
    learning.client.patch("/api/v1/me", {"latin_name": LATIN}, format="json")
    by = make_staff("centre_admin", country.larache_centre)
    new = correct_certificate(certificate=old, by=by, reason="الحروف اللاتينية", at=timezone.now())
    assert (facts_of(new).name, facts_of(new).name_latin) == (NAME, LATIN)
    assert facts_of(old).name_latin is None


def test_a_new_printed_name_leaves_the_latin_one_and_back(learning: Learning) -> None:
    learning.client.patch("/api/v1/me", {"latin_name": LATIN}, format="json")
    learning.client.patch("/api/v1/me", {"printed_name": "فاطمة الزهراء"}, format="json")
    me = learning.client.get("/api/v1/me").json()
    assert (me["printed_name"], me["latin_name"]) == ("فاطمة الزهراء", LATIN)
