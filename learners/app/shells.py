"""The files that a phone keeps of ours, and the page that it shows without network: nothing in them is personal."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import override

from lms.languages import ARABIC, LANGUAGES
from lms.pages.context import NEUTRAL_NAME

SCRIPTS: Final = ("store", "outbox", "keeping")
FILES: Final = (
    "lms/jisr.css",
    "lms/jisr.js",
    "lms/voice.js",
    "lms/icons.svg",
    "lms/icon.svg",
    "lms/icon-plain.svg",
    *(f"learners/app/{name}.js" for name in (*SCRIPTS, "page", "shell", "speed")),
)
WORKER: Final = "learners/app/worker.js"
TEMPLATE: Final = "learners/app/shell.html"


def shell_names(*, plain: bool) -> dict[str, Any]:
    """What the page says otherwise in discreet mode."""
    return {"discreet": True, "site_name": NEUTRAL_NAME, "site_icon": "lms/icon-plain.svg"} if plain else {}


def kept_files() -> list[str]:
    """The addresses of what is kept: our files, and where quick exit leads."""
    return [*(static(name) for name in FILES), reverse("neutral")]


def shells() -> list[str]:
    """The addresses of the page, one for each language and name; the first is for who has not said."""
    return [
        reverse(name, args=[code])
        for name in ("offline-shell", "offline-plain-shell")
        for code, _ in LANGUAGES
    ]


def script_addresses() -> list[str]:
    """What the service worker runs."""
    return [*(static(f"learners/app/{name}.js") for name in SCRIPTS), static(WORKER)]


@cache
def release() -> str:
    """Changes with anything that a phone keeps: a worker of another release then takes over."""
    digest = hashlib.sha256()
    with override(ARABIC):
        digest.update(render_to_string(TEMPLATE, request=HttpRequest()).encode())
    for name in (*FILES, WORKER):
        digest.update(Path(str(finders.find(name))).read_bytes())
    return digest.hexdigest()[:12]
