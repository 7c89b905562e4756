from django.utils import timezone

from lms.sign_in import codes
from lms.sign_in.events import CodeRequested
from lms.ways_in import services as ways_in
from lms.ways_in.events import RecoveryOpened
from tasks.base import handler


@handler(queue="messages", manner="outside")
def send_code(event: CodeRequested) -> None:
    codes.send_code(challenge_id=event.challenge_id, language=event.language, at=timezone.now())


@handler(queue="messages", manner="outside")
def tell_recovery_opened(event: RecoveryOpened) -> None:
    ways_in.tell_her(recovery_id=event.recovery_id, at=timezone.now())
