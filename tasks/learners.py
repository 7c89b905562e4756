from django.utils import timezone

from learners.enrolments.services import move_home
from learners.events import MoveBegun, PersonErased
from learners.moving import services as moving
from learners.personal_data import services as personal_data
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration
from tasks.base import handler


@handler()
def bring_enrolments_home(event: RegistrationConfirmed) -> None:
    move_home(learner=Registration.objects.select_related("person").get(pk=event.registration_id).person)


@handler(manner="outside", leases=10)
def move_learners(event: MoveBegun) -> None:
    while moving.move_some(move_id=event.move_id, at=timezone.now()):
        pass  # each step is a transaction of its own: a worker that dies loses none


@handler(manner="outside")
def remove_documents(event: PersonErased) -> None:
    personal_data.remove_documents(event.documents)
