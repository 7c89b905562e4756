from learners.certificates.admin import CertificateAdmin
from learners.cohorts.admin import CohortAdmin
from learners.enrolments.admin import EnrolmentAdmin

__all__ = ["CertificateAdmin", "CohortAdmin", "EnrolmentAdmin"]
