from lms.operations.admin import EventDeliveryAdmin
from lms.organisations.admin import OrganisationAdmin

__all__ = ["EventDeliveryAdmin", "OrganisationAdmin"]
