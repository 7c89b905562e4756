"""Work for the workers of our own side: `python -m tests.bench.orders certificates|import FIRST COUNT`.

Runs on the database of a bench run and returns when the work is ordered, not when it is done.
"""

import csv
import io
import sys
from typing import Final

import django

django.setup()

from django.db import transaction  # noqa: E402  # models need the apps above
from django.utils import timezone  # noqa: E402

from learners.certificates.services import issue_certificates  # noqa: E402
from learners.enrolments.models import Enrolment, EnrolmentState  # noqa: E402
from learners.imports.services import NewList, send_list  # noqa: E402
from lms.accounts.models import Person  # noqa: E402
from lms.organisations.models import Membership, Organisation  # noqa: E402
from lms.organisations.queries import scope_of  # noqa: E402

HEADER: Final = ("الاسم الشخصي", "الاسم العائلي", "الهاتف", "سنة الازدياد")
READ_WITH: Final = ("learner__identity", "learner__home_organisation__centre_type", "course", "publication")


@transaction.atomic
def certificates(first: int, count: int) -> None:
    """Complete the enrolments of so many learners on course 2 … and give each its certificate, still to be drawn."""
    at = timezone.now()
    chosen = Enrolment.objects.exclude(state=EnrolmentState.COMPLETED).filter(
        course_id__gt=1, certificates=None
    )
    enrolments = list(
        chosen.select_related(*READ_WITH, "course__organisation", "organisation")[first : first + count]
    )
    for enrolment in enrolments:
        enrolment.state, enrolment.percent = EnrolmentState.COMPLETED, 100
        enrolment.completed_at, enrolment.completed_publication = at, enrolment.publication
    Enrolment.objects.bulk_update(enrolments, ["state", "percent", "completed_at", "completed_publication"])
    issue_certificates([(enrolment, at) for enrolment in enrolments])


def import_list(first: int, count: int) -> None:
    """Send a list of so many women nobody knows yet, in the name of the first centre's administrator."""
    centre, at = Organisation.objects.get(code="c1"), timezone.now()
    by = Person.objects.get(pk=Membership.objects.get(organisation=centre, role="centre_admin").person_id)
    by.scope = scope_of(by, at=at).narrowed("learner.import")
    sent = NewList(name="list.csv", file=io.BytesIO(_csv(first, count)), organisation=centre)
    send_list(sent=sent, by=by, at=at)


def _csv(first: int, count: int) -> bytes:
    target = io.StringIO()
    rows = csv.writer(target)
    rows.writerow(HEADER)
    rows.writerows(
        ("فاطمة", f"المستوردة {n}", f"06{n:08}", 1960 + n % 40) for n in range(first, first + count)
    )
    return target.getvalue().encode()


ORDERS: Final = {"certificates": certificates, "import": import_list}

if __name__ == "__main__":
    ORDERS[sys.argv[1]](*map(int, sys.argv[2:]))
