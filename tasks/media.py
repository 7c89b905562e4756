from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from courses.publishing import renditions as publishing
from lms.files import renditions, services
from lms.files.events import RenditionsAsked, RenditionSettled, UploadReceived
from lms.files.reasons import TOOK_TOO_LONG
from tasks.base import handler, job


@handler(queue="media", manner="outside", leases=15)
def check_upload(event: UploadReceived) -> None:
    try:
        services.check_upload(upload_id=event.upload_id, at=timezone.now())
    except SoftTimeLimitExceeded:
        services.refuse_upload(upload_id=event.upload_id, code=TOOK_TOO_LONG, at=timezone.now())


@handler(queue="renditions", manner="outside", leases=45)
def make_renditions(event: RenditionsAsked) -> None:
    try:
        renditions.make_renditions(file_id=event.file_id, at=timezone.now())
    except SoftTimeLimitExceeded:
        renditions.give_up(file_id=event.file_id, code=TOOK_TOO_LONG, at=timezone.now())


@handler()
def weigh_courses(event: RenditionSettled) -> None:
    publishing.weigh_courses(file_id=event.file_id)


@job(queue="media")
def find_renditions() -> None:
    publishing.find_renditions(at=timezone.now())


@job(queue="media")
def sweep_quarantine() -> None:
    services.sweep_quarantine(at=timezone.now())
