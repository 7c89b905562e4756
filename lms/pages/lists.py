"""Lists that are longer than a page."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from rest_framework.exceptions import NotFound as NoSuchPage
from rest_framework.request import Request

from lms.api.pagination import KeysetPages
from lms.errors import NotFound


def page_of(
    rows: "QuerySet[Any, Any]", request: HttpRequest, *, ordering: str | tuple[str, ...] = "-id"
) -> tuple[list[Any], str | None]:
    """One page of a list and the address of the next, if there is one. `NotFound` for an address that is not ours."""
    pages = KeysetPages(ordering)
    try:
        return pages.of(rows, Request(request)), pages.get_next_link()
    except NoSuchPage as error:
        raise NotFound from error
