from learners.enrolments.services import move_home
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration
from tasks.base import handler


@handler()
def bring_enrolments_home(event: RegistrationConfirmed) -> None:
    move_home(learner=Registration.objects.select_related("person").get(pk=event.registration_id).person)
