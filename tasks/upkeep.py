from django.utils import timezone

from lms.audit import services as audit
from lms.upkeep import services as upkeep
from tasks.base import job


@job()
def seal_looks() -> None:
    audit.seal_looks(at=timezone.now())


@job()
def forget_what_is_old() -> None:
    upkeep.forget(at=timezone.now())
