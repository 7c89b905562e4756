from django.utils import timezone

from courses.reviewing import services
from tasks.base import job


@job()
def publish_due() -> None:
    services.publish_due(at=timezone.now())
