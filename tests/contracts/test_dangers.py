"""Where our code does what could become dangerous: few places, written down here, and each has its reason."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from config.embedded.places import PROJECT

PACKAGES: Final = ("lms", "courses", "learners", "tasks", "config")
# Whoever runs programs or opens connections. What a request says never chooses where to: addresses are settings.
REACHING_OUT: Final = {
    "config/embedded",  # the servers of one machine
    "learners/demonstration/media_making",  # makes the demonstration's films when it is loaded
    "lms/api/health.py",  # is the storage there?
    "lms/files/checks",  # decoders, in a child without network and rights
    "lms/files/storage.py",
    "lms/messages/http_gateway.py",
    "lms/messages/mail.py",
}
OUTWARD: Final = {
    "http.client",
    "urllib.request",
    "smtplib",
    "socket",
    "subprocess",
    "boto3",
    "requests",
    "httpx",
}
# Text taken for HTML as it is: cleaned by nh3, or drawn by us.
TAKEN_FOR_HTML: Final = {
    "lms/pages/guides.py",
    "courses/studio/pages.py",
    "learners/certificates/pages.py",
    "learners/classroom/lesson_pages.py",
    "lms/ways_in/pages.py",
}
NOWHERE: Final = {
    "eval",
    "exec",
    "compile",
    "pickle.loads",
    "pickle.load",
    "marshal.loads",
    "yaml.load",
    "os.system",
}


def sources() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((PROJECT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(PROJECT).as_posix(), ast.parse(path.read_text())


def imports_of(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def calls_in(tree: ast.Module) -> Iterator[ast.Call]:
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_only_the_places_written_down_open_connections_or_run_programs() -> None:
    found = {path for path, tree in sources() if OUTWARD & set(imports_of(tree))}
    strangers = {path for path in found if not any(path.startswith(place) for place in REACHING_OUT)}
    assert not strangers
    assert all(any(path.startswith(place) for path in found) for place in REACHING_OUT)


def test_nothing_is_evaluated_unpickled_or_given_to_a_shell() -> None:
    found = {
        f"{path}:{call.lineno} {ast.unparse(call.func)}"
        for path, tree in sources()
        for call in calls_in(tree)
        if ast.unparse(call.func) in NOWHERE
        or any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in call.keywords)
    }
    assert not found


def test_text_is_taken_for_html_only_where_it_was_cleaned_or_drawn() -> None:
    found = {
        path
        for path, tree in sources()
        if any(ast.unparse(call.func).endswith("mark_safe") for call in calls_in(tree))
    }
    assert found == TAKEN_FOR_HTML


def ours(pattern: str) -> list[Path]:
    """Files of our packages; what `make run` gathered under var/ is partly others'."""
    return sorted(path for package in PACKAGES for path in (PROJECT / package).glob(pattern))


@pytest.mark.parametrize("template", ours("templates/**/*.*"), ids=lambda path: path.stem)
def test_no_template_switches_escaping_off(template: Path) -> None:
    assert not re.search(r"autoescape off|\|\s*safe\b|safeseq", template.read_text())


# What a phone keeps goes through these: her things sealed by the first, our files and the courses' by the others.
KEEPERS: Final = {"indexedDB": {"store"}, "caches.": {"keeping", "worker"}}


@pytest.mark.parametrize("script", ours("static/**/*.js"), ids=lambda path: path.stem)
def test_our_scripts_write_text_as_text_and_keep_things_in_one_place(script: Path) -> None:
    text = script.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", text)
    assert not re.search(r"localStorage|sessionStorage", text)
    for way, keepers in KEEPERS.items():
        assert way not in text or script.stem in keepers


# Each word in docs/security.md that looks like a test is one.
NAMED: Final = re.compile(r"`(tests/[\w/.-]+?)(?:::(\w+))?`")


def test_every_proof_of_the_security_checklist_is_there() -> None:
    text = (PROJECT / "docs" / "security.md").read_text()
    missing = [
        f"{path}::{name}"
        for path, name in NAMED.findall(text)
        if not (PROJECT / path).exists() or (name and f"def {name}" not in (PROJECT / path).read_text())
    ]
    assert not missing


def test_every_item_of_the_security_checklist_has_a_proof_or_a_reason() -> None:
    text = (PROJECT / "docs" / "security.md").read_text()
    rows = [line for line in text.splitlines() if re.match(r"\| \d", line)]
    bare = [row for row in rows if not NAMED.search(row) and "reason:" not in row and "open:" not in row]
    assert len(rows) > 100
    assert not bare
