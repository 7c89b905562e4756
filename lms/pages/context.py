"""What every page knows: its language and direction, who reads it, and where she can go."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from lms.access.policy import (
    AUDITOR,
    CENTRE_ADMIN,
    FACILITATOR,
    MINISTRY_ADMIN,
    OPERATOR,
    PROVINCE_ADMIN,
    PUBLISHER,
    REGION_ADMIN,
    TRAINER,
)
from lms.accommodations import CAPTIONS, LARGE_TEXT, accommodations_of
from lms.languages import ARABIC, LANGUAGES, direction


@dataclass(frozen=True)
class Section:
    """One place of the product: the name of its URL, its sign and its word, and the roles that see it (none: all)."""

    url_name: str
    icon: str
    word: str | Promise
    roles: frozenset[str] = frozenset()

    def link(self, path: str) -> dict[str, Any] | None:
        """What a page needs to draw it, or None while the product has no such page."""
        try:
            url = reverse(self.url_name)
        except NoReverseMatch:
            return None
        here = path == url or (url != "/" and path.startswith(f"{url}/"))
        return {"url": url, "icon": self.icon, "word": self.word, "here": here}


NEUTRAL_NAME: Final = pgettext_lazy("the platform in discreet mode", "Courses")
SECTIONS: Final = (
    Section("home", "home", _("Home")),
    Section("my-courses", "lessons", _("My courses")),
    Section("messages", "messages", _("My messages")),
    Section("account", "account", _("My account")),
)
CENTRE: Final = frozenset({FACILITATOR, CENTRE_ADMIN})
ABOVE: Final = frozenset({PROVINCE_ADMIN, REGION_ADMIN, MINISTRY_ADMIN})
STAFF_SECTIONS: Final = (
    Section("completion", "chart", _("Completion"), CENTRE | ABOVE | {AUDITOR}),
    Section("registrations", "people", _("Registrations"), CENTRE | ABOVE),
    Section("ways-in", "lock", _("Cards"), CENTRE),
    Section("recoveries", "lock", _("Lost ways in"), CENTRE | ABOVE),
    Section("help-requests", "help", _("Waiting for help"), CENTRE | {TRAINER}),
    Section("support-requests", "messages", _("Projects"), CENTRE),
    Section("sessions", "clock", _("Sessions"), CENTRE),
    Section("attestations", "done", _("Recorded at the centre"), CENTRE | {PROVINCE_ADMIN}),
    Section("imports", "document", _("Lists"), ABOVE | {CENTRE_ADMIN}),
    Section("authoring", "text", _("Write courses"), frozenset({TRAINER, PUBLISHER})),
    Section("operations", "clock", _("Operations"), frozenset({OPERATOR})),
    Section(
        "admin:index",
        "lessons",
        _("Administration"),
        CENTRE | ABOVE | {AUDITOR, TRAINER, PUBLISHER, OPERATOR},
    ),
)


def page(request: HttpRequest) -> dict[str, Any]:
    """The context of every template (settings.TEMPLATES). Costs no SQL statement beyond who is signed in."""
    language = get_language() or ARABIC
    user = getattr(request, "user", None)
    person = user if user is not None and user.is_authenticated else None
    roles = roles_of(request)
    discreet = bool(getattr(person, "discreet", False))
    eased = accommodations_of(person) if person else frozenset()
    return {
        "language": language,
        "large_text": LARGE_TEXT in eased,
        "captions_on": CAPTIONS in eased,
        "direction": direction(language),
        "languages": [{"code": code, "name": name, "dir": direction(code)} for code, name in LANGUAGES],
        "person": person,
        "discreet": discreet,
        "staff": bool(roles),
        "site_name": NEUTRAL_NAME if discreet else _("Jisr"),
        "site_icon": "lms/icon-plain.svg" if discreet else "lms/icon.svg",
        "sections": [link for section in SECTIONS if (link := section.link(request.path))],
        "staff_sections": [
            link
            for section in STAFF_SECTIONS
            if section.roles & roles and (link := section.link(request.path))
        ],
        "here": request.get_full_path() if request.method == "GET" else request.path,
    }


def roles_of(request: HttpRequest) -> frozenset[str]:
    """All roles she holds, also on a page that narrowed her scope to one ability."""
    kept: frozenset[str] | None = getattr(request, "roles", None)
    scope = getattr(getattr(request, "user", None), "scope", None)
    return kept if kept is not None else getattr(scope, "roles", frozenset())
