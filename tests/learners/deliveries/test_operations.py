"""Failed messages as operators see them: which kind failed why, never whose; and a new life for them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from learners.deliveries.services import send_waiting
from learners.notifications.quiet import NEVER, be_quiet
from lms.accounts.models import Identity, Person
from lms.audit.models import ChangeEntry
from tests.cast import Country, client_for, make_staff
from tests.learners.deliveries.telling import delivery_of, fate, tell_by, woman
from tests.lms.messages.servers import Gateway, accepted, http
from tests.outbox import work_off
from tests.statements import statements

PATH = "/api/v1/operations/messages"


@pytest.fixture
def operator(country: Country) -> APIClient:
    return client_for(make_staff("operator", country.ministry))


@pytest.fixture
def failed(country: Country, gateway: Gateway) -> Person:
    """A woman whose number the gateway refused."""
    gateway.answers = [http("400 Not a number")]
    she = woman(country)
    be_quiet(person=she, quiet=NEVER)
    at = timezone.now() - timedelta(minutes=1)
    tell_by(she, "sms", at=at)
    send_waiting(at=at)
    return she


def listed(operator: APIClient, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = operator.get(PATH, asked).json()["results"]
    return found


def test_a_failed_message_says_what_failed_and_not_whose_it_was(operator: APIClient, failed: Person) -> None:
    [message] = listed(operator)
    assert message | {"id": "", "due_at": "", "created_at": "", "ended_at": ""} == {
        "id": "",
        "kind": "registration_confirmed",
        "channel": "sms",
        "state": "failed",
        "reason": "http 400",
        "attempts": 1,
        "doubts": 0,
        "parts": 0,
        "due_at": "",
        "created_at": "",
        "ended_at": "",
    }
    identity = Identity.objects.get(person=failed)
    told = str(message)
    for secret in (failed.uuid, failed.pseudonym, identity.read("phone"), identity.read("phone")[-9:]):
        assert str(secret) not in told
    assert listed(operator, state="delivered") == []
    assert operator.get(PATH, {"state": "lost"}).status_code == 422


def test_replayed_it_goes_and_who_did_it_is_kept(
    operator: APIClient, failed: Person, gateway: Gateway
) -> None:
    gateway.answers = [accepted()]
    [message] = listed(operator)
    for _ in range(2):
        answer = operator.post(f"{PATH}/{message['id']}/replay")
        assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (200, "waiting", 0)
    work_off()
    assert fate(failed) == {"sms": ("delivered", "")}
    assert len(gateway.received) == 2
    again = operator.post(f"{PATH}/{message['id']}/replay")
    assert again.json()["state"] == "delivered"
    assert ChangeEntry.objects.filter(verb="message.replay").count() == 1


def test_replayed_it_is_judged_again(operator: APIClient, failed: Person, gateway: Gateway) -> None:
    gateway.answers = [accepted()]
    [message] = listed(operator)
    Person.objects.filter(pk=failed.pk).update(is_active=False)
    operator.post(f"{PATH}/{message['id']}/replay")
    work_off()
    assert fate(failed) == {"sms": ("suppressed", "account_closed")}
    assert len(gateway.received) == 1


def test_the_list_costs_the_same_however_long_it_is(
    operator: APIClient, failed: Person, country: Country
) -> None:
    with statements(2):
        assert len(listed(operator)) == 1
    for _ in range(5):
        tell_by(woman(country), "sms")
    with statements(2):
        assert len(listed(operator, state="waiting")) == 5


def test_only_operators_see_or_replay(country: Country, failed: Person) -> None:
    message = delivery_of(failed)
    for role in ("ministry_admin", "auditor", "centre_admin"):
        other = client_for(make_staff(role, country.ministry))
        assert other.get(PATH).status_code == 403
        assert other.post(f"{PATH}/{message.uuid}/replay").status_code == 403
    assert APIClient().get(PATH).status_code == 401
    assert delivery_of(failed).state == "failed"
