from learners.enrolments.services import move_home
from learners.events import PersonErased
from learners.personal_data import services as personal_data
from lms.registrations.events import RegistrationConfirmed
from lms.registrations.models import Registration
from tasks.base import handler


@handler()
def bring_enrolments_home(event: RegistrationConfirmed) -> None:
    move_home(learner=Registration.objects.select_related("person").get(pk=event.registration_id).person)


@handler(manner="outside")
def remove_documents(event: PersonErased) -> None:
    personal_data.remove_documents(event.documents)
