"""Figures for operators: counted by route, kept from everyone else, true of the outbox."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lms.events.models import EventDelivery, StoredEvent
from tests.servers import BreakableServers

pytestmark = pytest.mark.django_db


def figures(client: APIClient) -> dict[str, float]:
    """Each sample of the exposition by its name with labels."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _space, value in (line.rpartition(" ") for line in lines)}


def test_requests_are_counted_by_route_and_never_by_what_they_name(client: APIClient) -> None:
    name = 'jisr_http_requests_total{method="GET",route="api/v1/verify/<str:code>",status="200"}'
    before = figures(client).get(name, 0)
    client.get("/api/v1/verify/SECRETCODE")
    after = figures(client)
    assert after[name] == before + 1
    assert not any("SECRETCODE" in sample for sample in after)


def test_the_outbox_shows_what_is_open_dead_and_how_old(client: APIClient) -> None:
    at = timezone.now()
    told = StoredEvent.objects.create(topic="x", key="x", payload={}, created_at=at - timedelta(minutes=10))
    EventDelivery.objects.create(event=told, handler="draw", due_at=at)
    EventDelivery.objects.create(event=told, handler="tell", due_at=at, dead_at=at)
    seen = figures(client)
    assert seen['jisr_deliveries_open{handler="draw"}'] == 1
    assert seen['jisr_deliveries_dead{handler="tell"}'] == 1
    assert 600 <= seen['jisr_delivery_oldest_seconds{handler="draw"}'] < 700


def test_queues_are_counted_and_left_out_while_the_broker_is_down(
    client: APIClient, servers: BreakableServers
) -> None:
    assert figures(client)['jisr_queue_messages{queue="certificates"}'] >= 0
    servers.valkey.kill()
    assert not any(name.startswith("jisr_queue_messages") for name in figures(client))


@pytest.mark.parametrize("address", ["10.1.2.3", "2001:db8::1", "nonsense"])
def test_for_everyone_else_there_are_no_figures(client: APIClient, address: str) -> None:
    answer = client.get("/metrics", REMOTE_ADDR=address)
    assert answer.status_code == 404
    assert b"jisr_http" not in answer.content
