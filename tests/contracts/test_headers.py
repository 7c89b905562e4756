"""What every answer tells a browser, whoever asks for whatever; and what production adds to it."""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from config.embedded.places import PROJECT
from tests.contracts.asking import ask, who_may
from tests.contracts.routes import ROWS, Row
from tests.contracts.world import NOBODY, World

pytestmark = pytest.mark.django_db
TOLD: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
POLICY: Final = {
    "default-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
    "form-action": "'self'",
}
DRAWS_ITSELF: Final = "/api/docs"  # Redoc; the only page with styles of its own
# Alpine works its attributes out as text, and unfold's colours stand in a <style> (docs/decisions/0011-admin.md).
LOOSER: Final = {"/admin/": {"script-src 'self' 'unsafe-eval'", "style-src 'self' 'unsafe-inline'"}}
FOREIGN: Final = "https://elsewhere.example"
# A production process that is asked once and says what it answered.
IN_PRODUCTION: Final = """
import json, django
django.setup()
from django.conf import settings
from django.test import Client
from django.urls import reverse
answer = Client(headers={"X-Forwarded-Proto": "https"}).get("/api/v1/no-such-thing", HTTP_HOST="jisr.example")
print(json.dumps({
    "hsts": answer["Strict-Transport-Security"],
    "debug": settings.DEBUG,
    "session": settings.SESSION_COOKIE,
    "csrf": [settings.CSRF_COOKIE_NAME, settings.CSRF_COOKIE_SECURE, settings.CSRF_COOKIE_HTTPONLY],
    "frames": b"Traceback" in answer.content,
}))
"""


def rows() -> list[Row]:
    """One of each address and method."""
    return list({row.call.partition("?")[0]: row for row in ROWS}.values())


def policy_of(answer: Any) -> dict[str, str]:
    parts = (part.strip().partition(" ") for part in answer["Content-Security-Policy"].split(";"))
    return {name: value for name, _space, value in parts if name}


def faults_of(answer: Any, path: str) -> list[str]:
    wrong = [name for name, value in TOLD.items() if answer.get(name) != value]
    policy = policy_of(answer)
    wrong += [name for name, value in POLICY.items() if policy.get(name) != value]
    loose = {f"{name} {value}" for name, value in policy.items() if "unsafe" in value or "*" in value}
    if not path.startswith(DRAWS_ITSELF):
        wrong += sorted(loose - LOOSER.get(path[: len("/admin/")], set()))
    return wrong


@pytest.mark.parametrize("actor", ["nobody", "who may"])
def test_every_answer_forbids_frames_guesses_and_foreign_scripts(world: World, actor: str) -> None:
    wrong = {}
    for row in rows():
        things = world.things[next(iter(row.rules)) or "alice"]
        answer = ask(world, row, NOBODY if actor == NOBODY else who_may(row), things)
        if faults := faults_of(answer, row.path):
            wrong[row.call] = faults
    assert not wrong


def test_no_other_site_may_read_an_answer(world: World) -> None:
    """Neither before it asks nor afterwards: without these headers browsers keep every answer from it."""
    asked = {"Origin": FOREIGN, "Access-Control-Request-Method": "POST"}
    for path in ("/", "/api/v1/me", "/api/v1/courses", "/api/v1/auth/codes"):
        for method in ("GET", "OPTIONS"):
            answer = world.browser("alice").generic(method, path, headers=asked)
            assert not [name for name in answer.headers if name.startswith("Access-Control-")], (method, path)


def test_trace_gives_nothing_back(world: World) -> None:
    for path in ("/", "/api/v1/me"):
        answer = world.browser("alice").trace(path, headers={"X-Secret": "canary"})
        assert answer.status_code == 405
        assert b"canary" not in answer.content


def test_texts_say_in_which_letters_they_are(world: World) -> None:
    page = world.browser("alice").get("/courses")
    assert page["Content-Type"] == "text/html; charset=utf-8"
    answer = world.browser("alice").get("/api/v1/me")
    assert answer["Content-Type"] == "application/json"  # UTF-8 by RFC 8259, 8.1


def test_one_name_twice_in_a_question_is_one_answer(world: World) -> None:
    """The last one counts, as everywhere in Django; a filter cannot be passed by with a second value."""
    alice = world.browser("centre_admin")
    twice = alice.get("/api/v1/registrations?state=nonsense&state=waiting")
    assert twice.json() == alice.get("/api/v1/registrations?state=waiting").json()
    assert alice.get("/api/v1/registrations?state=waiting&state=nonsense").status_code == 422


def production(**changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "JISR_ENV": "production",
        "PUBLIC_URL": "https://jisr.example",
        "ALLOWED_HOSTS": "jisr.example",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        **changes,
    }
    return subprocess.run(
        [sys.executable, "-c", IN_PRODUCTION],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_in_production_browsers_come_back_by_https_only_and_cookies_belong_to_this_host() -> None:
    ran = production()
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == {
        "hsts": "max-age=63072000; includeSubDomains",
        "debug": False,
        "session": "__Host-session",
        "csrf": ["__Host-csrf", True, True],
        "frames": False,
    }


def test_production_without_https_does_not_start() -> None:
    ran = production(PUBLIC_URL="http://jisr.example")
    assert ran.returncode != 0
    assert "https PUBLIC_URL" in ran.stderr
