"""The Celery application. Only `config` knows it; tasks use `shared_task`.

The outbox's lease is the one recovery path (docs/architecture.md): a message that is lost or a worker that
dies is healed by the next claim, so messages are acknowledged early and never redelivered by the broker.
"""

import os

from celery import Celery
from celery.signals import worker_process_init

from tasks.schedule import SCHEDULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("jisr")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.beat_schedule = SCHEDULE

if "OTEL_EXPORTER_OTLP_ENDPOINT" in os.environ:
    from config.tracing import send_spans

    # After the fork: the exporter's thread would stay behind in the parent.
    worker_process_init.connect(lambda **_: send_spans("jisr-worker"), weak=False)
