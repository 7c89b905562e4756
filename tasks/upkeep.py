import logging
from typing import Any

from celery.signals import worker_init
from django.utils import timezone

from learners.demonstration.guard import refuse_demonstration_sessions
from lms.audit import services as audit
from lms.upkeep import services as upkeep
from tasks import relay
from tasks.base import job

log = logging.getLogger(__name__)


@worker_init.connect
def refuse_to_work_on_a_demonstration(**_: Any) -> None:
    """Production's workers do not start while a demonstration's token would open its door."""
    refuse_demonstration_sessions()


@job()
def seal_looks() -> None:
    audit.seal_looks(at=timezone.now())


@job()
def forget_what_is_old() -> None:
    upkeep.forget(at=timezone.now())


@job()
def bury_forgotten() -> None:
    at = timezone.now()
    buried, called = relay.bury_forgotten(at=at), relay.call_back(at=at)
    log.log(logging.ERROR if buried else logging.INFO, "deliveries that no handler knew: %d", buried)
    log.log(logging.WARNING if called else logging.INFO, "deliveries of a clock that was ahead: %d", called)
