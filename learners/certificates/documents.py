"""Handing a document out: the stored one by a signed link; drawn on the spot for a printer that has only black."""

from typing import Final, get_args

from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from learners.certificates.drawing.document import Design, draw
from learners.certificates.models import Certificate
from learners.certificates.services import facts_of
from lms.errors import InvalidInput
from lms.files.storage import DOCUMENT_SECONDS, signed_link

PDF: Final = "application/pdf"
DESIGNS: Final[tuple[Design, ...]] = get_args(Design)


def handed_out(certificate: Certificate, design: str) -> HttpResponse:
    """A drawn certificate in the design that is asked for, the colour one without asking. Refuses others: `invalid`."""
    if design in ("", "colour"):
        return HttpResponseRedirect(signed_link(certificate.key, seconds=DOCUMENT_SECONDS, content_type=PDF))
    if design not in DESIGNS:
        raise InvalidInput.at("/design", "design_unknown", _("There is no such design."))
    answer = HttpResponse(draw(facts_of(certificate), "ink").pdf, content_type=PDF)
    answer["Content-Disposition"] = (
        'inline; filename="document.pdf"'  # a name on a shared phone betrays nothing
    )
    return answer
