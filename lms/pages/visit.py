from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from lms.sign_in.models import Session


class Visit(HttpRequest):
    """A request as our middleware and `Page` leave it. Only for types: Django makes the requests."""

    sign_in: "Session | None"
    roles: frozenset[str]  # all she holds, before the page narrowed her scope to one ability
