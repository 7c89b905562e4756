from django.utils import timezone

from lms.sign_in import codes
from lms.sign_in.events import CodeRequested
from tasks.base import handler


@handler(queue="messages", manner="outside")
def send_code(event: CodeRequested) -> None:
    codes.send_code(challenge_id=event.challenge_id, language=event.language, at=timezone.now())
