"""Every address × every actor: who gets what, who learns nothing, and that a refusal changes nothing.

The table is tests/contracts/routes.py, written by hand; nothing in it is computed from the policy it proves.
"""

import re
from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any, Final

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.contracts.asking import ask, everything_in, fingerprint, leaks, undone
from tests.contracts.openapi import undocumented
from tests.contracts.routes import ROWS, Row, actors, read_rule
from tests.contracts.world import ACTORS, NAMES, World, fresh_id

METHODS: Final = ("get", "post", "put", "patch", "delete")
REFUSED: Final = {"401", "403", "404", "sign-in"}


# --- the table is whole


def addresses(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Each method of each address: (GET, api/v1/enrolments/<uuid:enrolment_id>)."""
    for pattern in resolver.url_patterns:
        route = f"{prefix}{str(pattern.pattern).removeprefix('^')}"
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, route)
        else:
            yield from ((method, route) for method in methods_of(pattern))


def methods_of(pattern: URLPattern) -> Iterator[str]:
    callback: Any = pattern.callback
    if hasattr(callback, "model_admin") or hasattr(callback, "admin_site"):
        yield from ("GET", "POST")
        return
    view = getattr(callback, "cls", None) or getattr(callback, "view_class", None)
    assert view is not None, f"{pattern.pattern} is no view class"
    yield from (
        name.upper() for name in METHODS if name in view.http_method_names and getattr(view, name, None)
    )


DUMMY: Final = {"code": "x", "home": "x", "course": "x", "closed": "x", "draft": "x"}


def route_of(row: Row) -> tuple[str, str]:
    names = {name for _text, name, _spec, _how in Formatter().parse(row.path) if name}
    path = row.path.format(**{name: DUMMY.get(name) or fresh_id() for name in names})
    return row.method, resolve(path.partition("?")[0]).route


def test_every_method_of_every_address_has_its_row() -> None:
    written = {route_of(row) for row in ROWS}
    existing = set(addresses(get_resolver()))
    assert existing - written == set(), "without a row in tests/contracts/routes.py"
    assert written - existing == set()


def test_every_row_says_what_each_actor_gets() -> None:
    for row in ROWS:
        for rule in row.rules.values():
            assert read_rule(rule, ACTORS).keys() == set(ACTORS)
        for words in (*row.says.values(), row.alices_name, row.samiras_name, row.alices_id, row.samiras_id):
            assert actors(words) <= {*ACTORS, "*"}, row.call


# --- asking


def status_of(answer: Any) -> str:
    to_the_door = answer.status_code == 302 and answer["Location"].startswith("/sign-in")
    return "sign-in" if to_the_door else str(answer.status_code)


CASES = [
    pytest.param(row, woman, id=f"{row.call} of {woman}" if woman else row.call)
    for row in ROWS
    for woman in row.rules
]


@pytest.mark.django_db
@pytest.mark.parametrize(("row", "woman"), CASES)
def test_each_actor_gets_what_the_table_says_and_nothing_else(world: World, row: Row, woman: str) -> None:
    expected = read_rule(row.rules[woman], ACTORS)
    refused = [actor for actor in ACTORS if expected[actor] in REFUSED]
    before, wrong = fingerprint(), []
    with undone():
        for actor in refused:
            wrong += mistakes(world, row, woman, actor, expected[actor])
        if changed := [name for name, digest in fingerprint().items() if before[name] != digest]:
            wrong.append(f"{changed} changed though all were refused: {refused}")
    for actor in (actor for actor in ACTORS if actor not in refused):
        with undone():
            wrong += mistakes(world, row, woman, actor, expected[actor])
    assert not wrong, f"{row.call} of {woman}: " + "; ".join(wrong)


def mistakes(world: World, row: Row, woman: str, actor: str, expected: str) -> list[str]:
    """What is wrong with the answer that an actor gets."""
    things = world.things[woman or "alice"]
    answer = ask(world, row, actor, things)
    status = status_of(answer)
    wrong = [] if status == expected else [f"{status} instead of {expected}"]
    wrong += told_too_much(world, row, woman, actor, everything_in(answer))
    if row.path.startswith("/api/v1/") and not row.path.endswith("/schema"):
        said = answer.json() if answer.get("Content-Type") == "application/json" else None
        wrong += [
            f"reads {what}, not in the document" for what in undocumented(row, answer.status_code, said)
        ]
    if status == "404" and woman and actor in NEIGHBOURS:
        nothing = ghosts(things)
        never = ask(world, row, actor, nothing)
        if masked(answer, things) != masked(never, nothing):
            wrong.append("can tell what is another's from what never was")
    return [f"{actor}: {what}" for what in wrong]


def told_too_much(world: World, row: Row, woman: str, actor: str, text: str) -> Iterator[str]:
    """Secrets in an answer to someone who is not entitled, and things missing or present against the row."""
    for whose, name, uuid in (
        ("alice", row.alices_name, row.alices_id),
        ("samira", row.samiras_name, row.samiras_id),
    ):
        if row.own_secrets and actor == whose:
            continue
        needles = world.secrets_of(whose)
        if entitled(actor, name):
            needles = {kind: needle for kind, needle in needles.items() if kind not in NAMES}
        if entitled(actor, uuid):
            needles.pop("uuid")
        yield from (f"sees {whose}'s {kind}" for kind in leaks(text, needles))
    for template, who in row.says.items():
        foreign = woman and template.startswith("{") and not template.startswith(f"{{{woman}.")
        wanted = not foreign and entitled(actor, who)
        if (world.fill(template) in text) != wanted:
            yield f"{'lacks' if wanted else 'has'} {template}"


def entitled(actor: str, words: str) -> bool:
    return words == "*" or actor in actors(words)


# --- what exists but is not hers is what never was

# One of each kind of stranger: a learner, staff beside, above and elsewhere.
NEIGHBOURS: Final = actors(
    "nobody bahija partner sibling_centre_admin province_admin sibling_province_admin shelter_admin auditor "
    "publisher foreign_trainer"
)


def ghosts(things: Mapping[str, str]) -> dict[str, str]:
    return {name: "never-was" if name in DUMMY else fresh_id() for name in things}


def masked(answer: Any, things: Mapping[str, str]) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, but for the request's own name and what was asked for."""
    text = answer.content.decode()
    for value in sorted(set(things.values()), key=len, reverse=True):
        text = text.replace(value, "§") if len(value) > 5 else text
    text = re.sub(r'("request_id":"|csrfmiddlewaretoken" value=")[\w-]+', r"\1", text)
    headers = {
        name: value for name, value in answer.items() if name not in {"X-Request-ID", "Content-Length"}
    }
    return answer.status_code, headers, text
