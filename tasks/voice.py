from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from lms.files.reasons import TOOK_TOO_LONG
from lms.voice import services
from lms.voice.events import VoiceForgotten, VoiceReceived
from tasks.base import handler, job


@handler(queue="media", manner="outside")
def check_voice(event: VoiceReceived) -> None:
    try:
        services.check_voice(voice_id=event.voice_id)
    except SoftTimeLimitExceeded:
        services.refuse_voice(voice_id=event.voice_id, code=TOOK_TOO_LONG)


@handler(queue="media", manner="outside")
def remove_sound(event: VoiceForgotten) -> None:
    services.remove_sound(key=event.stored)


@job(queue="media")
def forget_unattached_voices() -> None:
    services.forget_unattached(at=timezone.now())
