from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from lms.files import services
from lms.files.events import UploadReceived
from lms.files.reasons import TOOK_TOO_LONG
from tasks.base import handler, job


@handler(queue="media", manner="outside", leases=15)
def check_upload(event: UploadReceived) -> None:
    try:
        services.check_upload(upload_id=event.upload_id, at=timezone.now())
    except SoftTimeLimitExceeded:
        services.refuse_upload(upload_id=event.upload_id, code=TOOK_TOO_LONG, at=timezone.now())


@job(queue="media")
def sweep_quarantine() -> None:
    services.sweep_quarantine(at=timezone.now())
