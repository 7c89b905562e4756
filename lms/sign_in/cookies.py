"""A browser's session cookie: the same key an app sends as Bearer, out of the page's reach."""

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone

from lms.sign_in.sessions import Opened

# What the browser forgets when she signs out. Never "storage": it holds the waiting work of others on this phone.
CLEARED = '"cache", "cookies"'


def keep_signed_in(response: HttpResponse, opened: Opened) -> None:
    """Give the browser its key. On a shared device it forgets it when it is closed."""
    session = opened.session
    lifetime = None if session.shared_device else int((session.expires_at - timezone.now()).total_seconds())
    response.set_cookie(
        settings.SESSION_COOKIE,
        opened.token,
        max_age=lifetime,
        httponly=True,
        secure=settings.SECURE_COOKIES,
        samesite="Lax",
    )


def forget(response: HttpResponse) -> None:
    """Take the key back and empty the browser's cache."""
    response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")
    response["Clear-Site-Data"] = CLEARED
