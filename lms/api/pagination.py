"""Keyset pages: no offsets, no counts, the same cost on the last page as on the first."""

from typing import Any

from django.db import models
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class KeysetPages(CursorPagination):
    """`{"results", "next", "previous"}`; `page_size` up to 100. The order ends in something unique."""

    page_size = 50
    max_page_size = 100
    page_size_query_param = "page_size"
    ordering = "-id"

    def __init__(self, ordering: str | tuple[str, ...] = "-id") -> None:
        self.ordering = ordering  # type: ignore[assignment]  # DRF takes a tuple too

    def of(self, queryset: "models.QuerySet[Any, Any]", request: Request) -> list[Any]:
        return list(self.paginate_queryset(queryset, request) or [])

    def answer(self, results: list[Any]) -> dict[str, Any]:
        return {"results": results, "next": self.get_next_link(), "previous": self.get_previous_link()}
