"""The API fuzzed out of its own description: whoever asks whatever, the answer is one that the description promises.

Schemathesis makes the requests, right ones and wrong ones; everyone there is sends some of each address. Every answer
must have a documented status, the documented type and the documented shape, and none may be a failure of ours.
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lms.sign_in.models import RateBucket
from tests.contracts.asking import savepoint
from tests.contracts.openapi import document
from tests.contracts.world import NOBODY, World

pytestmark = pytest.mark.django_db
EXAMPLES: Final = int(os.environ.get("FUZZING_EXAMPLES", "3"))
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# One of each role, and whoever has none.
ASKING: Final = (
    NOBODY,
    "proven",
    "alice",
    "facilitator",
    "partner",
    "centre_admin",
    "province_admin",
    "region_admin",
    "ministry_admin",
    "auditor",
    "operator",
    "trainer",
    "publisher",
)
# Parameter of a path → what it names in the world, where that is called otherwise.
NAMED: Final = {
    "slug": ("course", "draft", "closed"),
    "lesson_id": ("lesson", "quiz", "draft_lesson", "closed_lesson"),
    "module_id": ("draft_module",),
    "attempt_id": ("attempt", "attempt_given"),
    "message_id": ("letter", "message"),
    "code": ("code", "home"),
}
FIXED: Final = {"number": 1, "version": 1, "language": "ar"}


@pytest.fixture(autouse=True)
def connection_stays() -> Iterator[None]:
    """Between requests the connection is kept, as Django's test client keeps it: the world is in its transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@schemathesis.serializer("audio/*")
def as_sound(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else b"RIFF"


def description() -> Any:
    schema = schemathesis.openapi.from_dict(document())
    schema.app = get_wsgi_application()
    return schema


SCHEMA: Final = description()
OPERATIONS: Final = [found.ok() for found in SCHEMA.get_all_operations()]


def names_of_things(parameter: str) -> tuple[str, ...]:
    return NAMED.get(parameter, (parameter.removesuffix("_id"),))


@st.composite
def cases(draw: st.DrawFn, operation: Any) -> tuple[Any, dict[str, Any]]:
    """A request, and which of Alice's things its path names; about every third names something made up."""
    modes = schemathesis.GenerationMode
    case = draw(
        st.one_of(operation.as_strategy(generation_mode=mode) for mode in (modes.POSITIVE, modes.NEGATIVE))
    )
    made_up = draw(st.integers(0, 2)) == 0
    chosen = {
        name: FIXED.get(name) or f"{{{draw(st.sampled_from(names_of_things(name)))}}}"
        for name in case.path_parameters or ()
    }
    return case, {} if made_up else chosen


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_every_answer_is_one_that_is_described(world: World, operation: Any) -> None:
    wrong: dict[str, str] = {}
    asked: list[Any] = []

    @given(cases(operation))
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(made: tuple[Any, dict[str, Any]]) -> None:
        case, named = made
        things = world.things["alice"]
        for name, value in named.items():
            case.path_parameters[name] = value.format(**things) if isinstance(value, str) else value
        for actor in ASKING[len(asked) % EXAMPLES :: EXAMPLES]:
            wrong.update(mistakes(world, case, actor))
        asked.append(case)

    ask()
    for place in range(len(asked), EXAMPLES):  # there were no more requests to make
        for actor in ASKING[place::EXAMPLES]:
            wrong.update(mistakes(world, asked[-1], actor))
    assert not wrong, "\n\n".join(wrong.values())


def mistakes(world: World, case: Any, actor: str) -> Iterator[tuple[str, str]]:
    token = world.tokens.get(actor, "")
    headers = {"Accept-Encoding": "identity"} | ({"Authorization": f"Bearer {token}"} if token else {})
    RateBucket.objects.all().delete()  # how often is asked in tests/lms/sign_in
    with savepoint():
        answer = case.call(headers=headers)
        transaction.set_rollback(True)
    try:
        case.validate_response(answer, checks=CHECKS)
    except BaseExceptionGroup as found:
        for each in found.exceptions:
            yield f"{answer.status_code} {each}"[:120], f"{actor}: {answer.status_code} {each}"


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_a_question_that_holds_no_text_is_described_wherever_it_is_asked(operation: Any) -> None:
    """PostgreSQL stores no NUL: such a question is refused before anything reads it."""
    assert "400" in operation.definition.raw["responses"]
