"""Reading registrations."""

from django.db.models import QuerySet

from lms.access.scoping import HasScope
from lms.organisations.models import Organisation
from lms.registrations.models import Registration


def sent_to(viewer: HasScope, *, state: str) -> QuerySet[Registration]:
    """Registrations in a state that were sent to the very nodes where the viewer works, with who sent them."""
    rows = Registration.objects.visible_to(viewer).filter(state=state)
    return rows.select_related("person__identity", "person__home_organisation", "organisation")


def centre_of(staff: HasScope, code: str) -> Organisation | None:
    """The centre where staff register a woman: the one with this code among their own, or their only one."""
    own = Organisation.objects.filter(is_active=True, path__in=staff.scope.home_paths)
    found = list(own.filter(code=code) if code else own[:2])
    return found[0] if len(found) == 1 else None
