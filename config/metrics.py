"""`GET /metrics` for Prometheus: what was counted, and what stands in the outbox and its queues at this moment.

Text exposition format 0.0.4. Only callers from OPERATIONS_NETWORKS get an answer; for all others it does not exist.
"""

import ipaddress
import os
from collections.abc import Iterator
from typing import Final

from django.conf import settings
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views import View
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from lms.operations.queues import waiting_messages
from lms.sign_in.addresses import UNKNOWN, address_of

NETWORKS: Final = [ipaddress.ip_network(network) for network in settings.OPERATIONS_NETWORKS]

OUTBOX: Final = """
SELECT handler, count(*) FILTER (WHERE dead_at IS NULL), count(*) FILTER (WHERE dead_at IS NOT NULL),
       COALESCE(extract(epoch FROM %s - min(event.created_at) FILTER (WHERE dead_at IS NULL)), 0)::float
  FROM event_delivery JOIN event ON event.id = event_delivery.event_id
 WHERE done_at IS NULL GROUP BY handler
"""


class Outbox(Collector):
    """Open and dead deliveries by handler, and how long the oldest open one has waited."""

    def collect(self) -> Iterator[Metric]:
        still_open = GaugeMetricFamily("jisr_deliveries_open", "Deliveries not done", labels=["handler"])
        dead = GaugeMetricFamily("jisr_deliveries_dead", "Deliveries given up", labels=["handler"])
        oldest = GaugeMetricFamily(
            "jisr_delivery_oldest_seconds", "Age of the oldest open fact", labels=["handler"]
        )
        with connection.cursor() as cursor:
            cursor.execute(OUTBOX, [timezone.now()])
            for handler, count, given_up, seconds in cursor.fetchall():
                still_open.add_metric([handler], count)
                dead.add_metric([handler], given_up)
                oldest.add_metric([handler], seconds)
        yield from (still_open, dead, oldest)


class Queues(Collector):
    """Messages in each queue; no sample while the broker does not answer."""

    def collect(self) -> Iterator[Metric]:
        waiting = GaugeMetricFamily(
            "jisr_queue_messages", "Messages that wait for a worker", labels=["queue"]
        )
        for queue, messages in (waiting_messages() or {}).items():
            waiting.add_metric([queue], messages)
        yield waiting


class Metrics(View):
    def get(self, request: HttpRequest) -> HttpResponse:
        if not is_operations(address_of(request)):
            raise Http404
        return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)


def is_operations(address: str) -> bool:
    """Whether an address belongs to the networks that may read figures."""
    if address == UNKNOWN:
        return False
    return any(ipaddress.ip_address(address) in network for network in NETWORKS)


def exposition() -> bytes:
    """Everything counted by the processes of this machine, then the state of outbox and queues."""
    here = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(here)  # type: ignore[no-untyped-call]  # the library has no types for it
    here.register(Outbox())
    here.register(Queues())
    counted = b"" if "PROMETHEUS_MULTIPROC_DIR" in os.environ else generate_latest(REGISTRY)
    return counted + generate_latest(here)
