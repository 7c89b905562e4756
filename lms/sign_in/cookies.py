"""A browser's session cookie: the same key an app sends as Bearer, out of the page's reach."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lms.sign_in.sessions import Opened

# What the browser forgets when she signs out. Never "storage": it holds the waiting work of others on this phone.
CLEARED = '"cache", "cookies"'


# That others use this phone too: the next sign-in page says so already and offers no number. Names nobody.
SHARED: Final = "shared"
YEAR: Final = 365 * 24 * 3600


def is_shared(request: HttpRequest) -> bool:
    """Whether somebody said so here; after signing out the address says it, for the browser forgot its cookies."""
    return SHARED in request.COOKIES or SHARED in request.GET


def remember_shared(response: HttpResponse, shared: bool) -> None:
    """Keep what she said about this phone."""
    if shared:
        response.set_cookie(
            SHARED, "1", max_age=YEAR, httponly=True, secure=settings.SECURE_COOKIES, samesite="Lax"
        )
    else:
        response.delete_cookie(SHARED, samesite="Lax")


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


def forget(response: HttpResponse, *, also_storage: bool = False) -> None:
    """Take the key back and empty the browser's cache; with its storage goes the waiting work of all on this phone."""
    response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")
    response["Clear-Site-Data"] = f'{CLEARED}, "storage"' if also_storage else CLEARED
