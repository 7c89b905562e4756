from django.conf import settings
from django.utils import timezone

from learners.events import RowsWaiting
from learners.imports import services
from tasks.base import handler, job

# Well within the lease: a step that ends by itself is told on, one that is cut off is tried again.
STEP = settings.DELIVERY_LEASE / 3


@handler(queue="imports", manner="outside")
def work_off_import(event: RowsWaiting) -> None:
    services.work_off(import_id=event.import_id, at=timezone.now(), patience=STEP)


@job(queue="imports")
def forget_imported_rows() -> None:
    services.forget_rows(at=timezone.now())
