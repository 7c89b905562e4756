"""The pages that belong to no subject: language, quick exit, help, errors, and the style guide of development."""

import calendar
import sys
from typing import Final

from django.conf import settings
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language, override
from django.views.decorators.csrf import csrf_exempt

from lms.api.availability import answer_unavailable
from lms.api.problems import CsrfFailed, Malformed, ServerError, is_api, problem_response
from lms.errors import NotAllowed, NotFound, Refusal
from lms.events.tracing import current_trace
from lms.languages import AMAZIGH, ARABIC, CASABLANCA, ENGLISH, FRENCH, WEEKDAYS, direction, month, supported
from lms.pages import examples, guides
from lms.pages.language import COOKIE
from lms.pages.page import Page

YEAR: Final = 365 * 24 * 3600
SEE_OTHER: Final = 303


@method_decorator(csrf_exempt, name="dispatch")
class ChooseLanguage(Page):
    """POST `language`, `next`: remember the language on this device for a year and go back.

    Needs no CSRF token, so that public pages stay free of cookies; a foreign site's form changes nothing.
    """

    ability = "language.choose"
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        language = supported(request.POST.get("language"))
        response = HttpResponseRedirect(_back(request))
        response.status_code = SEE_OTHER
        if language and not from_elsewhere(request):
            response.set_cookie(
                COOKIE, language, max_age=YEAR, samesite="Lax", httponly=True, secure=request.is_secure()
            )
        return response


def _back(request: HttpRequest) -> str:
    """The page of ours she came from, else the beginning."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if ours and wanted.startswith("/") else "/"


def from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site sent this form (Fetch Metadata; old browsers do not say and are believed)."""
    return request.headers.get("Sec-Fetch-Site", "none") == "cross-site"


# How much of a weekday's name heads a calendar on a phone; Arabic has no short forms.
LETTERS_OF_A_DAY: Final = {FRENCH: 3, ENGLISH: 3, AMAZIGH: 4}


class Neutral(Page):
    """Where quick exit leads: a calendar, as anyone might look at. Names nothing and links nowhere."""

    ability = "language.choose"

    def get(self, request: HttpRequest) -> HttpResponse:
        today = timezone.now().astimezone(CASABLANCA).date()
        language = get_language() or ARABIC
        return render(
            request,
            "lms/neutral.html",
            {
                "title": f"{month(today.month, language)} {today.year}",
                "weekdays": [name[: LETTERS_OF_A_DAY.get(language)] for name in WEEKDAYS[language]],
                "weeks": calendar.monthcalendar(today.year, today.month),
                "today": today.day,
            },
        )


class Help(Page):
    """The guides, two pages for each role."""

    ability = "language.choose"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("lms/help.html", guides=guides.all_guides(get_language() or ARABIC))


class Guide(Page):
    ability = "language.choose"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        guide = guides.read_guide(slug, get_language() or ARABIC)
        if guide is None:
            raise NotFound
        return self.show("lms/guide.html", guide=guide)


class GuidePicture(Page):
    ability = "language.choose"

    def get(self, request: HttpRequest, name: str) -> HttpResponseBase:
        path = guides.picture(name)
        if path is None:
            raise NotFound
        return FileResponse(path.open("rb"), headers={"Cache-Control": "public, max-age=86400"})


class StyleGuide(Page):
    """Every component on one page, to look at; does not exist outside development and tests."""

    ability = "language.choose"

    def get(self, request: HttpRequest) -> HttpResponse:
        if settings.JISR_ENV not in {"development", "test"}:
            raise NotFound
        return self.show("lms/style.html", **examples.everything())


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 — Django names it
    return _error(request, NotFound(), "lms/errors/404.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 — Django names it
    return _error(request, NotAllowed(), "lms/errors/403.html")


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001 — Django names it
    return _error(request, Malformed(), "lms/errors/400.html")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001 — Django names it
    return _error(request, CsrfFailed(), "lms/errors/expired.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page: asks nothing of the database, says the reference under which it is logged; 503 without it."""
    if unavailable := answer_unavailable(request, sys.exception()):
        return unavailable
    if is_api(request):
        return problem_response(ServerError())
    language = getattr(request, "LANGUAGE_CODE", ARABIC)
    with override(language):
        names = {"language": language, "direction": direction(language), "reference": current_trace()}
        return HttpResponse(render_to_string("lms/errors/500.html", names), status=500)


def _error(request: HttpRequest, refusal: Refusal, template: str) -> HttpResponse:
    if is_api(request):
        return problem_response(refusal)
    return render(request, template, status=refusal.status)
