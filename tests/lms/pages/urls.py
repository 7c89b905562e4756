"""The base's own pages, and stand-ins for the pages that subjects bring."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from lms.errors import NotFound, Refusal
from lms.pages.page import Page
from lms.sign_in.pages import QuickExit


class Start(Page):
    ability = "catalogue.read"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.show("lms/help.html")


class ForOperators(Start):
    ability = "operations.read"


class NamesNothing(Start):
    ability = None


class Refuses(Start):
    def get(self, request: HttpRequest) -> HttpResponse:
        class Full(Refusal):
            code = "full"
            status = 409
            message = "المجموعة ممتلئة"

        raise Full(retry_after=5)


class Hides(Start):
    def get(self, request: HttpRequest) -> HttpResponse:
        raise NotFound


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("boom")


urlpatterns = [
    path("", Start.as_view(), name="home"),
    path("my-courses", Start.as_view(), name="my-courses"),
    path("messages", Start.as_view(), name="messages"),
    path("account", Start.as_view(), name="account"),
    path("completion", Start.as_view(), name="completion"),
    path("sign-in", Start.as_view(), name="sign-in"),
    path("operators", ForOperators.as_view()),
    path("nameless", NamesNothing.as_view()),
    path("refuses", Refuses.as_view()),
    path("hides", Hides.as_view()),
    path("breaks", breaks),
    path("api/breaks", breaks),
    path("exit", QuickExit.as_view(), name="quick-exit"),
    path("", include("lms.pages.urls")),
]
handler400 = "lms.pages.views.malformed"
handler403 = "lms.pages.views.forbidden"
handler404 = "lms.pages.views.not_found"
handler500 = "lms.pages.views.server_error"
