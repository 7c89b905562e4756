"""The platform as an app on her phone: its service worker, its name and icon, and the page without network."""

from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from learners.app.shells import TEMPLATE, kept_files, release, script_addresses, shell_names, shells
from learners.classroom.queries import enrolment_in, standing_of
from lms.accounts.models import Person
from lms.errors import NotFound
from lms.languages import direction, supported
from lms.pages.page import Page

ICONS = (("192x192", "icon-192"), ("512x512", "icon-512"))


class ServiceWorker(Page):
    """The script that every page registers; browsers look for a newer one at each visit."""

    ability = "page.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        told = {"RELEASE": release(), "FILES": kept_files(), "SHELLS": shells()}
        lines = [f"const {name} = {orjson.dumps(value).decode()};" for name, value in told.items()]
        scripts = orjson.dumps(script_addresses()).decode()
        script = "\n".join([*lines, f"importScripts(...{scripts});", ""])
        return HttpResponse(
            script, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"}
        )


class Shell(Page):
    """The page that is shown without network. Kept on phones: the same for everyone who reads its language."""

    ability = "page.read"

    def get(self, request: HttpRequest, language: str, *, plain: bool = False) -> HttpResponse:
        if supported(language) != language:
            raise NotFound
        with override(language):
            response = self.show(TEMPLATE, **shell_names(plain=plain))
        response["Content-Language"] = language
        response["Cache-Control"] = "no-cache"
        return response


class AppManifest(Page):
    """How the platform stands among a phone's apps (W3C Web Application Manifest); in discreet mode neutrally."""

    ability = "page.read"

    def get(self, request: HttpRequest, language: str, *, plain: bool = False) -> HttpResponse:
        if supported(language) != language:
            raise NotFound
        with override(language):
            name = pgettext("the platform in discreet mode", "Courses") if plain else _("Jisr")
        answer = JsonResponse(
            _manifest(name, language, plain=plain), content_type="application/manifest+json"
        )
        answer["Cache-Control"] = "no-cache"
        return answer


def _manifest(name: str, language: str, *, plain: bool) -> dict[str, Any]:
    end = "-plain" if plain else ""
    drawn = [
        {"src": static(f"lms/{file}{end}.png"), "sizes": sizes, "type": "image/png"} for sizes, file in ICONS
    ]
    return {
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "name": name,
        "short_name": name,
        "lang": language,
        "dir": direction(language),
        "background_color": "#FBF9F4",
        "theme_color": "#FFFFFF",
        "icons": [{"src": static(f"lms/icon{end}.svg"), "sizes": "any", "type": "image/svg+xml"}, *drawn],
    }


class KeepCourse(Page):
    """Keep a course, or a part of it, on this phone; see what is kept, and let it go."""

    ability = "lesson.read"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        standing = standing_of(enrolment_in(cast("Person", request.user), slug), at=timezone.now())
        return self.show("learners/app/keep.html", standing=standing, up=reverse("course", args=[slug]))
