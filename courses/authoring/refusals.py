"""What authoring refuses."""

from django.utils.translation import gettext_lazy as _

from lms.errors import Refusal


class SlugTaken(Refusal):
    code = "slug_taken"
    status = 409
    message = _("Another course has this address.")


class PublisherNeeded(Refusal):
    code = "publisher_needed"
    status = 403
    message = _("A publisher of the institution does this.")


class PreconditionRequired(Refusal):
    code = "precondition_required"
    status = 428
    message = _("Say with If-Match which version you changed.")


class ChangedMeanwhile(Refusal):
    code = "changed_meanwhile"
    status = 412
    message = _("Someone changed this meanwhile. Load it again, then make your change.")


class OrderIncomplete(Refusal):
    code = "order_incomplete"
    message = _("The order must name each module and each lesson of the course once.")


class NotForThisKind(Refusal):
    code = "not_for_this_kind"
    message = _("A lesson of this kind has no place for that.")


class UploadRefused(Refusal):
    code = "upload_refused"
    message = _("This file was refused when it was checked. Send another one.")


class CaptionsBroken(Refusal):
    code = "captions_broken"
    message = _("The captions cannot be read at line %(line)s: a time, then the words, then an empty line.")
