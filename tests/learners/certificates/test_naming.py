"""Before her last quiz she sees her name as it will be printed, and says whether it is right."""

from typing import Any

import pytest

from learners.certificates.models import NameConfirmation
from learners.help.models import HelpMessage, HelpThread
from lms.accounts.models import Person
from tests.cast import Country, browser_for, client_for, make_person
from tests.learners.learning import Learning

NAME = "فاطمة الاختبارية"
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
    assert learning.client.get(path).json() == {"name": NAME, "right": None, "at": None}
    assert client_for(make_person(home=country.larache_centre)).get(path).status_code == 404
