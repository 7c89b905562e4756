"""What the pages tell the scripts of a phone that goes without network. `{% load app %}`."""

from typing import Any, Final

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from learners.app.keys import owner_of
from lms.languages import ARABIC

register = template.Library()

# A number of each plural category of Unicode's CLDR; Arabic has all of them.
CATEGORIES: Final = {"zero": 0, "one": 1, "two": 2, "few": 3, "many": 11, "other": 100}
PLACE: Final = "{n}"
STEP_ICONS: Final = {
    "centre": "place",
    "auto_entrepreneur": "account",
    "cooperative": "people",
    "funding": "chart",
    "other": "arch",
}


@register.simple_tag
def waiting_forms() -> SafeString:
    """«3 things are waiting to be sent», as attributes `data-one` … `data-other` with {n} for the number."""
    forms = (
        (
            category,
            ngettext(
                "%(count)s thing is waiting to be sent.", "%(count)s things are waiting to be sent.", number
            ).replace("%(count)s", PLACE),
        )
        for category, number in CATEGORIES.items()
    )
    return format_html_join(" ", 'data-{}="{}"', forms)


@register.filter
def step_icon(kind: str) -> str:
    """The icon's name for a kind of next step: `{% icon step.kind|step_icon %}`."""
    return STEP_ICONS.get(kind, "arch")


@register.simple_tag
def size_pattern() -> str:
    """`{n} MB` in the page's language, for sizes that only the phone knows."""
    return gettext("%(size)s MB") % {"size": PLACE}


@register.simple_tag
def count_pattern() -> str:
    """`{done} of {total}` in the page's language, for what only the phone can count."""
    return gettext("%(done)s of %(total)s") % {"done": "{done}", "total": "{total}"}


@register.simple_tag(takes_context=True)
def app_scripts(context: dict[str, Any]) -> SafeString:
    """The scripts of a learner's page: who reads it, and which page this phone shows without network."""
    person = context.get("person")
    shell = "offline-plain-shell" if context.get("discreet") else "offline-shell"
    told = {
        "owner": owner_of(person) if person else "",
        "shell": reverse(shell, args=[context.get("language", ARABIC)]),
    }
    attributes = format_html_join("", ' data-{}="{}"', told.items())
    names = ("store", "outbox", "keeping", "page")
    return format_html_join(
        "",
        '<script src="{}" defer{}></script>',
        ((static(f"learners/app/{name}.js"), attributes if name == "page" else "") for name in names),
    )
