"""The address of a video call."""

from typing import Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

HTTPS_ONLY: Final = _("Give an address that begins with https://.")


def is_https(link: str) -> bool:
    """Whether a link may stand on her page: an address of a host by https, without a name and password in it."""
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
