"""What a person reads when a file was refused. The codes are those of `lms.files.checks` and of uploading itself."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NEVER_FINISHED: Final = "never_finished"
OBJECT_LOST: Final = "object_lost"
CONTENT_DIFFERS: Final = "content_differs"
CANCELLED: Final = "cancelled"
TOOK_TOO_LONG: Final = "decoder_limit"

_BROKEN = _("The file is damaged or was cut short. Export it again and send it once more.")
_UNSAFE_PDF = _("The PDF carries scripts, forms or other files. Print it to a new PDF and send that.")

REASONS: Final[dict[str, str | Promise]] = {
    NEVER_FINISHED: _("Parts of this file did not arrive within seven days. Send it again."),
    OBJECT_LOST: _("The file did not reach us whole. Send it again."),
    CONTENT_DIFFERS: _("The file was damaged on its way. Send it again."),
    CANCELLED: _("You called this file off."),
    TOOK_TOO_LONG: _("The file could not be checked in the time we allow. Send a shorter or smaller one."),
    "file_broken": _BROKEN,
    "file_empty": _("The file is empty."),
    "file_too_large": _("The file is larger than we can take."),
    "media_too_long": _("The recording is too long. Cut it into lessons."),
    "media_unsafe": _("The recording refers to other files. Export it again as one plain file."),
    "not_a_sound": _("There is no sound in this file."),
    "not_a_video": _("There is no film in this file."),
    "pdf_active_content": _UNSAFE_PDF,
    "pdf_embedded_file": _UNSAFE_PDF,
    "pdf_encrypted": _("The PDF is locked with a password. Send it without."),
    "picture_animated": _("Send a picture that does not move."),
    "picture_too_large": _("The picture has more points than we can take. Make it smaller."),
    "voice_too_long": _("The recording is longer than a minute. Record it again, shorter."),
    "type_mismatch": _("The file is something else than its name says."),
}


def reason(code: str) -> str:
    """The sentence of a code; a code we do not know yet gets the most general one."""
    return str(REASONS.get(code, _BROKEN))
