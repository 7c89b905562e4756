"""What every list and form of /admin/ keeps to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, cast
from uuid import UUID

from django.contrib import admin
from django.db import models
from django.http import Http404, HttpRequest
from django.urls import URLPattern
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator
from unfold.views import ChangeList

from lms.access.scoping import HasScope, Scope
from lms.accounts.models import Person


@dataclass
class Staff:
    """Whoever asks, narrowed to one ability: what `visible_to` needs of her."""

    scope: Scope
    is_authenticated: bool = True


class PublicIds(ChangeList):
    """Links rows by the id that everyone may know, never by their number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pk_attname = "uuid"


class StaffModelAdmin(ModelAdmin):
    """A list over `rows`, and a form that shows one of them. Nothing is added, changed or removed but through services.

    read     the ability that shows its rows; the list costs two statements, the session's included
    write    the ability that changes them; none: they are only read. A service writes, and keeps the history
    creates  whether new ones are begun here
    shown    what a row says of itself to who only reads it
    asked    the fields of its form, for who may change it
    """

    read: ClassVar[str]
    write: ClassVar[str | None] = None
    creates: ClassVar[bool] = False
    shown: ClassVar[tuple[Any, ...]] = ()
    asked: ClassVar[tuple[Any, ...]] = ()

    paginator = InfinitePaginator  # counts nothing: there may be millions
    show_full_result_count = False
    list_per_page = 50
    ordering = ("-pk",)
    sortable_by = ()
    list_fullwidth = True

    def rows(self, staff: HasScope) -> "models.QuerySet[Any]":
        """Those that she may see, with all that a line shows."""
        raise NotImplementedError

    # who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return person_at(request).scope.may(self.read)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return person_at(request).scope.may(self.read)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if self.write is None or not person_at(request).scope.may(self.write):
            return False
        return obj is None or self.rows(as_staff(request, self.write)).filter(pk=obj.pk).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.creates and self.write is not None and person_at(request).scope.may(self.write)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return self.asked if self._is_hers_to_change(request, obj) else self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[Any, ...]:
        return () if self._is_hers_to_change(request, obj) else self.shown

    def _is_hers_to_change(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)

    # what is hers

    def get_queryset(self, request: HttpRequest) -> "models.QuerySet[Any]":
        return self.rows(as_staff(request, self.read)).order_by(*self.ordering)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        try:
            return self.get_queryset(request).filter(uuid=UUID(object_id)).first()
        except ValueError:
            return None

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> Any:
        """What is not hers is what never was, and is told as everywhere else."""
        raise Http404

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> Any:
        return PublicIds

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        return False  # a list is narrowed by its search alone

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        ours = {f"{name}_changelist", f"{name}_change"} | ({f"{name}_add"} if self.creates else set())
        return [route for route in super().get_urls() if route.name in ours]

    # our history is kept by the services (lms/audit)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any: ...

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """The form's service has written already (`ServiceForm`)."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: Any) -> None: ...

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("Form", (form,), {"request": request})


def person_at(request: HttpRequest) -> Person:
    """Who sits at the browser: nobody gets this far who has not signed in (site.py)."""
    return cast("Person", request.user)


def column(name: str, label: Any, words: Mapping[str, Any] | None = None) -> Any:
    """A column of a list or a line of a form under a label of ours; `words` say what a code means."""

    @admin.display(description=label, boolean=words is None and name.startswith("is_"))
    def read(row: Any) -> Any:
        value = getattr(row, name)
        return words.get(value, value) if words else value

    read.__name__ = name
    return read


def as_staff(request: HttpRequest, ability: str) -> Staff:
    return Staff(person_at(request).scope.narrowed(ability))
