"""The staff's own site under /admin/: our door, our abilities, Django's lists and forms in the clothes of unfold."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Final, cast

from csp.decorators import csp_update
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from unfold.sites import UnfoldAdminSite

from lms.access.scoping import HasScope
from lms.administration.base import StaffModelAdmin
from lms.pages.page import forbidden, to_sign_in

USE: Final = "admin.use"
# Signing in and out is the door's business (lms/sign_in); the rest looks things up beside what a list shows.
NOT_OURS: Final = frozenset(
    {"login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site", "search"}
)
View = Callable[..., Any]


class StaffSite(UnfoldAdminSite):
    """Who has not signed in is led to the door and back; who has no business here is told so."""

    final_catch_all_view = False
    index_title = _("Administration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what keeps to our rules stands here: other packages bring lists of their own."""
        if admin_class is not None and issubclass(admin_class, StaffModelAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return cast("HasScope", request.user).scope.may(USE)

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # type: ignore[override]  # a plain view
        protected = csp_update(settings.ADMIN_CONTENT_SECURITY_POLICY)(super().admin_view(view, cacheable))

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return to_sign_in(request)
            return protected(request, *args, **kwargs) if self.has_permission(request) else forbidden(request)

        return update_wrapper(guarded, view)

    def get_urls(self) -> Any:
        return [route for route in super().get_urls() if getattr(route, "name", None) not in NOT_OURS]
