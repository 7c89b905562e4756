"""The one way to make an HTML page: who may see it is named, the rest is parse, call once, present."""

from typing import Any, ClassVar, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from lms.access.policy import ANYONE, roles_with
from lms.access.scoping import HasScope
from lms.errors import Refusal
from lms.pages.visit import Visit


class Page(View):
    """A page for people. `ability` names who may see it (lms/access/policy.py), one for all methods or one each.

    Without an ability nobody may. Who has not signed in is led to `sign-in` and back; who may not gets the page that
    says so. Inside the view `request.user.scope` is narrowed to the ability, so that `.visible_to(request.user)`
    means this page's rows. A Refusal that the view lets pass becomes a page with its status and message.
    """

    ability: ClassVar[str | dict[str, str] | None] = None
    http_method_names = ["get", "post", "head", "options"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        ability = self.ability_for(request)
        user = cast("HasScope", request.user)
        scope = user.scope
        if ability is None or not (ANYONE in roles_with(ability) or scope.may(ability)):
            return forbidden(request) if request.user.is_authenticated else to_sign_in(request)
        cast("Visit", request).roles = scope.roles
        user.scope = scope.narrowed(ability)
        try:
            return super().dispatch(request, *args, **kwargs)
        except Refusal as refusal:
            return refused(request, refusal)

    def ability_for(self, request: HttpRequest) -> str | None:
        if isinstance(self.ability, dict):
            return self.ability.get("GET" if request.method == "HEAD" else str(request.method))
        return self.ability

    def show(self, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """This page, drawn from a template with these names."""
        return render(self.request, template, context, status=status)


def to_sign_in(request: HttpRequest) -> HttpResponseRedirect:
    """To the sign-in page, and back here afterwards."""
    back = request.get_full_path() if request.method == "GET" else request.path
    return HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': back})}")


def forbidden(request: HttpRequest) -> HttpResponse:
    return render(request, "lms/errors/403.html", status=403)


def refused(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as a page: what does not exist for her looks like what never existed."""
    if refusal.status == 404:
        return render(request, "lms/errors/404.html", status=404)
    response = render(request, "lms/errors/refusal.html", {"message": refusal.detail}, status=refusal.status)
    if refusal.retry_after is not None:
        response["Retry-After"] = str(refusal.retry_after)
    return response
