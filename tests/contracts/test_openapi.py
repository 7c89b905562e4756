"""The API's description is a checked-in file: what it says is a promise to clients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import URLResolver, get_resolver
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiYamlRenderer
from rest_framework.views import APIView

from lms.access.policy import POLICY

SNAPSHOT = Path(__file__).with_name("openapi.yaml")
# The promise of the spine: these addresses and methods stay.
SPINE = """
GET /courses, GET /courses/{slug}, GET /courses/{slug}/outline,
GET /courses/{slug}/publications/{number}/outline/{language},
POST /registrations, GET /registrations, POST /registrations/{registration_id}/confirm,
POST /registrations/{registration_id}/decline, POST /enrolments, GET /enrolments, GET /enrolments/{enrolment_id},
GET /enrolments/{enrolment_id}/progress, GET /enrolments/{enrolment_id}/eligibility, POST /progress/events,
POST /enrolments/{enrolment_id}/lessons/{lesson_id}/attempts, PUT /attempts/{attempt_id}/answers,
POST /attempts/{attempt_id}/submit, GET /certificates, GET /certificates/{certificate_id},
GET /certificates/{certificate_id}/document, GET /verify/{code}, GET /notifications,
POST /notifications/{notification_id}/read, GET /notification-preferences, PUT /notification-preferences, GET /me,
PATCH /me, POST /authoring/courses, POST /authoring/courses/{slug}/modules, POST /authoring/modules/{module_id}/lessons,
PUT /authoring/lessons/{lesson_id}/variants/{language}, POST /authoring/courses/{slug}/publications,
GET /authoring/courses/{slug}/publications/impact, POST /uploads, POST /uploads/{upload_id}/complete,
GET /uploads/{upload_id}, GET /organisations, GET /organisations/{code}, GET /reports/completion,
GET /reports/completion/learners, POST /people/reveal, POST /certificates/{certificate_id}/revoke,
GET /operations/events, POST /operations/events/{delivery_id}/replay, POST /auth/codes, POST /auth/sessions,
GET /auth/sessions, DELETE /auth/sessions/{session_id}, DELETE /auth/sessions/current, DELETE /auth/sessions/all
"""


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    document: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    return document


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", operation


def test_the_snapshot_is_what_the_code_says(schema: dict[str, Any]) -> None:
    written = OpenApiYamlRenderer().render(schema, renderer_context={})
    assert yaml.safe_load(SNAPSHOT.read_text()) == yaml.safe_load(written), (
        "run `make schema` and read the difference"
    )


def test_the_spine_stands(schema: dict[str, Any]) -> None:
    promised = {
        " ".join(entry.split()).replace(" /", " /api/v1/", 1) for entry in SPINE.split(",") if entry.strip()
    }
    assert promised <= {name for name, _ in operations(schema)}


def test_every_operation_says_what_it_is_and_who_may(schema: dict[str, Any]) -> None:
    wanting = [
        name
        for name, operation in operations(schema)
        if not operation.get("summary") or operation.get("x-ability") not in POLICY
    ]
    assert not wanting


def test_every_operation_lists_the_refusals_it_can_give(schema: dict[str, Any]) -> None:
    for name, operation in operations(schema):
        codes = {code for answer in operation["responses"].values() for code in answer.get("x-codes", ())}
        assert "unavailable" in codes, name
        assert ("not_found" in codes) == ("{" in name or "not_found" in codes), name


def views(resolver: URLResolver) -> Iterator[type[APIView]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern)
        elif (view := getattr(pattern.callback, "cls", None)) and view.__module__.endswith(".api"):
            yield view


def test_every_creating_post_outside_the_door_can_be_sent_twice() -> None:
    """`Idempotency-Key` is accepted wherever a POST creates; the door has its own rules."""
    bare = {
        f"{view.__module__}.{view.__name__}"
        for view in views(get_resolver())
        if (post := getattr(view, "post", None)) and not getattr(post, "idempotent", False)
    }
    assert bare <= REPEATABLE_BY_NATURE


# These POSTs need no key: repeated they change nothing more, and the door has its own rules.
REPEATABLE_BY_NATURE = {
    "learners.progress.api.ProgressEvents",
    "learners.facilitated.api.SessionCancellation",
    "courses.reviewing.api.ReviewApproval",  # decided once
    "courses.reviewing.api.ReviewReturn",
    "courses.authoring.reuse_api.LessonRenewal",  # If-Match: done once
    "courses.authoring.reuse_api.LessonRestoring",
    "learners.help.api.HelpAnswers",  # each message has an id of its own
    "learners.help.api.HelpClosing",
    "learners.help.api.HelpMessages",
    "learners.help.api.HelpNumber",
    "learners.notifications.api.NotificationRead",
    "learners.support.api.SupportClosing",
    "learners.support.api.SupportTaking",
    "lms.accounts.api.PeopleReveal",
    "lms.files.api.UploadCheck",
    "lms.files.api.UploadParts",
    "lms.registrations.api.RegistrationConfirmation",
    "lms.registrations.api.RegistrationRefusal",
    "lms.sign_in.api.Codes",
    "lms.sign_in.api.Sessions",
    "lms.sign_in.proof_api.MyNumber",
    "lms.sign_in.proof_api.Proof",
    "lms.sign_in.proof_api.ProofCodes",
    "lms.ways_in.api.CardRelease",
    "lms.ways_in.api.RecoveryNumber",
    "lms.ways_in.api.RecoverySignature",
}
